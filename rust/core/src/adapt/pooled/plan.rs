//! Which iterations of a pooled warmup do what, as data from a pure function.

use crate::record::record;
use crate::settings::PooledSettings;

/// The plan of a pooled warmup, before the rules of stopping early and of extension.
///
/// ```text
/// 0 .. epoch_ends[0]                  each chain for itself: diagonal metric, step size
/// epoch_ends[i] .. epoch_ends[i + 1]  pooled metric, refitted at the end of each epoch
/// + settling                          fixed metric; all chains tune one step size together
/// ```
///
/// # Examples
///
/// ```
/// use rufous_core::{PooledSettings, adapt::PooledPlan};
///
/// let plan = PooledPlan::new(600, 4, &PooledSettings::default());
/// assert_eq!(plan.epoch_ends, [40, 70, 110, 160]);
/// assert_eq!(plan.num_tune(), 200);
/// assert_eq!(plan.cap, 600);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PooledPlan {
    /// Iterations after which chains meet and the metric is fitted.
    pub epoch_ends: Vec<usize>,
    /// Iterations after the last fit.
    pub settling: usize,
    /// Iterations that warmup must not exceed when it is extended.
    pub cap: usize,
}

/// Iterations after the last fit, of a plan that is not scaled.
const SETTLING: usize = 40;

/// Rounds in which the step size settles.
pub(super) const ROUNDS: usize = 3;

impl PooledPlan {
    /// Plans a warmup of at most `cap` iterations for this many chains.
    ///
    /// Fewer chains see fewer draws in the same time, and get longer epochs.
    pub fn new(cap: usize, num_chains: usize, settings: &PooledSettings) -> Self {
        let usual = settings.epoch_ends.last().unwrap_or(&0) + SETTLING;
        let budget = match num_chains {
            1 => 2 * usual,
            2 | 3 => usual + usual / 2,
            _ => usual,
        };
        let budget = budget.min(cap);
        let at = |end: &usize| (end * budget).div_ceil(usual);
        let mut epoch_ends: Vec<usize> = settings.epoch_ends.iter().map(at).collect();
        // Tiny warmups have fewer epochs.
        epoch_ends.dedup();
        epoch_ends.retain(|end| *end < budget);
        let settling = budget - epoch_ends.last().copied().unwrap_or(0);
        Self {
            epoch_ends,
            settling,
            cap,
        }
    }

    /// Iterations planned.
    pub fn num_tune(&self) -> usize {
        self.epoch_ends.last().copied().unwrap_or(0) + self.settling
    }

    /// The end of a further epoch after `iteration`, half as long again as the `last` one; None if
    /// the cap leaves no room for an epoch as long as that.
    pub fn extension(&self, iteration: usize, last: usize) -> Option<usize> {
        let longest = self.cap.checked_sub(iteration + self.settling)?;
        (longest >= last).then_some(iteration + longest.min(last + last / 2))
    }
}

/// The iterations at which settling rounds end, the last one at `start + settling`.
pub(super) fn round_end(start: usize, settling: usize, round: usize) -> usize {
    start + (settling * (round + 1)).div_ceil(ROUNDS)
}

record!(PooledPlan {
    epoch_ends,
    settling,
    cap
});

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(cap: usize, num_chains: usize) -> PooledPlan {
        PooledPlan::new(cap, num_chains, &PooledSettings::default())
    }

    #[test]
    fn few_chains_get_longer_epochs() {
        assert_eq!(plan(600, 1).num_tune(), 400);
        assert_eq!(plan(600, 3).epoch_ends, [60, 105, 165, 240]);
        assert_eq!(plan(600, 64).num_tune(), 200);
    }

    #[test]
    fn the_cap_holds_and_epochs_rise() {
        for cap in 0..700 {
            for num_chains in 1..6 {
                let plan = plan(cap, num_chains);
                assert!(plan.num_tune() <= cap);
                assert!(plan.epoch_ends.is_sorted_by(|a, b| a < b));
                assert!(cap < 5 || plan.settling > 0);
            }
        }
    }

    #[test]
    fn extensions_end_at_the_cap() {
        let plan = plan(300, 4);
        assert_eq!(plan.extension(160, 50), Some(235));
        assert_eq!(plan.extension(210, 50), Some(260));
        assert_eq!(plan.extension(211, 50), None);
        assert_eq!(plan.extension(400, 50), None);
    }

    #[test]
    fn rounds_share_the_settling() {
        let ends: Vec<usize> = (0..ROUNDS).map(|round| round_end(160, 40, round)).collect();
        assert_eq!(ends, [174, 187, 200]);
    }
}
