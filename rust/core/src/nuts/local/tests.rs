//! Properties of a leaf: it can be undone, preserves volume, and counts its gradients.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::{Growth, Nuts};
use super::{Leaf, LocalSteps};
use crate::hamiltonian::{DivergenceReason, Hamiltonian, Leap};
use crate::logdensity::LogDensity;
use crate::metric::{ChainMetric, DiagonalMetric, Metric};
use crate::point::Point;
use crate::testing::phase_space::{dense_metric, jacobian_determinant, low_rank_metric, place};
use crate::testing::{Cliff, Counting, Funnel, Misbehaviour, StandardNormal};

/// One leaf from `from`, and where it ends.
pub(in crate::nuts) fn leaf<M: Metric, L: LogDensity>(
    system: &mut Hamiltonian<'_, M, L>,
    from: &Point,
    step_size: f64,
    local: LocalSteps,
) -> (Leaf, Point) {
    let interrupt = AtomicBool::new(false);
    let growth = Growth {
        step_size: step_size.abs(),
        max_treedepth: 1,
        local_steps: Some(local),
        interrupt: &interrupt,
    };
    let mut nuts = Nuts::new(from.position.len(), 1);
    nuts.pool.keep_velocity(M::KEEPS_VELOCITY);
    let (start, end) = (nuts.pool.take(), nuts.pool.take());
    nuts.pool.get_mut(start).clone_from(from);
    let ends = (start, end);
    let steps = (step_size, from.energy());
    let leaf = nuts.local_leap(system, ends, steps, &growth, local);
    (leaf.unwrap(), nuts.pool.get(end).clone())
}

/// Up to `count` leaves in a row: where they end, how many were taken, and how many gradients the
/// longest of them needed.
fn leaves<M: Metric, L: LogDensity>(
    system: &mut Hamiltonian<'_, M, L>,
    start: &Point,
    step_size: f64,
    count: usize,
    local: LocalSteps,
) -> (Point, usize, usize) {
    let (mut from, mut largest) = (start.clone(), 0);
    for taken in 0..count {
        let (leaf, to) = leaf(system, &from, step_size, local);
        if !matches!(leaf.leap, Leap::Taken(_)) {
            return (from, taken, largest);
        }
        largest = largest.max(leaf.num_gradients);
        from = to;
    }
    (from, count, largest)
}

fn sharp(max_energy_change: f64) -> LocalSteps {
    LocalSteps {
        max_energy_change,
        ..LocalSteps::new(false)
    }
}

fn largest_difference(x: &[f64], y: &[f64]) -> f64 {
    let differences = x.iter().zip(y).map(|(x, y)| (x - y).abs());
    differences.fold(0.0, f64::max)
}

/// Goes up to 64 leaves forward and as many back, from several starts in a funnel.
fn check_reversal<M: Metric>(metric: &M) {
    let mut target = Funnel { dim: 3 };
    let (mut whole, mut shortened) = (0, 0);
    for start in 0..40 {
        let v = -3.0 + 0.15 * f64::from(start);
        let width = (0.5 * v).exp();
        let position = [v, 0.8 * width, -0.3 * width];
        let from = place(&mut target, metric, &position, &[0.7, -0.4, 0.9]);
        let max_energy_error = 1000.0;
        let mut system = Hamiltonian {
            metric,
            logdensity: &mut target,
            max_energy_error,
        };
        let local = sharp(0.1);
        let (end, taken, largest) = leaves(&mut system, &from, 0.12, 64, local);
        let (back, taken_back, _) = leaves(&mut system, &end, -0.12, taken, local);
        assert_eq!(taken_back, taken);
        assert!(largest_difference(&back.position, &from.position) <= 1e-9);
        assert!(largest_difference(&back.momentum, &from.momentum) <= 1e-9 / width);
        whole += usize::from(taken == 64);
        shortened += usize::from(taken == 64 && largest > 1);
    }
    assert!(whole >= 5 && shortened >= 2, "{whole}, {shortened}");
}

#[test]
fn time_can_be_reversed() {
    check_reversal(&DiagonalMetric::new(vec![1.0, 0.5, 0.8]));
    check_reversal(&low_rank_metric(vec![1.0, 0.5, 0.8]));
    check_reversal(&dense_metric(&[1.0, 0.5, 0.8]));
}

/// Checks the volume at a leaf, unless its level changes nearby; the gradients it needed.
fn check_volume<M: Metric>(metric: &M, chain_metric: &ChainMetric, v: f64) -> Option<usize> {
    let mut target = Funnel { dim: 3 };
    let width = (0.5 * v).exp();
    let position = [v, 0.8 * width, -0.3 * width];
    let mut counts = Vec::new();
    let determinant = jacobian_determinant(
        chain_metric,
        &position,
        &[0.7, -0.4, 0.9],
        |position, normals| {
            let from = place(&mut target, metric, position, normals);
            let mut system = Hamiltonian {
                metric,
                logdensity: &mut target,
                max_energy_error: 1000.0,
            };
            let (leaf, to) = leaf(&mut system, &from, 0.3, sharp(0.03));
            let is_taken = matches!(leaf.leap, Leap::Taken(_));
            counts.push(if is_taken { leaf.num_gradients } else { 0 });
            to
        },
    );
    let first = counts[0];
    if first == 0 || counts.iter().any(|count| *count != first) {
        return None;
    }
    assert!((determinant - 1.0).abs() <= 1e-6, "{determinant}");
    Some(first)
}

#[test]
fn volume_is_preserved() {
    let scale = [1.0, 0.5, 0.8];
    let (mut plain, mut shortened) = (0, 0);
    for start in 0..60 {
        let v = -2.5 + 0.08 * f64::from(start);
        let diagonal = DiagonalMetric::new(scale.to_vec());
        let low_rank = low_rank_metric(scale.to_vec());
        let dense = dense_metric(&scale);
        for gradients in [
            check_volume(&diagonal, &ChainMetric::Diagonal(diagonal.clone()), v),
            check_volume(&low_rank, &ChainMetric::LowRank(low_rank.clone()), v),
            check_volume(&dense, &ChainMetric::Dense(dense.clone()), v),
        ] {
            plain += usize::from(gradients == Some(1));
            shortened += usize::from(gradients.is_some_and(|gradients| gradients > 1));
        }
    }
    assert!(plain >= 20 && shortened >= 20, "{plain}, {shortened}");
}

/// A leaf of one coordinate from the origin, with momentum 2; gradients are counted.
fn normal_leaf(step_size: f64, local: LocalSteps, limit: f64) -> (Leaf, Point, usize) {
    let metric = DiagonalMetric::new(vec![1.0]);
    let cliff = Cliff {
        inner: StandardNormal { dim: 1 },
        limit,
        how: Misbehaviour::MinusInfinity,
    };
    let mut target = Counting::new(cliff);
    let from = place(&mut target, &metric, &[0.0], &[2.0]);
    let mut system = Hamiltonian {
        metric: &metric,
        logdensity: &mut target,
        max_energy_error: 1000.0,
    };
    let (leaf, to) = leaf(&mut system, &from, step_size, local);
    let counted = target.count.load(Ordering::Relaxed) - 1;
    (leaf, to, usize::try_from(counted).unwrap())
}

#[test]
fn every_gradient_is_counted() {
    for step_size in [0.05, 0.3, 0.9, 1.4, 1.9] {
        for max_energy_change in [1e-6, 1e-3, 0.1, 10.0] {
            for is_lenient in [false, true] {
                let local = LocalSteps {
                    max_energy_change,
                    max_halvings: 5,
                    is_lenient,
                };
                for limit in [0.2, f64::INFINITY] {
                    let (leaf, _, counted) = normal_leaf(step_size, local, limit);
                    assert_eq!(leaf.num_gradients, counted);
                }
            }
        }
    }
}

#[test]
fn one_leapfrog_is_one_gradient() {
    let (leaf, to, counted) = normal_leaf(0.1, LocalSteps::new(false), f64::INFINITY);
    assert!(matches!(leaf.leap, Leap::Taken(_)));
    assert_eq!((leaf.num_gradients, counted, to.index), (1, 1, 1));
    assert_eq!(leaf.first_change, to.energy() - 2.0);
}

#[test]
fn a_leaf_that_no_step_makes_fine_enough_diverges() {
    let (leaf, _, _) = normal_leaf(1.0, sharp(1e-9), f64::INFINITY);
    let Leap::Diverged(divergence) = leaf.leap else {
        panic!("{:?}", leaf.leap);
    };
    assert_eq!(divergence.reason, DivergenceReason::EnergyError);
    assert!(divergence.energy_error.is_finite());
    // 1 + 2 + 4 + ... + 256.
    assert_eq!(leaf.num_gradients, 511);
    let (leaf, _, _) = normal_leaf(1.0, LocalSteps::new(false), 0.1);
    let Leap::Diverged(divergence) = leaf.leap else {
        panic!("{:?}", leaf.leap);
    };
    assert_eq!(divergence.reason, DivergenceReason::NonFiniteLogDensity);
    assert!(divergence.energy_error.is_nan());
}

#[test]
fn a_lenient_leaf_is_taken_however_coarse() {
    let local = LocalSteps {
        is_lenient: true,
        max_halvings: 2,
        max_energy_change: 1e-9,
    };
    let (leaf, to, _) = normal_leaf(1.0, local, f64::INFINITY);
    assert!(matches!(leaf.leap, Leap::Taken(_)));
    // 1 + 2 + 4, and no way back to check.
    assert_eq!((leaf.num_gradients, to.index), (7, 1));
}
