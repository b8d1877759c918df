//! Known moments of known targets, within Monte Carlo error.

mod common;

use common::{bools, floats, ints, sample};
use rufous_core::testing::*;
use rufous_core::*;

#[test]
fn probe() {
    for dim in [1, 10, 100] {
        for (name, r) in [
            (
                "normal",
                sample(StandardNormal { dim }, &SampleSettings::default()),
            ),
            (
                "corr",
                sample(
                    CorrelatedNormal {
                        dim,
                        correlation: 0.9,
                    },
                    &SampleSettings::default(),
                ),
            ),
            (
                "t5",
                sample(StudentT { dim, nu: 5.0 }, &SampleSettings::default()),
            ),
            (
                "half",
                sample(LogHalfNormal { dim }, &SampleSettings::default()),
            ),
            (
                "funnel",
                sample(Funnel { dim: dim + 1 }, &SampleSettings::default()),
            ),
        ] {
            for c in &r.chains {
                let n = c.draws.num_draws as f64;
                println!(
                    "{name} {dim} {:?} step {:.3} acc {:.3} steps {:.2} div {} grads {} tuning {:?} sampling {:?} metric0 {:.3}",
                    c.outcome,
                    c.step_size,
                    floats(&c.draws, "acceptance_rate").iter().sum::<f64>() / n,
                    ints(&c.draws, "n_steps").iter().sum::<i64>() as f64 / n,
                    bools(&c.draws, "diverging").iter().filter(|d| **d).count(),
                    c.num_gradients,
                    c.tuning_time,
                    c.sampling_time,
                    c.inverse_mass_matrix[0]
                );
            }
        }
    }
}
