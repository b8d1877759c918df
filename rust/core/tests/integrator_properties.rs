//! Properties of the leapfrog and of the decisions built on it.

use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use rufous_core::hamiltonian::Hamiltonian;
use rufous_core::integrator::leapfrog;
use rufous_core::metric::{DiagonalMetric, Metric};
use rufous_core::nuts::{Growth, Nuts};
use rufous_core::point::{Evaluation, Point};
use rufous_core::rng::chain_rng;
use rufous_core::testing::{CorrelatedNormal, Funnel, LogHalfNormal, StandardNormal, StudentT};
use rufous_core::{EvalError, LogDensity};

/// A start at `position` with `velocity`.
fn place<L: LogDensity>(
    target: &mut L,
    metric: &DiagonalMetric,
    position: &[f64],
    velocity: &[f64],
) -> Point {
    let mut state = Evaluation {
        position: position.to_vec(),
        gradient: vec![0.0; position.len()],
        logdensity: 0.0,
    };
    state.logdensity = target
        .evaluate(position, &mut state.gradient)
        .expect("it is finite here");
    let mut point = Point {
        velocity: velocity.to_vec(),
        ..Point::new(position.len())
    };
    Hamiltonian {
        metric,
        logdensity: target,
        max_energy_error: 1000.0,
    }
    .place(&state, &mut point);
    point
}

fn leap<L: LogDensity>(
    target: &mut L,
    metric: &DiagonalMetric,
    from: &Point,
    step_size: f64,
    steps: usize,
) -> Point {
    let mut from = from.clone();
    for _ in 0..steps {
        let mut to = Point::new(metric.dim());
        leapfrog(metric, target, &from, &mut to, step_size).expect("it is finite here");
        from = to;
    }
    from
}

fn largest_difference(x: &[f64], y: &[f64]) -> f64 {
    let size = x.iter().fold(1.0, |size: f64, x| size.max(x.abs()));
    x.iter()
        .zip(y)
        .fold(0.0, |largest: f64, (x, y)| largest.max((x - y).abs()))
        / size
}

proptest! {
    #[test]
    fn time_can_be_reversed(
        rows in prop::collection::vec((-2.0..2.0, -2.0..2.0, 0.2..5.0), 2..12),
        step_size in 0.01..0.2,
    ) {
        let position: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let velocity: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let metric = DiagonalMetric::new(rows.iter().map(|row| row.2).collect());
        let mut target = StudentT { dim: rows.len(), nu: 4.0 };
        let start = place(&mut target, &metric, &position, &velocity);
        let end = leap(&mut target, &metric, &start, step_size, 64);
        let back = leap(&mut target, &metric, &end, -step_size, 64);
        prop_assert!(largest_difference(&start.position, &back.position) <= 1e-9);
        prop_assert!(largest_difference(&start.velocity, &back.velocity) <= 1e-9);
        prop_assert_eq!((end.index, back.index), (64, 0));
    }

    #[test]
    fn volume_is_preserved(
        rows in prop::collection::vec((-1.0..1.0, -1.0..1.0, 0.5..2.0), 1..5),
        step_size in 0.05..0.4,
    ) {
        let position: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let velocity: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let metric = DiagonalMetric::new(rows.iter().map(|row| row.2).collect());
        let target = LogHalfNormal { dim: rows.len() };
        let determinant = jacobian_determinant(target, &metric, &position, &velocity, step_size);
        prop_assert!((determinant - 1.0).abs() <= 1e-6, "{}", determinant);
    }
}

/// The determinant of one leapfrog as a map of whitened position and velocity, by differences.
fn jacobian_determinant<L: LogDensity>(
    mut target: L,
    metric: &DiagonalMetric,
    position: &[f64],
    velocity: &[f64],
    step_size: f64,
) -> f64 {
    const H: f64 = 1e-5;
    let dim = position.len();
    let mut moved = |i: usize, by: f64| {
        let (mut position, mut velocity) = (position.to_vec(), velocity.to_vec());
        if i < dim {
            position[i] += by * metric.scale()[i];
        } else {
            velocity[i - dim] += by;
        }
        let start = place(&mut target, metric, &position, &velocity);
        let end = leap(&mut target, metric, &start, step_size, 1);
        [end.whitened, end.velocity].concat()
    };
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for i in 0..2 * dim {
        let (up, down) = (moved(i, H), moved(i, -H));
        rows.push(
            up.iter()
                .zip(&down)
                .map(|(up, down)| (up - down) / (2.0 * H))
                .collect(),
        );
    }
    determinant(rows)
}

/// By elimination with row exchanges.
fn determinant(mut rows: Vec<Vec<f64>>) -> f64 {
    let mut product = 1.0;
    while let Some(width) = rows.first().map(Vec::len) {
        let largest = |i: &usize, j: &usize| rows[*i][0].abs().total_cmp(&rows[*j][0].abs());
        let pivot = (0..width).max_by(largest).expect("there is a row");
        product *= if pivot == 0 { 1.0 } else { -1.0 };
        rows.swap(0, pivot);
        let first = rows.remove(0);
        product *= first[0];
        for row in &mut rows {
            let factor = row[0] / first[0];
            *row = row
                .iter()
                .zip(&first)
                .skip(1)
                .map(|(x, y)| x - factor * y)
                .collect();
        }
    }
    product
}

#[test]
fn the_energy_error_falls_with_the_square_of_the_step_size() {
    let mut target = StudentT { dim: 3, nu: 4.0 };
    let metric = DiagonalMetric::new(vec![0.7, 1.0, 1.9]);
    let start = place(&mut target, &metric, &[0.5, -1.0, 2.0], &[1.0, 0.3, -0.7]);
    let points: Vec<(f64, f64)> = (0..6)
        .map(|halvings| {
            let steps = 8_usize << halvings;
            let step_size = 1.6 / steps as f64;
            let end = leap(&mut target, &metric, &start, step_size, steps);
            (step_size.ln(), (end.energy() - start.energy()).abs().ln())
        })
        .collect();
    let count = points.len() as f64;
    let (x_mean, y_mean) = points.iter().fold((0.0, 0.0), |sum, point| {
        (sum.0 + point.0 / count, sum.1 + point.1 / count)
    });
    let products: f64 = points
        .iter()
        .map(|(x, y)| (x - x_mean) * (y - y_mean))
        .sum();
    let squares: f64 = points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    let slope = products / squares;
    assert!((1.9..=2.1).contains(&slope), "slope {slope}");
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
    assert!((end.position[0] - 1.0).abs() < 1e-12 && end.velocity[0].abs() < 1e-12);
}

/// A target in other units: `position = units * inner position`.
struct Rescaled<L> {
    inner: L,
    units: Vec<f64>,
}

impl<L: LogDensity> LogDensity for Rescaled<L> {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let inner: Vec<f64> = position
            .iter()
            .zip(&self.units)
            .map(|(x, unit)| x / unit)
            .collect();
        let value = self.inner.evaluate(&inner, gradient)?;
        gradient
            .iter_mut()
            .zip(&self.units)
            .for_each(|(g, unit)| *g /= unit);
        Ok(value)
    }
}

/// Transitions from a fixed start: everything that the trajectories decided, and the draws.
fn transitions<L: LogDensity>(inner: L, units: &[f64]) -> Vec<(String, Vec<f64>)> {
    let dim = inner.dim();
    let mut target = Rescaled {
        inner,
        units: units.to_vec(),
    };
    let metric = DiagonalMetric::new(units.iter().map(|unit| 0.8 * unit).collect());
    let mut state = Evaluation {
        position: units.to_vec(),
        gradient: vec![0.0; dim],
        logdensity: 0.0,
    };
    let start = state.position.clone();
    state.logdensity = target
        .evaluate(&start, &mut state.gradient)
        .expect("it is finite here");
    let mut system = Hamiltonian {
        metric: &metric,
        logdensity: &mut target,
        max_energy_error: 1000.0,
    };
    let interrupt = AtomicBool::new(false);
    let growth = Growth {
        step_size: 0.3,
        max_treedepth: 8,
        interrupt: &interrupt,
    };
    let (mut nuts, mut rng) = (Nuts::new(dim, 8), chain_rng(5, 0));
    (0..200)
        .map(|_| {
            let info = nuts.transition(&mut system, &mut state, &growth, &mut rng);
            let info = info.expect("nothing fails or interrupts");
            let draw = state
                .position
                .iter()
                .zip(units)
                .map(|(x, unit)| x / unit)
                .collect();
            (format!("{info:?}"), draw)
        })
        .collect()
}

#[test]
fn units_do_not_matter_to_trajectories() {
    let units = [1.0, 1024.0, 2.0_f64.powi(-30), 2.0_f64.powi(40)];
    let plain = [1.0; 4];
    let target = || CorrelatedNormal {
        dim: 4,
        correlation: 0.9,
    };
    assert!(transitions(target(), &plain) == transitions(target(), &units));
    let target = || Funnel { dim: 4 };
    assert!(transitions(target(), &plain) == transitions(target(), &units));
}
