//! What a leapfrog costs in sampling, here and in nuts-rs, in one run.
//!
//! Both sample the same standard normal by the same function with a diagonal metric, warmed up and
//! with default settings. Times are those of many draws by the number of their leapfrogs, so all
//! bookkeeping is in them. They take turns, so that ratios hold on a busy machine; of each the
//! fastest tenth is reported. Subtract `density` to see the overhead; the aim is 150 ns + 3 ns per
//! dimension, and not more than that of nuts-rs.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use nuts_rs::{
    Chain as _, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError,
    Settings as _,
};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rufous_benches::{DIMS, Nowhere, in_turn, warmed_up_chain};
use rufous_core::testing::StandardNormal;
use rufous_core::{Chain, EvalError, Expand, LogDensity};

const ROUNDS: usize = 1000;

/// The target, as nuts-rs wants it.
struct Normal(StandardNormal);

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Failed(#[from] EvalError);

impl LogpError for Failed {
    fn is_recoverable(&self) -> bool {
        false
    }
}

impl HasDims for Normal {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        let dim = self.0.dim as u64;
        HashMap::from([("unconstrained_parameter".to_owned(), dim)])
    }
}

impl CpuLogpFunc for Normal {
    type LogpError = Failed;
    type ExpandedVector = Vec<f64>;
    type FlowParameters = ();

    fn dim(&self) -> usize {
        self.0.dim
    }

    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Failed> {
        Ok(self.0.evaluate(position, gradient)?)
    }

    fn expand_vector<R: nuts_rs::rand::Rng + ?Sized>(
        &mut self,
        _: &mut R,
        position: &[f64],
    ) -> Result<Vec<f64>, CpuMathError> {
        Ok(position.to_vec())
    }
}

fn warmed_up_nuts_rs(dim: usize) -> impl nuts_rs::Chain<CpuMath<Normal>> {
    let settings = DiagNutsSettings {
        num_draws: u64::MAX / 2,
        ..DiagNutsSettings::default()
    };
    let math = CpuMath::new(Normal(StandardNormal { dim }));
    let mut chain = settings
        .new_chain(0, math, &mut StdRng::seed_from_u64(0))
        .expect("the settings are the default ones");
    chain
        .set_position(&vec![0.5; dim])
        .expect("a normal has a density everywhere");
    for _ in 0..settings.num_tune {
        chain.draw().expect("a normal never fails");
    }
    chain
}

/// Draws until there were `iterations` leapfrogs; the time for exactly that many.
fn time_leapfrogs(iterations: u64, mut draw: impl FnMut() -> u64) -> Duration {
    let started = Instant::now();
    let mut leapfrogs = 0;
    while leapfrogs < iterations {
        leapfrogs += draw();
    }
    let time = started.elapsed();
    time.mul_f64(iterations as f64 / leapfrogs as f64)
}

/// Leapfrogs of one draw.
fn draw<L: LogDensity, E: Expand>(chain: &mut Chain<L, E>, never: &AtomicBool) -> u64 {
    let before = chain.state().num_gradients;
    chain
        .step(&mut Nowhere, never)
        .expect("a normal never fails");
    chain.state().num_gradients - before
}

fn main() {
    println!("nanoseconds per leapfrog   density    rufous   nuts-rs  rufous / nuts-rs");
    for dim in DIMS {
        let mut target = StandardNormal { dim };
        let (position, mut gradient) = (vec![0.1; dim], vec![0.0; dim]);
        let (mut chain, never) = (warmed_up_chain(dim), AtomicBool::new(false));
        let mut other = warmed_up_nuts_rs(dim);
        let mut evaluate = || {
            target
                .evaluate(black_box(&position), &mut gradient)
                .map(|_| 1)
                .expect("a normal never fails")
        };
        let mut draw_other = || other.draw().expect("a normal never fails").1.num_steps;
        let count = (200_000 / (dim as u64 + 100)).max(64);
        let times = in_turn(
            ROUNDS,
            [
                &mut || time_leapfrogs(count, &mut evaluate),
                &mut || time_leapfrogs(count, || draw(&mut chain, &never)),
                &mut || time_leapfrogs(count, &mut draw_other),
            ],
        );
        let [density, ours, theirs] = times.map(|time| time.as_secs_f64() * 1e9 / count as f64);
        let ratio = ours / theirs;
        println!("{dim:>24} {density:9.0} {ours:9.0} {theirs:9.0} {ratio:17.2}");
    }
}
