//! One chain: warmup, then draws, one transition at a time.
//!
//! A chain knows nothing of threads or of other chains.

use std::sync::atomic::{AtomicBool, Ordering};

use rand::RngExt;

use crate::adapt::{Adaptation, Observation, Schedule, search_step_size};
use crate::error::{Error, Result, Stop};
use crate::expand::Expand;
use crate::hamiltonian::Hamiltonian;
use crate::init::find_start;
use crate::logdensity::{EvalError, LogDensity};
use crate::metric::DiagonalMetric;
use crate::nuts::{Growth, Halt, Nuts, TransitionInfo};
use crate::point::Evaluation;
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
    /// Where the chain is.
    pub current: Evaluation,
    /// The metric in use.
    pub metric: DiagonalMetric,
    /// What warmup has learnt so far.
    pub adaptation: Adaptation,
    /// The place in the stream of random numbers.
    pub rng: ChainRng,
    /// Evaluations of the log density so far.
    pub num_gradients: u64,
    /// Draws whose stored variables could not be computed, for a recoverable reason.
    pub num_failed_expansions: usize,
}

/// A chain that can take its next draw.
#[derive(Debug)]
pub struct Chain<L, E> {
    state: ChainState,
    settings: SampleSettings,
    schedule: Schedule,
    logdensity: L,
    expand: E,
    nuts: Nuts,
    values: Vec<f64>,
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
        Ok(Self {
            chain,
            iteration: 0,
            metric: DiagonalMetric::from_gradient(&current.gradient),
            adaptation: Adaptation::new(current.position.len(), &settings.step_size),
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
        let schedule = Schedule::new(settings.num_tune, &settings.metric);
        let nuts = Nuts::new(state.current.position.len(), settings.nuts.max_treedepth);
        let values = vec![f64::NAN; expand.num_values()];
        Self {
            state,
            settings,
            schedule,
            logdensity,
            expand,
            nuts,
            values,
        }
    }

    /// What the chain carries to its next transition.
    pub fn state(&self) -> &ChainState {
        &self.state
    }

    /// Whether the next transition belongs to warmup.
    pub fn is_tuning(&self) -> bool {
        self.state.iteration < self.settings.num_tune
    }

    /// Whether the chain has taken all its draws.
    pub fn is_finished(&self) -> bool {
        let SampleSettings {
            num_tune,
            num_draws,
            ..
        } = self.settings;
        self.state.iteration >= num_tune.saturating_add(num_draws)
    }

    /// Takes one transition and, if the draw is to be stored, hands it to `sink`.
    ///
    /// # Errors
    ///
    /// [`Stop::Interrupted`] if `interrupt` became true: the chain is then as it was before.
    /// [`Stop::Failed`] if the log density, the expansion or the sink failed.
    pub fn step(&mut self, sink: &mut dyn Sink, interrupt: &AtomicBool) -> Result<DrawStats, Stop> {
        if self.state.adaptation.wants_search {
            self.search_step_size(interrupt)?;
        }
        let tuning = self.is_tuning();
        let (step_size, info) = self.transition(interrupt)?;
        if tuning {
            self.adapt(&info);
        }
        let stats = self.stats(&info, step_size, tuning);
        if !tuning || self.settings.store_warmup {
            self.record(&stats, sink)?;
        }
        self.state.iteration += 1;
        Ok(stats)
    }

    /// Searches a step size for the metric in use and restarts its adaptation there.
    fn search_step_size(&mut self, interrupt: &AtomicBool) -> Result<(), Stop> {
        let state = &mut self.state;
        let mut rng = state.rng.clone();
        let mut num_gradients = 0;
        let mut system = Hamiltonian {
            metric: &state.metric,
            logdensity: &mut self.logdensity,
            max_energy_error: self.settings.nuts.max_energy_error,
        };
        let initial = self.settings.step_size.initial;
        let target = self.settings.nuts.target_accept;
        let found = search_step_size(initial, target, |step_size| {
            if interrupt.load(Ordering::Relaxed) {
                return Err(Halt::Interrupted);
            }
            num_gradients += 1;
            self.nuts
                .try_leapfrog(&mut system, &state.current, step_size, &mut rng)
        });
        state
            .adaptation
            .restart_step_size(found.map_err(|halt| state.stop(halt))?);
        state.rng = rng;
        state.num_gradients += num_gradients;
        Ok(())
    }

    /// Takes a transition; returns the step size used, too.
    fn transition(&mut self, interrupt: &AtomicBool) -> Result<(f64, TransitionInfo), Stop> {
        let tuning = self.is_tuning();
        let state = &mut self.state;
        let mut rng = state.rng.clone();
        let adapted = &state.adaptation.step_size;
        let base = if tuning {
            adapted.step_size()
        } else {
            adapted.step_size_bar()
        };
        let jitter = self.settings.nuts.step_size_jitter;
        let step_size = base * (1.0 + jitter * rng.random_range(-1.0..=1.0));
        let growth = Growth {
            step_size,
            max_treedepth: self.settings.nuts.max_treedepth,
            interrupt,
        };
        let mut system = Hamiltonian {
            metric: &state.metric,
            logdensity: &mut self.logdensity,
            max_energy_error: self.settings.nuts.max_energy_error,
        };
        let info = self
            .nuts
            .transition(&mut system, &mut state.current, &growth, &mut rng);
        let info = info.map_err(|halt| state.stop(halt))?;
        state.rng = rng;
        state.num_gradients += info.n_steps as u64;
        Ok((step_size, info))
    }

    fn adapt(&mut self, info: &TransitionInfo) {
        let state = &mut self.state;
        let observation = Observation {
            position: &state.current.position,
            gradient: &state.current.gradient,
            index_in_trajectory: info.index_in_trajectory,
            diverging: info.divergence.is_some(),
            acceptance_rate: info.acceptance_rate,
            symmetric_acceptance_rate: info.symmetric_acceptance_rate,
        };
        state.adaptation.update(
            &self.schedule,
            &self.settings,
            state.iteration,
            &observation,
            &mut state.metric,
        );
    }

    fn stats(&self, info: &TransitionInfo, step_size: f64, tuning: bool) -> DrawStats {
        let reason = info
            .divergence
            .map_or(0, |divergence| divergence.reason as i64);
        DrawStats {
            lp: self.state.current.logdensity,
            energy: info.energy,
            energy_error: info.energy_error,
            max_energy_error: info.max_energy_error,
            acceptance_rate: info.acceptance_rate,
            step_size,
            step_size_bar: self.state.adaptation.step_size.step_size_bar(),
            tree_depth: signed(info.tree_depth),
            n_steps: signed(info.n_steps),
            index_in_trajectory: info.index_in_trajectory,
            diverging: info.divergence.is_some(),
            divergence_reason: reason,
            reached_max_treedepth: info.reached_max_treedepth,
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
        let before = if stats.tuning {
            0
        } else {
            self.settings.num_tune
        };
        sink.record(&Draw {
            index: draw - before,
            position,
            values: &self.values,
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

/// Counts of a trajectory are below 2^21.
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
