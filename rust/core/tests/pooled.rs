//! Warmup that chains go through together.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use common::{bits, check_mean, sample, start};
use rufous_core::metric::MetricKind;
use rufous_core::testing::{
    Analytic, CorrelatedNormal, Counting, Funnel, Misbehaving, Misbehaviour, StandardNormal,
    StudentT,
};
use rufous_core::{
    AdaptationKind, Chain, ChainOutcome, ChainState, Error, EvalError, IdentityExpand, LogDensity,
    MemorySink, MetricChoice, MetricSettings, Run, RunResult, SampleSettings, StepSizeSettings,
    meet,
};

fn settings() -> SampleSettings {
    SampleSettings {
        adaptation: AdaptationKind::Pooled,
        num_tune: 300,
        num_draws: 50,
        seed: 3,
        store_warmup: true,
        store_unconstrained: true,
        ..SampleSettings::default()
    }
}

fn kind(result: &RunResult) -> MetricKind {
    let mut kinds = result.chains.iter().map(|chain| {
        let metric = chain.metric.as_ref().expect("the chain has begun");
        metric.kind()
    });
    let first = kinds.next().expect("there is a chain");
    assert!(kinds.all(|kind| kind == first));
    first
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for num_chains in [1, 2, 3, 5] {
        let with = |num_threads| SampleSettings {
            num_chains,
            num_threads,
            ..settings()
        };
        let one = bits(&sample(Funnel { dim: 4 }, &with(1)));
        for num_threads in 2..=num_chains {
            let many = bits(&sample(Funnel { dim: 4 }, &with(num_threads)));
            assert!(one == many, "{num_chains} chains on {num_threads} threads");
        }
    }
}

#[test]
fn chains_share_metric_step_size_and_length() {
    let result = sample(StudentT { dim: 6, nu: 5.0 }, &settings());
    let first = &result.chains[0];
    for chain in &result.chains {
        assert_eq!(chain.outcome, ChainOutcome::Complete);
        assert_eq!(chain.metric, first.metric);
        assert_eq!(chain.step_size, first.step_size);
        assert_eq!(chain.num_tune, first.num_tune);
        let warmup = chain.warmup.as_ref().expect("it was stored");
        assert_eq!(warmup.num_draws, chain.num_tune);
        assert_eq!(chain.draws.num_draws, 50);
        let steps = common::floats(&chain.draws, "step_size");
        let ratios = steps.iter().map(|step| step / chain.step_size);
        assert!(ratios.into_iter().all(|ratio| (0.9..=1.1).contains(&ratio)));
    }
}

#[test]
fn the_metric_fits_the_posterior() {
    for num_chains in [1, 2, 4] {
        let with = |dim| SampleSettings {
            num_chains,
            seed: dim as u64,
            ..settings()
        };
        for dim in [2, 10, 50] {
            let round = sample(StandardNormal { dim }, &with(dim));
            assert_eq!(kind(&round), MetricKind::Diagonal, "dimension {dim}");
            let correlation = 0.95;
            let narrow = sample(CorrelatedNormal { dim, correlation }, &with(dim));
            assert_ne!(kind(&narrow), MetricKind::Diagonal, "dimension {dim}");
            let steps = common::ints(&narrow.chains[0].draws, "n_steps");
            let mean = steps.iter().sum::<i64>() as f64 / steps.len() as f64;
            assert!(mean < 20.0, "{mean} leapfrogs in dimension {dim}");
        }
    }
}

#[test]
fn a_metric_can_be_asked_for() {
    for (choice, expected) in [
        (MetricChoice::Diagonal, MetricKind::Diagonal),
        (MetricChoice::LowRank, MetricKind::LowRank),
        (MetricChoice::Dense, MetricKind::Dense),
    ] {
        let settings = SampleSettings {
            metric: MetricSettings {
                choice,
                ..MetricSettings::default()
            },
            ..settings()
        };
        let target = CorrelatedNormal {
            dim: 5,
            correlation: 0.9,
        };
        assert_eq!(kind(&sample(target, &settings)), expected);
    }
}

#[test]
fn draws_are_right() {
    let settings = SampleSettings {
        num_draws: 2000,
        num_tune: 600,
        ..settings()
    };
    let result = sample(
        CorrelatedNormal {
            dim: 5,
            correlation: 0.9,
        },
        &settings,
    );
    for i in 0..5 {
        check_mean(&result, i, "mean", 0.0, |x| x);
        check_mean(&result, i, "variance", 1.0, |x| x * x);
        let above = |x: f64| f64::from(u8::from(x > 1.644_853_626_951_472_7));
        check_mean(&result, i, "tail", 0.05, above);
    }
    let rates = result.chains.iter();
    let rates: Vec<f64> = rates
        .flat_map(|chain| common::floats(&chain.draws, "acceptance_rate").to_vec())
        .collect();
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    assert!((mean - 0.8).abs() < 0.06, "{mean} instead of 0.8");
}

#[test]
fn any_length_of_warmup_works_and_every_evaluation_is_counted() {
    for num_tune in [0, 1, 2, 3, 5, 10, 20, 41, 150, 201] {
        for num_chains in [1, 2, 4] {
            let target = Counting::new(Funnel { dim: 3 });
            let settings = SampleSettings {
                num_tune,
                num_chains,
                ..settings()
            };
            let result = sample(target.clone(), &settings);
            let counted: u64 = result.chains.iter().map(|chain| chain.num_gradients).sum();
            assert_eq!(counted, target.count.load(Ordering::Relaxed), "{num_tune}");
            assert!(result.chains[0].num_tune <= num_tune);
        }
    }
}

#[test]
fn an_easy_posterior_ends_warmup_early_and_a_hard_one_late() {
    let settings = SampleSettings {
        num_tune: 600,
        ..settings()
    };
    let easy = sample(StandardNormal { dim: 4 }, &settings);
    assert!(
        easy.chains[0].num_tune <= 200,
        "{}",
        easy.chains[0].num_tune
    );
    let hard = sample(Funnel { dim: 10 }, &settings);
    assert!(hard.chains[0].num_tune > 200, "{}", hard.chains[0].num_tune);
}

#[test]
fn a_step_size_and_a_metric_can_be_given() {
    let learnt = sample(StudentT { dim: 3, nu: 5.0 }, &settings());
    let metric = learnt.chains[0].metric.clone().map(Arc::new);
    let given = SampleSettings {
        metric: MetricSettings {
            given: metric.clone(),
            ..MetricSettings::default()
        },
        ..settings()
    };
    let warm = sample(StudentT { dim: 3, nu: 5.0 }, &given);
    assert_eq!(warm.chains[0].metric.clone().map(Arc::new), metric);
    assert!(warm.chains[0].num_tune < learnt.chains[0].num_tune);
    for adaptation in [
        AdaptationKind::Pooled,
        AdaptationKind::Nutpie,
        AdaptationKind::Stan,
    ] {
        for num_tune in [0, 60] {
            let fixed = SampleSettings {
                adaptation,
                num_tune,
                step_size: StepSizeSettings {
                    fixed: Some(0.7),
                    ..StepSizeSettings::default()
                },
                ..given.clone()
            };
            let result = sample(StudentT { dim: 3, nu: 5.0 }, &fixed);
            for chain in &result.chains {
                assert_eq!(chain.step_size, 0.7);
                assert_eq!(chain.metric.clone().map(Arc::new), metric);
                assert_eq!(chain.outcome, ChainOutcome::Complete);
            }
        }
    }
}

#[test]
fn a_chain_that_fails_does_not_hold_up_the_others() {
    for how in [Misbehaviour::Fatal, Misbehaviour::Panic] {
        for after in [3, 150, 600] {
            let target = Misbehaving {
                right_of: 0.5,
                ..Misbehaving::new(StandardNormal { dim: 2 }, how, after)
            };
            let result = sample(
                target,
                &SampleSettings {
                    num_threads: 3,
                    num_chains: 6,
                    ..settings()
                },
            );
            let failed = result.chains.iter().filter(|chain| {
                matches!(
                    chain.outcome,
                    ChainOutcome::Failed(Error::LogDensity { .. } | Error::Panic { .. })
                )
            });
            let complete = result
                .chains
                .iter()
                .filter(|chain| chain.outcome == ChainOutcome::Complete);
            assert_eq!(failed.count() + complete.clone().count(), 6);
            assert!(complete.count() > 0);
        }
    }
}

#[test]
fn waiting_chains_can_be_cancelled() {
    let target = Counting {
        pause: std::time::Duration::from_micros(300),
        ..Counting::new(StandardNormal { dim: 2 })
    };
    let count = Arc::clone(&target.count);
    let run = start(
        Arc::new(Analytic(target)),
        &SampleSettings {
            num_threads: 1,
            num_draws: 1_000_000,
            ..settings()
        },
    );
    // With one thread the first chain waits while the others explore.
    while count.load(Ordering::Relaxed) < 400 {
        std::thread::yield_now();
    }
    run.cancel();
    let result = run.finish();
    for chain in &result.chains {
        assert_eq!(chain.outcome, ChainOutcome::Cancelled);
    }
}

/// Two normals far apart: one at 0, and one at 40 along the first coordinate.
#[derive(Debug, Clone)]
struct TwoModes {
    /// Logarithm of the mass of the second one.
    mass: f64,
    /// Standard deviation of the second one.
    sd: f64,
}

impl LogDensity for TwoModes {
    fn dim(&self) -> usize {
        3
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let is_second = position[0] > 20.0;
        let (center, sd) = if is_second {
            (40.0, self.sd)
        } else {
            (0.0, 1.0)
        };
        let mut sum = 0.0;
        for (i, (x, g)) in position.iter().zip(gradient).enumerate() {
            let z = (if i == 0 { x - center } else { *x }) / sd;
            sum += z * z;
            *g = -z / sd;
        }
        let height = if is_second {
            self.mass - 3.0 * sd.ln()
        } else {
            0.0
        };
        Ok(height - 0.5 * sum)
    }
}

/// Samples with the first chains starting in the second mode; which chains end there.
fn from_both(target: &TwoModes, num_second: usize, seed: u64) -> (RunResult, Vec<bool>) {
    let mut positions = vec![vec![0.0; 3]; 4];
    for position in &mut positions[..num_second] {
        position[0] = 40.0;
    }
    let settings = SampleSettings { seed, ..settings() };
    let run = Run::start(Arc::new(Analytic(target.clone())), settings, positions);
    let result = run.expect("the settings are valid").finish();
    let in_second = result.chains.iter().map(|chain| {
        let first: Vec<&f64> = chain.draws.values.iter().step_by(3).collect();
        let ends = **first.last().expect("there are draws") > 20.0;
        assert!(first.into_iter().all(|x| (*x > 20.0) == ends));
        ends
    });
    let in_second = in_second.collect();
    (result, in_second)
}

#[test]
fn a_chain_stuck_in_a_side_mode_is_brought_back_and_reported() {
    for num_stuck in 1..=3 {
        for mass in [-60.0, -12.0] {
            let (result, in_second) = from_both(&TwoModes { mass, sd: 1.0 }, num_stuck, 3);
            assert_eq!(in_second, [false; 4]);
            for (i, chain) in result.chains.iter().enumerate() {
                assert_eq!(chain.num_restarts > 0, i < num_stuck, "{num_stuck}");
                assert_eq!(chain.num_quarantines > 0, i < num_stuck);
            }
        }
    }
}

#[test]
fn chains_stay_in_modes_that_have_mass() {
    for (mass, sd) in [(0.0, 1.0), (-3.0, 1.0), (3.0, 1.0), (0.0, 0.3), (0.0, 3.0)] {
        for seed in 0..5 {
            let (result, in_second) = from_both(&TwoModes { mass, sd }, 2, seed);
            assert_eq!(in_second, [true, true, false, false], "{mass} {sd} {seed}");
            assert!(result.chains.iter().all(|chain| chain.num_restarts == 0));
        }
    }
}

#[test]
fn scouts_find_the_place_that_no_chain_is_in() {
    let target = Hidden;
    let settings = SampleSettings {
        num_tune: 600,
        ..settings()
    };
    let run = Run::start(
        Arc::new(Analytic(target)),
        settings.clone(),
        vec![vec![0.0; 2]; 4],
    );
    let result = run.expect("the settings are valid").finish();
    for chain in &result.chains {
        assert!(chain.num_restarts > 0);
        let first = chain.draws.values.iter().step_by(2);
        assert!(first.into_iter().all(|x| *x > 1.0));
    }
    let without = SampleSettings {
        pooled: rufous_core::PooledSettings {
            num_scouts: 0,
            ..settings.pooled.clone()
        },
        ..settings
    };
    let run = Run::start(Arc::new(Analytic(Hidden)), without, vec![vec![0.0; 2]; 4]);
    let result = run.expect("the settings are valid").finish();
    assert!(result.chains.iter().all(|chain| chain.num_restarts == 0));
}

/// A normal around 0, and right of 1.2, where chains do not start, one that is better by far.
#[derive(Debug, Clone)]
struct Hidden;

impl LogDensity for Hidden {
    fn dim(&self) -> usize {
        2
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let is_hidden = position[0] > 1.2;
        let (center, height) = if is_hidden { (2.0, 0.0) } else { (0.0, -40.0) };
        let (z, y) = ((position[0] - center) / 0.1, position[1] / 0.1);
        gradient.copy_from_slice(&[-z / 0.1, -y / 0.1]);
        Ok(height - 0.5 * (z * z + y * y))
    }
}

type TestChain = Chain<Funnel, IdentityExpand>;

/// Steps all chains to the end, meetings included; calls `between` before each step of chain 0.
fn drive(
    chains: &mut [TestChain],
    sinks: &mut [MemorySink],
    settings: &SampleSettings,
    mut between: impl FnMut(&[TestChain], &[MemorySink]),
) {
    let keep_going = AtomicBool::new(false);
    while !chains.iter().all(Chain::is_finished) {
        between(chains, sinks);
        for chain in chains.iter_mut() {
            chain.prepare(&keep_going).expect("nothing can fail");
        }
        if chains.iter().all(Chain::wants_meeting) {
            let mut states: Vec<&mut ChainState> =
                chains.iter_mut().map(Chain::state_mut).collect();
            meet(&mut states, settings);
            continue;
        }
        for (chain, sink) in chains.iter_mut().zip(sinks.iter_mut()) {
            chain.step(sink, &keep_going).expect("nothing can fail");
        }
    }
}

#[test]
fn saved_chains_continue_bit_for_bit() {
    let settings = SampleSettings {
        num_chains: 3,
        num_draws: 10,
        ..settings()
    };
    let target = Funnel { dim: 3 };
    let keep_going = AtomicBool::new(false);
    let resume = |state| {
        Chain::resume(
            target.clone(),
            IdentityExpand { dim: 3 },
            state,
            settings.clone(),
        )
    };
    let mut chains: Vec<TestChain> = (0..3)
        .map(|number| {
            let mut target = target.clone();
            let state = ChainState::start(&mut target, number, &[0.0; 3], &settings, &keep_going);
            resume(state.expect("the funnel is finite everywhere"))
        })
        .collect();
    let sink = |number| MemorySink::new(number, 3, 3, &settings).expect("little memory is needed");
    let mut sinks: Vec<MemorySink> = (0..3).map(sink).collect();
    let mut saved = Vec::new();
    drive(&mut chains, &mut sinks, &settings, |chains, sinks| {
        let states: Vec<ChainState> = chains.iter().map(|chain| chain.state().clone()).collect();
        saved.push((states, sinks.to_vec()));
    });
    for (states, mut saved_sinks) in saved.into_iter().step_by(7) {
        let mut continued: Vec<TestChain> = states.into_iter().map(&resume).collect();
        drive(&mut continued, &mut saved_sinks, &settings, |_, _| {});
        for (continued, whole) in continued.iter().zip(&chains) {
            assert_eq!(continued.state(), whole.state());
        }
        // As text, in which NaN is the same as NaN and no digit is lost.
        assert!(format!("{saved_sinks:?}") == format!("{sinks:?}"));
    }
    // And threads do the same as this loop.
    let run = sample(target.clone(), &settings);
    for (trace, sink) in run.chains.into_iter().zip(sinks) {
        let (warmup, draws) = sink.into_tables();
        assert!(trace.draws.values == draws.values);
        assert!(trace.warmup.map(|table| table.values) == warmup.map(|table| table.values));
    }
}
