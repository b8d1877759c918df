//! The system that is integrated: its energy, and what counts as a divergence.

use rand::RngExt;
use rand_distr::StandardNormal;

use crate::integrator::leapfrog;
use crate::logdensity::{EvalError, LogDensity};
use crate::metric::Metric;
use crate::point::{Evaluation, Point};
use crate::rng::ChainRng;
use crate::vector::dot;

/// A log density with a metric: the system in which trajectories live.
#[derive(Debug)]
pub struct Hamiltonian<'a, M, L: ?Sized> {
    /// The metric.
    pub metric: &'a M,
    /// The log density.
    pub logdensity: &'a mut L,
    /// Energy error above which a leapfrog is a divergence. The test is one-sided: a trajectory may
    /// fall from a bad start as deep as it likes.
    pub max_energy_error: f64,
}

/// The result of a leapfrog that could be evaluated or not, short of a fatal error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leap {
    /// The new point is part of the trajectory; its energy error.
    Taken(f64),
    /// The trajectory ends here.
    Diverged(Divergence),
    /// The trajectory ends here, for a leaf with shortened steps could not be undone. This is no
    /// sign of trouble.
    Irreversible,
}

/// Where a trajectory went wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Divergence {
    /// Why.
    pub reason: DivergenceReason,
    /// The energy error there: above the limit, infinite, or NaN if it could not be computed.
    pub energy_error: f64,
}

/// Why a trajectory diverged; the texts are in [`DIVERGENCE_REASONS`](crate::DIVERGENCE_REASONS).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DivergenceReason {
    /// The energy error exceeded the limit.
    EnergyError = 1,
    /// The log density was NaN or infinite.
    NonFiniteLogDensity = 2,
    /// The gradient was NaN or infinite, or so large that the velocity overflowed.
    NonFiniteGradient = 3,
    /// The log density reported a recoverable error.
    Recoverable = 4,
}

impl<M: Metric, L: LogDensity + ?Sized> Hamiltonian<'_, M, L> {
    /// Makes `point` the start of a trajectory at `at`, with a fresh momentum.
    pub fn start(&self, at: &Evaluation, rng: &mut ChainRng, point: &mut Point) {
        point
            .momentum
            .iter_mut()
            .for_each(|z| *z = rng.sample(StandardNormal));
        self.place(at, point);
    }

    /// Makes `point` the start of a trajectory at `at`; its momentum is made of the standard
    /// normals that are written there.
    pub fn place(&self, at: &Evaluation, point: &mut Point) {
        point.position.copy_from_slice(&at.position);
        point.gradient.copy_from_slice(&at.gradient);
        point.logdensity = at.logdensity;
        point.index = 0;
        point.kinetic_energy = 0.5 * dot(&point.momentum, &point.momentum);
        self.metric.start(point);
    }

    /// Takes a leapfrog and judges it against the energy at the start of the trajectory.
    ///
    /// # Errors
    ///
    /// The reason of a fatal error of the log density.
    pub fn leap(
        &mut self,
        from: &Point,
        to: &mut Point,
        step_size: f64,
        start_energy: f64,
    ) -> Result<Leap, String> {
        let failure = self.try_leap(from, to, step_size)?;
        let energy_error = match failure {
            Some(DivergenceReason::Recoverable) => f64::NAN,
            _ => to.energy() - start_energy,
        };
        let too_large = energy_error > self.max_energy_error;
        let reason = failure.or(too_large.then_some(DivergenceReason::EnergyError));
        Ok(reason.map_or(Leap::Taken(energy_error), |reason| {
            Leap::Diverged(Divergence {
                reason,
                energy_error,
            })
        }))
    }

    /// Takes a leapfrog; why its end has no energy, if it has none.
    ///
    /// # Errors
    ///
    /// The reason of a fatal error of the log density.
    pub(crate) fn try_leap(
        &mut self,
        from: &Point,
        to: &mut Point,
        step_size: f64,
    ) -> Result<Option<DivergenceReason>, String> {
        match leapfrog(self.metric, self.logdensity, from, to, step_size) {
            Ok(()) if !to.logdensity.is_finite() => Ok(Some(DivergenceReason::NonFiniteLogDensity)),
            Ok(()) if !to.kinetic_energy.is_finite() => {
                Ok(Some(DivergenceReason::NonFiniteGradient))
            }
            Ok(()) => Ok(None),
            Err(EvalError::Recoverable(_)) => Ok(Some(DivergenceReason::Recoverable)),
            Err(EvalError::Fatal(reason)) => Err(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::DiagonalMetric;
    use crate::testing::{Cliff, Misbehaviour, StandardNormal};

    /// One leapfrog of a fast particle from the origin, judged against this energy.
    fn leap(how: Misbehaviour, limit: f64, start_energy: f64) -> Result<Leap, String> {
        let mut target = Cliff {
            inner: StandardNormal { dim: 1 },
            limit,
            how,
        };
        let metric = DiagonalMetric::new(vec![1.0]);
        let mut system = Hamiltonian {
            metric: &metric,
            logdensity: &mut target,
            max_energy_error: 1000.0,
        };
        let state = Evaluation {
            position: vec![0.0],
            gradient: vec![0.0],
            logdensity: 0.0,
        };
        let mut from = Point {
            momentum: vec![2.0].into(),
            ..Point::new(1)
        };
        system.place(&state, &mut from);
        assert_eq!(from.energy(), 2.0);
        system.leap(&from, &mut Point::new(1), 1.0, start_energy)
    }

    #[test]
    fn the_limit_is_one_sided() {
        let error_at = |start_energy| leap(Misbehaviour::NaN, 10.0, start_energy);
        assert_eq!(error_at(1e8), Ok(Leap::Taken(2.5 - 1e8)));
        assert_eq!(error_at(-997.0), Ok(Leap::Taken(999.5)));
        let reason = DivergenceReason::EnergyError;
        let divergence = Divergence {
            reason,
            energy_error: 1001.5,
        };
        assert_eq!(error_at(-999.0), Ok(Leap::Diverged(divergence)));
    }

    #[test]
    fn each_failure_has_its_reason() {
        let reason = |how| match leap(how, 1.0, 2.0) {
            Ok(Leap::Diverged(divergence)) => divergence.reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            reason(Misbehaviour::NaN),
            DivergenceReason::NonFiniteLogDensity
        );
        assert_eq!(
            reason(Misbehaviour::MinusInfinity),
            DivergenceReason::NonFiniteLogDensity
        );
        assert_eq!(
            reason(Misbehaviour::NaNGradient),
            DivergenceReason::NonFiniteGradient
        );
        assert_eq!(
            reason(Misbehaviour::Recoverable),
            DivergenceReason::Recoverable
        );
        assert_eq!(
            leap(Misbehaviour::Fatal, 1.0, 2.0),
            Err("the data are gone".to_owned())
        );
    }
}
