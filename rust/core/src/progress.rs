//! Snapshots of where each chain is.

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
    /// Iterations in all, warmup included.
    pub total_draws: usize,
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
