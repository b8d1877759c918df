//! Storing a thousand draws in memory, the reservation included.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rufous_benches::DIMS;
use rufous_core::{Draw, DrawStats, MemorySink, SampleSettings, Sink};

const STATS: DrawStats = DrawStats {
    lp: -1.0,
    energy: 1.0,
    energy_error: 0.0,
    max_energy_error: 0.1,
    acceptance_rate: 0.9,
    step_size: 0.5,
    step_size_bar: 0.5,
    tree_depth: 3,
    n_steps: 7,
    index_in_trajectory: -2,
    diverging: false,
    divergence_reason: 0,
    reached_max_treedepth: false,
    tuning: false,
};

fn storage(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("storage");
    let settings = SampleSettings {
        num_draws: 1000,
        ..SampleSettings::default()
    };
    for dim in DIMS {
        let values = vec![0.5; dim];
        group.throughput(Throughput::Elements(1000));
        group.bench_function(BenchmarkId::from_parameter(dim), |bencher| {
            bencher.iter(|| {
                let mut sink =
                    MemorySink::new(0, dim, dim, &settings).expect("there is enough memory");
                for index in 0..1000 {
                    let draw = Draw {
                        index,
                        position: &values,
                        values: &values,
                        divergence_start: None,
                        stats: &STATS,
                    };
                    sink.record(black_box(&draw)).expect("memory was reserved");
                }
                sink.into_tables()
            });
        });
    }
}

criterion_group!(benches, storage);
criterion_main!(benches);
