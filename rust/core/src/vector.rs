//! Arithmetic on slices of `f64`.
//!
//! Sums run in four lanes of fixed order: the compiler turns them into vector instructions, and the
//! result does not depend on the machine.

/// Number of partial sums.
const LANES: usize = 4;

/// The inner product of two slices of equal length.
pub fn dot(x: &[f64], y: &[f64]) -> f64 {
    debug_assert_eq!(x.len(), y.len());
    let (x_chunks, x_rest) = x.as_chunks::<LANES>();
    let (y_chunks, y_rest) = y.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (x, y) in x_chunks.iter().zip(y_chunks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    x_rest
        .iter()
        .zip(y_rest)
        .fold(add_lanes(sums), |sum, (x, y)| sum + x * y)
}

/// The inner products of `end - start` with `a` and with `b`, in one pass.
pub fn dot_difference(start: &[f64], end: &[f64], a: &[f64], b: &[f64]) -> (f64, f64) {
    let (start_chunks, start_rest) = start.as_chunks::<LANES>();
    let (end_chunks, end_rest) = end.as_chunks::<LANES>();
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut sums_a = [0.0; LANES];
    let mut sums_b = [0.0; LANES];
    let chunks = start_chunks
        .iter()
        .zip(end_chunks)
        .zip(a_chunks)
        .zip(b_chunks);
    for (((start, end), a), b) in chunks {
        for lane in 0..LANES {
            let difference = end[lane] - start[lane];
            sums_a[lane] += difference * a[lane];
            sums_b[lane] += difference * b[lane];
        }
    }
    let (mut dot_a, mut dot_b) = (add_lanes(sums_a), add_lanes(sums_b));
    for (((start, end), a), b) in start_rest.iter().zip(end_rest).zip(a_rest).zip(b_rest) {
        dot_a += (end - start) * a;
        dot_b += (end - start) * b;
    }
    (dot_a, dot_b)
}

/// `y += factor * x`.
pub fn axpy(factor: f64, x: &[f64], y: &mut [f64]) {
    debug_assert_eq!(x.len(), y.len());
    y.iter_mut().zip(x).for_each(|(y, x)| *y += factor * x);
}

/// Whether no number is NaN or infinite.
pub fn all_finite(x: &[f64]) -> bool {
    x.iter().all(|x| x.is_finite())
}

/// The sum of the lanes, in the order in which all sums of this module add them.
pub(crate) fn add_lanes(sums: [f64; LANES]) -> f64 {
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn dot_agrees_with_the_plain_sum(pairs in prop::collection::vec((-1e3..1e3, -1e3..1e3), 0..40)) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let plain: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
            prop_assert!((dot(&x, &y) - plain).abs() <= 1e-7);
        }

        #[test]
        fn dot_difference_is_two_dots(rows in prop::collection::vec(prop::array::uniform4(-10.0..10.0), 0..40)) {
            let column = |i: usize| rows.iter().map(|row: &[f64; 4]| row[i]).collect::<Vec<_>>();
            let (start, end, a, b) = (column(0), column(1), column(2), column(3));
            let difference: Vec<f64> = end.iter().zip(&start).map(|(e, s)| e - s).collect();
            let (dot_a, dot_b) = dot_difference(&start, &end, &a, &b);
            prop_assert!((dot_a - dot(&difference, &a)).abs() <= 1e-9);
            prop_assert!((dot_b - dot(&difference, &b)).abs() <= 1e-9);
        }
    }

    #[test]
    fn axpy_adds_a_multiple() {
        let mut y = [1.0, 2.0];
        axpy(2.0, &[10.0, 20.0], &mut y);
        assert_eq!(y, [21.0, 42.0]);
    }

    #[test]
    fn all_finite_refuses_nan_and_infinity() {
        assert!(all_finite(&[0.0, -1e300]));
        assert!(!all_finite(&[0.0, f64::NAN]));
        assert!(!all_finite(&[f64::NEG_INFINITY]));
    }
}
