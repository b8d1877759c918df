//! Pausing, cancelling and failing: what is left, and what the other chains notice.

mod common;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use common::{sample, start};
use rufous_core::testing::{
    Analytic, Counting, Misbehaving, Misbehaviour, StandardNormal, Unavailable,
};
use rufous_core::{
    ChainOutcome, ChainPhase, ChainTrace, Error, InitSettings, LogDensity, NutsSettings, Run,
    RunResult, SampleSettings, StepSizeSettings, Target,
};

const NORMAL: StandardNormal = StandardNormal { dim: 2 };

/// Settings of a run that does not end by itself.
fn endless() -> SampleSettings {
    SampleSettings {
        num_chains: 3,
        num_tune: 20,
        num_draws: 20_000_000,
        num_threads: 2,
        seed: 1,
        ..SampleSettings::default()
    }
}

/// Sleeps until chain 0 has finished this many draws.
fn wait_for_draws(run: &Run, draws: usize) {
    while run.progress()[0].finished_draws < draws {
        assert!(!run.wait(Duration::from_millis(1)), "the run ended early");
    }
}

#[test]
fn a_cancelled_run_keeps_its_draws() {
    let run = start(Arc::new(Analytic(NORMAL)), &endless());
    wait_for_draws(&run, 500);
    run.cancel();
    let result = run.finish();
    let whole = sample(
        NORMAL,
        &SampleSettings {
            num_draws: 400,
            ..endless()
        },
    );
    for (cancelled, whole) in result.chains.iter().zip(&whole.chains) {
        assert_eq!(cancelled.outcome, ChainOutcome::Cancelled);
        let table = &cancelled.draws;
        assert_eq!(table.values.len(), 2 * table.num_draws);
        assert!(
            table
                .stats
                .iter()
                .all(|column| column.len() == table.num_draws)
        );
        let shorter = table.values.len().min(whole.draws.values.len());
        assert_eq!(table.values[..shorter], whole.draws.values[..shorter]);
    }
    assert!(result.chains[0].draws.num_draws >= 480);
    // Two threads: the third chain had not begun.
    assert_eq!(result.chains[2].draws.num_draws, 0);
}

#[test]
fn cancel_acts_within_a_trajectory() {
    // A transition takes 2^12 leapfrogs; after the cancel each chain finishes the one it is at.
    let target = Counting::new(NORMAL);
    let settings = SampleSettings {
        num_tune: 0,
        nuts: NutsSettings {
            max_treedepth: 12,
            ..NutsSettings::default()
        },
        step_size: StepSizeSettings {
            initial: 1e-6,
            search: false,
            ..Default::default()
        },
        ..endless()
    };
    let slow = Counting {
        pause: Duration::from_millis(1),
        ..target.clone()
    };
    let run = start(Arc::new(Analytic(slow)), &settings);
    while target.count.load(Ordering::Relaxed) < 20 {
        assert!(!run.wait(Duration::from_millis(1)));
    }
    run.cancel();
    let at_cancel = target.count.load(Ordering::Relaxed);
    let result = run.finish();
    assert!(target.count.load(Ordering::Relaxed) <= at_cancel + 2 * 2);
    assert!(result.chains.iter().all(|chain| chain.draws.num_draws == 0));
}

#[test]
fn cancel_acts_in_the_search_for_a_start() {
    let target = Misbehaving::new(NORMAL, Misbehaviour::NaN, 0);
    let settings = SampleSettings {
        init: InitSettings {
            jitter: 1.0,
            max_tries: usize::MAX,
            ..InitSettings::default()
        },
        ..endless()
    };
    let run = start(Arc::new(Analytic(target)), &settings);
    assert!(!run.wait(Duration::from_millis(5)));
    run.cancel();
    assert!(
        run.finish()
            .chains
            .iter()
            .all(|chain| chain.outcome == ChainOutcome::Cancelled)
    );
}

#[test]
fn a_paused_run_takes_no_draws_and_goes_on_as_if_nothing_had_happened() {
    let run = start(Arc::new(Analytic(NORMAL)), &endless());
    wait_for_draws(&run, 100);
    run.pause();
    assert!(run.is_paused());
    // Each thread finishes at most the draw it is at.
    let mut seen = run.progress();
    loop {
        std::thread::sleep(Duration::from_millis(20));
        let now = run.progress();
        let unchanged = now
            .iter()
            .zip(&seen)
            .all(|(now, seen)| now.finished_draws == seen.finished_draws);
        if unchanged {
            break;
        }
        seen = now;
    }
    assert!(!run.wait(Duration::from_millis(20)));
    assert!(!run.is_finished());
    assert_eq!(seen[2].phase, ChainPhase::Waiting);
    run.resume();
    wait_for_draws(&run, seen[0].finished_draws + 500);
    run.cancel();
    let paused = &run.finish().chains[0].draws;
    let num_draws = seen[0].finished_draws + 400;
    let whole = sample(
        NORMAL,
        &SampleSettings {
            num_draws,
            num_chains: 1,
            ..endless()
        },
    );
    assert_eq!(paused.values[..2 * num_draws], whole.chains[0].draws.values);
}

#[test]
fn a_paused_run_can_be_cancelled_and_finish_wakes_it() {
    let run = start(Arc::new(Analytic(NORMAL)), &endless());
    run.pause();
    run.cancel();
    while !run.wait(Duration::from_secs(1)) {}
    drop(run);
    let settings = SampleSettings {
        num_draws: 10,
        ..endless()
    };
    let run = start(Arc::new(Analytic(NORMAL)), &settings);
    run.pause();
    assert!(
        run.finish()
            .chains
            .iter()
            .all(|chain| chain.outcome == ChainOutcome::Complete)
    );
}

#[test]
fn dropping_a_run_stops_it() {
    let target = Counting::new(NORMAL);
    let run = start(Arc::new(Analytic(target.clone())), &endless());
    wait_for_draws(&run, 10);
    drop(run);
    // All threads have ended, and with them their clones of the counter.
    assert_eq!(Arc::strong_count(&target.count), 1);
}

#[test]
fn progress_tells_where_chains_are() {
    let settings = SampleSettings {
        num_draws: 30,
        ..endless()
    };
    let run = start(Arc::new(Analytic(NORMAL)), &settings);
    while !run.wait(Duration::from_secs(1)) {}
    assert!(run.is_finished());
    for (number, chain) in run.progress().iter().enumerate() {
        assert_eq!((chain.chain, chain.phase), (number, ChainPhase::Finished));
        assert_eq!((chain.finished_draws, chain.total_draws), (50, 50));
        assert!(chain.step_size > 0.0 && chain.tree_depth >= 1 && chain.n_steps >= 1);
    }
    let result = run.finish();
    assert!(result.chains.iter().all(|chain| chain.num_tune == 20));
    assert!(result.elapsed > Duration::ZERO);
}

/// Two chains, the second of which starts right of 0 and misbehaves after 200 evaluations.
fn second_misbehaves(how: Misbehaviour, num_threads: usize) -> RunResult {
    let target = Misbehaving {
        right_of: 0.0,
        ..Misbehaving::new(NORMAL, how, 200)
    };
    let settings = SampleSettings {
        num_chains: 3,
        num_tune: 20,
        num_draws: 500,
        num_threads,
        ..SampleSettings::default()
    };
    let positions = vec![vec![-2.0; 2], vec![2.0; 2], vec![-2.0; 2]];
    Run::start(Arc::new(Analytic(target)), settings, positions)
        .expect("the settings are valid")
        .finish()
}

fn check_isolation(result: &RunResult, is_expected: impl Fn(&Error) -> bool) {
    let outcome = |chain: &ChainTrace| chain.outcome.clone();
    assert_eq!(outcome(&result.chains[0]), ChainOutcome::Complete);
    assert_eq!(outcome(&result.chains[2]), ChainOutcome::Complete);
    assert_eq!(result.chains[2].draws.num_draws, 500);
    let failed = &result.chains[1];
    let ChainOutcome::Failed(error) = &failed.outcome else {
        panic!("{:?}", failed.outcome)
    };
    assert!(is_expected(error), "{error}");
    assert!(failed.draws.num_draws > 0 && failed.draws.num_draws < 500);
    assert_eq!(failed.draws.values.len(), 2 * failed.draws.num_draws);
    assert!(failed.step_size > 0.0 && failed.num_gradients <= 200);
}

#[test]
fn a_panic_stays_with_its_chain() {
    for num_threads in [1, 3] {
        let result = second_misbehaves(Misbehaviour::Panic, num_threads);
        check_isolation(&result, |error| {
            *error
                == Error::Panic {
                    chain: 1,
                    message: "index out of range".to_owned(),
                }
        });
    }
}

#[test]
fn a_fatal_error_stays_with_its_chain() {
    let result = second_misbehaves(Misbehaviour::Fatal, 2);
    let finished = result.chains[1].num_tune + result.chains[1].draws.num_draws;
    check_isolation(&result, |error| {
        matches!(error, Error::LogDensity { chain: 1, draw, reason }
            if *draw == finished && reason == "the data are gone")
    });
}

#[test]
fn a_failed_start_is_reported_while_the_run_goes_on() {
    let target = Misbehaving {
        right_of: 0.0,
        ..Misbehaving::new(NORMAL, Misbehaviour::NaN, 0)
    };
    let positions = vec![vec![-2.0; 2], vec![2.0; 2], vec![-2.0; 2]];
    let run = Run::start(Arc::new(Analytic(target)), endless(), positions);
    let run = run.expect("the settings are valid");
    let failure = loop {
        if let Some(failure) = run.first_failure() {
            break failure;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    assert_eq!(run.progress()[1].phase, ChainPhase::Failed);
    let text = "chain 1: no starting point with a finite log density and gradient in 100 tries; \
                at the last one the log density is NaN";
    assert_eq!(failure.to_string(), text);
    let Error::Initialization {
        position, gradient, ..
    } = failure
    else {
        panic!("{failure}")
    };
    assert!(position.iter().all(|x| (x - 2.0).abs() <= 1.0));
    assert!(gradient.iter().all(|g| g.is_finite()));
    run.cancel();
    let chains = run.finish().chains;
    assert_eq!(chains[0].outcome, ChainOutcome::Cancelled);
    assert!(matches!(chains[1].outcome, ChainOutcome::Failed(_)));
    assert!(chains[1].step_size.is_nan() && chains[1].inverse_mass_matrix.is_empty());
}

#[test]
fn a_target_that_cannot_be_prepared_fails_its_chains() {
    let result = start(Arc::new(Unavailable), &endless()).finish();
    for chain in result.chains {
        let error = Error::Target {
            reason: "no licence".to_owned(),
        };
        assert_eq!(chain.outcome, ChainOutcome::Failed(error));
        assert_eq!(chain.draws.num_values, 1);
    }
}

#[test]
fn a_zero_gradient_component_at_the_start_is_fine() {
    /// Flat in its second coordinate, as long as that is below 3.
    #[derive(Clone)]
    struct PartlyFlat;
    impl LogDensity for PartlyFlat {
        fn dim(&self) -> usize {
            2
        }
        fn evaluate(
            &mut self,
            position: &[f64],
            gradient: &mut [f64],
        ) -> Result<f64, rufous_core::EvalError> {
            let excess = (position[1].abs() - 3.0).max(0.0);
            gradient[0] = -position[0];
            gradient[1] = -excess * position[1].signum();
            Ok(-0.5 * (position[0].powi(2) + excess.powi(2)))
        }
    }
    let settings = SampleSettings {
        num_draws: 50,
        ..endless()
    };
    let result = sample(PartlyFlat, &settings);
    assert!(
        result
            .chains
            .iter()
            .all(|chain| chain.outcome == ChainOutcome::Complete)
    );
}

#[test]
fn positions_are_checked() {
    let start = |positions: Vec<Vec<f64>>| {
        let target: Arc<dyn Target> = Arc::new(Analytic(NORMAL));
        let settings = SampleSettings {
            num_chains: 2,
            num_draws: 5,
            ..endless()
        };
        Run::start(target, settings, positions)
            .map(Run::finish)
            .map_err(|error| error.to_string())
    };
    assert!(start(vec![vec![0.0; 2]; 2]).is_ok());
    assert_eq!(
        start(vec![vec![0.0; 2]]),
        Err(
            "`initial_positions` must be one position for each of 2 chains, got 1; \
             repeat one if need be"
                .to_owned()
        )
    );
    assert_eq!(
        start(vec![vec![0.0; 2], vec![0.0; 3]]),
        Err(
            "`initial_positions` must be of length 2 each, got length 3 for chain 1; \
             give one number per unconstrained parameter"
                .to_owned()
        )
    );
    assert_eq!(
        start(vec![vec![0.0, f64::NAN]; 2]),
        Err(
            "`initial_positions` must be finite, got NaN in component 1 for chain 0; \
             check the initial values"
                .to_owned()
        )
    );
}

#[test]
fn runs_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<Run>();
    check::<RunResult>();
    check::<Error>();
}
