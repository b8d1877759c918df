//! How far chains are to go before they park, and what tells a chain at work to stop.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Where each chain of a run parks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Goal {
    /// Nowhere before its end.
    #[default]
    End,
    /// Once it has finished this number of iterations, warmup included.
    Iterations(usize),
    /// Once it has finished its warmup and this number of draws.
    Draws(usize),
}

/// How far a chain has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Iterations finished, warmup included.
    pub(crate) iterations: usize,
    /// Draws finished; none before the end of warmup.
    pub(crate) draws: Option<usize>,
}

/// What a chain at work looks at between transitions; `cancelled` also within one.
#[derive(Debug)]
pub(crate) struct Gate {
    /// The chain is to stop for good.
    pub(crate) cancelled: AtomicBool,
    /// The chain is to park after the transition it is at.
    pub(crate) hold: AtomicBool,
    iterations: AtomicUsize,
    draws: AtomicUsize,
}

impl Goal {
    /// Whether a chain that has come this far parks.
    pub(crate) fn is_reached(self, reached: Reached) -> bool {
        match self {
            Self::End => false,
            Self::Iterations(iterations) => reached.iterations >= iterations,
            Self::Draws(draws) => reached.draws.is_some_and(|taken| taken >= draws),
        }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            cancelled: AtomicBool::new(false),
            hold: AtomicBool::new(false),
            iterations: AtomicUsize::new(usize::MAX),
            draws: AtomicUsize::new(usize::MAX),
        }
    }
}

impl Gate {
    pub(crate) fn set_goal(&self, goal: Goal) {
        let (iterations, draws) = match goal {
            Goal::End => (usize::MAX, usize::MAX),
            Goal::Iterations(iterations) => (iterations, usize::MAX),
            Goal::Draws(draws) => (usize::MAX, draws),
        };
        self.iterations.store(iterations, Ordering::Relaxed);
        self.draws.store(draws, Ordering::Relaxed);
    }

    pub(crate) fn is_reached(&self, reached: Reached) -> bool {
        let draws = self.draws.load(Ordering::Relaxed);
        reached.iterations >= self.iterations.load(Ordering::Relaxed)
            || reached.draws.is_some_and(|taken| taken >= draws)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_count_iterations_or_draws() {
        let tuning = Reached {
            iterations: 7,
            draws: None,
        };
        let sampling = Reached {
            iterations: 7,
            draws: Some(0),
        };
        for (goal, in_tuning, in_sampling) in [
            (Goal::End, false, false),
            (Goal::Iterations(7), true, true),
            (Goal::Iterations(8), false, false),
            (Goal::Draws(0), false, true),
            (Goal::Draws(1), false, false),
        ] {
            let gate = Gate::default();
            gate.set_goal(goal);
            assert_eq!(goal.is_reached(tuning), in_tuning);
            assert_eq!(goal.is_reached(sampling), in_sampling);
            assert_eq!(gate.is_reached(tuning), in_tuning);
            assert_eq!(gate.is_reached(sampling), in_sampling);
        }
    }
}
