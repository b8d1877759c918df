//! One transition of the no-U-turn sampler.
//!
//! A trajectory grows by doubling, forwards or backwards at random, until it makes a U-turn
//! (Hoffman and Gelman 2014). The draw is multinomial within each new half and biased towards the
//! new half at the top (Betancourt 2017, appendix A.3). A half is built leaf by leaf on a stack of
//! subtrees of falling depth, like the carries of a binary counter, so nothing recurses.
//!
//! # References
//!
//! - Hoffman and Gelman, *The No-U-Turn Sampler*, JMLR 15, 2014.
//! - Betancourt, *A Conceptual Introduction to Hamiltonian Monte Carlo*, arXiv 1701.02434, 2017.

use std::sync::atomic::{AtomicBool, Ordering};

use rand::RngExt;

use crate::hamiltonian::{Divergence, Hamiltonian, Leap};
use crate::logdensity::LogDensity;
use crate::metric::Metric;
use crate::point::{Evaluation, Point, PointId, PointPool};
use crate::rng::ChainRng;
use crate::trajectory::{Direction, Odds, Subtree};

use local::Leaf;
pub use local::LocalSteps;

/// What is known about a transition besides where it ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransitionInfo {
    /// Energy at the draw.
    pub energy: f64,
    /// Energy at the draw minus the energy at the start.
    pub energy_error: f64,
    /// Energy error of largest size in the trajectory; if it diverged, the one where it did.
    pub max_energy_error: f64,
    /// Mean over the trajectory of `min(1, exp(-energy error))`, rejected parts included.
    pub acceptance_rate: f64,
    /// Mean over the trajectory of `2 min(1, e) / (1 + e)` with `e = exp(-energy error)`: it has
    /// the same expectation as the acceptance rate once the chain is stationary, and less noise.
    pub symmetric_acceptance_rate: f64,
    /// Doublings that were completed.
    pub tree_depth: usize,
    /// Leapfrogs, that is evaluations of the log density.
    pub n_steps: usize,
    /// Leapfrogs from the start to the draw, negative if backwards in time.
    pub index_in_trajectory: i64,
    /// Where the trajectory diverged, if it did.
    pub divergence: Option<Divergence>,
    /// Whether the trajectory was cut off at the largest depth.
    pub reached_max_treedepth: bool,
}

/// Why a transition was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// Someone asked for it.
    Interrupted,
    /// The log density reported a fatal error, for this reason.
    Fatal(String),
}

/// The memory in which transitions run. It carries nothing from one transition to the next.
#[derive(Debug, Clone)]
pub struct Nuts {
    pool: PointPool,
    stack: Vec<Subtree>,
    divergence_start: Vec<f64>,
}

/// How a trajectory is grown.
#[derive(Debug, Clone, Copy)]
pub struct Growth<'a> {
    /// Length of a leapfrog.
    pub step_size: f64,
    /// Largest number of doublings.
    pub max_treedepth: usize,
    /// Whether and how leapfrogs are shortened where the density is sharp.
    pub local_steps: Option<LocalSteps>,
    /// Looked at before each leapfrog; once true, the transition is given up.
    pub interrupt: &'a AtomicBool,
}

impl Growth<'_> {
    fn check(&self) -> Result<(), Halt> {
        if self.interrupt.load(Ordering::Relaxed) {
            return Err(Halt::Interrupted);
        }
        Ok(())
    }
}

/// The random choices of a transition; tests enumerate them.
pub(crate) trait Choices {
    /// Forward or backward, with equal probability.
    fn direction(&mut self) -> Direction;
    /// True with this probability.
    fn accept(&mut self, probability: f64) -> bool;
}

impl Choices for ChainRng {
    fn direction(&mut self) -> Direction {
        if self.random() {
            Direction::Forward
        } else {
            Direction::Backward
        }
    }

    fn accept(&mut self, probability: f64) -> bool {
        self.random::<f64>() < probability
    }
}

impl Nuts {
    /// Memory for transitions in `dim` dimensions with at most `max_treedepth` doublings.
    pub fn new(dim: usize, max_treedepth: usize) -> Self {
        // The trajectory and one subtree per depth below the last hold up to three points each;
        // one more is being integrated, and two more where steps are shortened.
        Self {
            pool: PointPool::new(dim, 3 * (max_treedepth + 1) + 3),
            stack: Vec::with_capacity(max_treedepth + 1),
            divergence_start: vec![f64::NAN; dim],
        }
    }

    /// Where the last leapfrog that diverged in a transition set out from; NaN before there was one.
    pub fn divergence_start(&self) -> &[f64] {
        &self.divergence_start
    }

    /// Replaces `state` by a draw from the transition kernel that starts there.
    ///
    /// # Errors
    ///
    /// [`Halt`]; `state` is then unchanged, `rng` is not.
    pub fn transition<M: Metric, L: LogDensity + ?Sized>(
        &mut self,
        system: &mut Hamiltonian<'_, M, L>,
        state: &mut Evaluation,
        growth: &Growth<'_>,
        rng: &mut ChainRng,
    ) -> Result<TransitionInfo, Halt> {
        self.pool.clear();
        self.pool.keep_velocity(M::KEEPS_VELOCITY);
        let start = self.pool.take();
        system.start(state, rng, self.pool.get_mut(start));
        let (draw, info) = self.grow(system, start, growth, rng)?;
        let draw = self.pool.get(draw);
        state.position.copy_from_slice(&draw.position);
        state.gradient.copy_from_slice(&draw.gradient);
        state.logdensity = draw.logdensity;
        Ok(info)
    }

    /// The energy error of a single leapfrog from `state` with a fresh velocity.
    ///
    /// # Errors
    ///
    /// [`Halt::Fatal`].
    pub fn try_leapfrog<M: Metric, L: LogDensity + ?Sized>(
        &mut self,
        system: &mut Hamiltonian<'_, M, L>,
        state: &Evaluation,
        step_size: f64,
        rng: &mut ChainRng,
    ) -> Result<Leap, Halt> {
        self.pool.clear();
        self.pool.keep_velocity(M::KEEPS_VELOCITY);
        let (from, to) = (self.pool.take(), self.pool.take());
        system.start(state, rng, self.pool.get_mut(from));
        let (from, to) = self.pool.get_pair(from, to);
        system
            .leap(from, to, step_size, from.energy())
            .map_err(Halt::Fatal)
    }

    /// Grows a trajectory from `start` and draws a point of it.
    fn grow<M: Metric, L: LogDensity + ?Sized>(
        &mut self,
        system: &mut Hamiltonian<'_, M, L>,
        start: PointId,
        growth: &Growth<'_>,
        choices: &mut impl Choices,
    ) -> Result<(PointId, TransitionInfo), Halt> {
        let start_energy = self.pool.get(start).energy();
        let mut leaves = Leaves::new(start_energy);
        let mut trajectory = Subtree::leaf(&mut self.pool, start, 0.0);
        let mut ended = false;
        while !ended && trajectory.depth < growth.max_treedepth {
            let direction = choices.direction();
            let subtree =
                self.build(system, &trajectory, direction, growth, &mut leaves, choices)?;
            let Some(subtree) = subtree else {
                ended = true;
                break;
            };
            ended = trajectory.is_turning(&subtree, direction, &self.pool);
            let biased = |odds: Odds| choices.accept(odds.ratio);
            trajectory = trajectory.merge(subtree, direction, &mut self.pool, biased);
        }
        let info = leaves.summary(self.pool.get(trajectory.proposal), trajectory.depth, !ended);
        Ok((trajectory.proposal, info))
    }

    /// Builds a subtree as deep as `trajectory` from its end in `direction`.
    ///
    /// None if the subtree turned or diverged: it is then discarded as a whole.
    fn build<M: Metric, L: LogDensity + ?Sized>(
        &mut self,
        system: &mut Hamiltonian<'_, M, L>,
        trajectory: &Subtree,
        direction: Direction,
        growth: &Growth<'_>,
        leaves: &mut Leaves,
        choices: &mut impl Choices,
    ) -> Result<Option<Subtree>, Halt> {
        let step_size = match direction {
            Direction::Forward => growth.step_size,
            Direction::Backward => -growth.step_size,
        };
        let mut from = trajectory.end(direction);
        self.stack.clear();
        for _ in 0..1_usize << trajectory.depth {
            growth.check()?;
            let to = self.pool.take();
            let leaf = self.leaf(system, (from, to), step_size, growth, leaves)?;
            let Some(energy_error) = leaf else {
                let from = &self.pool.get(from).position;
                self.divergence_start.copy_from_slice(from);
                return Ok(None);
            };
            let leaf = Subtree::leaf(&mut self.pool, to, energy_error);
            if !self.carry(leaf, direction, choices) {
                return Ok(None);
            }
            from = to;
        }
        Ok(self.stack.pop())
    }

    /// Takes a leaf; its energy error, or None if the trajectory ends there.
    fn leaf<M: Metric, L: LogDensity + ?Sized>(
        &mut self,
        system: &mut Hamiltonian<'_, M, L>,
        ends: (PointId, PointId),
        step_size: f64,
        growth: &Growth<'_>,
        leaves: &mut Leaves,
    ) -> Result<Option<f64>, Halt> {
        let start_energy = leaves.start_energy;
        if let Some(local) = growth.local_steps {
            let leaf = self.local_leap(system, ends, (step_size, start_energy), growth, local)?;
            return Ok(leaves.add_local(&leaf));
        }
        let (from, to) = self.pool.get_pair(ends.0, ends.1);
        let leap = system.leap(from, to, step_size, start_energy);
        Ok(leaves.add(leap.map_err(Halt::Fatal)?))
    }

    /// Puts a leaf on the stack, merging subtrees of equal depth; false if one of them turns.
    fn carry(&mut self, leaf: Subtree, direction: Direction, choices: &mut impl Choices) -> bool {
        let mut new = leaf;
        while let Some(old) = self.stack.pop_if(|old| old.depth == new.depth) {
            if old.is_turning(&new, direction, &self.pool) {
                return false;
            }
            let multinomial = |odds: Odds| choices.accept(odds.share);
            new = old.merge(new, direction, &mut self.pool, multinomial);
        }
        self.stack.push(new);
        true
    }
}

/// Running sums over the leaves of a trajectory.
#[derive(Debug)]
struct Leaves {
    start_energy: f64,
    n_steps: usize,
    /// How many of them the acceptance rates are means of.
    num_rated: usize,
    sum_acceptance: f64,
    sum_symmetric: f64,
    max_energy_error: f64,
    divergence: Option<Divergence>,
}

impl Leaves {
    fn new(start_energy: f64) -> Self {
        Self {
            start_energy,
            n_steps: 0,
            num_rated: 0,
            sum_acceptance: 0.0,
            sum_symmetric: 0.0,
            max_energy_error: 0.0,
            divergence: None,
        }
    }

    /// Counts a leapfrog; its energy error, or None if the trajectory ends there.
    fn add(&mut self, leap: Leap) -> Option<f64> {
        self.n_steps += 1;
        self.rate(match leap {
            Leap::Taken(energy_error) => energy_error,
            Leap::Diverged(_) | Leap::Irreversible => f64::NAN,
        });
        self.judge(leap)
    }

    /// Counts the leapfrogs of a leaf. The step size is right if most leaves do with one of them,
    /// so the rates are those of the first try, up and down alike.
    fn add_local(&mut self, leaf: &Leaf) -> Option<f64> {
        self.n_steps += leaf.num_gradients;
        self.rate(leaf.first_change.abs());
        self.judge(leaf.leap)
    }

    /// Adds to the acceptance rates; NaN counts as a refusal.
    fn rate(&mut self, energy_error: f64) {
        self.num_rated += 1;
        if energy_error.is_nan() {
            return;
        }
        // exp(-|error|) serves both rates, and cannot overflow.
        let ratio = (-energy_error.abs()).exp();
        self.sum_acceptance += if energy_error > 0.0 { ratio } else { 1.0 };
        self.sum_symmetric += 2.0 * ratio / (1.0 + ratio);
    }

    fn judge(&mut self, leap: Leap) -> Option<f64> {
        match leap {
            Leap::Taken(energy_error) => {
                if energy_error.abs() > self.max_energy_error.abs() {
                    self.max_energy_error = energy_error;
                }
                Some(energy_error)
            }
            Leap::Diverged(divergence) => {
                self.max_energy_error = divergence.energy_error;
                self.divergence = Some(divergence);
                None
            }
            Leap::Irreversible => None,
        }
    }

    fn summary(&self, draw: &Point, tree_depth: usize, cut_off: bool) -> TransitionInfo {
        let num_rated = self.num_rated as f64;
        TransitionInfo {
            energy: draw.energy(),
            energy_error: draw.energy() - self.start_energy,
            max_energy_error: self.max_energy_error,
            acceptance_rate: self.sum_acceptance / num_rated,
            symmetric_acceptance_rate: self.sum_symmetric / num_rated,
            tree_depth,
            n_steps: self.n_steps,
            index_in_trajectory: draw.index,
            divergence: self.divergence,
            reached_max_treedepth: cut_off,
        }
    }
}

#[cfg(test)]
mod detailed_balance;
mod local;
