//! The diagonal metric.

use super::Metric;
use crate::point::Point;
use crate::record::record;
use crate::vector::{kick_and_drift_diagonal, kick_diagonal};

/// The metric with `A = diag(scale)`, that is with inverse mass matrix `diag(scale^2)`.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagonalMetric {
    scale: Vec<f64>,
}

impl DiagonalMetric {
    /// The metric with these scales (estimates of posterior standard deviations).
    ///
    /// All must be finite and positive.
    pub fn new(scale: Vec<f64>) -> Self {
        debug_assert!(scale.iter().all(|s| s.is_finite() && *s > 0.0));
        Self { scale }
    }

    /// A first guess from the gradient at the start: `scale^2 = 1 / |gradient|`.
    ///
    /// This is the Fisher estimate `sqrt(var x / var gradient)` of one draw, for want of a variance
    /// of `x`. A component that is (next to) zero or not finite says nothing about the scale; it
    /// gets 1.
    pub fn from_gradient(gradient: &[f64]) -> Self {
        const SMALLEST: f64 = 1e-10;
        let scale = gradient.iter().map(|g| {
            let size = g.abs();
            if size.is_finite() && size > SMALLEST {
                size.sqrt().recip()
            } else {
                1.0
            }
        });
        Self::new(scale.collect())
    }

    /// The diagonal of `A`.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// The diagonal of the inverse mass matrix.
    pub fn inverse_mass_matrix(&self) -> Vec<f64> {
        self.scale.iter().map(|s| s * s).collect()
    }

    /// Replaces a gradient `a` by `A' a`.
    pub fn whiten_gradient(&self, gradient: &mut [f64]) {
        let pairs = gradient.iter_mut().zip(&self.scale);
        pairs.for_each(|(a, s)| *a *= s);
    }

    /// Replaces a displacement `x` by `A^-1 x`.
    pub fn whiten_position(&self, position: &mut [f64]) {
        let pairs = position.iter_mut().zip(&self.scale);
        pairs.for_each(|(x, s)| *x /= s);
    }

    /// Replaces the scales for which `estimates` has something usable, a finite positive number.
    pub fn update(&mut self, estimates: impl Iterator<Item = f64>) {
        for (scale, estimate) in self.scale.iter_mut().zip(estimates) {
            if estimate.is_normal() && estimate > 0.0 {
                *scale = estimate;
            }
        }
    }
}

impl Metric for DiagonalMetric {
    const KEEPS_VELOCITY: bool = false;

    fn start(&self, point: &mut Point) {
        let pairs = point.momentum.iter_mut().zip(&self.scale);
        pairs.for_each(|(p, s)| *p /= s);
    }

    fn multiply(&self, gradient: &[f64], force: &mut [f64]) {
        let pairs = gradient.iter().zip(&self.scale);
        force
            .iter_mut()
            .zip(pairs)
            .for_each(|(f, (g, s))| *f = s * (s * g));
    }

    fn kick_and_drift(&self, from: &Point, to: &mut Point, step_size: f64) {
        kick_and_drift_diagonal(
            &self.scale,
            &from.gradient,
            (&from.momentum, &mut to.momentum),
            (&from.position, &mut to.position),
            step_size,
        );
    }

    fn kick(&self, point: &mut Point, step_size: f64) {
        point.kinetic_energy =
            kick_diagonal(&self.scale, &point.gradient, &mut point.momentum, step_size);
    }
}

record!(DiagonalMetric { scale });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_guess_survives_zeros_and_nonsense() {
        let metric =
            DiagonalMetric::from_gradient(&[4.0, 0.0, -0.25, f64::NAN, f64::INFINITY, 1e-300]);
        assert_eq!(metric.scale(), [0.5, 1.0, 2.0, 1.0, 1.0, 1.0]);
        assert_eq!(metric.inverse_mass_matrix()[0], 0.25);
    }

    #[test]
    fn unusable_estimates_leave_the_scale() {
        let mut metric = DiagonalMetric::new(vec![2.0; 5]);
        metric.update([3.0, 0.0, f64::NAN, f64::INFINITY, -1.0].into_iter());
        assert_eq!(metric.scale(), [3.0, 2.0, 2.0, 2.0, 2.0]);
    }

    #[test]
    fn kinetic_energy_shows_a_gradient_that_is_not_finite() {
        let metric = DiagonalMetric::new(vec![1.0; 3]);
        for bad in [f64::NAN, f64::INFINITY] {
            let mut point = Point {
                gradient: vec![0.0, bad, 0.0].into(),
                ..Point::new(3)
            };
            metric.kick(&mut point, 0.1);
            assert!(!point.kinetic_energy.is_finite());
        }
    }
}
