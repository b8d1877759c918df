//! Divergent trajectories: what counts as one, and what is said about it.

mod common;

use std::sync::Arc;

use common::{bools, floats, ints, sample};
use rufous_core::testing::{Analytic, Cliff, Funnel, Misbehaviour, StandardNormal};
use rufous_core::{ChainOutcome, ChainTrace, DIVERGENCE_REASONS, Run, RunResult, SampleSettings};

fn settings() -> SampleSettings {
    SampleSettings {
        num_chains: 2,
        num_draws: 400,
        num_tune: 200,
        seed: 9,
        ..Default::default()
    }
}

/// Statistics of the divergent draws of a run: reason and `max_energy_error`.
fn divergences(result: &RunResult) -> Vec<(i64, f64)> {
    let of = |chain: &ChainTrace| {
        let draws = &chain.draws;
        let reasons = ints(draws, "divergence_reason").iter().copied();
        let rows = reasons.zip(floats(draws, "max_energy_error").iter().copied());
        let rows: Vec<_> = rows
            .zip(bools(draws, "diverging").iter().copied())
            .collect();
        assert!(
            rows.iter()
                .all(|((reason, _), diverging)| (*reason != 0) == *diverging)
        );
        rows.into_iter()
            .filter(|(_, diverging)| *diverging)
            .map(|(row, _)| row)
    };
    result.chains.iter().flat_map(of).collect()
}

fn cliff(how: Misbehaviour) -> Vec<(i64, f64)> {
    let inner = StandardNormal { dim: 2 };
    let result = sample(
        Cliff {
            inner,
            limit: 0.5,
            how,
        },
        &settings(),
    );
    for chain in &result.chains {
        assert_eq!(chain.outcome, ChainOutcome::Complete);
        assert!(chain.draws.values.chunks(2).all(|draw| draw[0] <= 0.5));
        assert!(
            floats(&chain.draws, "energy")
                .iter()
                .all(|energy| energy.is_finite())
        );
    }
    let seen = divergences(&result);
    assert!(seen.len() > 20, "{} divergences", seen.len());
    seen
}

#[test]
fn a_log_density_that_is_not_finite_is_a_divergence() {
    assert!(
        cliff(Misbehaviour::NaN)
            .iter()
            .all(|(reason, error)| *reason == 2 && error.is_nan())
    );
    let seen = cliff(Misbehaviour::MinusInfinity);
    assert!(
        seen.iter()
            .all(|(reason, error)| *reason == 2 && *error == f64::INFINITY)
    );
}

#[test]
fn a_gradient_that_is_not_finite_is_a_divergence() {
    let seen = cliff(Misbehaviour::NaNGradient);
    assert!(
        seen.iter()
            .all(|(reason, error)| *reason == 3 && !error.is_finite())
    );
}

#[test]
fn a_recoverable_error_is_a_divergence() {
    let seen = cliff(Misbehaviour::Recoverable);
    assert!(
        seen.iter()
            .all(|(reason, error)| *reason == 4 && error.is_nan())
    );
}

#[test]
fn an_energy_error_above_the_limit_is_a_divergence() {
    let mut settings = settings();
    settings.nuts.max_energy_error = 2.0;
    settings.step_size.initial = 1.7;
    settings.step_size.search = false;
    settings.num_tune = 0;
    let result = sample(Funnel { dim: 10 }, &settings);
    let seen = divergences(&result);
    assert!(seen.len() > 20, "{} divergences", seen.len());
    assert!(
        seen.iter()
            .all(|(reason, error)| *reason == 1 && *error > 2.0)
    );
}

#[test]
fn a_start_far_out_comes_in() {
    let target = Arc::new(Analytic(StandardNormal { dim: 2 }));
    let run = Run::start(target, settings(), vec![vec![1e4, 0.0]; 2]);
    for chain in run.expect("the settings are valid").finish().chains {
        assert_eq!(chain.outcome, ChainOutcome::Complete);
        assert!(chain.draws.values.iter().all(|x| x.abs() < 10.0));
        assert!(!bools(&chain.draws, "diverging").contains(&true));
    }
}

#[test]
fn a_narrow_funnel_is_reported() {
    let result = sample(
        Funnel { dim: 5 },
        &SampleSettings {
            num_chains: 4,
            ..settings()
        },
    );
    assert!(!divergences(&result).is_empty());
}

#[test]
fn reasons_have_texts() {
    assert_eq!(DIVERGENCE_REASONS[0], "");
    assert!(DIVERGENCE_REASONS[1..].iter().all(|text| !text.is_empty()));
}

#[test]
fn reaching_the_largest_depth_is_reported_and_is_no_divergence() {
    let mut settings = settings();
    settings.nuts.max_treedepth = 2;
    settings.step_size.initial = 1e-3;
    settings.step_size.search = false;
    settings.num_tune = 0;
    let result = sample(StandardNormal { dim: 2 }, &settings);
    for chain in &result.chains {
        assert!(
            bools(&chain.draws, "reached_max_treedepth")
                .iter()
                .all(|reached| *reached)
        );
        assert!(
            ints(&chain.draws, "tree_depth")
                .iter()
                .all(|depth| *depth == 2)
        );
        assert!(
            ints(&chain.draws, "n_steps")
                .iter()
                .all(|steps| *steps == 3)
        );
        assert!(!bools(&chain.draws, "diverging").contains(&true));
    }
}
