//! Chains on threads: start, pause, cancel, join. Nothing else starts threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::progress::{ChainPhase, ChainProgress};
use crate::settings::SampleSettings;
use crate::target::Target;
use crate::trace::{ChainOutcome, ChainTrace};
use crate::worker::Job;

/// Chains that are being sampled in the background.
///
/// Threads take chains in order, one at a time. Dropping a run cancels it and waits for its threads.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "testing")] {
/// use std::{sync::Arc, time::Duration};
/// use rufous_core::{Run, SampleSettings, testing::{Analytic, StandardNormal}};
///
/// let target = Arc::new(Analytic(StandardNormal { dim: 2 }));
/// let settings = SampleSettings { num_draws: 1_000_000, ..SampleSettings::default() };
/// let run = Run::start(target, settings, vec![vec![0.0; 2]; 4])?;
/// assert!(!run.wait(Duration::from_millis(1)));
/// run.cancel();
/// let result = run.finish();
/// assert!(result.chains[0].draws.num_draws < 1_000_000);
/// # }
/// # Ok::<(), rufous_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Run {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

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
    /// `initial_positions` holds one position per chain, around which each chain looks for its
    /// start.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSettings`], also if the positions do not fit, and [`Error::Thread`]. What
    /// goes wrong later is reported by each chain.
    pub fn start(
        target: Arc<dyn Target>,
        settings: SampleSettings,
        initial_positions: Vec<Vec<f64>>,
    ) -> Result<Self> {
        settings.validate()?;
        check_positions(&initial_positions, settings.num_chains, target.dim())?;
        let num_threads = settings.num_threads.min(settings.num_chains);
        let shared = Arc::new(Shared::new(target, settings, initial_positions));
        let mut run = Self {
            shared,
            threads: Vec::with_capacity(num_threads),
        };
        for thread in 0..num_threads {
            let shared = Arc::clone(&run.shared);
            let spawned = std::thread::Builder::new()
                .name(format!("rufous-{thread}"))
                .spawn(move || shared.work());
            run.threads.push(spawned.map_err(|error| Error::Thread {
                reason: error.to_string(),
            })?);
        }
        Ok(run)
    }

    /// Where each chain is, in order.
    pub fn progress(&self) -> Vec<ChainProgress> {
        self.shared
            .slots
            .iter()
            .map(|slot| lock(slot).progress)
            .collect()
    }

    /// The failure of the first chain (by number) that has failed so far.
    ///
    /// A failed chain does not stop the others; whoever wants that calls [`cancel`](Self::cancel).
    pub fn first_failure(&self) -> Option<Error> {
        self.shared
            .slots
            .iter()
            .find_map(|slot| match &lock(slot).trace.as_ref()?.outcome {
                ChainOutcome::Failed(error) => Some(error.clone()),
                ChainOutcome::Complete | ChainOutcome::Cancelled => None,
            })
    }

    /// Lets chains sleep after the draw they are at.
    pub fn pause(&self) {
        self.shared.paused.store(true, Ordering::Relaxed);
    }

    /// Wakes paused chains.
    pub fn resume(&self) {
        self.shared.paused.store(false, Ordering::Relaxed);
        self.shared.wake();
    }

    /// Whether the run is paused.
    pub fn is_paused(&self) -> bool {
        self.shared.paused.load(Ordering::Relaxed)
    }

    /// Stops all chains at their next leapfrog; finished draws are kept. Acts on a paused run too.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
        self.shared.wake();
    }

    /// Whether all chains have ended.
    pub fn is_finished(&self) -> bool {
        lock(&self.shared.control).num_ended == self.shared.slots.len()
    }

    /// Waits until all chains have ended, or until `timeout` is over; returns whether they have.
    ///
    /// A paused run stays paused.
    pub fn wait(&self, timeout: Duration) -> bool {
        let num_chains = self.shared.slots.len();
        let control = lock(&self.shared.control);
        let waited = self
            .shared
            .changed
            .wait_timeout_while(control, timeout, |control| control.num_ended < num_chains);
        let (control, _) = waited.unwrap_or_else(PoisonError::into_inner);
        control.num_ended == num_chains
    }

    /// Waits for all chains (resuming a paused run) and hands over what they leave.
    #[expect(
        clippy::missing_panics_doc,
        reason = "a thread leaves a trace for each chain it takes"
    )]
    pub fn finish(mut self) -> RunResult {
        self.resume();
        self.join();
        let chains = self.shared.slots.iter().map(|slot| lock(slot).trace.take());
        RunResult {
            chains: chains
                .map(|trace| trace.expect("threads end with their chains"))
                .collect(),
            elapsed: lock(&self.shared.control).elapsed,
        }
    }

    fn join(&mut self) {
        for thread in self.threads.drain(..) {
            // A panic of a chain is caught inside the thread and is part of its trace.
            let _ = thread.join();
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            self.cancel();
            self.join();
        }
    }
}

/// What the threads of a run and its owner share.
struct Shared {
    target: Arc<dyn Target>,
    num_values: usize,
    settings: SampleSettings,
    initial_positions: Vec<Vec<f64>>,
    slots: Vec<Mutex<Slot>>,
    next_chain: AtomicUsize,
    cancelled: AtomicBool,
    paused: AtomicBool,
    control: Mutex<Control>,
    changed: Condvar,
    started: Instant,
}

/// What can be seen of a chain from outside.
struct Slot {
    progress: ChainProgress,
    trace: Option<ChainTrace>,
}

struct Control {
    num_ended: usize,
    elapsed: Duration,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn new(
        target: Arc<dyn Target>,
        settings: SampleSettings,
        initial_positions: Vec<Vec<f64>>,
    ) -> Self {
        let total_draws = settings.num_tune.saturating_add(settings.num_draws);
        let slots = (0..settings.num_chains).map(|chain| {
            Mutex::new(Slot {
                progress: ChainProgress::new(chain, total_draws),
                trace: None,
            })
        });
        Self {
            slots: slots.collect(),
            num_values: target.num_values(),
            target,
            settings,
            initial_positions,
            next_chain: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            control: Mutex::new(Control {
                num_ended: 0,
                elapsed: Duration::ZERO,
            }),
            changed: Condvar::new(),
            started: Instant::now(),
        }
    }

    /// Samples chains until there is none left: the life of a thread.
    fn work(&self) {
        loop {
            let chain = self.next_chain.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = self.slots.get(chain) else {
                return;
            };
            self.sleep_while_paused();
            lock(slot).progress.phase = ChainPhase::Warmup;
            let trace = self.job(chain).run(|state, stats| {
                lock(slot)
                    .progress
                    .update(state.iteration, state.num_gradients, stats);
                self.sleep_while_paused();
            });
            self.end(slot, trace);
        }
    }

    fn job(&self, chain: usize) -> Job<'_> {
        Job {
            chain,
            target: &*self.target,
            num_values: self.num_values,
            settings: &self.settings,
            initial_position: &self.initial_positions[chain],
            cancelled: &self.cancelled,
        }
    }

    fn end(&self, slot: &Mutex<Slot>, trace: ChainTrace) {
        let mut slot = lock(slot);
        slot.progress.phase = match trace.outcome {
            ChainOutcome::Complete => ChainPhase::Finished,
            ChainOutcome::Cancelled => ChainPhase::Cancelled,
            ChainOutcome::Failed(_) => ChainPhase::Failed,
        };
        slot.trace = Some(trace);
        drop(slot);
        let mut control = lock(&self.control);
        control.num_ended += 1;
        control.elapsed = self.started.elapsed();
        drop(control);
        self.changed.notify_all();
    }

    /// Lets sleeping chains look again whether they may go on.
    fn wake(&self) {
        // Holding the lock, so that no chain can miss it between looking and falling asleep.
        drop(lock(&self.control));
        self.changed.notify_all();
    }

    fn sleep_while_paused(&self) {
        if !self.paused.load(Ordering::Relaxed) {
            return;
        }
        let control = lock(&self.control);
        let sleeps = |_: &mut Control| {
            self.paused.load(Ordering::Relaxed) && !self.cancelled.load(Ordering::Relaxed)
        };
        drop(self.changed.wait_while(control, sleeps));
    }
}

fn check_positions(positions: &[Vec<f64>], num_chains: usize, dim: usize) -> Result<()> {
    let invalid = |requirement, got, hint| {
        Err(Error::InvalidSettings {
            name: "initial_positions",
            requirement,
            got,
            hint,
        })
    };
    if dim == 0 {
        let hint = "a model without parameters has nothing to sample";
        return invalid(
            "for at least one parameter".to_owned(),
            "none".to_owned(),
            hint,
        );
    }
    if positions.len() != num_chains {
        let requirement = format!("one position for each of {num_chains} chains");
        return invalid(
            requirement,
            positions.len().to_string(),
            "repeat one if need be",
        );
    }
    for (chain, position) in positions.iter().enumerate() {
        if position.len() != dim {
            let got = format!("length {} for chain {chain}", position.len());
            let hint = "give one number per unconstrained parameter";
            return invalid(format!("of length {dim} each"), got, hint);
        }
        if let Some(index) = position.iter().position(|x| !x.is_finite()) {
            let got = format!("{} in component {index} for chain {chain}", position[index]);
            return invalid("finite".to_owned(), got, "check the initial values");
        }
    }
    Ok(())
}

/// Locks, whatever happened to whoever held the lock before: chains panic outside of locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
