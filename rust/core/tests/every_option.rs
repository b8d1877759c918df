//! Promises that hold whatever is chosen: draws do not depend on threads, and every evaluation of
//! the log density is counted.

mod common;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::{bits, sample};
use rufous_core::testing::{Analytic, Counting, Funnel, StandardNormal};
use rufous_core::{
    AdaptationKind, ChainOutcome, EvalError, InitKind, InitSettings, LogDensity, MetricChoice,
    MetricSettings, NutsSettings, Run, SampleSettings,
};

fn settings() -> SampleSettings {
    SampleSettings {
        num_chains: 3,
        num_tune: 150,
        num_draws: 20,
        seed: 9,
        store_warmup: true,
        ..SampleSettings::default()
    }
}

/// Each adaptation with each metric that it knows, with and without short steps and climbs.
fn choices() -> Vec<SampleSettings> {
    let mut all = Vec::new();
    for adaptation in [
        AdaptationKind::Pooled,
        AdaptationKind::Nutpie,
        AdaptationKind::Stan,
    ] {
        for choice in [
            MetricChoice::Auto,
            MetricChoice::Diagonal,
            MetricChoice::LowRank,
            MetricChoice::Dense,
        ] {
            for (local_steps, kind) in [
                (false, InitKind::Jitter),
                (true, InitKind::Jitter),
                (false, InitKind::Pathfinder),
            ] {
                all.push(SampleSettings {
                    adaptation,
                    metric: MetricSettings {
                        choice,
                        ..MetricSettings::default()
                    },
                    nuts: NutsSettings {
                        local_steps,
                        ..NutsSettings::default()
                    },
                    init: InitSettings {
                        kind,
                        ..InitSettings::default()
                    },
                    ..settings()
                });
            }
        }
    }
    all.retain(|settings| settings.validate().is_ok());
    all
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for one in choices() {
        let three = SampleSettings {
            num_threads: 3,
            ..one.clone()
        };
        let target = Funnel { dim: 3 };
        let same = bits(&sample(target.clone(), &one)) == bits(&sample(target, &three));
        assert!(same, "{one:?}");
    }
}

#[test]
fn every_evaluation_is_counted() {
    for settings in choices() {
        for num_chains in 1..=3 {
            let target = Counting::new(Funnel { dim: 3 });
            let settings = SampleSettings {
                num_chains,
                ..settings.clone()
            };
            let result = sample(target.clone(), &settings);
            let counted: u64 = result.chains.iter().map(|chain| chain.num_gradients).sum();
            let expected = target.count.load(Ordering::Relaxed);
            assert_eq!(counted, expected, "{settings:?}");
        }
    }
}

/// A standard normal, and far away another one of next to no mass.
#[derive(Debug, Clone)]
struct TwoModes;

impl LogDensity for TwoModes {
    fn dim(&self) -> usize {
        2
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let is_far = position[0] > 20.0;
        let shifted = [position[0] - if is_far { 40.0 } else { 0.0 }, position[1]];
        let value = StandardNormal { dim: 2 }.evaluate(&shifted, gradient)?;
        Ok(value - if is_far { 60.0 } else { 0.0 })
    }
}

#[test]
fn the_rescue_of_a_chain_is_counted_and_does_not_depend_on_threads() {
    let mut seen = Vec::new();
    for num_threads in 1..=4 {
        let settings = SampleSettings {
            adaptation: AdaptationKind::Pooled,
            num_chains: 4,
            num_tune: 300,
            num_threads,
            ..settings()
        };
        let mut starts = vec![vec![0.0; 2]; 4];
        starts[2][0] = 40.0;
        let target = Counting::new(TwoModes);
        let run = Run::start(Arc::new(Analytic(target.clone())), settings, starts);
        let result = run.expect("the settings are valid").finish();
        let complete = |chain| matches!(chain, &ChainOutcome::Complete);
        assert!(result.chains.iter().all(|chain| complete(&chain.outcome)));
        assert!(result.chains[2].num_restarts > 0);
        let counted: u64 = result.chains.iter().map(|chain| chain.num_gradients).sum();
        assert_eq!(counted, target.count.load(Ordering::Relaxed));
        seen.push(bits(&result));
    }
    assert!(seen.iter().all(|bits| *bits == seen[0]));
}
