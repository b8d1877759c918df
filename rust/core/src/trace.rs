//! What is left of a chain when it has ended.

use std::time::Duration;

use crate::error::Error;
use crate::metric::ChainMetric;
use crate::storage::DrawTable;

/// How a chain ended.
#[derive(Debug, Clone, PartialEq)]
pub enum ChainOutcome {
    /// All draws were taken.
    Complete,
    /// The chain had not ended when this was looked at; the draws so far are here.
    Running,
    /// The run was cancelled; the draws taken before are here.
    Cancelled,
    /// The chain failed; the draws taken before are here.
    Failed(Error),
}

/// What one chain leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainTrace {
    /// Which chain.
    pub chain: usize,
    /// How it ended.
    pub outcome: ChainOutcome,
    /// The draws after warmup.
    pub draws: DrawTable,
    /// The warmup draws, if they were asked for.
    pub warmup: Option<DrawTable>,
    /// Warmup iterations finished, stored or not.
    pub num_tune: usize,
    /// Evaluations of the log density, those of start and step size search included.
    pub num_gradients: u64,
    /// Draws whose stored variables could not be computed (recoverably) and are NaN.
    pub num_failed_expansions: usize,
    /// Step size after warmup, or at the end; NaN if the chain did not start.
    pub step_size: f64,
    /// Diagonal of the inverse mass matrix at the end; empty if the chain did not start.
    pub inverse_mass_matrix: Vec<f64>,
    /// Where the chain is at the end; none if it did not start.
    pub position: Option<Vec<f64>>,
    /// The metric at the end; none if the chain did not start.
    pub metric: Option<ChainMetric>,
    /// Meetings of a pooled warmup at which the chain was left out, for it was far from the others.
    pub num_quarantines: usize,
    /// Times that a pooled warmup restarted the chain from a draw of another one.
    pub num_restarts: usize,
    /// Time from start to the end of warmup.
    pub tuning_time: Duration,
    /// Time from the end of warmup to the last draw.
    pub sampling_time: Duration,
}
