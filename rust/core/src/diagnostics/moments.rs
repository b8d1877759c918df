//! Means and variances.

use crate::vector::{LANES, Lanes, add_lanes};

/// The mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    sum_of(values, |x| x) / values.len() as f64
}

/// The mean of `f` over the values.
pub(super) fn mean_of(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    sum_of(values, f) / values.len() as f64
}

/// The variance around `mean`, with one degree of freedom less than there are values.
pub(super) fn variance(values: &[f64], mean: f64) -> f64 {
    sum_of(values, |x| (x - mean) * (x - mean)) / (values.len() as f64 - 1.0)
}

/// The sum of `f` over the values, in lanes of fixed order.
fn sum_of(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut sums = Lanes::default();
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += f(chunk[lane]);
        }
    }
    rest.iter().fold(add_lanes(sums), |sum, x| sum + f(*x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_few_numbers() {
        let values = [1.0, 2.0, 3.0, 4.0, 10.0];
        assert_eq!(mean(&values), 4.0);
        assert_eq!(variance(&values, 4.0), 12.5);
        assert_eq!(mean_of(&values, |x| x * x), 26.0);
        assert!(variance(&[1.0], 1.0).is_nan());
    }
}
