//! Which iterations of a warmup do what, as data from a pure function.

use crate::record::record;
use crate::settings::MetricSettings;

/// The plan of a warmup.
///
/// ```text
/// 0 .. early_end     short windows: the metric forgets the way in from the start quickly
/// .. final_start     longer and longer windows
/// .. num_tune        the metric is fixed, only the step size adapts
/// ```
///
/// At the end of each window the metric forgets all draws but those of that window. The last window
/// before `final_start` is never followed by one that would not fit: it is stretched.
///
/// # Examples
///
/// ```
/// use rufous_core::{MetricSettings, adapt::Schedule};
///
/// let schedule = Schedule::new(500, &MetricSettings::default());
/// assert_eq!(schedule.switches.last(), Some(&230));
/// assert_eq!(schedule.final_start, 425);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Number of warmup iterations.
    pub num_tune: usize,
    /// Iterations before which the metric forgets old draws, rising.
    pub switches: Vec<usize>,
    /// First iteration with a fixed metric.
    pub final_start: usize,
}

impl Schedule {
    /// Plans a warmup of `num_tune` iterations.
    pub fn new(num_tune: usize, settings: &MetricSettings) -> Self {
        let final_start = num_tune - portion(num_tune, settings.final_fraction);
        let early_end = portion(num_tune, settings.early_fraction).min(final_start);
        let mut switches: Vec<usize> = (1..=early_end / settings.early_window)
            .map(|i| i * settings.early_window)
            .collect();
        let mut start = switches.last().copied().unwrap_or(0);
        let mut window = settings.late_window as f64;
        while start as f64 + window * (1.0 + settings.window_growth) <= final_start as f64 {
            start += portion(1, window);
            switches.push(start);
            window *= settings.window_growth;
        }
        // A last window shorter than those before it would make the metric worse, not better.
        while switches
            .last()
            .is_some_and(|last| last + settings.early_window > final_start)
        {
            switches.pop();
        }
        Self {
            num_tune,
            switches,
            final_start,
        }
    }

    /// Whether the metric forgets old draws before this iteration.
    pub fn is_switch(&self, iteration: usize) -> bool {
        self.switches.binary_search(&iteration).is_ok()
    }

    /// Whether the metric is to be updated after this iteration.
    pub fn adapts_metric(&self, iteration: usize) -> bool {
        iteration < self.final_start
    }

    /// Whether no further window starts after this iteration.
    pub fn is_settling(&self, iteration: usize) -> bool {
        self.switches.last().is_none_or(|last| iteration >= *last)
    }
}

/// `total * fraction`, rounded.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "fractions are checked not to be negative, and counts are small"
)]
fn portion(total: usize, fraction: f64) -> usize {
    (total as f64 * fraction).round() as usize
}

record!(Schedule {
    num_tune,
    switches,
    final_start,
});

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_warmup() {
        let schedule = Schedule::new(500, &MetricSettings::default());
        let mut expected: Vec<usize> = (1..=15).map(|i| 10 * i).collect();
        expected.push(230);
        assert_eq!(schedule.switches, expected);
        assert!(schedule.is_switch(230) && !schedule.is_switch(231));
        assert!(schedule.adapts_metric(424) && !schedule.adapts_metric(425));
        assert!(!schedule.is_settling(229) && schedule.is_settling(230));
    }

    #[test]
    fn tiny_warmups_have_no_windows() {
        for num_tune in 0..12 {
            let schedule = Schedule::new(num_tune, &MetricSettings::default());
            assert_eq!(schedule.switches, [0; 0], "num_tune = {num_tune}");
            assert!(schedule.final_start <= num_tune);
        }
    }

    proptest! {
        #[test]
        fn windows_rise_and_end_before_the_final_phase(
            num_tune in 0_usize..5000,
            early_fraction in 0.0..0.6,
            final_fraction in 0.0..0.4,
            early_window in 1_usize..50,
            late_window in 1_usize..200,
            window_growth in 1.0..3.0,
        ) {
            let settings = MetricSettings {
                early_fraction, early_window, late_window, window_growth, final_fraction, ..MetricSettings::default()
            };
            let schedule = Schedule::new(num_tune, &settings);
            prop_assert!(schedule.switches.is_sorted_by(|a, b| a < b));
            prop_assert!(schedule.final_start <= num_tune);
            if let Some(last) = schedule.switches.last() {
                prop_assert!(last + early_window <= schedule.final_start);
            }
        }
    }
}
