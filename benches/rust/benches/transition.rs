//! One transition of a warmed-up chain.

use std::sync::atomic::AtomicBool;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rufous_benches::{DIMS, Nowhere, warmed_up_chain};

fn transition(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("transition");
    for dim in DIMS {
        let (mut chain, never) = (warmed_up_chain(dim), AtomicBool::new(false));
        group.bench_function(BenchmarkId::from_parameter(dim), |bencher| {
            bencher.iter(|| chain.step(&mut Nowhere, &never));
        });
    }
}

criterion_group!(benches, transition);
criterion_main!(benches);
