//! Where draws go.

use crate::error::Result;
use crate::stats::DrawStats;

/// One draw on its way to a sink.
#[derive(Debug, Clone, Copy)]
pub struct Draw<'a> {
    /// Number of the draw within its phase, from 0.
    pub index: usize,
    /// The unconstrained position.
    pub position: &'a [f64],
    /// The stored variables.
    pub values: &'a [f64],
    /// Where the leapfrog that diverged set out from, if the trajectory diverged.
    pub divergence_start: Option<&'a [f64]>,
    /// The statistics; `stats.tuning` says which phase the draw belongs to.
    pub stats: &'a DrawStats,
}

/// Takes the draws of one chain.
///
/// `record` is required. Draws come in order, those of warmup first, and only if they are to be
/// stored.
pub trait Sink {
    /// Takes a draw.
    ///
    /// # Errors
    ///
    /// Any error ends the chain with that error; the draw counts as not taken.
    fn record(&mut self, draw: &Draw<'_>) -> Result<()>;

    /// Is told that no more draws will come, however the chain ended.
    ///
    /// # Errors
    ///
    /// The chain then counts as failed with that error.
    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}
