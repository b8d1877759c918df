//! Interrupting at every phase: what goes on from a checkpoint is what would have gone on.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{bits, sample};
use rufous_core::testing::{Analytic, Funnel, StandardNormal};
use rufous_core::{
    AdaptationKind, ChainOutcome, ChainState, ChainTrace, Error, Goal, MetricChoice, Run,
    RunResult, SampleSettings, Target, checkpoint_note,
};

const TARGET: Funnel = Funnel { dim: 3 };

fn settings() -> SampleSettings {
    SampleSettings {
        num_chains: 3,
        num_tune: 60,
        num_draws: 40,
        num_threads: 2,
        seed: 5,
        store_warmup: true,
        store_unconstrained: true,
        store_divergences: true,
        ..SampleSettings::default()
    }
}

fn target() -> Arc<dyn Target> {
    Arc::new(Analytic(TARGET))
}

/// Starts a run whose chains are all parked at iteration `goal`.
fn parked_at(iterations: usize) -> Run {
    let goal = Goal::Iterations(iterations);
    let settings = settings();
    let starts = vec![vec![0.0; 3]; settings.num_chains];
    let run = Run::start_until(target(), settings, starts, goal).expect("the settings are valid");
    wait_parked(&run);
    run
}

fn wait_parked(run: &Run) {
    while !run.wait_parked(Duration::from_secs(1)) {}
}

fn save(run: &Run) -> Vec<u8> {
    let saved = run.checkpoint(b"a note", || true);
    saved.expect("no chain failed").expect("it was waited for")
}

fn restore(bytes: &[u8]) -> Run {
    Run::restore(target(), settings(), bytes, Goal::End).expect("it is a checkpoint of this run")
}

/// Settings of a run whose warmup is of this kind.
fn adapting(adaptation: AdaptationKind) -> SampleSettings {
    SampleSettings {
        adaptation,
        num_tune: 250,
        num_draws: 20,
        ..settings()
    }
}

/// Checks a run that is interrupted at every one of these iterations, each time from the start.
fn check_interrupts(settings: &SampleSettings, iterations: impl Iterator<Item = usize>) {
    let starts = || vec![vec![0.0; 3]; settings.num_chains];
    let whole = bits(&sample(TARGET, settings));
    for iteration in iterations {
        let goal = Goal::Iterations(iteration);
        let run = Run::start_until(target(), settings.clone(), starts(), goal);
        let run = run.expect("the settings are valid");
        wait_parked(&run);
        let saved = save(&run);
        drop(run);
        let restored = Run::restore(target(), settings.clone(), &saved, Goal::End);
        let result = restored.expect("it is a checkpoint of this run").finish();
        assert!(bits(&result) == whole, "interrupted at {iteration}");
        let complete = |chain: &ChainTrace| chain.outcome == ChainOutcome::Complete;
        assert!(result.chains.iter().all(complete));
    }
}

#[test]
fn a_run_interrupted_at_any_iteration_goes_on_bit_for_bit() {
    check_interrupts(&settings(), 0..=100);
}

#[test]
fn warmups_of_all_kinds_can_be_interrupted() {
    for kind in [
        AdaptationKind::Pooled,
        AdaptationKind::Nutpie,
        AdaptationKind::Stan,
    ] {
        check_interrupts(&adapting(kind), (0..=280).step_by(7));
    }
    // Around each meeting of a pooled warmup.
    let meetings = [38, 39, 40, 41, 59, 60, 61, 89, 90, 91, 199, 200, 201];
    check_interrupts(&adapting(AdaptationKind::Pooled), meetings.into_iter());
}

#[test]
fn metrics_of_all_kinds_can_be_saved() {
    for choice in [
        MetricChoice::Diagonal,
        MetricChoice::LowRank,
        MetricChoice::Dense,
    ] {
        let mut settings = adapting(AdaptationKind::Pooled);
        settings.metric.choice = choice;
        check_interrupts(&settings, [100, 220, 255].into_iter());
    }
}

#[test]
fn saving_changes_nothing_and_a_copy_can_be_saved_again() {
    let whole = bits(&sample(TARGET, &settings()));
    let run = parked_at(30);
    let first = save(&run);
    run.run_until(Goal::Iterations(70));
    wait_parked(&run);
    let second = save(&run);
    assert!(bits(&run.finish()) == whole);
    let copy = Run::restore(target(), settings(), &first, Goal::Iterations(70))
        .expect("it is a checkpoint");
    wait_parked(&copy);
    assert!(bits(&restore(&save(&copy)).finish()) == whole);
    assert!(bits(&restore(&second).finish()) == whole);
}

#[test]
fn a_running_run_is_saved_between_transitions() {
    let whole = bits(&sample(TARGET, &settings()));
    let starts = vec![vec![0.0; 3]; 3];
    let run = Run::start(target(), settings(), starts).expect("the settings are valid");
    let mut saved = Vec::new();
    while !run.wait(Duration::from_micros(200)) && saved.len() < 20 {
        saved.push(save(&run));
    }
    saved.push(save(&run));
    assert!(bits(&run.finish()) == whole);
    for bytes in saved {
        assert!(bits(&restore(&bytes).finish()) == whole);
    }
}

#[test]
fn more_draws_may_be_asked_for() {
    let more = SampleSettings {
        num_draws: 90,
        num_threads: 1,
        ..settings()
    };
    let run = parked_at(usize::MAX);
    let run = Run::restore(target(), more.clone(), &save(&run), Goal::End).expect("it may grow");
    assert!(bits(&run.finish()) == bits(&sample(TARGET, &more)));
}

#[test]
fn an_aborted_run_can_be_taken_up_again() {
    let run = parked_at(75);
    run.cancel();
    while !run.wait(Duration::from_secs(1)) {}
    let saved = save(&run);
    let aborted = run.finish();
    assert!(
        aborted
            .chains
            .iter()
            .all(|chain| chain.outcome == ChainOutcome::Cancelled && chain.draws.num_draws == 15)
    );
    assert!(bits(&restore(&saved).finish()) == bits(&sample(TARGET, &settings())));
}

#[test]
fn inspection_shows_a_prefix_and_disturbs_nothing() {
    let whole = sample(TARGET, &settings());
    let run = parked_at(75);
    let part: RunResult = run.inspect(|| true).expect("it was waited for");
    for (part, whole) in part.chains.iter().zip(&whole.chains) {
        assert_eq!(part.outcome, ChainOutcome::Running);
        assert_eq!((part.num_tune, part.draws.num_draws), (60, 15));
        assert_eq!(part.draws.values, whole.draws.values[..45]);
        assert_eq!(
            part.warmup.as_ref().map(|table| &table.values),
            whole.warmup.as_ref().map(|table| &table.values)
        );
    }
    assert!(bits(&run.finish()) == bits(&whole));
}

#[test]
fn a_restored_run_shows_where_it_is() {
    let restored = Run::restore(
        target(),
        settings(),
        &save(&parked_at(75)),
        Goal::Iterations(0),
    );
    let restored = restored.expect("it is a checkpoint");
    wait_parked(&restored);
    for chain in restored.progress() {
        assert_eq!((chain.finished_draws, chain.total_draws), (75, 100));
        assert!(chain.num_gradients > 75);
    }
}

#[test]
fn pausing_at_a_count_is_exact() {
    let run = parked_at(17);
    assert!(!run.is_finished());
    let at = |run: &Run| {
        run.progress()
            .iter()
            .map(|chain| chain.finished_draws)
            .collect::<Vec<_>>()
    };
    assert_eq!(at(&run), [17; 3]);
    run.run_until(Goal::Iterations(50));
    wait_parked(&run);
    assert_eq!(at(&run), [50; 3]);
    run.run_until(Goal::Draws(0));
    wait_parked(&run);
    assert_eq!(at(&run), [60; 3]);
    // A goal that is passed already changes nothing.
    run.run_until(Goal::Iterations(20));
    wait_parked(&run);
    assert_eq!(at(&run), [60; 3]);
    run.run_until(Goal::Draws(7));
    wait_parked(&run);
    assert_eq!(at(&run), [67; 3]);
    run.run_until(Goal::End);
    while !run.wait(Duration::from_secs(1)) {}
    assert_eq!(at(&run), [100; 3]);
}

#[test]
fn where_trajectories_diverged_is_kept() {
    let settings = SampleSettings {
        num_draws: 300,
        ..settings()
    };
    let result = sample(TARGET, &settings);
    let mut seen = 0;
    for chain in &result.chains {
        let diverging = common::bools(&chain.draws, "diverging");
        let count = diverging.iter().filter(|diverging| **diverging).count();
        let starts = chain.draws.divergence_starts.as_ref().expect("asked for");
        assert_eq!(starts.len(), 3 * count);
        assert!(starts.iter().all(|x| x.is_finite()));
        seen += count;
    }
    assert!(seen > 0, "the funnel diverges");
}

#[test]
fn a_chain_alone_is_bytes_and_back() {
    let go_on = std::sync::atomic::AtomicBool::new(false);
    let state = ChainState::start(&mut TARGET.clone(), 2, &[0.0; 3], &settings(), &go_on)
        .expect("the funnel is finite everywhere");
    let bytes = state.to_bytes();
    assert_eq!(ChainState::from_bytes(&bytes, 3), Ok(state));
    assert_eq!(
        ChainState::from_bytes(&bytes, 4).map_err(|error| error.to_string()),
        Err("the checkpoint is of a model with 3 parameters, and this one has 4".to_owned())
    );
}

fn refusal(target: Arc<dyn Target>, settings: SampleSettings, bytes: &[u8]) -> String {
    match Run::restore(target, settings, bytes, Goal::End) {
        Ok(_) => String::new(),
        Err(error @ Error::Checkpoint { .. }) => error.to_string(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_does_not_belong_is_refused() {
    let saved = save(&parked_at(75));
    assert_eq!(checkpoint_note(&saved), Ok(b"a note".to_vec()));
    let mut damaged = saved.clone();
    damaged[200] ^= 1;
    assert_eq!(
        refusal(target(), settings(), &damaged),
        "the checkpoint is damaged: its checksum is wrong"
    );
    assert!(checkpoint_note(&damaged).is_err());
    let other = SampleSettings {
        seed: 6,
        ..settings()
    };
    assert_eq!(
        refusal(target(), other, &saved),
        "the checkpoint was made with other settings: it has `seed: 5` where there is `seed: 6` now"
    );
    let fewer = SampleSettings {
        num_draws: 10,
        ..settings()
    };
    assert_eq!(
        refusal(target(), fewer, &saved),
        "the checkpoint holds 15 draws of chain 0, more than the 10 asked for"
    );
    let wide = Arc::new(Analytic(Funnel { dim: 4 }));
    assert_eq!(
        refusal(wide, settings(), &saved),
        "the checkpoint is of a model with 3 parameters, and this one has 4"
    );
    let normal = Arc::new(Analytic(StandardNormal { dim: 3 }));
    assert!(
        refusal(normal, settings(), &saved)
            .starts_with("the checkpoint belongs to another model or other data: where chain 0 is")
    );
}
