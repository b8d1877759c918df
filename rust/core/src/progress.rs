//! Snapshots of where each chain is.

use crate::chain::ChainState;
use crate::stats::DrawStats;

/// What a chain is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainPhase {
    /// No thread has come to it yet.
    Waiting,
    /// It looks for a starting point or adapts.
    Warmup,
    /// It takes draws.
    Sampling,
    /// It has all its draws.
    Finished,
    /// It stopped because the run was cancelled.
    Cancelled,
    /// It stopped because of an error.
    Failed,
}

/// Where one chain is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChainProgress {
    /// Which chain.
    pub chain: usize,
    /// What it is doing.
    pub phase: ChainPhase,
    /// Iterations finished, warmup included.
    pub finished_draws: usize,
    /// Iterations in all, warmup included; pooled warmup may change its mind about them.
    pub total_draws: usize,
    /// Draws after warmup.
    pub num_draws: usize,
    /// Divergent transitions after warmup.
    pub divergences: usize,
    /// Step size of the last transition; NaN before the first.
    pub step_size: f64,
    /// Doublings of the last transition.
    pub tree_depth: usize,
    /// Leapfrogs of the last transition.
    pub n_steps: usize,
    /// Evaluations of the log density so far.
    pub num_gradients: u64,
}

impl ChainProgress {
    /// Of a chain that no thread has come to.
    pub(crate) fn new(chain: usize, num_tune: usize, num_draws: usize) -> Self {
        Self {
            chain,
            phase: ChainPhase::Waiting,
            finished_draws: 0,
            total_draws: num_tune.saturating_add(num_draws),
            num_draws,
            divergences: 0,
            step_size: f64::NAN,
            tree_depth: 0,
            n_steps: 0,
            num_gradients: 0,
        }
    }

    /// A thread has come to the chain.
    pub(crate) fn begin(&mut self) {
        if self.phase == ChainPhase::Waiting {
            self.phase = ChainPhase::Warmup;
        }
    }

    /// The chain goes on from here, or has ended here.
    pub(crate) fn go_on(&mut self, state: &ChainState, has_ended: bool) {
        self.finished_draws = state.iteration;
        self.total_draws = state.num_tune.saturating_add(self.num_draws);
        self.num_gradients = state.num_gradients;
        self.phase = if has_ended {
            ChainPhase::Finished
        } else if state.iteration < state.num_tune {
            ChainPhase::Warmup
        } else {
            ChainPhase::Sampling
        };
    }

    /// Counts a transition.
    pub(crate) fn update(&mut self, state: &ChainState, stats: &DrawStats) {
        self.phase = if stats.tuning {
            ChainPhase::Warmup
        } else {
            ChainPhase::Sampling
        };
        self.finished_draws = state.iteration;
        self.total_draws = state.num_tune.saturating_add(self.num_draws);
        self.divergences += usize::from(stats.diverging && !stats.tuning);
        self.step_size = stats.step_size;
        self.tree_depth = usize::try_from(stats.tree_depth).unwrap_or(0);
        self.n_steps = usize::try_from(stats.n_steps).unwrap_or(0);
        self.num_gradients = state.num_gradients;
    }
}
