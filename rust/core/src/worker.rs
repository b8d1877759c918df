//! One chain from its start to its trace. Panics end here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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

/// What a worker is to do.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub(crate) chain: usize,
    pub(crate) target: &'a dyn Target,
    pub(crate) num_values: usize,
    pub(crate) settings: &'a SampleSettings,
    pub(crate) initial_position: &'a [f64],
    pub(crate) cancelled: &'a AtomicBool,
}

/// What is there when a chain has ended, however it ended.
#[derive(Default)]
struct Remains {
    sink: Option<MemorySink>,
    chain: Option<TargetChain>,
    tuning_time: Duration,
    sampling_time: Duration,
}

type TargetChain = Chain<Box<dyn LogDensity + Send>, Box<dyn Expand + Send>>;

impl Job<'_> {
    /// Samples the chain to its end. `after_draw` is called after each transition.
    pub(crate) fn run(&self, mut after_draw: impl FnMut(&ChainState, &DrawStats)) -> ChainTrace {
        let mut remains = Remains::default();
        // A panic can leave half written what belongs to one transition only. The chain is not
        // continued after it, and its state and its sink change between transitions.
        let sample = AssertUnwindSafe(|| self.sample(&mut remains, &mut after_draw));
        let outcome = match catch_unwind(sample) {
            Ok(Ok(())) => ChainOutcome::Complete,
            Ok(Err(Stop::Interrupted)) => ChainOutcome::Cancelled,
            Ok(Err(Stop::Failed(error))) => ChainOutcome::Failed(error),
            Err(payload) => {
                let message = panic_message(payload.as_ref());
                ChainOutcome::Failed(Error::Panic {
                    chain: self.chain,
                    message,
                })
            }
        };
        self.trace(remains, outcome)
    }

    fn sample(
        &self,
        remains: &mut Remains,
        after_draw: &mut impl FnMut(&ChainState, &DrawStats),
    ) -> Result<(), Stop> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        let started = Instant::now();
        let Self {
            chain: number,
            settings,
            initial_position,
            cancelled,
            ..
        } = *self;
        let (mut logdensity, expand) = self.prepare()?;
        let (dim, num_values) = (initial_position.len(), expand.num_values());
        let sink = remains
            .sink
            .insert(MemorySink::new(number, dim, num_values, settings)?);
        let state = ChainState::start(
            &mut logdensity,
            number,
            initial_position,
            settings,
            cancelled,
        )?;
        let chain = Chain::resume(logdensity, expand, state, settings.clone());
        let chain = remains.chain.insert(chain);
        while !chain.is_finished() {
            let stats = chain.step(sink, cancelled)?;
            if stats.tuning {
                remains.tuning_time = started.elapsed();
            } else {
                remains.sampling_time = started.elapsed().saturating_sub(remains.tuning_time);
            }
            after_draw(chain.state(), &stats);
        }
        Ok(sink.finish()?)
    }

    fn prepare(&self) -> Result<(Box<dyn LogDensity + Send>, Box<dyn Expand + Send>)> {
        let logdensity = self.target.logdensity()?;
        let (dim, expected) = (logdensity.dim(), self.initial_position.len());
        if dim != expected {
            let reason = format!("its log density has {dim} parameters instead of {expected}");
            return Err(Error::Target { reason });
        }
        Ok((logdensity, self.target.expand()?))
    }

    fn trace(&self, remains: Remains, outcome: ChainOutcome) -> ChainTrace {
        let settings = self.settings;
        let (warmup, draws) = remains.sink.map_or_else(
            || {
                let empty = DrawTable::empty(self.num_values, settings);
                (settings.store_warmup.then(|| empty.clone()), empty)
            },
            MemorySink::into_tables,
        );
        let state = remains.chain.as_ref().map(Chain::state);
        let trace = ChainTrace {
            chain: self.chain,
            outcome,
            draws,
            warmup,
            num_tune: state.map_or(0, |state| state.iteration.min(settings.num_tune)),
            num_gradients: state.map_or(0, |state| state.num_gradients),
            num_failed_expansions: state.map_or(0, |state| state.num_failed_expansions),
            step_size: state.map_or(f64::NAN, |state| state.adaptation.step_size.step_size_bar()),
            inverse_mass_matrix: state
                .map_or_else(Vec::new, |state| state.metric.inverse_mass_matrix()),
            tuning_time: remains.tuning_time,
            sampling_time: remains.sampling_time,
        };
        // Dropping a log density is foreign code, too; its panic must not take the trace along.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(remains.chain)));
        trace
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
