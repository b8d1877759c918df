//! Overhead per leapfrog: the sampler's own work, with the log density taken off.
//!
//! `density` is one evaluation of a standard normal, `leapfrog` one step of the integrator with it,
//! and `chain` what a leapfrog costs in sampling, all bookkeeping of trajectories included (time of
//! many transitions by the number of their leapfrogs). Subtract to see the overhead; the aim is
//! 150 ns + 3 ns per dimension.

use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rufous_benches::{DIMS, Nowhere, warmed_up_chain};
use rufous_core::integrator::leapfrog;
use rufous_core::metric::DiagonalMetric;
use rufous_core::point::Point;
use rufous_core::testing::StandardNormal;
use rufous_core::{Chain, Expand, LogDensity};

fn density(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("density");
    for dim in DIMS {
        let mut target = StandardNormal { dim };
        let (position, mut gradient) = (vec![0.1; dim], vec![0.0; dim]);
        group.bench_function(BenchmarkId::from_parameter(dim), |bencher| {
            bencher.iter(|| target.evaluate(black_box(&position), &mut gradient));
        });
    }
}

fn integrator(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("leapfrog");
    for dim in DIMS {
        let mut target = StandardNormal { dim };
        let metric = DiagonalMetric::new(vec![1.1; dim]);
        let from = Point {
            momentum: vec![0.5; dim].into(),
            ..Point::new(dim)
        };
        let mut to = Point::new(dim);
        group.bench_function(BenchmarkId::from_parameter(dim), |bencher| {
            bencher.iter(|| leapfrog(&metric, &mut target, black_box(&from), &mut to, 0.1));
        });
    }
}

/// Samples until there were `iterations` leapfrogs; the time for exactly that many.
fn time_leapfrogs<L: LogDensity, E: Expand>(chain: &mut Chain<L, E>, iterations: u64) -> Duration {
    let never = AtomicBool::new(false);
    let before = chain.state().num_gradients;
    let started = Instant::now();
    let mut leapfrogs = 0;
    while leapfrogs < iterations {
        chain
            .step(&mut Nowhere, &never)
            .expect("a normal never fails");
        leapfrogs = chain.state().num_gradients - before;
    }
    started
        .elapsed()
        .mul_f64(iterations as f64 / leapfrogs as f64)
}

fn sampling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chain");
    for dim in DIMS {
        let mut chain = warmed_up_chain(dim);
        group.bench_function(BenchmarkId::from_parameter(dim), |bencher| {
            bencher.iter_custom(|iterations| time_leapfrogs(&mut chain, iterations));
        });
    }
}

criterion_group!(benches, density, integrator, sampling);
criterion_main!(benches);
