//! The leapfrog integrator.

use crate::logdensity::{EvalError, LogDensity};
use crate::metric::Metric;
use crate::point::Point;

/// Takes one leapfrog from `from`, of length `|step_size|`, and writes where it ends to `to`.
///
/// With momentum `p`, inverse mass matrix `S` and gradient `g`:
/// `p += step/2 g; x += step S p; p += step/2 g`.
/// The memory of a point is passed over twice, before and after the one evaluation. A negative
/// `step_size` goes backwards in time.
///
/// # Errors
///
/// Those of the log density; `to` is then half written. NaN and infinities are not errors here:
/// they show in the log density and in the kinetic energy of `to`.
pub fn leapfrog<M: Metric, L: LogDensity + ?Sized>(
    metric: &M,
    logdensity: &mut L,
    from: &Point,
    to: &mut Point,
    step_size: f64,
) -> Result<(), EvalError> {
    to.index = from.index + if step_size < 0.0 { -1 } else { 1 };
    metric.kick_and_drift(from, to, step_size);
    to.logdensity = logdensity.evaluate(&to.position, &mut to.gradient)?;
    metric.kick(to, step_size);
    Ok(())
}
