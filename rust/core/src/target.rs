//! What a run needs from a model: one log density and one expansion per chain.

use crate::error::Result;
use crate::expand::Expand;
use crate::logdensity::LogDensity;

/// A posterior from which any number of chains can be sampled, on any thread.
///
/// All four methods are required. A target is shared between threads; what it hands out belongs to
/// one chain and may hold scratch space.
pub trait Target: Send + Sync {
    /// The length of a position, at least 1.
    fn dim(&self) -> usize;

    /// The number of values stored per draw.
    fn num_values(&self) -> usize;

    /// Makes the log density of one chain.
    ///
    /// # Errors
    ///
    /// The chain fails with the error given, usually [`Error::Target`](crate::Error::Target).
    fn logdensity(&self) -> Result<Box<dyn LogDensity + Send>>;

    /// Makes the expansion of one chain.
    ///
    /// # Errors
    ///
    /// The chain fails with the error given, usually [`Error::Target`](crate::Error::Target).
    fn expand(&self) -> Result<Box<dyn Expand + Send>>;
}
