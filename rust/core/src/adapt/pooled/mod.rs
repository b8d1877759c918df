//! Warmup that chains go through together.
//!
//! Each chain begins by itself. At fixed iterations all chains meet; then one metric is fitted to
//! the draws of all, of a kind chosen by draws that were left out, and one step size is agreed on.
//! What a meeting does is a function of the states of all chains, taken in order: it does not depend
//! on the threads that brought them there.

mod choice;
mod converged;
mod health;
mod meeting;
mod plan;
mod scouts;

use health::Place;
pub use meeting::{Member, meet};
pub use plan::PooledPlan;

use super::Observation;
use super::diagonal::DiagonalAdaptation;
use super::draws::{Draws, Pair};
use super::fisher::DiagonalFit;
use super::step_size::DualAveraging;
use crate::init::Summit;
use crate::metric::{ChainMetric, Whitening};
use crate::record::{ReadResult, Reader, Record, record};
use crate::settings::{SampleSettings, StepRule};

/// Iterations of a window while a chain is by itself.
const WINDOW: usize = 10;

/// What one chain carries through a pooled warmup.
///
/// What all chains have agreed on is held by each of them, so that a meeting needs nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledAdaptation {
    pub(crate) plan: PooledPlan,
    pub(crate) stage: Stage,
    /// The iteration before which chains meet next.
    pub(crate) due: usize,
    pub(crate) step_size: DualAveraging,
    pub(crate) wants_search: bool,
    pub(crate) diagonal: DiagonalAdaptation,
    pub(crate) has_estimate: bool,
    /// Moved draws of the previous epoch and of this one.
    pub(crate) draws: Draws,
    /// How many of them are of the previous epoch.
    pub(crate) num_before: usize,
    pub(crate) rates: Rates,
    /// Log of the step size found by the search, then of the common one.
    pub(crate) log_step: f64,
    /// What each round of settling says that the log step size should be.
    pub(crate) log_estimates: Vec<f64>,
    pub(crate) agreed: Agreed,
    /// Meetings in a row at which this chain was left out.
    pub(crate) flags: usize,
    pub(crate) num_quarantines: usize,
    pub(crate) num_restarts: usize,
    /// Whether the chain has looked for better places yet.
    pub(crate) has_scouted: bool,
    /// Places that it found elsewhere.
    pub(crate) summits: Vec<Summit>,
}

/// Where in its warmup a chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is by itself.
    Exploring,
    /// It has a new metric, for which a step size is searched.
    Searching {
        /// Whether the metric is final.
        is_final: bool,
    },
    /// It samples with a pooled metric.
    Epoch,
    /// The metric is final; the common step size is tuned.
    Settling {
        /// Rounds finished.
        round: usize,
    },
    /// Everything is final.
    Settled,
}

/// Acceptance rates of a round of settling.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rates {
    pub(crate) plain: f64,
    pub(crate) symmetric: f64,
    pub(crate) count: usize,
}

/// What the last meeting found; the next one looks how much it changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Agreed {
    /// Metrics fitted so far.
    pub(crate) num_fits: usize,
    pub(crate) divergence: f64,
    pub(crate) log_step: f64,
    pub(crate) scale: Vec<f64>,
    /// Where the current epoch began.
    pub(crate) epoch_start: usize,
}

impl PooledAdaptation {
    /// Before the first transition. With a given metric only the step size is adapted.
    pub fn new(dim: usize, settings: &SampleSettings) -> Self {
        let mut plan = PooledPlan::new(settings.num_tune, settings.num_chains, &settings.pooled);
        if settings.metric.given.is_some() {
            plan.settling = plan.num_tune().min(3 * plan.settling / 2);
            plan.epoch_ends.clear();
        }
        let (stage, due) = match plan.epoch_ends.first() {
            Some(end) => (Stage::Exploring, *end),
            None if plan.settling > 0 => (Stage::Searching { is_final: true }, 0),
            None => (Stage::Settled, 0),
        };
        let mut draws = Draws::new(dim);
        draws.reserve(due);
        let initial = settings.step_size.initial;
        Self {
            stage,
            due,
            step_size: DualAveraging::new(initial),
            wants_search: settings.step_size.rule() == StepRule::Search,
            diagonal: DiagonalAdaptation::new(dim),
            has_estimate: false,
            draws,
            num_before: 0,
            rates: Rates::default(),
            log_step: initial.ln(),
            log_estimates: Vec::with_capacity(plan::ROUNDS),
            agreed: Agreed {
                num_fits: 0,
                divergence: f64::NAN,
                log_step: f64::NAN,
                scale: Vec::new(),
                epoch_start: 0,
            },
            flags: 0,
            num_quarantines: 0,
            num_restarts: 0,
            has_scouted: false,
            summits: Vec::new(),
            plan,
        }
    }

    /// Whether the chain must meet the others before its next transition.
    pub fn wants_meeting(&self, iteration: usize) -> bool {
        !self.wants_search && self.stage != Stage::Settled && iteration >= self.due
    }

    /// Where in its warmup the chain is.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Meetings at which the chain was left out because it was far from where the others were.
    pub fn num_quarantines(&self) -> usize {
        self.num_quarantines
    }

    /// Times that the chain was restarted from a draw of another one.
    pub fn num_restarts(&self) -> usize {
        self.num_restarts
    }

    /// Metrics fitted to the pool so far.
    pub fn num_fits(&self) -> usize {
        self.agreed.num_fits
    }

    /// Whether the chain is to look for better places before its next meeting, which is its first.
    pub fn wants_scouts(&self, iteration: usize, settings: &SampleSettings) -> bool {
        self.wants_meeting(iteration)
            && self.stage == Stage::Exploring
            && !self.has_scouted
            && settings.pooled.quarantine
            && settings.pooled.num_scouts > 0
    }

    /// The height above which a place is of interest to a chain that has explored its own.
    pub fn height_of_interest(&self, whitening: &Whitening) -> f64 {
        self.place(whitening).height + health::NEGLIGIBLE
    }

    /// Takes note of the places that the chain has found elsewhere.
    pub fn take_summits(&mut self, summits: Vec<Summit>) {
        self.summits = summits;
        self.has_scouted = true;
    }

    /// What the draws of the epoch say about where the chain is.
    fn place(&self, whitening: &Whitening) -> Place {
        let pairs: Vec<Pair<'_>> = self.draws.iter().collect();
        let fit = DiagonalFit::new(&pairs, &meeting::scale(whitening.metric()));
        Place::new(&self.draws, fit.as_ref())
    }

    /// Largest depth that trajectories may have now.
    pub fn max_treedepth(&self, settings: &SampleSettings) -> usize {
        let limit = settings.nuts.max_treedepth;
        let [alone, pooled] = settings.pooled.early_depths;
        match self.stage {
            Stage::Exploring => limit.min(alone),
            Stage::Epoch => limit.min(pooled),
            _ => limit,
        }
    }

    /// The step size to try next.
    pub fn step_size(&self) -> f64 {
        match self.stage {
            Stage::Settling { .. } | Stage::Settled => self.log_step.exp(),
            _ => self.step_size.step_size(),
        }
    }

    /// The step size that adaptation would settle on now.
    pub fn step_size_bar(&self) -> f64 {
        match self.stage {
            Stage::Settling { .. } | Stage::Settled => self.log_step.exp(),
            _ => self.step_size.step_size_bar(),
        }
    }

    /// Takes a step size that was searched for.
    pub fn restart_step_size(&mut self, step_size: f64) {
        self.step_size = DualAveraging::new(step_size);
        self.log_step = step_size.ln();
        self.wants_search = false;
    }

    /// Learns from a transition, and updates `whitening` while the chain is by itself.
    pub fn update(
        &mut self,
        settings: &SampleSettings,
        iteration: usize,
        observation: &Observation<'_>,
        whitening: &mut Whitening,
    ) {
        match self.stage {
            Stage::Exploring | Stage::Epoch => {
                let (rate, target) = (observation.acceptance_rate, settings.nuts.target_accept);
                self.step_size.update(rate, target, &settings.step_size);
                if observation.is_good() {
                    self.draws.push(observation.pair(), observation.logdensity);
                }
            }
            Stage::Settling { .. } => {
                // Both have the same mean; the lower one is on the safe side.
                let rates = [
                    observation.acceptance_rate,
                    observation.symmetric_acceptance_rate,
                ];
                self.rates.plain += if rates[0].is_nan() { 0.0 } else { rates[0] };
                self.rates.symmetric += if rates[1].is_nan() { 0.0 } else { rates[1] };
                self.rates.count += 1;
            }
            Stage::Searching { .. } | Stage::Settled => {}
        }
        if let (Stage::Exploring, ChainMetric::Diagonal(_)) = (self.stage, whitening.metric()) {
            if iteration.is_multiple_of(WINDOW) && iteration > 0 {
                self.diagonal.switch();
            }
            if observation.is_good() {
                let Pair { position, gradient } = observation.pair();
                self.diagonal.add(position, gradient);
            }
            if self.diagonal.update_metric(whitening) && !self.has_estimate {
                self.has_estimate = true;
                self.wants_search = settings.step_size.rule() == StepRule::Search;
            }
        }
    }
}

record!(PooledAdaptation {
    plan,
    stage,
    due,
    step_size,
    wants_search,
    diagonal,
    has_estimate,
    draws,
    num_before,
    rates,
    log_step,
    log_estimates,
    agreed,
    flags,
    num_quarantines,
    num_restarts,
    has_scouted,
    summits
});
record!(Rates {
    plain,
    symmetric,
    count
});
record!(Agreed {
    num_fits,
    divergence,
    log_step,
    scale,
    epoch_start
});

impl Record for Stage {
    fn write(&self, out: &mut Vec<u8>) {
        let (tag, number) = match self {
            Self::Exploring => (0_u32, 0),
            Self::Searching { is_final } => (1, usize::from(*is_final)),
            Self::Epoch => (2, 0),
            Self::Settling { round } => (3, *round),
            Self::Settled => (4, 0),
        };
        tag.write(out);
        number.write(out);
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        let (tag, number) = (u32::read(input)?, usize::read(input)?);
        match tag {
            0 => Ok(Self::Exploring),
            1 => Ok(Self::Searching {
                is_final: number != 0,
            }),
            2 => Ok(Self::Epoch),
            3 => Ok(Self::Settling { round: number }),
            4 => Ok(Self::Settled),
            other => Err(format!("holds a stage of unknown kind {other}")),
        }
    }
}
