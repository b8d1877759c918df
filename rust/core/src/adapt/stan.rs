//! Warmup of one chain by itself, in the manner of Stan: variances in doubling windows.
//!
//! # References
//!
//! Stan Development Team, *Stan Reference Manual*, chapter on HMC algorithm parameters.

use super::Observation;
use super::draws::Draws;
use super::step_size::DualAveraging;
use super::welford::RunningVariance;
use crate::linalg::{Matrix, cholesky};
use crate::metric::{ChainMetric, DenseMetric, DiagonalMetric, Whitening};
use crate::record::record;
use crate::settings::{MetricChoice, SampleSettings, StepRule};

/// The ends of the windows of a warmup; the step size alone adapts before the first begins and
/// after the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StanSchedule {
    /// Where the first window begins.
    pub start: usize,
    /// Iterations at whose end the metric is updated, rising.
    pub ends: Vec<usize>,
}

impl StanSchedule {
    /// Plans a warmup of `num_tune` iterations.
    ///
    /// # Examples
    ///
    /// ```
    /// let schedule = rufous_core::adapt::StanSchedule::new(1000);
    /// assert_eq!(schedule.start, 75);
    /// assert_eq!(schedule.ends, [100, 150, 250, 450, 950]);
    /// ```
    pub fn new(num_tune: usize) -> Self {
        let (start, mut window, last) = match num_tune {
            0..20 => (num_tune, 0, 0),
            20..150 => {
                let (start, last) = (num_tune * 15 / 100, num_tune / 10);
                (start, num_tune - start - last, last)
            }
            _ => (75, 25, 50),
        };
        let (mut ends, mut at) = (Vec::new(), start);
        while window > 0 && at < num_tune - last {
            at += window;
            window *= 2;
            // A window that the next one would not fit behind is stretched.
            if at + window > num_tune - last {
                at = num_tune - last;
            }
            ends.push(at);
        }
        Self { start, ends }
    }
}

/// What one chain has learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct StanAdaptation {
    pub(crate) schedule: StanSchedule,
    pub(crate) step_size: DualAveraging,
    pub(crate) wants_search: bool,
    pub(crate) variance: RunningVariance,
    /// The draws of this window, for the dense metric only.
    pub(crate) draws: Draws,
}

impl StanAdaptation {
    /// Before the first transition.
    pub fn new(dim: usize, settings: &SampleSettings) -> Self {
        Self {
            schedule: StanSchedule::new(settings.num_tune),
            step_size: DualAveraging::new(settings.step_size.initial),
            wants_search: settings.step_size.rule() == StepRule::Search,
            variance: RunningVariance::new(dim),
            draws: Draws::new(dim),
        }
    }

    /// The metric that warmup begins with.
    pub fn first_metric(dim: usize) -> DiagonalMetric {
        DiagonalMetric::new(vec![1.0; dim])
    }

    /// Learns from the transition of warmup iteration `iteration`, and updates `whitening`.
    pub fn update(
        &mut self,
        settings: &SampleSettings,
        iteration: usize,
        observation: &Observation<'_>,
        whitening: &mut Whitening,
    ) {
        let (rate, target) = (observation.acceptance_rate, settings.nuts.target_accept);
        self.step_size.update(rate, target, &settings.step_size);
        let is_last = |end: &&usize| **end > iteration;
        let Some(end) = self.schedule.ends.iter().find(is_last).copied() else {
            return;
        };
        if iteration < self.schedule.start || settings.metric.given.is_some() {
            return;
        }
        let is_dense = settings.metric.choice == MetricChoice::Dense;
        self.variance.add(observation.position);
        if is_dense {
            self.draws.push(observation.pair(), observation.logdensity);
        }
        if iteration + 1 < end {
            return;
        }
        if is_dense {
            update_dense(&self.draws, whitening);
            self.draws.keep_last(0);
        } else {
            update_diagonal(&self.variance, whitening);
        }
        self.variance.reset();
        self.wants_search = settings.step_size.rule() == StepRule::Search;
    }
}

/// The weight of the draws' own variance, and the variance of small size added to it.
fn shrinkage(count: f64) -> (f64, f64) {
    (count / (count + 5.0), 1e-3 * 5.0 / (count + 5.0))
}

fn update_diagonal(variance: &RunningVariance, whitening: &mut Whitening) {
    let count = variance.count() as f64;
    let (weight, added) = shrinkage(count);
    let squares = variance.squares().iter();
    let scale = squares.map(|square| (weight * square / (count - 1.0) + added).sqrt());
    whitening.update_diagonal(|metric, center| {
        metric.update(scale);
        center.copy_from_slice(variance.mean());
    });
}

fn update_dense(draws: &Draws, whitening: &mut Whitening) {
    let (dim, count) = (draws.dim(), draws.len() as f64);
    let (weight, added) = shrinkage(count);
    let mut mean = vec![0.0; dim];
    for pair in draws.iter() {
        let sums = mean.iter_mut().zip(pair.position);
        sums.for_each(|(sum, x)| *sum += x / count);
    }
    let covariance = |i: usize, j: usize| {
        let products = draws
            .iter()
            .map(|pair| (pair.position[i] - mean[i]) * (pair.position[j] - mean[j]));
        let own = weight * products.sum::<f64>() / (count - 1.0);
        if i == j { own + added } else { own }
    };
    let covariance = Matrix::from_fn(dim, dim, covariance);
    if let Some(factor) = cholesky(&covariance).filter(Matrix::is_finite) {
        let metric = ChainMetric::Dense(DenseMetric::new(dim, factor.into_data()));
        whitening.replace(metric, mean);
    }
}

record!(StanSchedule { start, ends });
record!(StanAdaptation {
    schedule,
    step_size,
    wants_search,
    variance,
    draws,
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_as_in_the_manual() {
        assert_eq!(StanSchedule::new(19).ends, [0; 0]);
        let short = StanSchedule::new(100);
        assert_eq!((short.start, &short.ends[..]), (15, &[90][..]));
        assert_eq!(StanSchedule::new(150).ends, [100]);
        assert_eq!(StanSchedule::new(500).ends, [100, 150, 250, 450]);
    }

    #[test]
    fn the_variance_is_shrunk_and_the_search_repeated() {
        let settings = SampleSettings {
            num_tune: 20,
            ..SampleSettings::default()
        };
        let mut adaptation = StanAdaptation::new(1, &settings);
        assert_eq!(adaptation.schedule.ends, [18]);
        adaptation.wants_search = false;
        let metric = ChainMetric::Diagonal(DiagonalMetric::new(vec![9.0]));
        let mut whitening = Whitening::new(metric);
        for iteration in 0..20 {
            let x = if iteration % 2 == 0 { 3.0 } else { -3.0 };
            let draw = Observation {
                position: &[x],
                gradient: &[-x],
                ..Observation::of(1, false)
            };
            adaptation.update(&settings, iteration, &draw, &mut whitening);
            assert_eq!(adaptation.wants_search, iteration >= 17);
        }
        let count = 15.0_f64;
        let mean = 3.0 / count;
        let variance = (9.0 * count - count * mean * mean) / (count - 1.0);
        let expected = (count * variance + 5e-3) / (count + 5.0);
        let found = whitening.metric().inverse_mass_matrix_diagonal()[0];
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}
