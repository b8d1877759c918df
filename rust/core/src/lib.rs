//! Samplers for log densities.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod error;
mod expand;
mod logdensity;
mod progress;
mod run;
mod settings;
mod stats;
mod target;
mod trace;

/// Adaptation during warmup.
pub mod adapt {
    /// Windows of a warmup.
    #[derive(Debug)]
    pub struct Schedule;
}

pub use error::{Error, Result};
pub use expand::{Expand, IdentityExpand};
pub use logdensity::{EvalError, LogDensity};
pub use progress::{ChainPhase, ChainProgress};
pub use run::{Run, RunResult};
pub use settings::{InitSettings, MetricSettings, NutsSettings, SampleSettings, StepSizeSettings};
pub use stats::{DIVERGENCE_REASONS, DrawStats, STATISTICS, StatColumn, StatField, Statistic};
pub use target::Target;
pub use trace::{ChainOutcome, ChainTrace, DrawTable};
