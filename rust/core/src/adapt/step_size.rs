//! Dual averaging of the step size.

use crate::record::record;
use crate::settings::StepSizeSettings;

/// Updates below which the average says too little to go above the step size found by the search.
const FEWEST_UPDATES: usize = 20;

/// Dual averaging: drives the mean acceptance rate to its target.
///
/// With `H` the mean shortfall of the acceptance rate and `t` the number of updates
/// (Hoffman and Gelman 2014, equation 6):
///
/// ```text
/// H        = (1 - 1/(t + t0)) H + (target - rate) / (t + t0)
/// log step = mu - sqrt(t)/gamma H                                mu = log(10 initial step)
/// log bar  = t^-kappa log step + (1 - t^-kappa) log bar
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DualAveraging {
    log_initial: f64,
    /// What the step size is drawn to while little is known.
    log_anchor: f64,
    log_step: f64,
    log_bar: f64,
    shortfall: f64,
    count: usize,
}

impl DualAveraging {
    /// Starts at this step size.
    pub fn new(step_size: f64) -> Self {
        Self::anchored(step_size, 10.0)
    }

    /// Starts at a step size that is likely to be about right.
    pub fn restarted(step_size: f64) -> Self {
        Self::anchored(step_size, 2.0)
    }

    fn anchored(step_size: f64, factor: f64) -> Self {
        let log_initial = step_size.ln();
        Self {
            log_initial,
            log_anchor: log_initial + factor.ln(),
            log_step: log_initial,
            log_bar: log_initial,
            shortfall: 0.0,
            count: 0,
        }
    }

    /// Learns the acceptance rate of a transition; NaN counts as 0.
    pub fn update(&mut self, acceptance_rate: f64, target: f64, settings: &StepSizeSettings) {
        let rate = if acceptance_rate.is_nan() {
            0.0
        } else {
            acceptance_rate.min(1.0)
        };
        self.count += 1;
        let count = self.count as f64;
        let weight = 1.0 / (count + settings.t0);
        self.shortfall = (1.0 - weight) * self.shortfall + weight * (target - rate);
        self.log_step = self.log_anchor - count.sqrt() / settings.gamma * self.shortfall;
        let forget = count.powf(-settings.kappa);
        self.log_bar = forget * self.log_step + (1.0 - forget) * self.log_bar;
    }

    /// The step size to try next.
    pub fn step_size(&self) -> f64 {
        self.log_step.exp()
    }

    /// The step size to settle on: the average, and after few updates no more than the start.
    pub fn step_size_bar(&self) -> f64 {
        if self.count < FEWEST_UPDATES {
            return self.log_bar.min(self.log_initial).exp();
        }
        self.log_bar.exp()
    }
}

record!(DualAveraging {
    log_initial,
    log_anchor,
    log_step,
    log_bar,
    shortfall,
    count,
});

#[cfg(test)]
mod tests {
    use super::*;

    fn run(initial: f64, updates: usize, rate: impl Fn(f64) -> f64) -> DualAveraging {
        let settings = StepSizeSettings::default();
        let mut averaging = DualAveraging::new(initial);
        for _ in 0..updates {
            let acceptance = rate(averaging.step_size());
            averaging.update(acceptance, 0.8, &settings);
        }
        averaging
    }

    #[test]
    fn finds_the_step_size_with_the_wanted_rate() {
        // The rate is 0.8 at 0.5.
        let averaging = run(0.1, 2000, |step| {
            (0.8 * 2.0 * (0.5 / step).min(1.0) - 0.8).max(0.0)
        });
        assert!((averaging.step_size_bar() / 0.5 - 1.0).abs() < 0.02);
    }

    #[test]
    fn first_update_follows_the_equation() {
        let averaging = run(0.5, 1, |_| 0.3);
        let shortfall = (0.8 - 0.3) / 11.0;
        assert!((averaging.step_size() - (5.0_f64.ln() - shortfall / 0.05).exp()).abs() < 1e-12);
    }

    #[test]
    fn few_updates_never_settle_above_the_start() {
        for updates in 0..FEWEST_UPDATES {
            let averaging = run(0.25, updates, |_| 1.0);
            assert!(averaging.step_size_bar() <= 0.25 + 1e-15);
        }
        assert!(run(0.25, FEWEST_UPDATES, |_| 1.0).step_size_bar() > 0.25);
    }

    #[test]
    fn a_rate_that_is_not_a_number_shortens_the_step() {
        assert_eq!(run(0.1, 5, |_| f64::NAN), run(0.1, 5, |_| 0.0));
    }
}
