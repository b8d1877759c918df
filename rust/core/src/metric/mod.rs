//! Metrics: inverse mass matrices `S = A A'`, which make the posterior look round.
//!
//! With momentum `p` and velocity `S p` the kinetic energy is `p.S p / 2`. Where `x = A y`, the
//! coordinates `y` are called whitened: there momenta `A' p` are standard normal. A metric that is
//! not diagonal carries the velocity along with the momentum, `S p` with `p`, so that a leapfrog
//! applies `S` once, to the gradient, instead of twice.

mod chain_metric;
mod dense;
mod diagonal;
mod low_rank;
mod whitening;

pub use chain_metric::{ChainMetric, MetricKind, MetricParts};
pub use dense::DenseMetric;
pub use diagonal::DiagonalMetric;
pub use low_rank::LowRankMetric;
pub use whitening::Whitening;

use crate::point::Point;
use crate::vector;

/// The inverse mass matrix of a system, as the integrator uses it.
///
/// All methods but the last two are required. Those are the halves of a leapfrog around the
/// evaluation of the log density; what is provided is for metrics that keep velocities.
pub trait Metric {
    /// Whether points carry velocity and force.
    const KEEPS_VELOCITY: bool;

    /// Turns the standard normals in `momentum` into a momentum, and computes the velocity and the
    /// force if they are kept.
    fn start(&self, point: &mut Point);

    /// Writes `S` times the gradient.
    fn multiply(&self, gradient: &[f64], force: &mut [f64]);

    /// The first half of a leapfrog: a half step of the momentum, a step of the position.
    ///
    /// Reads `from`; writes `momentum`, `position`, and `velocity` if it is kept, of `to`.
    fn kick_and_drift(&self, from: &Point, to: &mut Point, step_size: f64) {
        vector::kick_and_drift(
            &from.gradient,
            (&from.momentum, &mut to.momentum),
            &from.force,
            (&from.velocity, &mut to.velocity),
            (&from.position, &mut to.position),
            step_size,
        );
    }

    /// The second half of a leapfrog: the other half step of the momentum.
    ///
    /// Reads `gradient`; writes `momentum`, `kinetic_energy`, and `velocity` and `force` if they are
    /// kept. The kinetic energy is not finite if any component of the gradient is not.
    fn kick(&self, point: &mut Point, step_size: f64) {
        self.multiply(&point.gradient, &mut point.force);
        point.kinetic_energy = vector::kick(
            &point.gradient,
            &mut point.momentum,
            &point.force,
            &mut point.velocity,
            step_size,
        );
    }
}
