//! Known moments and quantiles of known targets, within five Monte Carlo standard errors.

mod common;

use common::{check_mean, mean_and_mcse, sample};
use rufous_core::testing::{
    Cliff, CorrelatedNormal, IndependentNormal, LogHalfNormal, Misbehaviour, StandardNormal,
    StudentT,
};
use rufous_core::{LogDensity, RunResult, SampleSettings};

fn draw<L: LogDensity + Clone + Send + Sync + 'static>(logdensity: L, seed: u64) -> RunResult {
    sample(
        logdensity,
        &SampleSettings {
            seed,
            num_draws: 2000,
            ..SampleSettings::default()
        },
    )
}

/// Checks mean, variance, absolute deviation and quantiles of a normal coordinate.
fn check_normal(result: &RunResult, i: usize, mean: f64, sd: f64) -> Vec<f64> {
    let z = |x: f64| (x - mean) / sd;
    let mut checked = vec![
        check_mean(result, i, "mean", 0.0, z),
        check_mean(result, i, "variance", 1.0, |x| z(x).powi(2)),
        check_mean(
            result,
            i,
            "absolute deviation",
            (2.0 / std::f64::consts::PI).sqrt(),
            |x| z(x).abs(),
        ),
    ];
    for (quantile, probability) in [
        (-1.644_853_626_951_472_7, 0.05),
        (0.0, 0.5),
        (1.644_853_626_951_472_7, 0.95),
    ] {
        let below = |x: f64| f64::from(u8::from(z(x) <= quantile));
        checked.push(check_mean(result, i, "quantile", probability, below));
    }
    checked
}

#[test]
fn standard_normals() {
    for (dim, seed) in [(1, 11), (10, 12), (100, 13)] {
        let result = draw(StandardNormal { dim }, seed);
        let z: Vec<f64> = (0..dim)
            .flat_map(|i| check_normal(&result, i, 0.0, 1.0))
            .collect();
        let mean_square = z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64;
        // The z scores of one coordinate depend on each other: a third of them count.
        let bound = 1.0 + 4.0 * (2.0 / (z.len() as f64 / 3.0)).sqrt();
        assert!(
            mean_square <= bound,
            "mean z^2 {mean_square} in {dim} dimensions"
        );
    }
}

#[test]
fn normals_of_very_different_scales() {
    let mean = vec![0.0, 5.0, -3e4, 1e-4];
    let sd = vec![1.0, 1e-3, 1e4, 30.0];
    let target = IndependentNormal {
        mean: mean.clone(),
        sd: sd.clone(),
    };
    let result = draw(target, 21);
    for i in 0..4 {
        check_normal(&result, i, mean[i], sd[i]);
    }
}

#[test]
fn correlated_normals() {
    for (dim, correlation, seed) in [(2, 0.95, 31), (10, 0.9, 32)] {
        let result = draw(CorrelatedNormal { dim, correlation }, seed);
        for i in 0..dim {
            check_normal(&result, i, 0.0, 1.0);
        }
        let products: Vec<Vec<f64>> = result
            .chains
            .iter()
            .map(|chain| {
                chain
                    .draws
                    .values
                    .chunks(dim)
                    .map(|draw| draw[0] * draw[1])
                    .collect()
            })
            .collect();
        let (mean, mcse) = mean_and_mcse(&products);
        assert!((mean - correlation).abs() <= 5.0 * mcse, "{mean} +- {mcse}");
    }
}

#[test]
fn student_t() {
    for (dim, seed) in [(1, 41), (10, 42)] {
        let result = draw(StudentT { dim, nu: 5.0 }, seed);
        for i in 0..dim {
            check_mean(&result, i, "mean", 0.0, |x| x);
            check_mean(&result, i, "mean of |x|", 0.949_016_724_556_236, f64::abs);
            let in_tails = |x: f64| f64::from(u8::from(x.abs() > 2.015_048_373_333_023_3));
            check_mean(&result, i, "tail probability", 0.1, in_tails);
        }
    }
}

#[test]
fn half_normal_on_the_log_scale() {
    for (dim, seed) in [(1, 51), (10, 52)] {
        let result = draw(LogHalfNormal { dim }, seed);
        for i in 0..dim {
            check_mean(
                &result,
                i,
                "mean",
                (2.0 / std::f64::consts::PI).sqrt(),
                f64::exp,
            );
            check_mean(&result, i, "second moment", 1.0, |x| (2.0 * x).exp());
            let is_small = |x: f64| f64::from(u8::from(x.exp() < 0.062_706_777_943_213_85));
            check_mean(&result, i, "lower tail", 0.05, is_small);
        }
    }
}

#[test]
fn normal_cut_off_at_a_cliff() {
    for (how, seed) in [
        (Misbehaviour::MinusInfinity, 61),
        (Misbehaviour::Recoverable, 62),
    ] {
        let inner = StandardNormal { dim: 2 };
        let result = draw(
            Cliff {
                inner,
                limit: 0.0,
                how,
            },
            seed,
        );
        check_mean(
            &result,
            0,
            "mean",
            -(2.0 / std::f64::consts::PI).sqrt(),
            |x| x,
        );
        check_mean(&result, 0, "second moment", 1.0, |x| x * x);
        check_normal(&result, 1, 0.0, 1.0);
    }
}

#[test]
fn without_warmup_the_draws_are_right_too() {
    let settings = SampleSettings {
        num_tune: 0,
        num_draws: 4000,
        seed: 71,
        ..Default::default()
    };
    let result = sample(StandardNormal { dim: 3 }, &settings);
    for i in 0..3 {
        check_mean(&result, i, "mean", 0.0, |x| x);
        check_mean(&result, i, "variance", 1.0, |x| x * x);
    }
}

#[test]
fn the_acceptance_rate_meets_its_target() {
    for target_accept in [0.6, 0.8, 0.95] {
        let mut settings = SampleSettings {
            seed: 81,
            ..SampleSettings::default()
        };
        settings.nuts.target_accept = target_accept;
        let result = sample(
            CorrelatedNormal {
                dim: 20,
                correlation: 0.5,
            },
            &settings,
        );
        let chains = result.chains.iter();
        let rates: Vec<Vec<f64>> = chains
            .map(|c| common::floats(&c.draws, "acceptance_rate").to_vec())
            .collect();
        let (mean, _) = mean_and_mcse(&rates);
        assert!(
            (mean - target_accept).abs() < 0.05,
            "{mean} instead of {target_accept}"
        );
    }
}
