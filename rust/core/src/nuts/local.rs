//! Leaves that shorten the step where the density is sharp.
//!
//! A leaf goes from one point of a trajectory to the next by a single leapfrog, or, where the energy
//! changes too much by that, by 2, 4, 8... shorter ones of the same length in all. The way back must
//! choose the same number: a leaf from whose end a coarser way would do is not reversible, and ends
//! the trajectory. Leaves are then a reversible map that preserves volume, and trajectories of them
//! are weighed as usual.
//!
//! # References
//!
//! Bou-Rabee, Carpenter, Kleppe and Liu, *The within-orbit adaptive leapfrog no-U-turn sampler*,
//! arXiv 2506.18746.

use super::{Growth, Halt, Nuts};
use crate::hamiltonian::{Divergence, DivergenceReason, Hamiltonian, Leap};
use crate::integrator::leapfrog;
use crate::logdensity::{EvalError, LogDensity};
use crate::metric::Metric;
use crate::point::PointId;

/// How steps are shortened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalSteps {
    /// Largest change of the energy that a leaf may make.
    pub max_energy_change: f64,
    /// Halvings of the step at most.
    pub max_halvings: usize,
    /// Whether a leaf that is still too coarse then is taken all the same, if the energy does not
    /// rise beyond the limit of divergences. A bad start can so be left; right draws it does not
    /// make.
    pub is_lenient: bool,
}

/// A leaf, and what it took to find it.
pub(super) struct Leaf {
    pub(super) leap: Leap,
    /// Evaluations of the log density.
    pub(super) num_gradients: usize,
    /// Change of the energy by a single leapfrog.
    pub(super) first_change: f64,
}

impl LocalSteps {
    /// The settings of a sampler: a change of 1, and 8 halvings.
    pub fn new(is_lenient: bool) -> Self {
        Self {
            max_energy_change: 1.0,
            max_halvings: 8,
            is_lenient,
        }
    }
}

impl Nuts {
    /// Takes a leaf from one point to another.
    ///
    /// # Errors
    ///
    /// [`Halt`].
    pub(super) fn local_leap<M: Metric, L: LogDensity + ?Sized>(
        &mut self,
        system: &mut Hamiltonian<'_, M, L>,
        (from, to): (PointId, PointId),
        (step_size, start_energy): (f64, f64),
        growth: &Growth<'_>,
        local: LocalSteps,
    ) -> Result<Leaf, Halt> {
        let fits = |change: f64| change.abs() <= local.max_energy_change;
        let mut num_gradients = 0;
        let mut first_change = f64::NAN;
        let mut level = 0;
        loop {
            let (change, count) = self.refined(system, (from, to), (step_size, level), growth)?;
            num_gradients += count;
            if level == 0 {
                first_change = change;
            }
            if fits(change) || level == local.max_halvings {
                break;
            }
            level += 1;
        }
        let energy_error = self.pool.get(to).energy() - start_energy;
        let change = self.pool.get(to).energy() - self.pool.get(from).energy();
        let is_bearable = energy_error <= system.max_energy_error;
        let mut leaf = Leaf {
            leap: Leap::Taken(energy_error),
            num_gradients,
            first_change,
        };
        if !is_bearable || !(fits(change) || local.is_lenient) {
            let reason = DivergenceReason::EnergyError;
            leaf.leap = Leap::Diverged(Divergence {
                reason,
                energy_error,
            });
            return Ok(leaf);
        }
        let back = self.pool.take();
        for coarser in 0..level {
            let (change, count) =
                self.refined(system, (to, back), (-step_size, coarser), growth)?;
            leaf.num_gradients += count;
            if fits(change) && !local.is_lenient {
                leaf.leap = Leap::Irreversible;
                break;
            }
        }
        self.pool.release(back);
        let step = if step_size < 0.0 { -1 } else { 1 };
        self.pool.get_mut(to).index = self.pool.get(from).index + step;
        Ok(leaf)
    }

    /// Takes `2^level` leapfrogs, `step_size` long in all.
    ///
    /// Returns the change of the energy, NaN if one of them could not be evaluated, and how many
    /// were taken.
    fn refined<M: Metric, L: LogDensity + ?Sized>(
        &mut self,
        system: &mut Hamiltonian<'_, M, L>,
        (from, to): (PointId, PointId),
        (step_size, level): (f64, usize),
        growth: &Growth<'_>,
    ) -> Result<(f64, usize), Halt> {
        let count = 1_usize << level;
        let between = self.pool.take();
        let (mut source, mut taken, mut is_whole) = (from, 0, true);
        while is_whole && taken < count {
            growth.check()?;
            taken += 1;
            // Two points in turn, so that the last leapfrog ends where it should.
            let target = if (count - taken) % 2 == 0 {
                to
            } else {
                between
            };
            let (source_point, target_point) = self.pool.get_pair(source, target);
            let leap = leapfrog(
                system.metric,
                system.logdensity,
                source_point,
                target_point,
                step_size / count as f64,
            );
            is_whole = match leap {
                Ok(()) => target_point.energy().is_finite(),
                Err(EvalError::Recoverable(_)) => false,
                Err(EvalError::Fatal(reason)) => return Err(Halt::Fatal(reason)),
            };
            source = target;
        }
        self.pool.release(between);
        if !is_whole {
            self.pool.get_mut(to).logdensity = f64::NAN;
        }
        let change = self.pool.get(to).energy() - self.pool.get(from).energy();
        Ok((change, taken))
    }
}
