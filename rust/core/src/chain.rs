//! One chain: warmup, then draws, one transition at a time.
//!
//! A chain knows nothing of threads or of other chains.

use std::sync::atomic::{AtomicBool, Ordering};

use rand::RngExt;

use crate::adapt::{self, Adaptation, Member, Observation, search_step_size};
use crate::error::{Error, Result, Stop};
use crate::expand::Expand;
use crate::hamiltonian::{Hamiltonian, Leap};
use crate::init::{Search, find_start, send_scouts};
use crate::logdensity::{EvalError, LogDensity};
use crate::metric::{ChainMetric, Metric, Whitening};
use crate::nuts::{Growth, Halt, LocalSteps, Nuts, TransitionInfo};
use crate::point::Evaluation;
use crate::record::record;
use crate::rng::{ChainRng, chain_rng};
use crate::settings::SampleSettings;
use crate::sink::{Draw, Sink};
use crate::stats::DrawStats;

/// All that a chain carries from one transition to the next.
///
/// A chain made from a copy of it (with [`Chain::resume`], the same settings and the same target)
/// continues bit for bit, also in the middle of warmup.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainState {
    /// Number of the chain.
    pub chain: usize,
    /// Iterations finished, warmup included.
    pub iteration: usize,
    /// The iteration at which warmup ends, as far as is known: pooled warmup may change it.
    pub num_tune: usize,
    /// The position that it was to start around.
    pub origin: Vec<f64>,
    /// Where the chain is.
    pub current: Evaluation,
    /// The metric in use, and where it takes the center to be.
    pub whitening: Whitening,
    /// What warmup has learnt so far.
    pub adaptation: Adaptation,
    /// The place in the stream of random numbers.
    pub rng: ChainRng,
    /// Evaluations of the log density so far.
    pub num_gradients: u64,
    /// Draws whose stored variables could not be computed, for a recoverable reason.
    pub num_failed_expansions: usize,
}

record!(ChainState {
    chain,
    iteration,
    num_tune,
    origin,
    current,
    whitening,
    adaptation,
    rng,
    num_gradients,
    num_failed_expansions,
});

/// A chain that can take its next draw.
#[derive(Debug)]
pub struct Chain<L, E> {
    state: ChainState,
    settings: SampleSettings,
    logdensity: L,
    expand: E,
    nuts: Nuts,
    values: Vec<f64>,
    /// Twice as long as a position.
    scratch: Vec<f64>,
}

impl ChainState {
    /// Finds a start near `initial_position`, and a first metric there.
    ///
    /// # Errors
    ///
    /// [`Stop::Interrupted`] if `interrupt` became true, or [`Stop::Failed`] with
    /// [`Error::Initialization`] or [`Error::LogDensity`].
    pub fn start<L: LogDensity + ?Sized>(
        logdensity: &mut L,
        chain: usize,
        initial_position: &[f64],
        settings: &SampleSettings,
        interrupt: &AtomicBool,
    ) -> Result<Self, Stop> {
        let mut rng = chain_rng(settings.seed, chain);
        let mut num_gradients = 0;
        let current = find_start(
            logdensity,
            initial_position,
            &settings.init,
            chain,
            &mut rng,
            &mut num_gradients,
            interrupt,
        )?;
        let adaptation = Adaptation::new(current.position.len(), settings);
        Ok(Self {
            chain,
            iteration: 0,
            num_tune: adaptation.num_tune(settings),
            whitening: Whitening::new(Adaptation::first_metric(&current.gradient, settings)),
            adaptation,
            origin: initial_position.to_vec(),
            current,
            rng,
            num_gradients,
            num_failed_expansions: 0,
        })
    }
}

impl<L: LogDensity, E: Expand> Chain<L, E> {
    /// A chain that continues from `state`.
    pub fn resume(logdensity: L, expand: E, state: ChainState, settings: SampleSettings) -> Self {
        let nuts = Nuts::new(state.current.position.len(), settings.nuts.max_treedepth);
        let values = vec![f64::NAN; expand.num_values()];
        let scratch = vec![f64::NAN; 2 * state.current.position.len()];
        Self {
            state,
            settings,
            logdensity,
            expand,
            nuts,
            values,
            scratch,
        }
    }

    /// What the chain carries to its next transition.
    pub fn state(&self) -> &ChainState {
        &self.state
    }

    /// What the chain carries to its next transition, for [`meet`].
    pub fn state_mut(&mut self) -> &mut ChainState {
        &mut self.state
    }

    /// Whether the next transition belongs to warmup.
    pub fn is_tuning(&self) -> bool {
        self.state.iteration < self.state.num_tune
    }

    /// Whether the chain must [`meet`] the others before its next transition.
    ///
    /// It may have to [`prepare`](Self::prepare) for that.
    pub fn wants_meeting(&self) -> bool {
        self.state.adaptation.wants_meeting(self.state.iteration)
    }

    /// Searches a step size, or better places, if they are wanted before the next transition or
    /// meeting.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    pub fn prepare(&mut self, interrupt: &AtomicBool) -> Result<(), Stop> {
        if self.state.adaptation.wants_search() {
            self.search_step_size(interrupt)?;
        }
        let ChainState {
            adaptation,
            iteration,
            ..
        } = &self.state;
        if adaptation.wants_scouts(*iteration, &self.settings) {
            self.scout(interrupt)?;
        }
        Ok(())
    }

    /// Whether the chain has taken all its draws.
    pub fn is_finished(&self) -> bool {
        let last = self.state.num_tune.saturating_add(self.settings.num_draws);
        self.state.iteration >= last
    }

    /// Takes one transition and, if the draw is to be stored, hands it to `sink`.
    ///
    /// # Errors
    ///
    /// [`Stop::Interrupted`] if `interrupt` became true: the chain is then as it was before.
    /// [`Stop::Failed`] if the log density, the expansion or the sink failed.
    pub fn step(&mut self, sink: &mut dyn Sink, interrupt: &AtomicBool) -> Result<DrawStats, Stop> {
        self.prepare(interrupt)?;
        debug_assert!(!self.wants_meeting(), "chains meet before they go on");
        let tuning = self.is_tuning();
        let (step_size, info) = self.transition(interrupt)?;
        let mut stats = self.stats(&info, step_size, tuning);
        if tuning {
            self.adapt(&info);
        }
        stats.step_size_bar = self.state.adaptation.step_size_bar(&self.settings);
        if !tuning || self.settings.store_warmup {
            self.record(&stats, sink)?;
        }
        self.state.iteration += 1;
        Ok(stats)
    }

    /// Climbs from further starts, and keeps what is higher than where the chain is.
    fn scout(&mut self, interrupt: &AtomicBool) -> Result<(), Stop> {
        let state = &mut self.state;
        let Adaptation::Pooled(pooled) = &mut state.adaptation else {
            return Ok(());
        };
        let search = Search {
            chain: state.chain,
            origin: &state.origin,
            above: pooled.height_of_interest(&state.whitening),
        };
        let (mut rng, mut num_gradients) = (state.rng.clone(), 0);
        let summits = send_scouts(
            &mut self.logdensity,
            search,
            &self.settings,
            &mut rng,
            &mut num_gradients,
            interrupt,
        )?;
        pooled.take_summits(summits);
        state.rng = rng;
        state.num_gradients += num_gradients;
        Ok(())
    }

    /// Searches a step size for the metric in use and restarts its adaptation there.
    fn search_step_size(&mut self, interrupt: &AtomicBool) -> Result<(), Stop> {
        let mut rng = self.state.rng.clone();
        let mut num_gradients = 0;
        let initial = self.settings.step_size.initial;
        let target = self.settings.nuts.target_accept;
        let found = search_step_size(initial, target, |step_size| {
            if interrupt.load(Ordering::Relaxed) {
                return Err(Halt::Interrupted);
            }
            num_gradients += 1;
            self.with_kernel(&TryLeapfrog { step_size }, &mut rng)
        });
        let state = &mut self.state;
        state
            .adaptation
            .restart_step_size(found.map_err(|halt| state.stop(halt))?);
        state.rng = rng;
        state.num_gradients += num_gradients;
        Ok(())
    }

    /// Takes a transition; returns the step size used, too.
    fn transition(&mut self, interrupt: &AtomicBool) -> Result<(f64, TransitionInfo), Stop> {
        let mut rng = self.state.rng.clone();
        let base = self
            .state
            .adaptation
            .step_size(&self.settings, self.is_tuning());
        let jitter = self.settings.nuts.step_size_jitter;
        let step_size = base * (1.0 + jitter * rng.random_range(-1.0..=1.0));
        let growth = Growth {
            step_size,
            max_treedepth: self.state.adaptation.max_treedepth(&self.settings),
            local_steps: self
                .settings
                .nuts
                .local_steps
                .then(|| LocalSteps::new(self.is_tuning())),
            interrupt,
        };
        let info = self.with_kernel(&growth, &mut rng);
        let state = &mut self.state;
        let info = info.map_err(|halt| state.stop(halt))?;
        state.rng = rng;
        state.num_gradients += info.n_steps as u64;
        Ok((step_size, info))
    }

    /// Does `work` with the kernel that is compiled for the kind of metric in use.
    fn with_kernel<W: Work>(&mut self, work: &W, rng: &mut ChainRng) -> Result<W::Output, Halt> {
        let ChainState {
            whitening, current, ..
        } = &mut self.state;
        let (nuts, logdensity) = (&mut self.nuts, &mut self.logdensity);
        let limit = self.settings.nuts.max_energy_error;
        match whitening.metric() {
            ChainMetric::Diagonal(metric) => {
                work.run(nuts, &mut system(metric, logdensity, limit), current, rng)
            }
            ChainMetric::LowRank(metric) => {
                work.run(nuts, &mut system(metric, logdensity, limit), current, rng)
            }
            ChainMetric::Dense(metric) => {
                work.run(nuts, &mut system(metric, logdensity, limit), current, rng)
            }
        }
    }

    fn adapt(&mut self, info: &TransitionInfo) {
        let state = &mut self.state;
        let observation = Observation {
            position: &state.current.position,
            gradient: &state.current.gradient,
            logdensity: state.current.logdensity,
            index_in_trajectory: info.index_in_trajectory,
            diverging: info.divergence.is_some(),
            acceptance_rate: info.acceptance_rate,
            symmetric_acceptance_rate: info.symmetric_acceptance_rate,
        };
        state.adaptation.update(
            &self.settings,
            state.iteration,
            &observation,
            &mut state.whitening,
        );
    }

    /// What is known of a draw before anything is learnt from it.
    fn stats(&mut self, info: &TransitionInfo, step_size: f64, tuning: bool) -> DrawStats {
        let reason = info
            .divergence
            .map_or(0, |divergence| divergence.reason as i64);
        let ChainState {
            whitening, current, ..
        } = &self.state;
        let (position, gradient) = (&current.position, &current.gradient);
        DrawStats {
            lp: current.logdensity,
            energy: info.energy,
            energy_error: info.energy_error,
            max_energy_error: info.max_energy_error,
            acceptance_rate: info.acceptance_rate,
            step_size,
            step_size_bar: f64::NAN,
            tree_depth: signed(info.tree_depth),
            n_steps: signed(info.n_steps),
            index_in_trajectory: info.index_in_trajectory,
            diverging: info.divergence.is_some(),
            divergence_reason: reason,
            reached_max_treedepth: info.reached_max_treedepth,
            fisher_distance: whitening.fisher_distance(position, gradient, &mut self.scratch),
            metric_kind: whitening.metric().kind() as i64,
            metric_version: i64::try_from(whitening.version()).unwrap_or(i64::MAX),
            tuning,
        }
    }

    /// Expands the draw and hands it to the sink.
    fn record(&mut self, stats: &DrawStats, sink: &mut dyn Sink) -> Result<()> {
        let state = &mut self.state;
        let (position, draw) = (&state.current.position, state.iteration);
        match self.expand.expand(position, &mut self.values) {
            Ok(()) => {}
            Err(EvalError::Recoverable(_)) => {
                self.values.fill(f64::NAN);
                state.num_failed_expansions += 1;
            }
            Err(EvalError::Fatal(reason)) => {
                let chain = state.chain;
                return Err(Error::Expand {
                    chain,
                    draw,
                    reason,
                });
            }
        }
        let before = if stats.tuning { 0 } else { state.num_tune };
        sink.record(&Draw {
            index: draw - before,
            position,
            values: &self.values,
            divergence_start: stats.diverging.then(|| self.nuts.divergence_start()),
            stats,
        })
    }
}

impl ChainState {
    /// What a halt in a transition means for the chain.
    fn stop(&self, halt: Halt) -> Stop {
        match halt {
            Halt::Interrupted => Stop::Interrupted,
            Halt::Fatal(reason) => Error::LogDensity {
                chain: self.chain,
                draw: self.iteration,
                reason,
            }
            .into(),
        }
    }
}

/// Lets chains that all wait for a meeting go on.
///
/// They agree on a metric or on a step size, and perhaps on a longer or a shorter warmup. The result
/// depends on their states alone. `states` are all chains that are still alive, in order; those
/// without a pooled warmup have no part in it.
pub fn meet(states: &mut [&mut ChainState], settings: &SampleSettings) {
    let Some(iteration) = states.first().map(|state| state.iteration) else {
        return;
    };
    let members = states.iter_mut().filter_map(|state| {
        let ChainState {
            adaptation,
            whitening,
            current,
            rng,
            num_tune,
            ..
        } = &mut **state;
        let Adaptation::Pooled(adaptation) = adaptation else {
            return None;
        };
        Some(Member {
            adaptation,
            whitening,
            current,
            rng,
            num_tune,
        })
    });
    let mut members: Vec<Member<'_>> = members.collect();
    if !members.is_empty() {
        adapt::meet(&mut members, iteration, settings);
    }
}

/// What is done with a kernel of any kind of metric.
trait Work {
    type Output;
    fn run<M: Metric, L: LogDensity>(
        &self,
        nuts: &mut Nuts,
        system: &mut Hamiltonian<'_, M, L>,
        current: &mut Evaluation,
        rng: &mut ChainRng,
    ) -> Result<Self::Output, Halt>;
}

/// A single leapfrog, to see whether the step size is right.
struct TryLeapfrog {
    step_size: f64,
}

impl Work for TryLeapfrog {
    type Output = Leap;

    fn run<M: Metric, L: LogDensity>(
        &self,
        nuts: &mut Nuts,
        system: &mut Hamiltonian<'_, M, L>,
        current: &mut Evaluation,
        rng: &mut ChainRng,
    ) -> Result<Leap, Halt> {
        nuts.try_leapfrog(system, current, self.step_size, rng)
    }
}

impl Work for Growth<'_> {
    type Output = TransitionInfo;

    fn run<M: Metric, L: LogDensity>(
        &self,
        nuts: &mut Nuts,
        system: &mut Hamiltonian<'_, M, L>,
        current: &mut Evaluation,
        rng: &mut ChainRng,
    ) -> Result<TransitionInfo, Halt> {
        nuts.transition(system, current, self, rng)
    }
}

fn system<'a, M: Metric, L: LogDensity>(
    metric: &'a M,
    logdensity: &'a mut L,
    max_energy_error: f64,
) -> Hamiltonian<'a, M, L> {
    Hamiltonian {
        metric,
        logdensity,
        max_energy_error,
    }
}

/// Counts of a trajectory are below 2^21.
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
