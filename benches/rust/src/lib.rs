//! What the benches of `benches/` share. Run them with `cargo bench -p rufous-benches`.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rufous_core::testing::StandardNormal;
use rufous_core::{Chain, ChainState, Draw, IdentityExpand, Result, SampleSettings, Sink};

/// Dimensions at which everything is measured.
pub const DIMS: [usize; 4] = [10, 100, 1000, 10_000];

/// A sink that drops what it is given.
#[derive(Debug)]
pub struct Nowhere;

impl Sink for Nowhere {
    fn record(&mut self, _: &Draw<'_>) -> Result<()> {
        Ok(())
    }
}

/// A chain on a standard normal that has just finished its warmup and will not run out of draws.
///
/// # Panics
///
/// Never: a normal has a density everywhere.
pub fn warmed_up_chain(dim: usize) -> Chain<StandardNormal, IdentityExpand> {
    let settings = SampleSettings {
        num_draws: usize::MAX / 2,
        ..SampleSettings::default()
    };
    let (mut target, never) = (StandardNormal { dim }, AtomicBool::new(false));
    let state = ChainState::start(&mut target, 0, &vec![0.0; dim], &settings, &never);
    let state = state.expect("a normal has a density everywhere");
    let mut chain = Chain::resume(target, IdentityExpand { dim }, state, settings);
    while chain.is_tuning() {
        chain
            .step(&mut Nowhere, &never)
            .expect("a normal never fails");
    }
    chain
}

/// Times several things in turn, `rounds` times each, and returns for each the tenth part of its
/// times that is shortest, at its upper end.
///
/// What else the machine does hits all alike, so that ratios hold where times do not. A round should
/// take about a millisecond: longer ones are seldom left alone.
pub fn in_turn<const N: usize>(
    rounds: usize,
    mut things: [&mut dyn FnMut() -> Duration; N],
) -> [Duration; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (times, thing) in times.iter_mut().zip(&mut things) {
            times.push(thing());
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 10]
    })
}
