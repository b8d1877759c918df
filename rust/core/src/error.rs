//! What can go wrong, as one enum.

use thiserror::Error;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can make a run, or one of its chains, fail.
///
/// The enum is exhaustive on purpose: whoever translates it (the Python bindings do) should fail to
/// compile when a variant is added, and then decide what the new failure means to its users.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// A setting is out of range or contradicts another one.
    #[error("`{name}` must be {requirement}, got {got}; {hint}")]
    InvalidSettings {
        /// The setting, spelt as in [`SampleSettings`](crate::SampleSettings).
        name: &'static str,
        /// What it has to fulfil.
        requirement: String,
        /// The value that came.
        got: String,
        /// Typical values, or the way out.
        hint: &'static str,
    },
    /// No starting point with a finite log density and gradient was found.
    #[error(
        "chain {chain}: no starting point with a finite log density and gradient in {tries} tries; \
         at the last one {reason}"
    )]
    Initialization {
        /// The chain that could not start.
        chain: usize,
        /// How many positions were tried.
        tries: usize,
        /// The last position tried.
        position: Vec<f64>,
        /// The log density there; NaN if it was not computed.
        logdensity: f64,
        /// The gradient there; NaN if it was not computed.
        gradient: Vec<f64>,
        /// What was wrong, in words.
        reason: String,
    },
    /// The log density reported a fatal error.
    #[error("chain {chain}: the log density failed after {draw} draws: {reason}")]
    LogDensity {
        /// The chain that failed.
        chain: usize,
        /// Draws that the chain had finished, warmup included; 0 if it failed before the first.
        draw: usize,
        /// What the log density said.
        reason: String,
    },
    /// Computing the stored variables of a draw failed fatally.
    #[error("chain {chain}: computing the stored variables failed after {draw} draws: {reason}")]
    Expand {
        /// The chain that failed.
        chain: usize,
        /// Draws that the chain had finished, warmup included.
        draw: usize,
        /// What the function said.
        reason: String,
    },
    /// The target could not provide a log density or its expansion for a chain.
    #[error("the target could not be prepared for a chain: {reason}")]
    Target {
        /// What the target said.
        reason: String,
    },
    /// A draw could not be stored.
    #[error("chain {chain}: draws could not be stored: {reason}")]
    Storage {
        /// The chain that failed.
        chain: usize,
        /// What the storage said.
        reason: String,
    },
    /// The code of a chain (usually the log density) panicked.
    #[error("chain {chain} panicked: {message}")]
    Panic {
        /// The chain that failed.
        chain: usize,
        /// The message of the panic.
        message: String,
    },
    /// Bytes are not a checkpoint of this run.
    #[error("the checkpoint {reason}")]
    Checkpoint {
        /// What is wrong with them, to complete the sentence.
        reason: String,
    },
    /// The system gave no thread to sample on.
    #[error("no thread could be started: {reason}")]
    Thread {
        /// What the system said.
        reason: String,
    },
}

/// Why a chain did not go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// It was interrupted. It can go on as if nothing had happened.
    Interrupted,
    /// It failed.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
