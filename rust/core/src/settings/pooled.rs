//! Settings of the warmup that chains go through together.

use super::{at_least_one, check};
use crate::error::Result;

/// Settings of pooled warmup: when chains meet, and what they decide there.
///
/// The defaults were chosen by races on posteriors; they are here so that the races can be run
/// again, not because a user should have to think about them.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledSettings {
    /// Iterations at whose end chains meet and the metric is fitted, rising and at least 1, for
    /// four chains or more. Default 40, 70, 110, 160.
    pub epoch_ends: Vec<usize>,
    /// A metric is taken only if it reduces the divergence of the diagonal one, on draws left out,
    /// to this fraction, in (0, 1]. Default 0.9.
    pub worth: f64,
    /// Largest number of dimensions for which a dense metric is a candidate. Default 32.
    pub dense_dim: usize,
    /// Largest number of dimensions in which candidates are judged on every fold, and not on two
    /// at most. Default 32.
    pub thorough_dim: usize,
    /// Largest depth of trajectories before the first fit, and before the last one; at least 1.
    /// Default 7 and 8.
    pub early_depths: [usize; 2],
    /// Whether chains far from the mass are left out of the pool. Default true.
    pub quarantine: bool,
    /// Meetings in a row at which a chain is left out before it is restarted from a draw of
    /// another one, at least 1. Default 2.
    pub patience: usize,
    /// Climbs of each chain, from starts of their own, that look for places better than where all
    /// chains are; none without quarantine. Default 4.
    pub num_scouts: usize,
    /// Whether warmup ends before the last epoch when nothing changes any more. Default true.
    pub stops_early: bool,
    /// Whether epochs are added, up to the limit, while chains have not mixed. Default true.
    pub extends: bool,
}

impl Default for PooledSettings {
    fn default() -> Self {
        Self {
            epoch_ends: vec![40, 70, 110, 160],
            worth: 0.9,
            dense_dim: 32,
            thorough_dim: 32,
            early_depths: [7, 8],
            quarantine: true,
            patience: 2,
            num_scouts: 4,
            stops_early: true,
            extends: true,
        }
    }
}

impl PooledSettings {
    pub(super) fn validate(&self) -> Result<()> {
        check(
            self.epoch_ends.first().is_none_or(|first| *first > 0)
                && self.epoch_ends.is_sorted_by(|a, b| a < b),
            "pooled.epoch_ends",
            "positive and rising",
            format!("{:?}", self.epoch_ends),
            "the usual values are 40, 70, 110, 160",
        )?;
        check(
            self.worth > 0.0 && self.worth <= 1.0,
            "pooled.worth",
            "in (0, 1]",
            self.worth,
            "the usual value is 0.9",
        )?;
        for depth in self.early_depths {
            at_least_one("pooled.early_depths", depth, "the usual values are 7 and 8")?;
        }
        at_least_one("pooled.patience", self.patience, "the usual value is 2")
    }
}
