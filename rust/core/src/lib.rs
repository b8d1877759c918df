//! Samplers for log densities.
//!
//! The crate samples from a density that is known up to a constant and has a gradient. It knows
//! nothing of Python, of files, or of how the density came to be.
//!
//! ```
//! use std::sync::Arc;
//! use rufous_core::{
//!     ChainOutcome, EvalError, Expand, IdentityExpand, LogDensity, Result, Run, SampleSettings, Target,
//! };
//!
//! /// Normal with mean 3 and standard deviation 2.
//! struct Normal;
//!
//! impl LogDensity for Normal {
//!     fn dim(&self) -> usize {
//!         1
//!     }
//!     fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
//!         let z = (position[0] - 3.0) / 2.0;
//!         gradient[0] = -z / 2.0;
//!         Ok(-0.5 * z * z)
//!     }
//! }
//!
//! impl Target for Normal {
//!     fn dim(&self) -> usize {
//!         1
//!     }
//!     fn num_values(&self) -> usize {
//!         1
//!     }
//!     fn logdensity(&self) -> Result<Box<dyn LogDensity + Send>> {
//!         Ok(Box::new(Normal))
//!     }
//!     fn expand(&self) -> Result<Box<dyn Expand + Send>> {
//!         Ok(Box::new(IdentityExpand { dim: 1 }))
//!     }
//! }
//!
//! let settings = SampleSettings { num_threads: 2, seed: 1, ..SampleSettings::default() };
//! let starts = vec![vec![0.0]; settings.num_chains];
//! let result = Run::start(Arc::new(Normal), settings, starts)?.finish();
//!
//! assert!(result.chains.iter().all(|chain| chain.outcome == ChainOutcome::Complete));
//! let draws: Vec<f64> = result.chains.into_iter().flat_map(|chain| chain.draws.values).collect();
//! let mean = draws.iter().sum::<f64>() / draws.len() as f64;
//! assert!((mean - 3.0).abs() < 0.2);
//! # Ok::<(), rufous_core::Error>(())
//! ```
//!
//! # A tour
//!
//! From outside to inside; each layer uses those below it.
//!
//! - A [`Run`] puts chains on threads, and can be watched, paused and cancelled. A [`Target`] gives
//!   each chain its [`LogDensity`] and its [`Expand`]; [`SampleSettings`] says the rest. What a chain
//!   leaves behind is a [`ChainTrace`], whose statistics are explained in [`STATISTICS`].
//! - A [`Chain`] takes one transition at a time and hands draws to a [`Sink`]. All that it carries
//!   from one to the next is its [`ChainState`]. It starts at a position found by [`init`], and
//!   learns metric and step size by [`adapt`].
//! - [`nuts`] is the transition: it grows a [`trajectory`] of [`point`]s in the system of
//!   [`hamiltonian`], leapfrog by leapfrog ([`integrator`]), in the coordinates of a [`metric`].
//! - [`diagnostics`] looks at draws afterwards, wherever they came from.
//! - [`vector`] and [`rng`] are at the bottom.
//!
//! # Promises
//!
//! - Draws depend on the build, the target, the seed and the settings; not on the number of threads,
//!   nor, for the chains that there are, on the number of chains.
//! - A chain that fails, even by a panic, keeps the draws it has and does not disturb the others.
//! - NaN and infinities are ordinary results of a log density: they end a trajectory, not a chain.
//! - Transitions do not allocate.
#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod adapt;
mod chain;
mod checkpoint;
pub mod diagnostics;
mod error;
mod expand;
mod goal;
pub mod hamiltonian;
pub mod init;
pub mod integrator;
mod linalg;
mod logdensity;
pub mod metric;
pub mod nuts;
pub mod point;
mod progress;
mod record;
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

pub use chain::{Chain, ChainState, meet};
pub use error::{Error, Result, Stop};
pub use expand::{Expand, IdentityExpand};
pub use goal::Goal;
pub use logdensity::{EvalError, LogDensity};
pub use progress::{ChainPhase, ChainProgress};
pub use run::{Run, RunResult, checkpoint_note};
pub use settings::{
    AdaptationKind, InitKind, InitSettings, MetricChoice, MetricSettings, NutsSettings,
    PooledSettings, SampleSettings, StepRule, StepSizeSettings,
};
pub use sink::{Draw, Sink};
pub use stats::{
    DIVERGENCE_REASONS, DrawStats, METRIC_KINDS, STATISTICS, StatColumn, StatField, Statistic,
};
pub use storage::{DrawTable, MemorySink};
pub use target::Target;
pub use trace::{ChainOutcome, ChainTrace};
