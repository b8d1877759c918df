//! A whole warmup, from the search for a start to the fixed step size.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rufous_benches::warmed_up_chain;

fn warmup(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("warmup");
    group.sample_size(20);
    for dim in [10, 100, 1000] {
        group.bench_function(BenchmarkId::from_parameter(dim), |bencher| {
            bencher.iter(|| warmed_up_chain(dim).state().num_gradients);
        });
    }
}

criterion_group!(benches, warmup);
criterion_main!(benches);
