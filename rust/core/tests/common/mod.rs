//! Helpers of the integration tests.
#![allow(dead_code, reason = "each test binary uses some of them")]

use std::sync::Arc;

use rufous_core::testing::Analytic;
use rufous_core::{
    ChainOutcome, ChainTrace, DrawTable, LogDensity, Run, RunResult, SampleSettings, StatColumn,
    Target,
};

/// Samples from `logdensity` to the end, starting around the origin.
pub(crate) fn sample<L>(logdensity: L, settings: &SampleSettings) -> RunResult
where
    L: LogDensity + Clone + Send + Sync + 'static,
{
    start(Arc::new(Analytic(logdensity)), settings).finish()
}

/// Starts chains around the origin.
pub(crate) fn start(target: Arc<dyn Target>, settings: &SampleSettings) -> Run {
    let positions = vec![vec![0.0; target.dim()]; settings.num_chains];
    Run::start(target, settings.clone(), positions).expect("the settings are valid")
}

/// The statistic called `name`, of type float.
pub(crate) fn floats<'a>(table: &'a DrawTable, name: &str) -> &'a [f64] {
    match table.stat(name) {
        Some(StatColumn::Float(column)) => column,
        other => panic!("{name}: {other:?}"),
    }
}

/// The statistic called `name`, of type integer.
pub(crate) fn ints<'a>(table: &'a DrawTable, name: &str) -> &'a [i64] {
    match table.stat(name) {
        Some(StatColumn::Int(column)) => column,
        other => panic!("{name}: {other:?}"),
    }
}

/// The statistic called `name`, of type bool.
pub(crate) fn bools<'a>(table: &'a DrawTable, name: &str) -> &'a [bool] {
    match table.stat(name) {
        Some(StatColumn::Bool(column)) => column,
        other => panic!("{name}: {other:?}"),
    }
}

/// All draws and statistics of a run as bits, so that NaN equals NaN and -0 differs from 0.
pub(crate) fn bits(result: &RunResult) -> Vec<Vec<u64>> {
    result.chains.iter().map(chain_bits).collect()
}

/// The same for one chain.
pub(crate) fn chain_bits(chain: &ChainTrace) -> Vec<u64> {
    let mut all = vec![chain.num_gradients, chain.step_size.to_bits()];
    all.extend(chain.inverse_mass_matrix.iter().map(|x| x.to_bits()));
    for table in chain.warmup.iter().chain([&chain.draws]) {
        let numbers = table
            .values
            .iter()
            .chain(table.unconstrained.iter().flatten());
        all.extend(numbers.map(|x| x.to_bits()));
        for column in &table.stats {
            match column {
                StatColumn::Float(column) => all.extend(column.iter().map(|x| x.to_bits())),
                StatColumn::Int(column) => all.extend(column.iter().map(|x| x.cast_unsigned())),
                StatColumn::Bool(column) => all.extend(column.iter().map(|x| u64::from(*x))),
            }
        }
    }
    all
}

/// Mean of a quantity over chains with its Monte Carlo standard error.
///
/// The effective sample size is that of Vehtari et al. (2021) without rank normalisation: the
/// multi-chain autocorrelation, summed in pairs as long as they are positive, made monotone.
pub(crate) fn mean_and_mcse(chains: &[Vec<f64>]) -> (f64, f64) {
    let (m, n) = (chains.len() as f64, chains[0].len());
    let mean_of = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let means: Vec<f64> = chains.iter().map(|chain| mean_of(chain)).collect();
    let mean = mean_of(&means);
    let autocovariance = |lag: usize| {
        let of = |(chain, mean): (&Vec<f64>, &f64)| {
            let pairs = chain.iter().zip(&chain[lag..]);
            pairs.map(|(x, y)| (x - mean) * (y - mean)).sum::<f64>() / n as f64
        };
        chains.iter().zip(&means).map(of).sum::<f64>() / m
    };
    let within = autocovariance(0) * n as f64 / (n as f64 - 1.0);
    let between = means.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (m - 1.0).max(1.0);
    let variance = autocovariance(0) + between;
    let correlation = |lag| 1.0 - (within - autocovariance(lag)) / variance;
    let (mut time, mut previous) = (-1.0, f64::INFINITY);
    for lag in (0..n - 1).step_by(2) {
        let pair = (correlation(lag) + correlation(lag + 1)).min(previous);
        if pair < 0.0 {
            break;
        }
        time += 2.0 * pair;
        previous = pair;
    }
    // A run of antithetic draws may claim no more than this.
    let floor = 1.0 / (m * n as f64).log10();
    let effective = m * n as f64 / time.max(floor);
    (mean, (variance / effective).sqrt())
}

/// Applies `f` to coordinate `i` of each draw of each chain.
pub(crate) fn map_draws(result: &RunResult, i: usize, f: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    let of = |chain: &ChainTrace| {
        assert_eq!(chain.outcome, ChainOutcome::Complete);
        let dim = chain.draws.num_values;
        chain
            .draws
            .values
            .iter()
            .skip(i)
            .step_by(dim)
            .map(|x| f(*x))
            .collect()
    };
    result.chains.iter().map(of).collect()
}

/// Checks that the mean of `f` over coordinate `i` is `truth`, within 5 standard errors.
pub(crate) fn check_mean(
    result: &RunResult,
    i: usize,
    what: &str,
    truth: f64,
    f: impl Fn(f64) -> f64,
) -> f64 {
    let (mean, mcse) = mean_and_mcse(&map_draws(result, i, f));
    let z = (mean - truth) / mcse;
    assert!(
        z.abs() <= 5.0,
        "{what} of coordinate {i}: {mean} +- {mcse}, not {truth} (z = {z})"
    );
    z
}
