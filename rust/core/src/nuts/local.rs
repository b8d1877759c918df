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
use crate::logdensity::LogDensity;
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

/// Leapfrogs of one length from one point to another.
#[derive(Clone, Copy)]
struct Attempt {
    /// Change of the energy; NaN if the other end has none.
    change: f64,
    /// Why it has none.
    failure: Option<DivergenceReason>,
    num_gradients: usize,
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
        let fits = |attempt: &Attempt| attempt.change.abs() <= local.max_energy_change;
        let mut level = 0;
        let mut attempt = self.attempt(system, (from, to), (step_size, level), growth)?;
        let mut leaf = Leaf {
            leap: Leap::Irreversible,
            num_gradients: attempt.num_gradients,
            first_change: attempt.change,
        };
        while !fits(&attempt) && level < local.max_halvings {
            level += 1;
            attempt = self.attempt(system, (from, to), (step_size, level), growth)?;
            leaf.num_gradients += attempt.num_gradients;
        }
        let energy_error = self.pool.get(to).energy() - start_energy;
        let is_bearable = energy_error <= system.max_energy_error;
        if !is_bearable || !(fits(&attempt) || local.is_lenient) {
            leaf.leap = Leap::Diverged(Divergence {
                reason: attempt.failure.unwrap_or(DivergenceReason::EnergyError),
                energy_error,
            });
            return Ok(leaf);
        }
        let coarser = if local.is_lenient { 0..0 } else { 0..level };
        let back = self.pool.take();
        for level in coarser {
            let attempt = self.attempt(system, (to, back), (-step_size, level), growth)?;
            leaf.num_gradients += attempt.num_gradients;
            if fits(&attempt) {
                self.pool.release(back);
                return Ok(leaf);
            }
        }
        self.pool.release(back);
        let step = if step_size < 0.0 { -1 } else { 1 };
        self.pool.get_mut(to).index = self.pool.get(from).index + step;
        leaf.leap = Leap::Taken(energy_error);
        Ok(leaf)
    }

    /// Takes `2^level` leapfrogs, `step_size` long in all, or as many as can be evaluated.
    fn attempt<M: Metric, L: LogDensity + ?Sized>(
        &mut self,
        system: &mut Hamiltonian<'_, M, L>,
        (from, to): (PointId, PointId),
        (step_size, level): (f64, usize),
        growth: &Growth<'_>,
    ) -> Result<Attempt, Halt> {
        let count = 1_usize << level;
        let between = self.pool.take();
        let (mut source, mut num_gradients, mut failure) = (from, 0, None);
        while failure.is_none() && num_gradients < count {
            growth.check()?;
            num_gradients += 1;
            // Two points in turn, so that the last leapfrog ends where it should.
            let is_even = (count - num_gradients).is_multiple_of(2);
            let target = if is_even { to } else { between };
            let (source_point, target_point) = self.pool.get_pair(source, target);
            failure = system
                .try_leap(source_point, target_point, step_size / count as f64)
                .map_err(Halt::Fatal)?;
            source = target;
        }
        self.pool.release(between);
        if failure.is_some() {
            self.pool.get_mut(to).logdensity = f64::NAN;
        }
        Ok(Attempt {
            change: self.pool.get(to).energy() - self.pool.get(from).energy(),
            failure,
            num_gradients,
        })
    }
}

#[cfg(test)]
pub(super) mod tests;
