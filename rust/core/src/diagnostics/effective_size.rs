//! Effective sample size: how many independent draws would know as much.

use super::autocovariance::Autocovariance;
use super::moments::{mean, variance};

/// A range of values that counts as none, as it does for ArviZ.
const RESOLUTION: f64 = 1e-15;

/// The effective sample size of the mean of chains, one after the other in memory.
///
/// `values` holds an even number of chains of `num_draws` values. Values without variation count
/// each draw; NaN or infinity among them gives NaN.
pub(super) fn effective_size(
    values: &[f64],
    num_draws: usize,
    autocovariance: &mut Autocovariance,
) -> f64 {
    let total = values.len() as f64;
    if range(values) < RESOLUTION {
        return total;
    }
    autocovariance.load(values, num_draws);
    let time = integrated_time(num_draws, autocorrelation(num_draws, autocovariance));
    if time.is_nan() {
        return f64::NAN;
    }
    // Antithetic draws may claim no more than this.
    total / time.max(1.0 / total.log10())
}

fn range(values: &[f64]) -> f64 {
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (x.min(low), x.max(high))
        });
    high - low
}

/// The autocorrelation of the draws of all chains, by lag (Vehtari et al. 2021, equation 10).
fn autocorrelation(
    num_draws: usize,
    autocovariance: &mut Autocovariance,
) -> impl FnMut(usize) -> f64 {
    let n = num_draws as f64;
    let within = autocovariance.at(0) * n / (n - 1.0);
    let means = autocovariance.means();
    let pooled = within * (n - 1.0) / n + variance(means, mean(means));
    move |lag| {
        if lag == 0 {
            1.0
        } else {
            1.0 - (within - autocovariance.at(lag)) / pooled
        }
    }
}

/// Sums autocorrelations by Geyer's initial positive and monotone sequences.
///
/// Lags are taken in pairs (0, 1), (2, 3), ...; the sum runs over the pairs before the first one
/// that is not positive, each no larger than the one before, plus the even lag of that pair.
fn integrated_time(num_draws: usize, mut correlation: impl FnMut(usize) -> f64) -> f64 {
    let last = num_draws.saturating_sub(3) / 2;
    let (mut sum, mut smallest) = (0.0, f64::INFINITY);
    let mut pair = 0;
    loop {
        let even = correlation(2 * pair);
        let both = even + correlation(2 * pair + 1);
        if both > 0.0 && pair < last {
            smallest = both.min(smallest);
            sum += smallest;
            pair += 1;
            continue;
        }
        let counted = if even > 0.0 || both >= 0.0 { even } else { 0.0 };
        // NaN must not pass for a pair that is not positive.
        return if both.is_nan() {
            both
        } else {
            2.0 * sum - 1.0 + counted
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(correlations: &[f64]) -> f64 {
        integrated_time(correlations.len(), |lag| correlations[lag])
    }

    #[test]
    fn pairs_are_summed_while_they_are_positive() {
        assert_eq!(time(&[1.0, -1.5, 0.5, 0.5, 0.5, 0.5]), 0.0);
        assert_eq!(
            time(&[1.0, 0.5, 0.25, -0.5, 0.9, 0.9]),
            -1.0 + 2.0 * 1.5 + 0.25
        );
        assert_eq!(time(&[1.0, 0.5, -0.25, -0.5, 0.9, 0.9]), -1.0 + 2.0 * 1.5);
    }

    #[test]
    fn pairs_do_not_grow() {
        let correlations = [1.0, 0.0, 0.5, 0.0, 0.9, 0.9, -1.0, 0.0, 0.0, 0.0];
        assert_eq!(time(&correlations), -1.0 + 2.0 * (1.0 + 0.5 + 0.5));
    }

    #[test]
    fn values_without_variation_count_each_draw() {
        let mut workspace = Autocovariance::default();
        assert_eq!(effective_size(&[3.0; 12], 6, &mut workspace), 12.0);
        let mut values = [1.0, 2.0, 3.0, 4.0];
        values[1] = f64::INFINITY;
        assert!(effective_size(&values, 2, &mut workspace).is_nan());
    }
}
