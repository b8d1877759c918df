//! One chain from its start to its trace, in stretches of work. Panics end here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::chain::{Chain, ChainState};
use crate::error::{Error, Result, Stop};
use crate::expand::Expand;
use crate::goal::{Gate, Reached};
use crate::logdensity::LogDensity;
use crate::progress::{ChainPhase, ChainProgress};
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

/// A chain, with all that it will leave behind.
pub(crate) struct Worker {
    number: usize,
    num_tune: usize,
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
    pub(crate) fn new(number: usize, start: Vec<f64>, num_tune: usize) -> Self {
        Self {
            number,
            num_tune,
            start,
            stage: Stage::Waiting,
            sink: None,
            tuning_time: Duration::ZERO,
            sampling_time: Duration::ZERO,
        }
    }

    /// Samples until the chain has ended (true) or is to park (false), at least one transition.
    ///
    /// `after_draw` is called after each transition.
    pub(crate) fn advance(
        &mut self,
        job: &Job,
        mut after_draw: impl FnMut(&ChainState, &DrawStats),
    ) -> bool {
        // A panic can leave half written what belongs to one transition only. The chain is not
        // continued after it, and its state and its sink change between transitions.
        let sample = AssertUnwindSafe(|| self.sample(job, &mut after_draw));
        let outcome = match catch_unwind(sample) {
            Ok(Ok(false)) => return false,
            Ok(Ok(true)) => ChainOutcome::Complete,
            Ok(Err(Stop::Interrupted)) => ChainOutcome::Cancelled,
            Ok(Err(Stop::Failed(error))) => ChainOutcome::Failed(error),
            Err(payload) => ChainOutcome::Failed(Error::Panic {
                chain: self.number,
                message: panic_message(payload.as_ref()),
            }),
        };
        self.end(outcome);
        true
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
            |state| reached(state, self.num_tune),
        )
    }

    /// Shows a chain that was saved where it is.
    pub(crate) fn show(&self, progress: &mut ChainProgress, num_tune: usize) {
        let Some(state) = self.state() else { return };
        progress.finished_draws = state.iteration;
        progress.num_gradients = state.num_gradients;
        progress.phase = match self.outcome() {
            Some(_) => ChainPhase::Finished,
            None if state.iteration < num_tune => ChainPhase::Warmup,
            None => ChainPhase::Sampling,
        };
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
    ) -> Result<bool, Stop> {
        let gate = &job.gate;
        if gate.cancelled.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        let begun = Instant::now();
        let (tuned, sampled) = (self.tuning_time, self.sampling_time);
        self.begin(job)?;
        let (Stage::Live(chain), Some(sink)) = (&mut self.stage, &mut self.sink) else {
            return Ok(false);
        };
        loop {
            if chain.is_finished() {
                sink.finish()?;
                return Ok(true);
            }
            if gate.is_reached(reached(chain.state(), job.settings.num_tune)) {
                return Ok(false);
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
                return Ok(false);
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

    fn end(&mut self, outcome: ChainOutcome) {
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
        ChainTrace {
            chain: self.number,
            outcome,
            draws,
            warmup,
            num_tune: state.map_or(0, |state| state.iteration.min(settings.num_tune)),
            num_gradients: state.map_or(0, |state| state.num_gradients),
            num_failed_expansions: state.map_or(0, |state| state.num_failed_expansions),
            step_size: state.map_or(f64::NAN, |state| state.adaptation.step_size.step_size_bar()),
            inverse_mass_matrix: state
                .map_or_else(Vec::new, |state| state.metric.inverse_mass_matrix()),
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
        let mut worker = Self::new(
            usize::read(input)?,
            Vec::read(input)?,
            job.settings.num_tune,
        );
        if let Some(state) = Option::<ChainState>::read(input)? {
            let enough = job.settings.num_tune.saturating_add(job.settings.num_draws);
            if state.iteration > enough {
                return Err(format!(
                    "holds {} draws of chain {}, more than the {} asked for",
                    state.iteration.saturating_sub(job.settings.num_tune),
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

fn reached(state: &ChainState, num_tune: usize) -> Reached {
    Reached {
        iterations: state.iteration,
        draws: state.iteration.checked_sub(num_tune),
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
