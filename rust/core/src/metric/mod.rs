//! Metrics: the linear map to coordinates in which the posterior looks round.
//!
//! A metric with inverse mass matrix `S = A A'` is used through whitened coordinates `y`, where
//! `x = A y`. There the momentum is standard normal and equals the velocity `v`, the kinetic energy
//! is `v.v / 2`, and the gradient is `A'` times that with respect to `x`. Sampling a momentum,
//! the kinetic energy and the U-turn criterion are therefore the same for all metrics, and only the
//! map differs.

mod diagonal;

pub use diagonal::DiagonalMetric;

use crate::point::Point;
use crate::vector::{axpy, dot};

/// The linear map `A` of a metric.
///
/// The first four methods are required. The other two are the halves of a leapfrog around the
/// evaluation of the log density; override them where the passes over memory can be fused.
pub trait Metric {
    /// The length of a position.
    fn dim(&self) -> usize;

    /// Writes `x = A y`.
    fn to_position(&self, whitened: &[f64], position: &mut [f64]);

    /// Writes `y = A^-1 x`.
    fn to_whitened(&self, position: &[f64], whitened: &mut [f64]);

    /// Writes the gradient with respect to `y`: `A'` times the gradient with respect to `x`.
    fn whiten_gradient(&self, gradient: &[f64], whitened_gradient: &mut [f64]);

    /// The first half of a leapfrog: a half step of the velocity, a step of the position.
    ///
    /// Reads `whitened`, `velocity` and `whitened_gradient` of `from`; writes `velocity`, `whitened`
    /// and `position` of `to`.
    fn kick_and_drift(&self, from: &Point, to: &mut Point, step_size: f64) {
        to.velocity.copy_from_slice(&from.velocity);
        axpy(0.5 * step_size, &from.whitened_gradient, &mut to.velocity);
        to.whitened.copy_from_slice(&from.whitened);
        axpy(step_size, &to.velocity, &mut to.whitened);
        self.to_position(&to.whitened, &mut to.position);
    }

    /// The second half of a leapfrog: the other half step of the velocity.
    ///
    /// Reads `gradient`; writes `whitened_gradient`, `velocity` and `kinetic_energy`. The kinetic
    /// energy is not finite if any component of the gradient is not.
    fn kick(&self, point: &mut Point, step_size: f64) {
        self.whiten_gradient(&point.gradient, &mut point.whitened_gradient);
        axpy(
            0.5 * step_size,
            &point.whitened_gradient,
            &mut point.velocity,
        );
        point.kinetic_energy = 0.5 * dot(&point.velocity, &point.velocity);
    }
}
