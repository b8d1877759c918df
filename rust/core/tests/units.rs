//! Units do not matter: a trajectory decides the same whatever its coordinates are measured in.

use std::sync::atomic::AtomicBool;

use rufous_core::hamiltonian::Hamiltonian;
use rufous_core::metric::{DenseMetric, DiagonalMetric, LowRankMetric, Metric};
use rufous_core::nuts::{Growth, LocalSteps, Nuts};
use rufous_core::point::Evaluation;
use rufous_core::rng::chain_rng;
use rufous_core::testing::phase_space::{dense_metric, low_rank_metric};
use rufous_core::testing::{CorrelatedNormal, Funnel};
use rufous_core::{EvalError, LogDensity};

const DIM: usize = 4;
const PLAIN: [f64; DIM] = [1.0; DIM];

/// Powers of two, so that a change of units does not round.
fn units() -> [f64; DIM] {
    [1.0, 1024.0, 2.0_f64.powi(-30), 2.0_f64.powi(40)]
}

/// A target in other units: `position = units * inner position`.
struct Rescaled<L> {
    inner: L,
    units: [f64; DIM],
}

impl<L: LogDensity> LogDensity for Rescaled<L> {
    fn dim(&self) -> usize {
        DIM
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let inner = position.iter().zip(&self.units).map(|(x, unit)| x / unit);
        let value = self.inner.evaluate(&inner.collect::<Vec<_>>(), gradient)?;
        let pairs = gradient.iter_mut().zip(&self.units);
        pairs.for_each(|(g, unit)| *g /= unit);
        Ok(value)
    }
}

fn diagonal(units: &[f64; DIM]) -> DiagonalMetric {
    DiagonalMetric::new(units.iter().map(|unit| 0.8 * unit).collect())
}

fn low_rank(units: &[f64; DIM]) -> LowRankMetric {
    low_rank_metric(units.iter().map(|unit| 0.8 * unit).collect())
}

/// Its rows are in the units of the coordinates.
fn dense(units: &[f64; DIM]) -> DenseMetric {
    let factor = dense_metric(&[0.8; DIM]).cholesky().to_vec();
    let in_units = factor.iter().enumerate().map(|(k, a)| a * units[k / DIM]);
    DenseMetric::new(DIM, in_units.collect())
}

/// Transitions from a fixed start: everything that the trajectories decided, and the draws.
fn transitions<M: Metric, L: LogDensity>(
    inner: L,
    metric: &M,
    units: [f64; DIM],
    local_steps: Option<LocalSteps>,
) -> Vec<(String, Vec<f64>)> {
    let mut target = Rescaled { inner, units };
    let mut state = Evaluation {
        position: units.to_vec(),
        gradient: vec![0.0; DIM],
        logdensity: 0.0,
    };
    state.logdensity = target
        .evaluate(&units, &mut state.gradient)
        .expect("it is finite here");
    let mut system = Hamiltonian {
        metric,
        logdensity: &mut target,
        max_energy_error: 1000.0,
    };
    let growth = Growth {
        step_size: 0.3,
        max_treedepth: 8,
        local_steps,
        interrupt: &AtomicBool::new(false),
    };
    let (mut nuts, mut rng) = (Nuts::new(DIM, 8), chain_rng(5, 0));
    let mut next = || {
        let info = nuts.transition(&mut system, &mut state, &growth, &mut rng);
        let info = info.expect("nothing fails or interrupts");
        let draw = state.position.iter().zip(&units).map(|(x, unit)| x / unit);
        (format!("{info:?}"), draw.collect())
    };
    (0..200).map(|_| next()).collect()
}

fn check<L: LogDensity + Clone>(target: &L) {
    let sharp = LocalSteps {
        max_energy_change: 0.05,
        ..LocalSteps::new(false)
    };
    for local in [None, Some(sharp)] {
        let of = |units| {
            (
                transitions(target.clone(), &diagonal(&units), units, local),
                transitions(target.clone(), &low_rank(&units), units, local),
                transitions(target.clone(), &dense(&units), units, local),
            )
        };
        assert!(of(PLAIN) == of(units()), "{local:?}");
    }
}

#[test]
fn units_do_not_matter_to_trajectories() {
    check(&CorrelatedNormal {
        dim: DIM,
        correlation: 0.9,
    });
    check(&Funnel { dim: DIM });
}
