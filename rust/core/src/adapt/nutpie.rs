//! Warmup of one chain by itself, in the manner of nutpie: Fisher metric in moving windows.

use super::Observation;
use super::diagonal::DiagonalAdaptation;
use super::draws::{Draws, Pair};
use super::fisher::DiagonalFit;
use super::schedule::Schedule;
use super::step_size::DualAveraging;
use crate::metric::{ChainMetric, Whitening};
use crate::record::record;
use crate::settings::{MetricChoice, SampleSettings, StepRule};

/// Draws between two fits of a metric that is not diagonal.
const UPDATE_EVERY: usize = 20;

/// Variances between this and its inverse, in units of the diagonal, count as 1.
const CUTOFF: f64 = 2.0;

/// What one chain has learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct NutpieAdaptation {
    pub(crate) schedule: Schedule,
    pub(crate) step_size: DualAveraging,
    pub(crate) wants_search: bool,
    pub(crate) diagonal: DiagonalAdaptation,
    pub(crate) has_estimate: bool,
    /// Draws of the previous window and of this one, for metrics that are not diagonal.
    pub(crate) draws: Draws,
    /// How many of them are of the previous window.
    pub(crate) num_before: usize,
}

impl NutpieAdaptation {
    /// Before the first transition.
    pub fn new(dim: usize, settings: &SampleSettings) -> Self {
        Self {
            schedule: Schedule::new(settings.num_tune, &settings.metric),
            step_size: DualAveraging::new(settings.step_size.initial),
            wants_search: settings.step_size.rule() == StepRule::Search,
            diagonal: DiagonalAdaptation::new(dim),
            has_estimate: false,
            draws: Draws::new(dim),
            num_before: 0,
        }
    }

    /// Learns from the transition of warmup iteration `iteration`, and updates `whitening`.
    pub fn update(
        &mut self,
        settings: &SampleSettings,
        iteration: usize,
        observation: &Observation<'_>,
        whitening: &mut Whitening,
    ) {
        let rate = if self.schedule.is_settling(iteration) {
            observation.symmetric_acceptance_rate
        } else {
            observation.acceptance_rate
        };
        self.step_size
            .update(rate, settings.nuts.target_accept, &settings.step_size);
        if settings.metric.given.is_some() || !self.schedule.adapts_metric(iteration) {
            return;
        }
        if self.schedule.is_switch(iteration) {
            self.switch();
        }
        let is_diagonal = settings.metric.choice.is_diagonal_alone();
        if observation.is_good() {
            let Pair { position, gradient } = observation.pair();
            self.diagonal.add(position, gradient);
            if !is_diagonal {
                self.draws.push(observation.pair(), observation.logdensity);
            }
        }
        let was_updated = match whitening.metric() {
            ChainMetric::Diagonal(_) => self.diagonal.update_metric(whitening),
            _ => true,
        };
        if !is_diagonal && (iteration + 1).is_multiple_of(UPDATE_EVERY) {
            self.fit(settings.metric.choice, whitening);
        }
        if was_updated && !self.has_estimate {
            self.has_estimate = true;
            self.wants_search = settings.step_size.rule() == StepRule::Search;
        }
    }

    fn switch(&mut self) {
        self.diagonal.switch();
        self.draws.keep_last(self.draws.len() - self.num_before);
        self.num_before = self.draws.len();
    }

    /// Fits a metric that is not diagonal; leaves the one there is if nothing usable comes of it.
    fn fit(&self, choice: MetricChoice, whitening: &mut Whitening) {
        let pairs: Vec<Pair<'_>> = self.draws.iter().collect();
        let fallback = whitening.metric().inverse_mass_matrix_diagonal();
        let fallback: Vec<f64> = fallback.into_iter().map(f64::sqrt).collect();
        let Some(fit) = DiagonalFit::new(&pairs, &fallback) else {
            return;
        };
        let fitted = fit.spectrum(&pairs).and_then(|spectrum| match choice {
            MetricChoice::Dense => spectrum.dense(&fit),
            _ => Some(spectrum.low_rank(&fit, CUTOFF)),
        });
        if let Some(fitted) = fitted {
            let center = fit.center(&fitted);
            whitening.replace(fitted, center);
        }
    }
}

record!(NutpieAdaptation {
    schedule,
    step_size,
    wants_search,
    diagonal,
    has_estimate,
    draws,
    num_before,
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::DiagonalMetric;

    fn adaptation() -> (NutpieAdaptation, SampleSettings, Whitening) {
        let settings = SampleSettings::default();
        let metric = ChainMetric::Diagonal(DiagonalMetric::new(vec![1.0]));
        let whitening = Whitening::new(metric);
        (NutpieAdaptation::new(1, &settings), settings, whitening)
    }

    #[test]
    fn the_step_size_is_searched_at_the_start_and_after_the_first_estimate() {
        let (mut adaptation, settings, mut whitening) = adaptation();
        let mut searches = Vec::new();
        for iteration in 0..500 {
            if adaptation.wants_search {
                searches.push(iteration);
                adaptation.wants_search = false;
            }
            let x = iteration as f64;
            let draw = Observation {
                position: &[x],
                gradient: &[-x],
                ..Observation::of(1, false)
            };
            adaptation.update(&settings, iteration, &draw, &mut whitening);
        }
        assert_eq!(searches, [0, 3]);
    }

    #[test]
    fn the_symmetric_rate_counts_once_the_last_window_has_begun() {
        let (fresh, settings, mut whitening) = adaptation();
        let settling = fresh.schedule.switches[fresh.schedule.switches.len() - 1];
        for (iteration, expected) in [(settling - 1, 0.9), (settling, 0.3), (499, 0.3)] {
            let mut adaptation = fresh.clone();
            let draw = Observation {
                acceptance_rate: 0.9,
                symmetric_acceptance_rate: 0.3,
                ..Observation::of(1, false)
            };
            adaptation.update(&settings, iteration, &draw, &mut whitening);
            let mut alone = DualAveraging::new(settings.step_size.initial);
            alone.update(expected, 0.8, &settings.step_size);
            assert_eq!(adaptation.step_size, alone);
        }
    }
}
