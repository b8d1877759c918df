//! R-hat: how far apart chains are, measured by how wide they are.

use super::moments::{mean, variance};

/// R-hat of chains of `num_draws` values, one after the other in memory.
///
/// NaN for values that are all the same; infinite when chains differ and none of them varies.
///
/// # References
///
/// A. Gelman et al. (2013). Bayesian Data Analysis, third edition, section 11.4.
pub(super) fn rhat(values: &[f64], num_draws: usize) -> f64 {
    let chains = values.chunks_exact(num_draws);
    let means: Vec<f64> = chains.clone().map(mean).collect();
    let variances: Vec<f64> = chains
        .zip(&means)
        .map(|(chain, mean)| variance(chain, *mean))
        .collect();
    let n = num_draws as f64;
    let between = n * variance(&means, mean(&means));
    let within = mean(&variances);
    ((between / within + n - 1.0) / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Means 2 and 4, variances 1: between 3 * 2, within 1.
        let found = rhat(&[1.0, 2.0, 3.0, 3.0, 4.0, 5.0], 3);
        assert!((found - (8.0_f64 / 3.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn chains_that_do_not_vary() {
        assert!(rhat(&[1.0; 6], 3).is_nan());
        assert_eq!(rhat(&[1.0, 1.0, 2.0, 2.0], 2), f64::INFINITY);
    }
}
