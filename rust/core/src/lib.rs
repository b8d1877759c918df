//! Samplers for log densities.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod adapt;
mod chain;
mod error;
mod expand;
pub mod hamiltonian;
pub mod init;
pub mod integrator;
mod logdensity;
pub mod metric;
pub mod nuts;
pub mod point;
mod progress;
pub mod rng;
mod run;
mod settings;
mod sink;
mod stats;
mod storage;
mod target;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;
pub mod trajectory;
pub mod vector;
mod worker;

pub use chain::{Chain, ChainState, Stop};
pub use error::{Error, Result};
pub use expand::{Expand, IdentityExpand};
pub use logdensity::{EvalError, LogDensity};
pub use progress::{ChainPhase, ChainProgress};
pub use run::{Run, RunResult};
pub use settings::{InitSettings, MetricSettings, NutsSettings, SampleSettings, StepSizeSettings};
pub use sink::{Draw, Sink};
pub use stats::{DIVERGENCE_REASONS, DrawStats, STATISTICS, StatColumn, StatField, Statistic};
pub use storage::{DrawTable, MemorySink};
pub use target::Target;
pub use trace::{ChainOutcome, ChainTrace};
