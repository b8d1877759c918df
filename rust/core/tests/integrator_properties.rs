//! Properties of the leapfrog, for every kind of metric.

use proptest::prelude::*;
use rufous_core::LogDensity;
use rufous_core::integrator::leapfrog;
use rufous_core::metric::{ChainMetric, DiagonalMetric, Metric};
use rufous_core::point::Point;
use rufous_core::testing::phase_space::{
    dense_metric, jacobian_determinant, low_rank_metric, place,
};
use rufous_core::testing::{LogHalfNormal, StandardNormal, StudentT};

fn leap<M: Metric, L: LogDensity>(
    target: &mut L,
    metric: &M,
    from: &Point,
    step_size: f64,
    steps: usize,
) -> Point {
    let mut from = from.clone();
    for _ in 0..steps {
        let mut to = from.clone();
        leapfrog(metric, target, &from, &mut to, step_size).expect("it is finite here");
        from = to;
    }
    from
}

/// One metric of each kind with these scales.
fn metrics(scale: &[f64]) -> [ChainMetric; 3] {
    [
        ChainMetric::Diagonal(DiagonalMetric::new(scale.to_vec())),
        ChainMetric::LowRank(low_rank_metric(scale.to_vec())),
        ChainMetric::Dense(dense_metric(scale)),
    ]
}

/// Calls a function that is generic in the metric.
macro_rules! with_metric {
    ($chain_metric:expr, $metric:ident => $call:expr) => {
        match $chain_metric {
            ChainMetric::Diagonal($metric) => $call,
            ChainMetric::LowRank($metric) => $call,
            ChainMetric::Dense($metric) => $call,
        }
    };
}

fn largest_difference(x: &[f64], y: &[f64]) -> f64 {
    let size = x.iter().fold(1.0, |size: f64, x| size.max(x.abs()));
    let differences = x.iter().zip(y).map(|(x, y)| (x - y).abs());
    differences.fold(0.0, f64::max) / size
}

/// Goes 64 leapfrogs forward and back again.
fn check_reversal<M: Metric>(metric: &M, position: &[f64], normals: &[f64], step_size: f64) {
    let mut target = StudentT {
        dim: position.len(),
        nu: 4.0,
    };
    let start = place(&mut target, metric, position, normals);
    let end = leap(&mut target, metric, &start, step_size, 64);
    let back = leap(&mut target, metric, &end, -step_size, 64);
    assert!(largest_difference(&start.position, &back.position) <= 1e-9);
    assert!(largest_difference(&start.momentum, &back.momentum) <= 1e-9);
    assert_eq!((end.index, back.index), (64, 0));
}

proptest! {
    #[test]
    fn time_can_be_reversed(
        rows in prop::collection::vec((-2.0..2.0, -2.0..2.0, 0.2..5.0), 2..12),
        step_size in 0.01..0.1,
    ) {
        let position: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let normals: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let scale: Vec<f64> = rows.iter().map(|row| row.2).collect();
        for metric in &metrics(&scale) {
            with_metric!(metric, metric => check_reversal(metric, &position, &normals, step_size));
        }
    }

    #[test]
    fn volume_is_preserved(
        rows in prop::collection::vec((-1.0..1.0, -1.0..1.0, 0.5..2.0), 2..5),
        step_size in 0.05..0.4,
    ) {
        let position: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let normals: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let scale: Vec<f64> = rows.iter().map(|row| row.2).collect();
        for metric in &metrics(&scale) {
            let determinant = jacobian_determinant(metric, &position, &normals, |position, normals| {
                with_metric!(metric, metric => one_leap(metric, position, normals, step_size))
            });
            prop_assert!((determinant - 1.0).abs() <= 1e-6, "{}", determinant);
        }
    }
}

fn one_leap<M: Metric>(metric: &M, position: &[f64], normals: &[f64], step_size: f64) -> Point {
    let mut target = LogHalfNormal {
        dim: position.len(),
    };
    let start = place(&mut target, metric, position, normals);
    leap(&mut target, metric, &start, step_size, 1)
}

/// The slope of the log of the energy error against the log of the step size, over a fixed time.
fn order<M: Metric>(metric: &M) -> f64 {
    let mut target = StudentT { dim: 3, nu: 4.0 };
    let start = place(&mut target, metric, &[0.5, -1.0, 2.0], &[1.0, 0.3, -0.7]);
    let points: Vec<(f64, f64)> = (0..6)
        .map(|halvings| {
            let steps = 8_usize << halvings;
            let step_size = 1.6 / steps as f64;
            let end = leap(&mut target, metric, &start, step_size, steps);
            (step_size.ln(), (end.energy() - start.energy()).abs().ln())
        })
        .collect();
    let count = points.len() as f64;
    let x_mean = points.iter().map(|point| point.0).sum::<f64>() / count;
    let y_mean = points.iter().map(|point| point.1).sum::<f64>() / count;
    let product = |(x, y): &(f64, f64)| (x - x_mean) * (y - y_mean);
    let products: f64 = points.iter().map(product).sum();
    let squares: f64 = points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    products / squares
}

#[test]
fn the_energy_error_falls_with_the_square_of_the_step_size() {
    for metric in &metrics(&[0.7, 1.0, 1.9]) {
        let slope = with_metric!(metric, metric => order(metric));
        assert!((1.9..=2.1).contains(&slope), "{:?}: {slope}", metric.kind());
    }
}

#[test]
fn the_harmonic_oscillator_goes_round() {
    let metric = DiagonalMetric::new(vec![1.0]);
    let mut target = StandardNormal { dim: 1 };
    let start = place(&mut target, &metric, &[1.0], &[0.0]);
    // Leapfrogs of length h turn by the angle arccos(1 - h^2 / 2).
    let steps = 100;
    let step_size = (2.0 - 2.0 * (std::f64::consts::TAU / f64::from(steps)).cos()).sqrt();
    let end = leap(&mut target, &metric, &start, step_size, 100);
    assert!((end.position[0] - 1.0).abs() < 1e-12 && end.momentum[0].abs() < 1e-12);
}
