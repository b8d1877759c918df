//! Chains on threads: start, pause, cancel, join.

use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::progress::ChainProgress;
use crate::settings::SampleSettings;
use crate::target::Target;
use crate::trace::ChainTrace;

/// Chains that are being sampled in the background.
#[derive(Debug)]
pub struct Run {}

/// What a run leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct RunResult {
    /// One trace per chain, in order.
    pub chains: Vec<ChainTrace>,
    /// Time from start to the end of the last chain.
    pub elapsed: Duration,
}

impl Run {
    /// Starts sampling on `settings.num_threads` threads and returns at once.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSettings`].
    pub fn start(
        target: Arc<dyn Target>,
        settings: SampleSettings,
        initial_positions: Vec<Vec<f64>>,
    ) -> Result<Self> {
        let _ = (target, settings, initial_positions);
        unimplemented!()
    }

    /// Where each chain is, in order.
    pub fn progress(&self) -> Vec<ChainProgress> {
        unimplemented!()
    }

    /// The failure of the first chain that has failed so far.
    pub fn first_failure(&self) -> Option<Error> {
        unimplemented!()
    }

    /// Lets chains sleep after the draw they are at.
    pub fn pause(&self) {}

    /// Wakes paused chains.
    pub fn resume(&self) {}

    /// Whether the run is paused.
    pub fn is_paused(&self) -> bool {
        unimplemented!()
    }

    /// Stops all chains at their next leapfrog; finished draws are kept. Acts on a paused run too.
    pub fn cancel(&self) {}

    /// Whether all chains have ended.
    pub fn is_finished(&self) -> bool {
        unimplemented!()
    }

    /// Waits until all chains have ended, or until `timeout` is over; returns whether they have.
    pub fn wait(&self, timeout: Duration) -> bool {
        let _ = timeout;
        unimplemented!()
    }

    /// Waits for all chains (resuming a paused run) and hands over what they leave.
    pub fn finish(self) -> RunResult {
        unimplemented!()
    }
}
