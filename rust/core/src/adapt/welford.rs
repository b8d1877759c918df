//! Running mean and variance of vectors.

use crate::record::record;

/// Running mean and sum of squared deviations per coordinate.
///
/// # References
///
/// Welford, *Note on a method for calculating corrected sums of squares and products*, 1962.
#[derive(Debug, Clone, PartialEq)]
pub struct RunningVariance {
    count: usize,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl RunningVariance {
    /// Of no vectors yet.
    pub fn new(dim: usize) -> Self {
        Self {
            count: 0,
            mean: vec![0.0; dim],
            squares: vec![0.0; dim],
        }
    }

    /// Adds a vector.
    pub fn add(&mut self, values: &[f64]) {
        self.count += 1;
        let weight = (self.count as f64).recip();
        for ((mean, square), value) in self.mean.iter_mut().zip(&mut self.squares).zip(values) {
            let deviation = value - *mean;
            *mean += weight * deviation;
            *square += deviation * (value - *mean);
        }
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.count = 0;
        self.mean.fill(0.0);
        self.squares.fill(0.0);
    }

    /// How many vectors were added.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The mean per coordinate; zero of no vectors.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The sum of squared deviations from the mean, per coordinate.
    pub fn squares(&self) -> &[f64] {
        &self.squares
    }
}

record!(RunningVariance {
    count,
    mean,
    squares
});

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_two_passes(values in prop::collection::vec(-1e3..1e3, 1..50)) {
            let mut running = RunningVariance::new(1);
            for value in &values {
                running.add(&[*value]);
            }
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            prop_assert_eq!(running.count(), values.len());
            prop_assert!((running.squares()[0] - squares).abs() <= 1e-9 * squares.max(1.0));
        }
    }

    #[test]
    fn reset_forgets() {
        let mut running = RunningVariance::new(2);
        running.add(&[1.0, 2.0]);
        running.reset();
        assert_eq!(running, RunningVariance::new(2));
    }
}
