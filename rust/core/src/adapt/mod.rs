//! Adaptation during warmup: metric and step size.
//!
//! Nothing here knows of transitions. The chain hands over numbers and slices, and gets back what
//! to change.

mod diagonal;
mod draws;
mod fisher;
mod initial_step_size;
mod nutpie;
mod pooled;
mod schedule;
mod stan;
mod step_size;
mod welford;

pub use diagonal::DiagonalAdaptation;
pub use draws::{Draws, Pair};
pub use fisher::{DiagonalFit, SpectrumFit};
pub use initial_step_size::search as search_step_size;
pub use nutpie::NutpieAdaptation;
pub use pooled::{Member, PooledAdaptation, PooledPlan, Stage, meet};
pub use schedule::Schedule;
pub use stan::{StanAdaptation, StanSchedule};
pub use step_size::DualAveraging;
pub use welford::RunningVariance;

use crate::metric::{ChainMetric, DiagonalMetric, Whitening};
use crate::record::{ReadResult, Reader, Record};
use crate::settings::{AdaptationKind, SampleSettings, StepRule};

/// What a chain has learnt in its warmup, by the method chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Adaptation {
    /// Together with the other chains.
    Pooled(PooledAdaptation),
    /// By itself, in the manner of nutpie.
    Nutpie(NutpieAdaptation),
    /// By itself, in the manner of Stan.
    Stan(StanAdaptation),
}

/// What adaptation needs to know of a transition.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// The draw.
    pub position: &'a [f64],
    /// The gradient of the log density there.
    pub gradient: &'a [f64],
    /// The log density there.
    pub logdensity: f64,
    /// Leapfrogs from the previous draw to this one.
    pub index_in_trajectory: i64,
    /// Whether the trajectory diverged.
    pub diverging: bool,
    /// Mean acceptance probability of the trajectory.
    pub acceptance_rate: f64,
    /// The same in its symmetric form, less noisy and unbiased once the chain is stationary.
    pub symmetric_acceptance_rate: f64,
}

impl Adaptation {
    /// Before the first transition.
    pub fn new(dim: usize, settings: &SampleSettings) -> Self {
        match settings.adaptation {
            AdaptationKind::Pooled => Self::Pooled(PooledAdaptation::new(dim, settings)),
            AdaptationKind::Nutpie => Self::Nutpie(NutpieAdaptation::new(dim, settings)),
            AdaptationKind::Stan => Self::Stan(StanAdaptation::new(dim, settings)),
        }
    }

    /// The metric that a chain starts with, given the gradient there.
    pub fn first_metric(gradient: &[f64], settings: &SampleSettings) -> ChainMetric {
        match (&settings.metric.given, settings.adaptation) {
            (Some(given), _) => (**given).clone(),
            (None, AdaptationKind::Stan) => {
                ChainMetric::Diagonal(StanAdaptation::first_metric(gradient.len()))
            }
            (None, AdaptationKind::Pooled | AdaptationKind::Nutpie) => {
                ChainMetric::Diagonal(DiagonalMetric::from_gradient(gradient))
            }
        }
    }

    /// Iterations of warmup as planned at its beginning.
    pub fn num_tune(&self, settings: &SampleSettings) -> usize {
        match self {
            Self::Pooled(pooled) => pooled.plan.num_tune(),
            Self::Nutpie(_) | Self::Stan(_) => settings.num_tune,
        }
    }

    /// Whether a step size must be searched before the next transition.
    pub fn wants_search(&self) -> bool {
        match self {
            Self::Pooled(pooled) => pooled.wants_search,
            Self::Nutpie(nutpie) => nutpie.wants_search,
            Self::Stan(stan) => stan.wants_search,
        }
    }

    /// Takes a step size that was searched for.
    pub fn restart_step_size(&mut self, step_size: f64) {
        match self {
            Self::Pooled(pooled) => pooled.restart_step_size(step_size),
            Self::Nutpie(NutpieAdaptation {
                step_size: averaging,
                wants_search,
                ..
            })
            | Self::Stan(StanAdaptation {
                step_size: averaging,
                wants_search,
                ..
            }) => {
                *averaging = DualAveraging::new(step_size);
                *wants_search = false;
            }
        }
    }

    /// Whether the chain must meet the others before its next transition.
    pub fn wants_meeting(&self, iteration: usize) -> bool {
        match self {
            Self::Pooled(pooled) => pooled.wants_meeting(iteration),
            Self::Nutpie(_) | Self::Stan(_) => false,
        }
    }

    /// Whether the chain is to look for better places before its next meeting.
    pub fn wants_scouts(&self, iteration: usize, settings: &SampleSettings) -> bool {
        match self {
            Self::Pooled(pooled) => pooled.wants_scouts(iteration, settings),
            Self::Nutpie(_) | Self::Stan(_) => false,
        }
    }

    /// Largest depth that trajectories may have now.
    pub fn max_treedepth(&self, settings: &SampleSettings) -> usize {
        match self {
            Self::Pooled(pooled) => pooled.max_treedepth(settings),
            Self::Nutpie(_) | Self::Stan(_) => settings.nuts.max_treedepth,
        }
    }

    /// The step size for the next transition.
    pub fn step_size(&self, settings: &SampleSettings, tuning: bool) -> f64 {
        if let StepRule::Fixed(step_size) = settings.step_size.rule() {
            return step_size;
        }
        match (self, tuning) {
            (Self::Pooled(pooled), true) => pooled.step_size(),
            (Self::Nutpie(nutpie), true) => nutpie.step_size.step_size(),
            (Self::Stan(stan), true) => stan.step_size.step_size(),
            (_, false) => self.step_size_bar(settings),
        }
    }

    /// The step size that adaptation would settle on now.
    pub fn step_size_bar(&self, settings: &SampleSettings) -> f64 {
        if let StepRule::Fixed(step_size) = settings.step_size.rule() {
            return step_size;
        }
        match self {
            Self::Pooled(pooled) => pooled.step_size_bar(),
            Self::Nutpie(nutpie) => nutpie.step_size.step_size_bar(),
            Self::Stan(stan) => stan.step_size.step_size_bar(),
        }
    }

    /// Learns from the transition of warmup iteration `iteration`, and updates `whitening`.
    pub fn update(
        &mut self,
        settings: &SampleSettings,
        iteration: usize,
        observation: &Observation<'_>,
        whitening: &mut Whitening,
    ) {
        match self {
            Self::Pooled(pooled) => pooled.update(settings, iteration, observation, whitening),
            Self::Nutpie(nutpie) => nutpie.update(settings, iteration, observation, whitening),
            Self::Stan(stan) => stan.update(settings, iteration, observation, whitening),
        }
    }

    /// What a pooled warmup carries; None for the others.
    pub fn pooled(&self) -> Option<&PooledAdaptation> {
        match self {
            Self::Pooled(pooled) => Some(pooled),
            Self::Nutpie(_) | Self::Stan(_) => None,
        }
    }
}

impl<'a> Observation<'a> {
    /// Whether the draw may enter the metric: it moved, and if the trajectory diverged, it moved
    /// well away from where it started.
    fn is_good(&self) -> bool {
        let distance = self.index_in_trajectory.abs();
        if self.diverging {
            distance > 4
        } else {
            distance > 0
        }
    }

    /// The draw with its gradient.
    fn pair(&self) -> Pair<'a> {
        Pair {
            position: self.position,
            gradient: self.gradient,
        }
    }
}

impl Record for Adaptation {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Pooled(pooled) => {
                0_u32.write(out);
                pooled.write(out);
            }
            Self::Nutpie(nutpie) => {
                1_u32.write(out);
                nutpie.write(out);
            }
            Self::Stan(stan) => {
                2_u32.write(out);
                stan.write(out);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        match u32::read(input)? {
            0 => Record::read(input).map(Self::Pooled),
            1 => Record::read(input).map(Self::Nutpie),
            2 => Record::read(input).map(Self::Stan),
            other => Err(format!("holds an adaptation of unknown kind {other}")),
        }
    }
}

#[cfg(test)]
impl Observation<'static> {
    /// An observation at the origin.
    fn of(index_in_trajectory: i64, diverging: bool) -> Self {
        Observation {
            position: &[0.0],
            gradient: &[0.0],
            logdensity: 0.0,
            index_in_trajectory,
            diverging,
            acceptance_rate: 0.8,
            symmetric_acceptance_rate: 0.8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_that_did_not_move_are_left_out() {
        assert!(!Observation::of(0, false).is_good());
        assert!(Observation::of(-1, false).is_good());
        assert!(!Observation::of(4, true).is_good());
        assert!(Observation::of(-5, true).is_good());
    }
}
