//! One chain from its start to its trace. Panics end here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::adapt::PooledAdaptation;
use crate::chain::{Chain, ChainState};
use crate::error::{Error, Result, Stop};
use crate::expand::Expand;
use crate::logdensity::LogDensity;
use crate::settings::SampleSettings;
use crate::sink::Sink;
use crate::stats::DrawStats;
use crate::storage::{DrawTable, MemorySink};
use crate::target::Target;
use crate::trace::{ChainOutcome, ChainTrace};

/// One chain on its way from its start to its trace; any thread may take it on.
pub(crate) struct Worker {
    pub(crate) number: usize,
    sink: Option<MemorySink>,
    chain: Option<TargetChain>,
    tuning_time: Duration,
    sampling_time: Duration,
}

/// What a chain is sampled with.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) target: &'a dyn Target,
    pub(crate) num_values: usize,
    pub(crate) settings: &'a SampleSettings,
    pub(crate) initial_position: &'a [f64],
    pub(crate) cancelled: &'a AtomicBool,
}

/// Why a worker came back.
pub(crate) enum Halted {
    /// Its chain must meet the others.
    Waiting,
    /// Its chain has ended.
    Ended(ChainOutcome),
}

type TargetChain = Chain<Box<dyn LogDensity + Send>, Box<dyn Expand + Send>>;

impl Worker {
    /// For a chain that has not begun.
    pub(crate) fn new(number: usize) -> Self {
        Self {
            number,
            sink: None,
            chain: None,
            tuning_time: Duration::ZERO,
            sampling_time: Duration::ZERO,
        }
    }

    /// The state of the chain, once it has begun.
    pub(crate) fn state_mut(&mut self) -> Option<&mut ChainState> {
        self.chain.as_mut().map(Chain::state_mut)
    }

    /// Samples until the next meeting or the end. `after_draw` is called after each transition.
    pub(crate) fn advance(
        &mut self,
        job: Job<'_>,
        mut after_draw: impl FnMut(&ChainState, &DrawStats),
    ) -> Halted {
        // A panic can leave half written what belongs to one transition only. The chain is not
        // continued after it, and its state and its sink change between transitions.
        let sample = AssertUnwindSafe(|| self.sample(job, &mut after_draw));
        Halted::Ended(match catch_unwind(sample) {
            Ok(Ok(true)) => ChainOutcome::Complete,
            Ok(Ok(false)) => return Halted::Waiting,
            Ok(Err(Stop::Interrupted)) => ChainOutcome::Cancelled,
            Ok(Err(Stop::Failed(error))) => ChainOutcome::Failed(error),
            Err(payload) => ChainOutcome::Failed(self.panicked(payload.as_ref())),
        })
    }

    /// The error of a chain in whose code something panicked.
    pub(crate) fn panicked(&self, payload: &(dyn Any + Send)) -> Error {
        Error::Panic {
            chain: self.number,
            message: panic_message(payload),
        }
    }

    /// Whether the chain is finished; if not, it waits for a meeting.
    fn sample(
        &mut self,
        job: Job<'_>,
        after_draw: &mut impl FnMut(&ChainState, &DrawStats),
    ) -> Result<bool, Stop> {
        if job.cancelled.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        let started = Instant::now();
        let before = (self.tuning_time, self.sampling_time);
        self.start(job)?;
        let (Some(chain), Some(sink)) = (&mut self.chain, &mut self.sink) else {
            return Ok(true);
        };
        while !chain.is_finished() {
            chain.prepare(job.cancelled)?;
            if chain.wants_meeting() {
                self.tuning_time = before.0 + started.elapsed();
                return Ok(false);
            }
            let stats = chain.step(sink, job.cancelled)?;
            if stats.tuning {
                self.tuning_time = before.0 + started.elapsed();
            } else {
                let since = started.elapsed() + before.0 + before.1;
                self.sampling_time = since.saturating_sub(self.tuning_time);
            }
            after_draw(chain.state(), &stats);
        }
        sink.finish()?;
        Ok(true)
    }

    /// Makes sink and chain, unless that was done before.
    fn start(&mut self, job: Job<'_>) -> Result<(), Stop> {
        if self.chain.is_some() {
            return Ok(());
        }
        let Job {
            settings,
            initial_position,
            cancelled,
            ..
        } = job;
        let (mut logdensity, expand) = job.prepare()?;
        let (dim, num_values) = (initial_position.len(), expand.num_values());
        self.sink = Some(MemorySink::new(self.number, dim, num_values, settings)?);
        let state = ChainState::start(
            &mut logdensity,
            self.number,
            initial_position,
            settings,
            cancelled,
        )?;
        self.chain = Some(Chain::resume(logdensity, expand, state, settings.clone()));
        Ok(())
    }

    /// What the chain leaves behind.
    pub(crate) fn into_trace(self, job: Job<'_>, outcome: ChainOutcome) -> ChainTrace {
        let settings = job.settings;
        let (warmup, draws) = self.sink.map_or_else(
            || {
                let empty = DrawTable::empty(job.num_values, settings);
                (settings.store_warmup.then(|| empty.clone()), empty)
            },
            MemorySink::into_tables,
        );
        let state = self.chain.as_ref().map(Chain::state);
        let pooled = state.and_then(|state| state.adaptation.pooled());
        let trace = ChainTrace {
            chain: self.number,
            outcome,
            draws,
            warmup,
            num_tune: state.map_or(0, |state| state.iteration.min(state.num_tune)),
            num_gradients: state.map_or(0, |state| state.num_gradients),
            num_failed_expansions: state.map_or(0, |state| state.num_failed_expansions),
            step_size: state.map_or(f64::NAN, |state| state.adaptation.step_size_bar(settings)),
            inverse_mass_matrix: state.map_or_else(Vec::new, |state| {
                state.metric.inverse_mass_matrix_diagonal()
            }),
            metric: state.map(|state| state.metric.clone()),
            num_quarantines: pooled.map_or(0, PooledAdaptation::num_quarantines),
            num_restarts: pooled.map_or(0, PooledAdaptation::num_restarts),
            tuning_time: self.tuning_time,
            sampling_time: self.sampling_time,
        };
        // Dropping a log density is foreign code, too; its panic must not take the trace along.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(self.chain)));
        trace
    }
}

impl Job<'_> {
    fn prepare(&self) -> Result<(Box<dyn LogDensity + Send>, Box<dyn Expand + Send>)> {
        let logdensity = self.target.logdensity()?;
        let (dim, expected) = (logdensity.dim(), self.initial_position.len());
        if dim != expected {
            let reason = format!("its log density has {dim} parameters instead of {expected}");
            return Err(Error::Target { reason });
        }
        Ok((logdensity, self.target.expand()?))
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
