//! One chain from its start to its trace, in stretches of work. Panics end here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::adapt::PooledAdaptation;
use crate::chain::{Chain, ChainState};
use crate::error::{Error, Result, Stop};
use crate::expand::Expand;
use crate::goal::{Gate, Reached};
use crate::logdensity::LogDensity;
use crate::progress::ChainProgress;
use crate::record::{ReadResult, Reader, Record};
use crate::settings::SampleSettings;
use crate::sink::Sink;
use crate::stats::DrawStats;
use crate::storage::{DrawTable, MemorySink};
use crate::target::Target;
use crate::trace::{ChainOutcome, ChainTrace};

/// What all chains of a run have in common.
pub(crate) struct Job {
    pub(crate) target: Arc<dyn Target>,
    pub(crate) dim: usize,
    pub(crate) num_values: usize,
    pub(crate) settings: SampleSettings,
    pub(crate) gate: Gate,
}

/// How a stretch of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halted {
    /// The chain can go on whenever it may.
    Parked,
    /// The chain must meet the others before it can go on.
    Waiting,
    /// The chain has ended.
    Ended,
}

/// A chain, with all that it will leave behind.
pub(crate) struct Worker {
    number: usize,
    start: Vec<f64>,
    stage: Stage,
    sink: Option<MemorySink>,
    tuning_time: Duration,
    sampling_time: Duration,
}

enum Stage {
    /// Not begun.
    Waiting,
    /// To go on from here.
    Saved(Box<ChainState>),
    /// Begun.
    Live(Box<TargetChain>),
    /// Ended; without a state if it did not start.
    Ended(Option<Box<ChainState>>, ChainOutcome),
}

type TargetChain = Chain<Box<dyn LogDensity + Send>, Box<dyn Expand + Send>>;

impl Worker {
    /// A chain that will look for its start around `start`.
    pub(crate) fn new(number: usize, start: Vec<f64>) -> Self {
        Self {
            number,
            start,
            stage: Stage::Waiting,
            sink: None,
            tuning_time: Duration::ZERO,
            sampling_time: Duration::ZERO,
        }
    }

    /// Samples until the chain has ended, must meet the others, or is to park; at least one
    /// transition, if it can. `after_draw` is called after each.
    pub(crate) fn advance(
        &mut self,
        job: &Job,
        mut after_draw: impl FnMut(&ChainState, &DrawStats),
    ) -> Halted {
        // A panic can leave half written what belongs to one transition only. The chain is not
        // continued after it, and its state and its sink change between transitions.
        let sample = AssertUnwindSafe(|| self.sample(job, &mut after_draw));
        let outcome = match catch_unwind(sample) {
            Ok(Ok(Halted::Ended)) => ChainOutcome::Complete,
            Ok(Ok(halted)) => return halted,
            Ok(Err(Stop::Interrupted)) => ChainOutcome::Cancelled,
            Ok(Err(Stop::Failed(error))) => ChainOutcome::Failed(error),
            Err(payload) => self.panicked(payload.as_ref()),
        };
        self.end(outcome);
        Halted::Ended
    }

    /// The outcome of a chain in whose code something panicked.
    pub(crate) fn panicked(&self, payload: &(dyn Any + Send)) -> ChainOutcome {
        ChainOutcome::Failed(Error::Panic {
            chain: self.number,
            message: panic_message(payload),
        })
    }

    /// The state of a chain that was begun, for a meeting.
    pub(crate) fn state_mut(&mut self) -> Option<&mut ChainState> {
        match &mut self.stage {
            Stage::Live(chain) => Some(chain.state_mut()),
            Stage::Waiting | Stage::Saved(_) | Stage::Ended(..) => None,
        }
    }

    /// How the chain ended, if it has.
    pub(crate) fn outcome(&self) -> Option<&ChainOutcome> {
        match &self.stage {
            Stage::Ended(_, outcome) => Some(outcome),
            Stage::Waiting | Stage::Saved(_) | Stage::Live(_) => None,
        }
    }

    /// What the chain carries from transition to transition, once it has started.
    pub(crate) fn state(&self) -> Option<&ChainState> {
        match &self.stage {
            Stage::Waiting => None,
            Stage::Saved(state) => Some(state),
            Stage::Live(chain) => Some(chain.state()),
            Stage::Ended(state, _) => state.as_deref(),
        }
    }

    /// How far the chain has come.
    pub(crate) fn reached(&self) -> Reached {
        self.state().map_or(
            Reached {
                iterations: 0,
                draws: None,
            },
            reached,
        )
    }

    /// Shows a chain that was saved where it is.
    pub(crate) fn show(&self, progress: &mut ChainProgress) {
        let Some(state) = self.state() else { return };
        progress.go_on(state, self.outcome().is_some());
        progress.divergences = self.sink.as_ref().map_or(0, MemorySink::num_divergences);
    }

    /// What the chain has so far; its draws are copied.
    pub(crate) fn inspect(&self, job: &Job) -> ChainTrace {
        let outcome = self.outcome().cloned().unwrap_or(ChainOutcome::Running);
        self.trace(job, self.sink.clone(), outcome)
    }

    /// What the chain leaves; its draws are moved.
    pub(crate) fn take_trace(&mut self, job: &Job) -> ChainTrace {
        let outcome = self.outcome().cloned().unwrap_or(ChainOutcome::Running);
        let sink = self.sink.take();
        self.trace(job, sink, outcome)
    }

    fn sample(
        &mut self,
        job: &Job,
        after_draw: &mut impl FnMut(&ChainState, &DrawStats),
    ) -> Result<Halted, Stop> {
        let gate = &job.gate;
        if gate.cancelled.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        let begun = Instant::now();
        let (tuned, sampled) = (self.tuning_time, self.sampling_time);
        self.begin(job)?;
        let (Stage::Live(chain), Some(sink)) = (&mut self.stage, &mut self.sink) else {
            return Ok(Halted::Parked);
        };
        loop {
            if chain.is_finished() {
                sink.finish()?;
                return Ok(Halted::Ended);
            }
            if gate.is_reached(reached(chain.state())) {
                return Ok(Halted::Parked);
            }
            chain.prepare(&gate.cancelled)?;
            if chain.wants_meeting() {
                self.tuning_time = tuned + begun.elapsed();
                return Ok(Halted::Waiting);
            }
            let stats = chain.step(sink, &gate.cancelled)?;
            if stats.tuning {
                self.tuning_time = tuned + begun.elapsed();
            } else {
                let tuning_now = self.tuning_time.saturating_sub(tuned);
                self.sampling_time = sampled + begun.elapsed().saturating_sub(tuning_now);
            }
            after_draw(chain.state(), &stats);
            if gate.hold.load(Ordering::Relaxed) && !chain.is_finished() {
                return Ok(Halted::Parked);
            }
        }
    }

    /// Makes a live chain of one that waits or was saved.
    fn begin(&mut self, job: &Job) -> Result<(), Stop> {
        let settings = &job.settings;
        let state = match &self.stage {
            Stage::Live(_) | Stage::Ended(..) => return Ok(()),
            Stage::Waiting => None,
            Stage::Saved(state) => Some(ChainState::clone(state)),
        };
        let (mut logdensity, expand) = prepare(job)?;
        if self.sink.is_none() {
            let (dim, num_values) = (job.dim, expand.num_values());
            self.sink = Some(MemorySink::new(self.number, dim, num_values, settings)?);
        }
        let state = match state {
            Some(state) => state,
            None => ChainState::start(
                &mut logdensity,
                self.number,
                &self.start,
                settings,
                &job.gate.cancelled,
            )?,
        };
        let chain = Chain::resume(logdensity, expand, state, settings.clone());
        self.stage = Stage::Live(Box::new(chain));
        Ok(())
    }

    /// Ends the chain.
    pub(crate) fn end(&mut self, outcome: ChainOutcome) {
        let state = self.state().cloned().map(Box::new);
        let old = std::mem::replace(&mut self.stage, Stage::Ended(state, outcome));
        // Dropping a log density is foreign code, too; its panic must not take the trace along.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(old)));
    }

    fn trace(&self, job: &Job, sink: Option<MemorySink>, outcome: ChainOutcome) -> ChainTrace {
        let settings = &job.settings;
        let (warmup, draws) = sink.map_or_else(
            || {
                let empty = DrawTable::empty(job.num_values, settings);
                (settings.store_warmup.then(|| empty.clone()), empty)
            },
            MemorySink::into_tables,
        );
        let state = self.state();
        let pooled = state.and_then(|state| state.adaptation.pooled());
        ChainTrace {
            chain: self.number,
            outcome,
            draws,
            warmup,
            num_tune: state.map_or(0, |state| state.iteration.min(state.num_tune)),
            num_gradients: state.map_or(0, |state| state.num_gradients),
            num_failed_expansions: state.map_or(0, |state| state.num_failed_expansions),
            step_size: state.map_or(f64::NAN, |state| state.adaptation.step_size_bar(settings)),
            inverse_mass_matrix: state.map_or_else(Vec::new, |state| {
                state.whitening.metric().inverse_mass_matrix_diagonal()
            }),
            metric: state.map(|state| state.whitening.metric().clone()),
            position: state.map(|state| state.current.position.clone()),
            num_quarantines: pooled.map_or(0, PooledAdaptation::num_quarantines),
            num_restarts: pooled.map_or(0, PooledAdaptation::num_restarts),
            tuning_time: self.tuning_time,
            sampling_time: self.sampling_time,
        }
    }

    /// Writes what it takes to go on from here.
    pub(crate) fn save(&self, out: &mut Vec<u8>) {
        self.number.write(out);
        self.start.write(out);
        let state = self.state();
        state.is_some().write(out);
        if let Some(state) = state {
            state.write(out);
        }
        self.sink.write(out);
        self.tuning_time.write(out);
        self.sampling_time.write(out);
    }

    /// Reads a chain that goes on where [`save`](Self::save) left it.
    pub(crate) fn restore(input: &mut Reader<'_>, job: &Job) -> ReadResult<Self> {
        let mut worker = Self::new(usize::read(input)?, Vec::read(input)?);
        if let Some(state) = Option::<ChainState>::read(input)? {
            let enough = state.num_tune.saturating_add(job.settings.num_draws);
            if state.iteration > enough {
                return Err(format!(
                    "holds {} draws of chain {}, more than the {} asked for",
                    state.iteration.saturating_sub(state.num_tune),
                    worker.number,
                    job.settings.num_draws
                ));
            }
            worker.stage = if state.iteration == enough {
                Stage::Ended(Some(Box::new(state)), ChainOutcome::Complete)
            } else {
                Stage::Saved(Box::new(state))
            };
        }
        worker.sink = Option::read(input)?;
        if let Some(sink) = &mut worker.sink {
            sink.reserve_again(job.dim, &job.settings)
                .ok_or("holds draws that do not fit the model or the memory")?;
        }
        worker.tuning_time = Duration::read(input)?;
        worker.sampling_time = Duration::read(input)?;
        Ok(worker)
    }
}

fn reached(state: &ChainState) -> Reached {
    // A meeting may prolong the warmup.
    let is_open = state.adaptation.wants_meeting(state.iteration);
    let draws = state.iteration.checked_sub(state.num_tune);
    Reached {
        iterations: state.iteration,
        draws: draws.filter(|_| !is_open),
    }
}

/// Makes the log density and the expansion of a chain.
pub(crate) fn prepare(job: &Job) -> Result<(Box<dyn LogDensity + Send>, Box<dyn Expand + Send>)> {
    let logdensity = job.target.logdensity()?;
    let (dim, expected) = (logdensity.dim(), job.dim);
    if dim != expected {
        let reason = format!("its log density has {dim} parameters instead of {expected}");
        return Err(Error::Target { reason });
    }
    Ok((logdensity, job.target.expand()?))
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
