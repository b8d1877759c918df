//! Settings of a run: plain structs with defaults and one check.

mod pooled;

pub use pooled::PooledSettings;

use std::sync::Arc;

use crate::adapt::Adaptation;
use crate::error::{Error, Result};
use crate::metric::ChainMetric;

/// Everything that decides the draws of a run, apart from the target and the starting positions.
///
/// # Examples
///
/// ```
/// use rufous_core::{NutsSettings, SampleSettings};
///
/// let settings = SampleSettings {
///     num_chains: 2,
///     nuts: NutsSettings { target_accept: 0.9, ..NutsSettings::default() },
///     ..SampleSettings::default()
/// };
/// assert!(settings.validate().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SampleSettings {
    /// Number of chains, at least 1. Default 4.
    pub num_chains: usize,
    /// Warmup iterations per chain; 0 keeps the initial metric and the searched step size.
    /// Pooled warmup takes this as a limit, and may end earlier. Default 500.
    pub num_tune: usize,
    /// Draws per chain after warmup, at least 1. Default 1000.
    pub num_draws: usize,
    /// Threads that sample chains, at least 1; does not change any draw. Default 1.
    pub num_threads: usize,
    /// Seed of all chains. Default 0.
    pub seed: u64,
    /// Whether warmup draws are stored. Default false: they then cost no memory.
    pub store_warmup: bool,
    /// Whether the unconstrained position of each draw is stored. Default false.
    pub store_unconstrained: bool,
    /// Whether the position is stored from which each diverging leapfrog set out. Default false.
    pub store_divergences: bool,
    /// How metric and step size are learnt. Default: by each chain, in the manner of nutpie.
    pub adaptation: AdaptationKind,
    /// The transition kernel.
    pub nuts: NutsSettings,
    /// Search and adaptation of the step size.
    pub step_size: StepSizeSettings,
    /// Adaptation of the metric.
    pub metric: MetricSettings,
    /// Warmup that chains go through together.
    pub pooled: PooledSettings,
    /// Starting positions.
    pub init: InitSettings,
}

/// How starting positions are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitKind {
    /// By moving the given position at random.
    Jitter,
    /// By a climb from there, with [`pathfinder`](crate::init::pathfinder).
    Pathfinder,
}

/// How metric and step size are learnt in warmup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdaptationKind {
    /// By all chains together.
    Pooled,
    /// By each chain for itself, in the manner of nutpie.
    Nutpie,
    /// By each chain for itself, in the manner of Stan.
    Stan,
}

/// Which metric to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricChoice {
    /// Pooled warmup chooses by draws left out; the others take the diagonal one.
    Auto,
    /// Independent coordinates.
    Diagonal,
    /// Diagonal, but for a few directions.
    LowRank,
    /// A full matrix.
    Dense,
}

/// What is done about the step size; see [`StepSizeSettings::rule`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StepRule {
    /// Search, then adapt.
    Search,
    /// Adapt.
    Adapt,
    /// Keep.
    Fixed(f64),
}

/// Settings of one NUTS transition.
#[derive(Debug, Clone, PartialEq)]
pub struct NutsSettings {
    /// Mean acceptance rate that step size adaptation aims at, in (0, 1). Default 0.8.
    pub target_accept: f64,
    /// Largest number of doublings, 1 to 20. Default 10.
    pub max_treedepth: usize,
    /// Energy error above which a trajectory counts as divergent, > 0. Default 1000.
    pub max_energy_error: f64,
    /// Each transition multiplies the step size by a factor from U(1 - jitter, 1 + jitter);
    /// in [0, 1). Default 0.1.
    pub step_size_jitter: f64,
    /// Whether leapfrogs are shortened where the density is sharp; see
    /// [`LocalSteps`](crate::nuts::LocalSteps). Default false.
    pub local_steps: bool,
}

/// Settings of the step size search and of dual averaging (Hoffman and Gelman 2014, section 3.2).
#[derive(Debug, Clone, PartialEq)]
pub struct StepSizeSettings {
    /// Where the search starts, > 0. Default 0.1.
    pub initial: f64,
    /// Whether to search by doubling and halving before the first draw; without it, `initial` is
    /// used as it is. Default true.
    pub search: bool,
    /// A step size that is neither searched nor adapted, > 0. Default none.
    pub fixed: Option<f64>,
    /// Shrinkage towards the start value, > 0. Default 0.05.
    pub gamma: f64,
    /// Iterations by which early updates are damped, >= 0. Default 10.
    pub t0: f64,
    /// Exponent with which old iterations are forgotten, in (0.5, 1]. Default 0.75.
    pub kappa: f64,
}

/// Settings of the adaptation windows of the metric.
///
/// Fractions are of `num_tune`; see [`Schedule`](crate::adapt::Schedule).
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSettings {
    /// Which metric to use. Default: automatic.
    pub choice: MetricChoice,
    /// A metric that is used as it is, and not adapted. Default none.
    pub given: Option<Arc<ChainMetric>>,
    /// What an evaluation of the log density and the rest of a leapfrog are taken to cost, in
    /// nanoseconds, > 0: a metric that is not diagonal must save more than it costs. Default none:
    /// 1000 and 10 for each dimension.
    pub assumed_gradient_cost: Option<f64>,
    /// Fraction of the warmup with short windows, in [0, 1]. Default 0.3.
    pub early_fraction: f64,
    /// Length of the short windows, at least 1. Default 10.
    pub early_window: usize,
    /// Length of the first later window, at least 1. Default 80.
    pub late_window: usize,
    /// Factor from one later window to the next, >= 1. Default 1.5.
    pub window_growth: f64,
    /// Fraction of the warmup at its end in which only the step size adapts, in [0, 1];
    /// at most 1 together with `early_fraction`. Default 0.15.
    pub final_fraction: f64,
}

/// Settings of the starting positions.
#[derive(Debug, Clone, PartialEq)]
pub struct InitSettings {
    /// How starts are made from the given positions. Default: jitter.
    pub kind: InitKind,
    /// Each coordinate of the given position is moved by U(-jitter, jitter); >= 0. Default 1.
    pub jitter: f64,
    /// Positions to try before giving up, at least 1. Default 100.
    pub max_tries: usize,
}

impl Default for SampleSettings {
    fn default() -> Self {
        Self {
            num_chains: 4,
            num_tune: 500,
            num_draws: 1000,
            num_threads: 1,
            seed: 0,
            store_warmup: false,
            store_unconstrained: false,
            store_divergences: false,
            adaptation: AdaptationKind::Nutpie,
            nuts: NutsSettings::default(),
            step_size: StepSizeSettings::default(),
            metric: MetricSettings::default(),
            pooled: PooledSettings::default(),
            init: InitSettings::default(),
        }
    }
}

impl Default for NutsSettings {
    fn default() -> Self {
        Self {
            target_accept: 0.8,
            max_treedepth: 10,
            max_energy_error: 1000.0,
            step_size_jitter: 0.1,
            local_steps: false,
        }
    }
}

impl Default for StepSizeSettings {
    fn default() -> Self {
        Self {
            initial: 0.1,
            search: true,
            fixed: None,
            gamma: 0.05,
            t0: 10.0,
            kappa: 0.75,
        }
    }
}

impl Default for MetricSettings {
    fn default() -> Self {
        Self {
            choice: MetricChoice::Auto,
            given: None,
            assumed_gradient_cost: None,
            early_fraction: 0.3,
            early_window: 10,
            late_window: 80,
            window_growth: 1.5,
            final_fraction: 0.15,
        }
    }
}

impl Default for InitSettings {
    fn default() -> Self {
        Self {
            kind: InitKind::Jitter,
            jitter: 1.0,
            max_tries: 100,
        }
    }
}

impl SampleSettings {
    /// Checks every setting.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSettings`] for the first setting that is out of range.
    pub fn validate(&self) -> Result<()> {
        at_least_one("num_chains", self.num_chains, "typical values are 4 to 8")?;
        at_least_one(
            "num_draws",
            self.num_draws,
            "typical values are 500 to 4000",
        )?;
        at_least_one("num_threads", self.num_threads, "use the number of cores")?;
        self.nuts.validate()?;
        self.step_size.validate()?;
        self.metric.validate()?;
        self.pooled.validate()?;
        check(
            self.adaptation != AdaptationKind::Stan || self.metric.choice != MetricChoice::LowRank,
            "metric",
            "diagonal or dense with the adaptation of Stan",
            "low_rank",
            "use pooled adaptation for a low-rank metric",
        )?;
        self.init.validate()
    }
}

impl SampleSettings {
    /// Warmup iterations as planned before the first one.
    pub fn planned_tune(&self) -> usize {
        Adaptation::new(0, self).num_tune(self)
    }
}

impl NutsSettings {
    fn validate(&self) -> Result<()> {
        check(
            self.target_accept > 0.0 && self.target_accept < 1.0,
            "target_accept",
            "in (0, 1)",
            self.target_accept,
            "typical values are 0.8 to 0.99",
        )?;
        check(
            (1..=20).contains(&self.max_treedepth),
            "max_treedepth",
            "in 1..=20",
            self.max_treedepth,
            "a trajectory has up to 2^max_treedepth leapfrogs; typical values are 8 to 12",
        )?;
        check(
            self.max_energy_error > 0.0,
            "max_energy_error",
            "positive",
            self.max_energy_error,
            "the usual value is 1000",
        )?;
        check(
            (0.0..1.0).contains(&self.step_size_jitter),
            "step_size_jitter",
            "in [0, 1)",
            self.step_size_jitter,
            "typical values are 0 to 0.2",
        )
    }
}

impl MetricChoice {
    /// Whether chains that are by themselves take the diagonal metric.
    pub(crate) fn is_diagonal_alone(self) -> bool {
        matches!(self, Self::Auto | Self::Diagonal)
    }
}

impl MetricSettings {
    /// What a leapfrog with a diagonal metric is taken to cost, in nanoseconds.
    pub fn gradient_cost(&self, dim: usize) -> f64 {
        self.assumed_gradient_cost
            .unwrap_or(1000.0 + 10.0 * dim as f64)
    }
}

impl AdaptationKind {
    /// Warmup iterations for whoever does not want to decide.
    pub fn default_num_tune(self, metric: MetricChoice) -> usize {
        match self {
            Self::Pooled => 600,
            Self::Nutpie if metric.is_diagonal_alone() => 400,
            Self::Nutpie => 800,
            Self::Stan => 1000,
        }
    }
}

impl StepSizeSettings {
    /// What is done about the step size.
    pub fn rule(&self) -> StepRule {
        match (self.fixed, self.search) {
            (Some(step_size), _) => StepRule::Fixed(step_size),
            (None, true) => StepRule::Search,
            (None, false) => StepRule::Adapt,
        }
    }

    fn validate(&self) -> Result<()> {
        positive("step_size.initial", self.initial, "the usual value is 0.1")?;
        positive(
            "step_size.fixed",
            self.fixed.unwrap_or(1.0),
            "give the step size of an earlier run",
        )?;
        positive("step_size.gamma", self.gamma, "the usual value is 0.05")?;
        check(
            self.t0.is_finite() && self.t0 >= 0.0,
            "step_size.t0",
            "finite and not negative",
            self.t0,
            "the usual value is 10",
        )?;
        check(
            self.kappa > 0.5 && self.kappa <= 1.0,
            "step_size.kappa",
            "in (0.5, 1]",
            self.kappa,
            "the usual value is 0.75",
        )
    }
}

impl MetricSettings {
    fn validate(&self) -> Result<()> {
        positive(
            "metric.assumed_gradient_cost",
            self.assumed_gradient_cost.unwrap_or(1.0),
            "it is in nanoseconds",
        )?;
        fraction(
            "metric.early_fraction",
            self.early_fraction,
            "the usual value is 0.3",
        )?;
        fraction(
            "metric.final_fraction",
            self.final_fraction,
            "the usual value is 0.15",
        )?;
        check(
            self.early_fraction + self.final_fraction <= 1.0,
            "metric.final_fraction",
            "at most 1 together with `metric.early_fraction`",
            self.early_fraction + self.final_fraction,
            "the usual values are 0.3 and 0.15",
        )?;
        at_least_one(
            "metric.early_window",
            self.early_window,
            "the usual value is 10",
        )?;
        at_least_one(
            "metric.late_window",
            self.late_window,
            "the usual value is 80",
        )?;
        check(
            self.window_growth.is_finite() && self.window_growth >= 1.0,
            "metric.window_growth",
            "finite and at least 1",
            self.window_growth,
            "the usual value is 1.5",
        )
    }
}

impl InitSettings {
    fn validate(&self) -> Result<()> {
        check(
            self.jitter.is_finite() && self.jitter >= 0.0,
            "init.jitter",
            "finite and not negative",
            self.jitter,
            "typical values are 0 to 2",
        )?;
        at_least_one("init.max_tries", self.max_tries, "the usual value is 100")
    }
}

fn at_least_one(name: &'static str, got: usize, hint: &'static str) -> Result<()> {
    check(got >= 1, name, "at least 1", got, hint)
}

fn positive(name: &'static str, got: f64, hint: &'static str) -> Result<()> {
    check(
        got.is_finite() && got > 0.0,
        name,
        "finite and positive",
        got,
        hint,
    )
}

fn fraction(name: &'static str, got: f64, hint: &'static str) -> Result<()> {
    check((0.0..=1.0).contains(&got), name, "in [0, 1]", got, hint)
}

fn check(
    holds: bool,
    name: &'static str,
    requirement: &str,
    got: impl std::fmt::Display,
    hint: &'static str,
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::InvalidSettings {
        name,
        requirement: requirement.to_owned(),
        got: got.to_string(),
        hint,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message for default settings after a change.
    fn message(change: impl FnOnce(&mut SampleSettings)) -> String {
        let mut settings = SampleSettings::default();
        change(&mut settings);
        settings
            .validate()
            .map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn defaults_and_edges_are_valid() {
        assert_eq!(message(|_| {}), "");
        assert_eq!(message(|s| s.num_tune = 0), "");
        assert_eq!(message(|s| s.init.jitter = 0.0), "");
        assert_eq!(message(|s| s.nuts.step_size_jitter = 0.0), "");
        assert_eq!(message(|s| s.nuts.max_energy_error = f64::INFINITY), "");
    }

    #[test]
    fn a_message_names_requirement_value_and_way_out() {
        assert_eq!(
            message(|s| s.nuts.target_accept = 1.2),
            "`target_accept` must be in (0, 1), got 1.2; typical values are 0.8 to 0.99"
        );
        assert_eq!(
            message(|s| s.num_chains = 0),
            "`num_chains` must be at least 1, got 0; typical values are 4 to 8"
        );
    }

    #[test]
    fn each_setting_is_checked() {
        type Change = fn(&mut SampleSettings, f64);
        type Spoil = fn(&mut SampleSettings);
        let floats: [(&str, Change, &[f64]); 12] = [
            ("pooled.worth", |s, x| s.pooled.worth = x, &[0.0, 1.1]),
            (
                "target_accept",
                |s, x| s.nuts.target_accept = x,
                &[0.0, 1.0, -1.0],
            ),
            (
                "max_energy_error",
                |s, x| s.nuts.max_energy_error = x,
                &[0.0, -1.0],
            ),
            (
                "step_size_jitter",
                |s, x| s.nuts.step_size_jitter = x,
                &[1.0, -0.1, 2.0],
            ),
            (
                "step_size.initial",
                |s, x| s.step_size.initial = x,
                &[0.0, f64::INFINITY],
            ),
            (
                "step_size.gamma",
                |s, x| s.step_size.gamma = x,
                &[0.0, -1.0],
            ),
            (
                "step_size.t0",
                |s, x| s.step_size.t0 = x,
                &[-1.0, f64::INFINITY],
            ),
            ("step_size.kappa", |s, x| s.step_size.kappa = x, &[0.5, 1.1]),
            (
                "metric.early_fraction",
                |s, x| s.metric.early_fraction = x,
                &[-0.1, 1.1],
            ),
            (
                "metric.final_fraction",
                |s, x| s.metric.final_fraction = x,
                &[-0.1, 0.8],
            ),
            (
                "metric.window_growth",
                |s, x| s.metric.window_growth = x,
                &[0.9, f64::INFINITY],
            ),
            (
                "init.jitter",
                |s, x| s.init.jitter = x,
                &[-1.0, f64::INFINITY],
            ),
        ];
        for (name, change, values) in floats {
            for value in values.iter().chain(&[f64::NAN]) {
                let message = message(|s| change(s, *value));
                assert!(
                    message.starts_with(&format!("`{name}` must be ")),
                    "{name}: {message}"
                );
            }
        }
        let counts: [(&str, Spoil); 11] = [
            ("num_draws", |s| s.num_draws = 0),
            ("num_threads", |s| s.num_threads = 0),
            ("max_treedepth", |s| s.nuts.max_treedepth = 0),
            ("max_treedepth", |s| s.nuts.max_treedepth = 21),
            ("metric.early_window", |s| s.metric.early_window = 0),
            ("metric.late_window", |s| s.metric.late_window = 0),
            ("pooled.epoch_ends", |s| s.pooled.epoch_ends = vec![0, 10]),
            ("pooled.epoch_ends", |s| s.pooled.epoch_ends = vec![20, 20]),
            ("pooled.early_depths", |s| s.pooled.early_depths = [0, 8]),
            ("pooled.patience", |s| s.pooled.patience = 0),
            ("init.max_tries", |s| s.init.max_tries = 0),
        ];
        for (name, change) in counts {
            let message = message(change);
            assert!(
                message.starts_with(&format!("`{name}` must be ")),
                "{name}: {message}"
            );
        }
    }
}
