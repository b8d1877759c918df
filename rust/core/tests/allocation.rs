//! What takes memory: transitions do not, and warmup that is not stored does not.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rufous_core::metric::{ChainMetric, DiagonalMetric};
use rufous_core::testing::phase_space::{dense_metric, low_rank_metric};
use rufous_core::testing::{Funnel, StandardNormal};
use rufous_core::{
    Chain, ChainState, Draw, IdentityExpand, LogDensity, MemorySink, Result, SampleSettings, Sink,
};

thread_local! {
    /// Allocations of this thread, and the bytes they asked for.
    static ALLOCATED: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// The system allocator, counting.
struct Counting;

// SAFETY: every method hands its arguments to the system allocator as they came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (count, bytes) = ALLOCATED.get();
        ALLOCATED.set((count + 1, bytes + layout.size()));
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Nowhere;

impl Sink for Nowhere {
    fn record(&mut self, _: &Draw<'_>) -> Result<()> {
        Ok(())
    }
}

fn start<L: LogDensity + Clone>(target: &L, settings: &SampleSettings) -> Chain<L, IdentityExpand> {
    let dim = target.dim();
    let keep_going = AtomicBool::new(false);
    let state = ChainState::start(
        &mut target.clone(),
        0,
        &vec![0.0; dim],
        settings,
        &keep_going,
    )
    .expect("the density is finite everywhere");
    Chain::resume(
        target.clone(),
        IdentityExpand { dim },
        state,
        settings.clone(),
    )
}

fn run<L: LogDensity>(chain: &mut Chain<L, IdentityExpand>, sink: &mut dyn Sink) {
    let keep_going = AtomicBool::new(false);
    while !chain.is_finished() {
        chain.step(sink, &keep_going).expect("nothing can fail");
    }
}

/// A metric of each kind that does not fit, so that trajectories are long.
fn metrics(dim: usize) -> [ChainMetric; 3] {
    let scale = vec![0.3; dim];
    [
        ChainMetric::Diagonal(DiagonalMetric::new(scale.clone())),
        ChainMetric::LowRank(low_rank_metric(scale.clone())),
        ChainMetric::Dense(dense_metric(&scale)),
    ]
}

#[test]
fn no_transition_allocates() {
    fn check(target: &(impl LogDensity + Clone)) {
        let settings = SampleSettings {
            num_tune: 200,
            num_draws: 200,
            ..Default::default()
        };
        let mut chain = start(target, &settings);
        let before = ALLOCATED.get();
        run(&mut chain, &mut Nowhere);
        assert!(chain.state().num_gradients > 1000);
        assert_eq!(ALLOCATED.get(), before);
    }
    check(&StandardNormal { dim: 50 });
    // With divergences and deep trees.
    check(&Funnel { dim: 20 });
}

#[test]
fn no_metric_and_no_short_step_allocates() {
    let target = Funnel { dim: 20 };
    for given in metrics(20) {
        for local_steps in [false, true] {
            let mut settings = SampleSettings {
                num_tune: 0,
                num_draws: 100,
                ..Default::default()
            };
            settings.metric.given = Some(Arc::new(given.clone()));
            settings.step_size.fixed = Some(0.5);
            settings.nuts.local_steps = local_steps;
            let mut chain = start(&target, &settings);
            let keep_going = AtomicBool::new(false);
            // The first transition makes room for velocities.
            chain
                .step(&mut Nowhere, &keep_going)
                .expect("nothing can fail");
            let before = ALLOCATED.get();
            run(&mut chain, &mut Nowhere);
            assert!(chain.state().num_gradients > 1000);
            assert_eq!(ALLOCATED.get(), before, "{:?}, {local_steps}", given.kind());
        }
    }
}

/// Bytes that a chain allocates from start to end, with its draws stored in memory.
fn bytes(settings: &SampleSettings) -> usize {
    let before = ALLOCATED.get().1;
    let mut sink = MemorySink::new(0, 50, 50, settings).expect("little memory is needed");
    let mut chain = start(&StandardNormal { dim: 50 }, settings);
    run(&mut chain, &mut sink);
    ALLOCATED.get().1 - before
}

#[test]
fn warmup_that_is_not_stored_takes_no_memory() {
    let settings = |num_tune, store_warmup| SampleSettings {
        num_tune,
        store_warmup,
        num_draws: 20,
        ..Default::default()
    };
    let plan = 4096;
    assert!(bytes(&settings(2000, false)) <= bytes(&settings(20, false)) + plan);
    assert!(bytes(&settings(2000, true)) >= bytes(&settings(20, false)) + 1980 * 50 * 8);
}
