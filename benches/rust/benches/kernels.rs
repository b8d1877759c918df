//! Kernels of the evaluator on blocks of 256 numbers, for every instruction set of this machine.
//!
//! Times are per call; criterion's throughput column gives elements per second. `linalg` goes
//! through the sizes at which models meet matrices.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use rufous_evaluator::kernels::{
    self, Binary, Indices, Isa, MatrixMut, MatrixRef, Operand, Pair, Triangle, Unary,
};

/// Length of a block of the interpreter.
const LEN: usize = 256;

/// Numbers spread over an interval, in no order.
fn spread(low: f64, high: f64) -> Vec<f64> {
    let place = |i: usize| (i * 37 % LEN) as f64 / LEN as f64;
    (0..LEN).map(|i| low + (high - low) * place(i)).collect()
}

/// A function, where its arguments lie.
const UNARY: [(&str, Unary, f64, f64); 21] = [
    ("exp", kernels::exp, -5.0, 5.0),
    ("expm1", kernels::expm1, -5.0, 5.0),
    ("log", kernels::log, 0.1, 10.0),
    ("log1p", kernels::log1p, 0.0, 10.0),
    ("log1mexp", kernels::log1mexp, -10.0, -0.1),
    ("softplus", kernels::softplus, -5.0, 5.0),
    ("sigmoid", kernels::sigmoid, -5.0, 5.0),
    ("tanh", kernels::tanh, -5.0, 5.0),
    ("sin", kernels::sin, -5.0, 5.0),
    ("cos", kernels::cos, -5.0, 5.0),
    ("atan", kernels::atan, -5.0, 5.0),
    ("sqrt", kernels::sqrt, 0.1, 10.0),
    ("reciprocal", kernels::reciprocal, 0.1, 10.0),
    ("lgamma", kernels::lgamma, 0.1, 20.0),
    ("digamma", kernels::digamma, 0.1, 20.0),
    ("trigamma", kernels::trigamma, 0.1, 20.0),
    ("erf", kernels::erf, -3.0, 3.0),
    ("erfc", kernels::erfc, -3.0, 3.0),
    ("erfcx", kernels::erfcx, 0.0, 10.0),
    ("log_ndtr", kernels::log_ndtr, -5.0, 5.0),
    ("neg", kernels::neg, -5.0, 5.0),
];

const PAIRS: [(&str, Pair); 4] = [
    ("softplus_sigmoid", kernels::softplus_sigmoid),
    ("lgamma_digamma", kernels::lgamma_digamma),
    ("sin_cos", kernels::sin_cos),
    ("log_ndtr_ratio", kernels::log_ndtr_ratio),
];

const BINARY: [(&str, Binary); 3] = [
    ("add", kernels::add),
    ("div", kernels::div),
    ("pow", kernels::pow),
];

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(LEN as u64));
    group
}

fn elementwise(criterion: &mut Criterion) {
    for isa in Isa::available() {
        let (mut out, mut second) = (vec![0.0; LEN], vec![0.0; LEN]);
        for (name, f, low, high) in UNARY {
            let x = spread(low, high);
            group(criterion, name).bench_function(isa.name(), |bencher| {
                bencher.iter(|| f(isa, black_box(&x), &mut out));
            });
        }
        let x = spread(0.1, 8.0);
        for (name, f) in PAIRS {
            group(criterion, name).bench_function(isa.name(), |bencher| {
                bencher.iter(|| f(isa, black_box(&x), &mut out, &mut second));
            });
        }
        for (name, f) in BINARY {
            group(criterion, name).bench_function(isa.name(), |bencher| {
                let b = Operand::Slice(&x);
                bencher.iter(|| f(isa, Operand::Slice(black_box(&x)), b, &mut out));
            });
        }
    }
}

fn reductions(criterion: &mut Criterion) {
    for isa in Isa::available() {
        let x = spread(0.1, 8.0);
        let mut out = vec![0.0; LEN];
        let mut run = |name: &str, f: &mut dyn FnMut(&[f64]) -> f64| {
            group(criterion, name).bench_function(isa.name(), |bencher| {
                bencher.iter(|| f(black_box(&x)));
            });
        };
        run("sum", &mut |x| kernels::sum(isa, x));
        run("dot", &mut |x| kernels::dot(isa, x, x));
        run("log_sum_exp", &mut |x| kernels::log_sum_exp(isa, x));
        run("sum_log", &mut |x| kernels::sum_log(isa, x));
        run("sum_softplus", &mut |x| kernels::sum_softplus(isa, x));
        run("sum_softplus_sigmoid", &mut |x| {
            kernels::sum_softplus_sigmoid(isa, x, &mut out)
        });
    }
}

fn indexing(criterion: &mut Criterion) {
    let places: Vec<i64> = (0..256).map(|i| i * 97 % 200).collect();
    let indices = Indices::new(&places, 200).expect("the places lie below 200");
    for isa in Isa::available() {
        let (x, mut out) = (spread(0.1, 8.0), vec![0.0; LEN]);
        group(criterion, "gather").bench_function(isa.name(), |bencher| {
            bencher.iter(|| kernels::gather(isa, black_box(&x), indices.as_ref(), &mut out));
        });
        group(criterion, "scatter_add").bench_function(isa.name(), |bencher| {
            let values = Operand::Slice(&x);
            bencher.iter(|| kernels::scatter_add(black_box(values), indices.as_ref(), &mut out));
        });
    }
}

/// The product of 256 observations of 25 variables with a vector, and its reverse.
fn design_matrix(criterion: &mut Criterion) {
    let x: Vec<f64> = (0..25 * LEN).map(|i| (i % 13) as f64).collect();
    let columns = MatrixRef::new(&x, 25, LEN);
    let adjoint = spread(-1.0, 1.0);
    for isa in Isa::available() {
        let (mut eta, mut gradient) = (vec![0.0; LEN], vec![0.0; 25]);
        group(criterion, "design_matrix").bench_function(isa.name(), |bencher| {
            bencher.iter(|| {
                kernels::gemv_t(isa, columns, black_box(&adjoint[..25]), &mut eta);
                kernels::gemv_add(isa, columns, &adjoint, &mut gradient);
            });
        });
    }
}

fn linalg(criterion: &mut Criterion) {
    for isa in Isa::available() {
        let mut group = criterion.benchmark_group(format!("linalg_{}", isa.name()));
        for n in [8, 32, 100, 200] {
            let distance = |p: usize| ((p / n) as f64 - (p % n) as f64).powi(2);
            let element =
                |p: usize| (-0.002 * distance(p)).exp() + f64::from(u8::from(p / n == p % n)) * 0.1;
            let a: Vec<f64> = (0..n * n).map(element).collect();
            let mut l = a.clone();
            group.bench_function(BenchmarkId::new("cholesky", n), |bencher| {
                bencher.iter(|| {
                    l.copy_from_slice(&a);
                    kernels::cholesky(isa, MatrixMut::new(black_box(&mut l), n, n))
                });
            });
            let factor = MatrixRef::new(&l, n, n);
            let mut b = vec![0.0; n];
            group.bench_function(BenchmarkId::new("solve", n), |bencher| {
                bencher.iter(|| {
                    b.fill(1.0);
                    let b = MatrixMut::new(black_box(&mut b), n, 1);
                    kernels::solve_triangular(isa, factor, Triangle::LOWER, b);
                });
            });
            let mut adjoint = a.clone();
            group.bench_function(BenchmarkId::new("cholesky_reverse", n), |bencher| {
                bencher.iter(|| {
                    adjoint.copy_from_slice(&a);
                    let adjoint = MatrixMut::new(black_box(&mut adjoint), n, n);
                    kernels::cholesky_reverse(isa, factor, adjoint);
                });
            });
        }
    }
}

criterion_group!(
    benches,
    elementwise,
    reductions,
    indexing,
    design_matrix,
    linalg
);
criterion_main!(benches);
