//! Climbs that look for places other than where a chain is.

use std::sync::atomic::AtomicBool;

use super::find_start;
use super::pathfinder::{Summit, scout};
use crate::error::{Error, Stop};
use crate::logdensity::LogDensity;
use crate::rng::ChainRng;
use crate::settings::{InitKind, InitSettings, SampleSettings};

/// How far away scouts start, whatever the jitter of chains is.
const REACH: f64 = 2.0;

/// Tries of a scout to find a start: one that fails is not missed.
const MAX_TRIES: usize = 10;

/// What scouts are to look for.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Number of the chain.
    pub chain: usize,
    /// The position around which they start.
    pub origin: &'a [f64],
    /// The log density that is of interest.
    pub above: f64,
}

/// Sends scouts from random starts, and returns what they have found that is of interest.
///
/// Adds the number of evaluations to `num_gradients`.
///
/// # Errors
///
/// [`Stop::Interrupted`], or [`Stop::Failed`] with [`Error::LogDensity`] at a fatal error.
pub fn send_scouts<L: LogDensity + ?Sized>(
    logdensity: &mut L,
    search: Search<'_>,
    settings: &SampleSettings,
    rng: &mut ChainRng,
    num_gradients: &mut u64,
    interrupt: &AtomicBool,
) -> Result<Vec<Summit>, Stop> {
    let Search {
        chain,
        origin,
        above,
    } = search;
    let init = InitSettings {
        kind: InitKind::Jitter,
        jitter: REACH,
        max_tries: MAX_TRIES,
    };
    let mut summits = Vec::new();
    for _ in 0..settings.pooled.num_scouts {
        let start = match find_start(
            logdensity,
            origin,
            &init,
            chain,
            rng,
            num_gradients,
            interrupt,
        ) {
            Ok(start) => start,
            Err(Stop::Failed(Error::Initialization { .. })) => continue,
            Err(stop) => return Err(stop),
        };
        let found = scout(logdensity, &start, above, rng, num_gradients);
        summits.extend(found.map_err(|reason| super::fatal(chain, reason))?);
    }
    Ok(summits)
}
