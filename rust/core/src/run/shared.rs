//! What the threads of a run share: who may work on which chain, and when chains meet.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::chain::meet;
use crate::error::Error;
use crate::goal::{Goal, Reached};
use crate::progress::{ChainPhase, ChainProgress};
use crate::trace::ChainOutcome;
use crate::worker::{Halted, Job, Worker};

/// How long a wait for chains to park lasts before its owner is asked whether to go on waiting.
const SLICE: Duration = Duration::from_millis(50);

/// What the threads of a run and its owner share.
pub(super) struct Shared {
    pub(super) job: Job,
    pub(super) slots: Vec<Slot>,
    pub(super) control: Mutex<Control>,
    changed: Condvar,
    started: Instant,
    elapsed_before: Duration,
}

/// One chain. A thread holds `worker` as long as it works on the chain, `seen` for moments only.
pub(super) struct Slot {
    pub(super) worker: Mutex<Worker>,
    pub(super) seen: Mutex<Seen>,
}

/// What can be seen of a chain while a thread works on it.
pub(super) struct Seen {
    pub(super) progress: ChainProgress,
    pub(super) failure: Option<Error>,
}

/// Who may work on what.
pub(super) struct Control {
    places: Vec<Place>,
    pub(super) paused: bool,
    /// How many want all chains parked for a moment.
    holds: usize,
    /// Where chains park.
    pub(super) goal: Goal,
    pub(super) elapsed: Duration,
}

/// Where a chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Parked(Reached),
    /// Parked until it has met the others.
    Waiting,
    /// With a thread.
    Running,
    Ended,
}

impl Place {
    /// The place of a chain that no thread is at.
    fn of(worker: &Worker) -> Self {
        match worker.outcome() {
            None => Self::Parked(worker.reached()),
            Some(_) => Self::Ended,
        }
    }
}

impl Control {
    pub(super) fn has_ended(&self) -> bool {
        self.places.iter().all(|place| *place == Place::Ended)
    }

    pub(super) fn num_running(&self) -> usize {
        let running = |place: &&Place| **place == Place::Running;
        self.places.iter().filter(running).count()
    }

    /// The first parked chain that has not reached the goal.
    pub(super) fn next_idle(&self) -> Option<usize> {
        let idle = |place: &Place| matches!(place, Place::Parked(at) if !self.goal.is_reached(*at));
        self.places.iter().position(idle)
    }

    fn next_parked(&self) -> Option<usize> {
        let parked = |place: &Place| matches!(place, Place::Parked(_) | Place::Waiting);
        self.places.iter().position(parked)
    }

    /// Takes all chains, if all that have not ended wait for a meeting; none if not.
    fn begin_meeting(&mut self) -> Vec<usize> {
        let alive = self.places.iter().filter(|place| **place != Place::Ended);
        if !alive.copied().all(|place| place == Place::Waiting) {
            return Vec::new();
        }
        let mut chains = Vec::new();
        for (chain, place) in self.places.iter_mut().enumerate() {
            if *place == Place::Waiting {
                *place = Place::Running;
                chains.push(chain);
            }
        }
        chains
    }
}

/// Chains stay parked as long as this lives.
pub(super) struct Hold<'a>(&'a Shared);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.0.control(|control| control.holds -= 1);
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("settings", &self.job.settings)
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(job: Job, workers: Vec<Worker>, elapsed_before: Duration) -> Self {
        let num_tune = job.settings.planned_tune();
        let num_draws = job.settings.num_draws;
        let places = workers.iter().map(Place::of).collect();
        let slots = workers.into_iter().enumerate().map(|(chain, worker)| {
            let mut progress = ChainProgress::new(chain, num_tune, num_draws);
            worker.show(&mut progress);
            Slot {
                worker: Mutex::new(worker),
                seen: Mutex::new(Seen {
                    progress,
                    failure: None,
                }),
            }
        });
        Self {
            slots: slots.collect(),
            job,
            control: Mutex::new(Control {
                places,
                paused: false,
                holds: 0,
                goal: Goal::End,
                elapsed: elapsed_before,
            }),
            changed: Condvar::new(),
            started: Instant::now(),
            elapsed_before,
        }
    }

    /// Works on chains until all have ended: the life of a thread.
    pub(super) fn work(&self) {
        while let Some(chain) = self.take() {
            let slot = &self.slots[chain];
            let mut worker = lock(&slot.worker);
            lock(&slot.seen).progress.begin();
            let halted = worker.advance(&self.job, |state, stats| {
                lock(&slot.seen).progress.update(state, stats);
            });
            if halted == Halted::Ended {
                slot.end(&worker);
            }
            let reached = worker.reached();
            drop(worker);
            self.put_back(chain, reached, halted);
        }
    }

    /// Waits for a chain to work on and takes it; None once all have ended.
    fn take(&self) -> Option<usize> {
        let mut control = lock(&self.control);
        loop {
            if control.has_ended() {
                return None;
            }
            let next = if control.holds > 0 {
                None
            } else if self.job.gate.cancelled.load(Ordering::Relaxed) {
                control.next_parked()
            } else if control.paused {
                None
            } else {
                control.next_idle()
            };
            if let Some(chain) = next {
                control.places[chain] = Place::Running;
                return Some(chain);
            }
            let waited = self.changed.wait(control);
            control = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn put_back(&self, chain: usize, reached: Reached, halted: Halted) {
        let mut at_meeting = Vec::new();
        self.control(|control| {
            control.places[chain] = match halted {
                Halted::Parked => Place::Parked(reached),
                Halted::Waiting => Place::Waiting,
                Halted::Ended => {
                    control.elapsed = self.elapsed();
                    Place::Ended
                }
            };
            at_meeting = control.begin_meeting();
        });
        if !at_meeting.is_empty() {
            self.hold_meeting(&at_meeting);
        }
    }

    /// Lets chains that all wait for it meet; all of them are ours meanwhile.
    fn hold_meeting(&self, chains: &[usize]) {
        let workers = chains.iter().map(|chain| &self.slots[*chain].worker);
        let mut workers: Vec<_> = workers.map(lock).collect();
        let meeting = AssertUnwindSafe(|| {
            let states = workers.iter_mut().filter_map(|worker| worker.state_mut());
            meet(&mut states.collect::<Vec<_>>(), &self.job.settings);
        });
        // What they have agreed on is half written after a panic; none of them can go on.
        if let Err(payload) = catch_unwind(meeting) {
            for (chain, worker) in chains.iter().zip(&mut workers) {
                let outcome = worker.panicked(payload.as_ref());
                worker.end(outcome);
                self.slots[*chain].end(worker);
            }
        }
        let places: Vec<Place> = workers.iter().map(|worker| Place::of(worker)).collect();
        drop(workers);
        self.control(|control| {
            for (chain, place) in chains.iter().zip(places) {
                control.places[*chain] = place;
            }
            control.elapsed = self.elapsed();
        });
    }

    /// Changes who may work, and tells everyone.
    pub(super) fn control(&self, change: impl FnOnce(&mut Control)) {
        let mut control = lock(&self.control);
        change(&mut control);
        let gate = &self.job.gate;
        gate.hold
            .store(control.paused || control.holds > 0, Ordering::Relaxed);
        gate.set_goal(control.goal);
        drop(control);
        self.changed.notify_all();
    }

    pub(super) fn wait_until(&self, timeout: Duration, is_so: impl Fn(&Control) -> bool) -> bool {
        let control = lock(&self.control);
        let waited = self
            .changed
            .wait_timeout_while(control, timeout, |control| !is_so(control));
        let (control, _) = waited.unwrap_or_else(PoisonError::into_inner);
        is_so(&control)
    }

    /// Parks all chains; None if `keep_waiting` said no meanwhile.
    pub(super) fn hold(&self, mut keep_waiting: impl FnMut() -> bool) -> Option<Hold<'_>> {
        self.control(|control| control.holds += 1);
        let hold = Hold(self);
        while !self.wait_until(SLICE, |control| control.num_running() == 0) {
            if !keep_waiting() {
                return None;
            }
        }
        Some(hold)
    }

    /// Time sampled so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.elapsed_before + self.started.elapsed()
    }
}

impl Slot {
    fn end(&self, worker: &Worker) {
        let mut seen = lock(&self.seen);
        seen.progress.phase = match worker.outcome() {
            Some(ChainOutcome::Complete) => ChainPhase::Finished,
            Some(ChainOutcome::Failed(_)) => ChainPhase::Failed,
            Some(ChainOutcome::Cancelled | ChainOutcome::Running) | None => ChainPhase::Cancelled,
        };
        if let Some(ChainOutcome::Failed(error)) = worker.outcome() {
            seen.failure = Some(error.clone());
        }
    }
}

/// Locks, whatever happened to whoever held the lock before: chains panic outside of locks.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
