//! Adaptation during warmup: metric and step size of one chain.
//!
//! Nothing here knows of transitions. The chain hands over numbers and slices, and gets back what
//! to change.

mod diagonal;
mod initial_step_size;
mod schedule;
mod step_size;
mod welford;

pub use diagonal::DiagonalAdaptation;
pub use initial_step_size::search as search_step_size;
pub use schedule::Schedule;
pub use step_size::DualAveraging;
pub use welford::RunningVariance;

use crate::metric::DiagonalMetric;
use crate::settings::{SampleSettings, StepSizeSettings};

/// What adaptation needs to know of a transition.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// The draw.
    pub position: &'a [f64],
    /// The gradient of the log density there.
    pub gradient: &'a [f64],
    /// Leapfrogs from the previous draw to this one.
    pub index_in_trajectory: i64,
    /// Whether the trajectory diverged.
    pub diverging: bool,
    /// Mean acceptance probability of the trajectory.
    pub acceptance_rate: f64,
    /// The same in its symmetric form, less noisy and unbiased once the chain is stationary.
    pub symmetric_acceptance_rate: f64,
}

/// What a chain has learnt in its warmup.
#[derive(Debug, Clone, PartialEq)]
pub struct Adaptation {
    /// The step size.
    pub step_size: DualAveraging,
    /// Whether the step size has to be searched before the next transition: at the start, and when
    /// the metric has been estimated for the first time.
    pub wants_search: bool,
    diagonal: DiagonalAdaptation,
    has_estimate: bool,
}

impl Adaptation {
    /// Before the first transition.
    pub fn new(dim: usize, settings: &StepSizeSettings) -> Self {
        Self {
            step_size: DualAveraging::new(settings.initial),
            wants_search: settings.search,
            diagonal: DiagonalAdaptation::new(dim),
            has_estimate: false,
        }
    }

    /// Learns from the transition of warmup iteration `iteration`, and updates `metric`.
    pub fn update(
        &mut self,
        schedule: &Schedule,
        settings: &SampleSettings,
        iteration: usize,
        observation: &Observation<'_>,
        metric: &mut DiagonalMetric,
    ) {
        let rate = if schedule.is_settling(iteration) {
            observation.symmetric_acceptance_rate
        } else {
            observation.acceptance_rate
        };
        self.step_size
            .update(rate, settings.nuts.target_accept, &settings.step_size);
        if !schedule.adapts_metric(iteration) {
            return;
        }
        if schedule.is_switch(iteration) {
            self.diagonal.switch();
        }
        if observation.is_good() {
            self.diagonal
                .add(observation.position, observation.gradient);
        }
        if self.diagonal.update_metric(metric) && !self.has_estimate {
            self.has_estimate = true;
            self.wants_search = settings.step_size.search;
        }
    }

    /// Forgets what was learnt about the step size and starts from one that was searched for.
    pub fn restart_step_size(&mut self, step_size: f64) {
        self.step_size = DualAveraging::new(step_size);
        self.wants_search = false;
    }
}

impl Observation<'_> {
    /// Whether the draw may enter the metric: it moved, and if the trajectory diverged, it moved
    /// well away from where it started.
    fn is_good(&self) -> bool {
        let distance = self.index_in_trajectory.abs();
        if self.diverging {
            distance > 4
        } else {
            distance > 0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(index_in_trajectory: i64, diverging: bool) -> Observation<'static> {
        Observation {
            position: &[0.0],
            gradient: &[0.0],
            index_in_trajectory,
            diverging,
            acceptance_rate: 0.8,
            symmetric_acceptance_rate: 0.8,
        }
    }

    #[test]
    fn draws_that_did_not_move_are_left_out() {
        assert!(!observation(0, false).is_good());
        assert!(observation(-1, false).is_good());
        assert!(!observation(4, true).is_good());
        assert!(observation(-5, true).is_good());
    }

    #[test]
    fn the_step_size_is_searched_at_the_start_and_after_the_first_estimate() {
        let settings = SampleSettings::default();
        let schedule = Schedule::new(500, &settings.metric);
        let mut adaptation = Adaptation::new(1, &settings.step_size);
        let mut metric = DiagonalMetric::new(vec![1.0]);
        let mut searches = Vec::new();
        for iteration in 0..500 {
            if adaptation.wants_search {
                searches.push(iteration);
                adaptation.restart_step_size(0.1);
            }
            let x = iteration as f64;
            let draw = Observation {
                position: &[x],
                gradient: &[-x],
                ..observation(1, false)
            };
            adaptation.update(&schedule, &settings, iteration, &draw, &mut metric);
        }
        assert_eq!(searches, [0, 3]);
    }

    #[test]
    fn the_symmetric_rate_counts_once_the_last_window_has_begun() {
        let settings = SampleSettings::default();
        let schedule = Schedule::new(500, &settings.metric);
        for (iteration, expected) in [(229, 0.9), (230, 0.3), (499, 0.3)] {
            let mut adaptation = Adaptation::new(1, &settings.step_size);
            let mut metric = DiagonalMetric::new(vec![1.0]);
            let draw = Observation {
                acceptance_rate: 0.9,
                symmetric_acceptance_rate: 0.3,
                ..observation(1, false)
            };
            adaptation.update(&schedule, &settings, iteration, &draw, &mut metric);
            let mut alone = DualAveraging::new(settings.step_size.initial);
            alone.update(expected, 0.8, &settings.step_size);
            assert_eq!(adaptation.step_size, alone);
        }
    }
}
