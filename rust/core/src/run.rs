//! Chains on threads: start, pause, cancel, join. Nothing else starts threads.

mod shared;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use self::shared::{Control, Shared, lock};
use crate::checkpoint::{Kind, check_dim, check_settings, open, refused, seal, settings_text};
use crate::error::{Error, Result};
use crate::goal::{Gate, Goal};
use crate::progress::ChainProgress;
use crate::record::{ReadResult, Record};
use crate::settings::SampleSettings;
use crate::target::Target;
use crate::trace::ChainTrace;
use crate::worker::{Job, Worker, prepare};

/// Chains that are being sampled in the background.
///
/// Threads take chains in order, one at a time, and *park* them where they are to stop for a while:
/// to be looked at, paused, or saved. Chains with a pooled warmup wait for each other at its
/// meetings. Dropping a run cancels it and waits for its threads.
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
        Self::start_until(target, settings, initial_positions, Goal::End)
    }

    /// The same, but each chain parks when it has reached `goal`.
    ///
    /// [`run_until`](Self::run_until) lets them go on.
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    pub fn start_until(
        target: Arc<dyn Target>,
        settings: SampleSettings,
        initial_positions: Vec<Vec<f64>>,
        goal: Goal,
    ) -> Result<Self> {
        settings.validate()?;
        check_positions(&initial_positions, settings.num_chains, target.dim())?;
        let job = job(target, settings);
        let workers = initial_positions.into_iter().enumerate();
        let workers = workers.map(|(chain, start)| Worker::new(chain, start));
        let workers = workers.collect();
        Self::launch(job, workers, goal, Duration::ZERO)
    }

    /// Goes on from a [`checkpoint`](Self::checkpoint), as if there had been no interruption.
    ///
    /// `settings` must be those of the run that was saved, apart from `num_threads`, and
    /// `num_draws`, which may grow. Each chain parks when it has reached `goal`.
    ///
    /// # Errors
    ///
    /// [`Error::Checkpoint`] if the bytes are damaged, of another version, or do not belong to
    /// these settings or this target: the log density where the chains are must be what it was.
    /// Those of [`start`](Self::start).
    pub fn restore(
        target: Arc<dyn Target>,
        settings: SampleSettings,
        checkpoint: &[u8],
        goal: Goal,
    ) -> Result<Self> {
        settings.validate()?;
        let job = job(target, settings);
        let (workers, elapsed) = read_workers(checkpoint, &job).map_err(refused)?;
        check_target(&workers, &job)?;
        Self::launch(job, workers, goal, elapsed)
    }

    fn launch(job: Job, workers: Vec<Worker>, goal: Goal, elapsed: Duration) -> Result<Self> {
        let num_threads = job.settings.num_threads.min(job.settings.num_chains);
        let shared = Arc::new(Shared::new(job, workers, elapsed));
        shared.control(|control| control.goal = goal);
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
        let slots = self.shared.slots.iter();
        slots.map(|slot| lock(&slot.seen).progress).collect()
    }

    /// The failure of the first chain (by number) that has failed so far.
    ///
    /// A failed chain does not stop the others; whoever wants that calls [`cancel`](Self::cancel).
    pub fn first_failure(&self) -> Option<Error> {
        let mut slots = self.shared.slots.iter();
        slots.find_map(|slot| lock(&slot.seen).failure.clone())
    }

    /// Lets chains park after the draw they are at.
    pub fn pause(&self) {
        self.shared.control(|control| control.paused = true);
    }

    /// Lets paused chains go on.
    pub fn resume(&self) {
        self.shared.control(|control| control.paused = false);
    }

    /// Whether the run is paused.
    pub fn is_paused(&self) -> bool {
        lock(&self.shared.control).paused
    }

    /// Lets chains go on until each has reached `goal`, and park there.
    ///
    /// Chains that are further already park after the draw they are at.
    pub fn run_until(&self, goal: Goal) {
        self.shared.control(|control| control.goal = goal);
    }

    /// Stops all chains at their next leapfrog; finished draws are kept. Acts on a paused run too.
    pub fn cancel(&self) {
        self.shared
            .job
            .gate
            .cancelled
            .store(true, Ordering::Relaxed);
        self.shared.control(|_| {});
    }

    /// Time from the start until now, or to the end of the last chain; after
    /// [`restore`](Self::restore) the time before the interruption is counted, too.
    pub fn elapsed(&self) -> Duration {
        let control = lock(&self.shared.control);
        if control.has_ended() {
            return control.elapsed;
        }
        self.shared.elapsed()
    }

    /// Whether all chains have ended.
    pub fn is_finished(&self) -> bool {
        lock(&self.shared.control).has_ended()
    }

    /// Waits until all chains have ended, or until `timeout` is over; returns whether they have.
    ///
    /// A paused run stays paused.
    pub fn wait(&self, timeout: Duration) -> bool {
        self.shared.wait_until(timeout, Control::has_ended)
    }

    /// Waits until no chain will go on by itself: each has ended, or is parked at the goal of
    /// [`run_until`](Self::run_until) or by [`pause`](Self::pause). Returns whether that is so.
    pub fn wait_parked(&self, timeout: Duration) -> bool {
        let cancelled = &self.shared.job.gate.cancelled;
        self.shared.wait_until(timeout, |control| {
            control.has_ended()
                || (control.num_running() == 0
                    && (control.paused || control.next_idle().is_none())
                    && !cancelled.load(Ordering::Relaxed))
        })
    }

    /// What the chains have so far, copied between transitions while they go on afterwards.
    ///
    /// Each chain finishes the transition that it is at. While they do, `keep_waiting` is asked
    /// every 50 ms; None once it says no.
    pub fn inspect(&self, keep_waiting: impl FnMut() -> bool) -> Option<RunResult> {
        let shared = &*self.shared;
        let _hold = shared.hold(keep_waiting)?;
        let workers = shared.slots.iter().map(|slot| lock(&slot.worker));
        Some(RunResult {
            chains: workers.map(|worker| worker.inspect(&shared.job)).collect(),
            elapsed: shared.elapsed(),
        })
    }

    /// Everything that it takes to [`restore`](Self::restore) the run elsewhere, as bytes.
    ///
    /// Holds the states of all chains, their draws so far, and `note`, which
    /// [`checkpoint_note`] reads. `keep_waiting` is as in [`inspect`](Self::inspect).
    ///
    /// # Errors
    ///
    /// [`Error::Checkpoint`] if a chain has failed.
    pub fn checkpoint(
        &self,
        note: &[u8],
        keep_waiting: impl FnMut() -> bool,
    ) -> Result<Option<Vec<u8>>> {
        let shared = &*self.shared;
        let Some(_hold) = shared.hold(keep_waiting) else {
            return Ok(None);
        };
        if let Some(failure) = self.first_failure() {
            let reason = format!("cannot be made of a run that failed: {failure}");
            return Err(Error::Checkpoint { reason });
        }
        let Job {
            dim, num_values, ..
        } = shared.job;
        Ok(Some(seal(Kind::Run, |out| {
            note.to_vec().write(out);
            settings_text(&shared.job.settings).write(out);
            dim.write(out);
            num_values.write(out);
            shared.elapsed().write(out);
            for slot in &shared.slots {
                lock(&slot.worker).save(out);
            }
        })))
    }

    /// Waits for all chains (resuming a paused run) and hands over what they leave.
    pub fn finish(mut self) -> RunResult {
        self.shared.control(|control| {
            control.paused = false;
            control.goal = Goal::End;
        });
        self.join();
        let shared = &*self.shared;
        let workers = shared.slots.iter().map(|slot| lock(&slot.worker));
        let chains = workers.map(|mut worker| worker.take_trace(&shared.job));
        RunResult {
            chains: chains.collect(),
            elapsed: lock(&shared.control).elapsed,
        }
    }

    fn join(&mut self) {
        for thread in self.threads.drain(..) {
            // A panic of a chain is caught inside the thread and is part of its trace.
            let _ = thread.join();
        }
    }
}

/// The note that was saved with a [`checkpoint`](Run::checkpoint).
///
/// # Errors
///
/// [`Error::Checkpoint`] if the bytes are damaged or of another version.
pub fn checkpoint_note(checkpoint: &[u8]) -> Result<Vec<u8>> {
    open(Kind::Run, checkpoint)
        .and_then(|mut input| Vec::read(&mut input))
        .map_err(refused)
}

impl Drop for Run {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            self.cancel();
            self.join();
        }
    }
}

fn job(target: Arc<dyn Target>, settings: SampleSettings) -> Job {
    Job {
        dim: target.dim(),
        num_values: target.num_values(),
        target,
        settings,
        gate: Gate::default(),
    }
}

fn read_workers(checkpoint: &[u8], job: &Job) -> ReadResult<(Vec<Worker>, Duration)> {
    let mut input = open(Kind::Run, checkpoint)?;
    let _note = Vec::<u8>::read(&mut input)?;
    check_settings(&String::read(&mut input)?, &job.settings)?;
    check_dim(usize::read(&mut input)?, job.dim)?;
    let num_values = usize::read(&mut input)?;
    if num_values != job.num_values {
        return Err(format!(
            "stores {num_values} values a draw, and this model {}",
            job.num_values
        ));
    }
    let elapsed = Duration::read(&mut input)?;
    let chains = 0..job.settings.num_chains;
    let workers = chains.map(|_| Worker::restore(&mut input, job));
    let workers = workers.collect::<ReadResult<_>>()?;
    input.finish()?;
    Ok((workers, elapsed))
}

/// Checks that the log density is what it was, at the first chain that has started.
fn check_target(workers: &[Worker], job: &Job) -> Result<()> {
    let Some(state) = workers.iter().find_map(Worker::state) else {
        return Ok(());
    };
    let (mut logdensity, _) = prepare(job)?;
    let mut gradient = vec![0.0; job.dim];
    let now = logdensity
        .evaluate(&state.current.position, &mut gradient)
        .unwrap_or(f64::NAN);
    let then = state.current.logdensity;
    if (now - then).abs() <= 1e-8 * (1.0 + then.abs()) {
        return Ok(());
    }
    Err(refused(format!(
        "belongs to another model or other data: where chain {} is, the log density was {then} and \
         is {now} now",
        state.chain
    )))
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
