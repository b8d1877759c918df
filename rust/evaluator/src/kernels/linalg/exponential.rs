//! The exponential of a matrix.
//!
//! The matrix is halved until it is small, a rational function of degree 13 gives the exponential of
//! that, and squaring undoes the halving.
//!
//! Reference: N. J. Higham, *The scaling and squaring method for the matrix exponential revisited*,
//! SIAM J. Matrix Anal. Appl. 26 (2005).

use super::lu::{lu_factor, lu_solve};
use super::product::matmul;
use super::view::{MatrixMut, MatrixRef};
use crate::kernels::Isa;

/// Below this norm the rational function is exact to rounding.
const SMALL: f64 = 5.371_920_351_148_152;

/// Coefficients of the numerator; those of the denominator alternate in sign.
const COEFFICIENTS: [f64; 14] = [
    64_764_752_532_480_000.0,
    32_382_376_266_240_000.0,
    7_771_770_303_897_600.0,
    1_187_353_796_428_800.0,
    129_060_195_264_000.0,
    10_559_470_521_600.0,
    670_442_572_800.0,
    33_522_128_640.0,
    1_323_241_920.0,
    40_840_800.0,
    960_960.0,
    16_380.0,
    182.0,
    1.0,
];

/// Writes `exp(A)`; NaN where `A` is not finite.
///
/// # Panics
/// Where the matrices are not square or differ in size.
pub fn expm(isa: Isa, a: MatrixRef, out: &mut [f64]) {
    let n = a.rows();
    assert!(
        a.cols() == n && out.len() == n * n,
        "an exponential needs a square matrix"
    );
    let norm = (0..n)
        .map(|j| (0..n).map(|i| a.at(i, j).abs()).sum::<f64>())
        .fold(0.0, |m: f64, x| if x > m || x.is_nan() { x } else { m });
    if !norm.is_finite() {
        return out.fill(f64::NAN);
    }
    let halvings = (norm / SMALL).log2().ceil().max(0.0);
    let scale = (-halvings).exp2();
    let scaled: Vec<f64> = (0..n * n).map(|k| a.at(k / n, k % n) * scale).collect();
    rational(isa, n, &scaled, out);
    let mut k = 0.0;
    while k < halvings {
        let square = product(isa, n, out, out);
        out.copy_from_slice(&square);
        k += 1.0;
    }
}

/// The rational function: `(V - U) X = V + U`.
fn rational(isa: Isa, n: usize, a: &[f64], out: &mut [f64]) {
    let a2 = product(isa, n, a, a);
    let a4 = product(isa, n, &a2, &a2);
    let a6 = product(isa, n, &a2, &a4);
    let sum = |first: usize, constant: f64| -> Vec<f64> {
        let c = |k: usize| COEFFICIENTS[first + k];
        (0..n * n)
            .map(|k| {
                let unit = if k / n == k % n { constant } else { 0.0 };
                c(4) * a6[k] + c(2) * a4[k] + c(0) * a2[k] + unit
            })
            .collect()
    };
    let mut odd = product(isa, n, &a6, &sum(9, 0.0));
    for (x, y) in odd.iter_mut().zip(sum(3, COEFFICIENTS[1])) {
        *x += y;
    }
    let odd = product(isa, n, a, &odd);
    let mut even = product(isa, n, &a6, &sum(8, 0.0));
    for (x, y) in even.iter_mut().zip(sum(2, COEFFICIENTS[0])) {
        *x += y;
    }
    for ((to, v), u) in out.iter_mut().zip(&even).zip(&odd) {
        *to = v + u;
    }
    let mut left: Vec<f64> = even.iter().zip(&odd).map(|(v, u)| v - u).collect();
    let mut pivots = vec![0; n];
    lu_factor(isa, MatrixMut::new(&mut left, n, n), &mut pivots);
    let factors = MatrixRef::new(&left, n, n);
    lu_solve(isa, factors, &pivots, false, MatrixMut::new(out, n, n));
}

fn product(isa: Isa, n: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    matmul(
        isa,
        MatrixRef::new(a, n, n),
        false,
        MatrixRef::new(b, n, n),
        false,
        MatrixMut::new(&mut out, n, n),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_exponentials() {
        for isa in Isa::available() {
            let of = |a: [f64; 4]| {
                let mut out = [0.0; 4];
                expm(isa, MatrixRef::new(&a, 2, 2), &mut out);
                out
            };
            for t in [1e-9_f64, 0.3, 7.0, 40.0] {
                let turned = of([0.0, -t, t, 0.0]);
                let expected = [t.cos(), -t.sin(), t.sin(), t.cos()];
                for (x, y) in turned.iter().zip(expected) {
                    assert!((x - y).abs() < 1e-13, "{t}: {x} is not {y}");
                }
                let nilpotent = of([0.0, t, 0.0, 0.0]);
                assert!((nilpotent[1] - t).abs() <= 1e-14 * t && nilpotent[2] == 0.0);
            }
            let scaled = of([-700.0, 0.0, 0.0, 3.0]);
            assert!((scaled[3] / 3.0_f64.exp() - 1.0).abs() < 1e-12);
            assert!(of([f64::NAN, 0.0, 0.0, 0.0])[3].is_nan());
        }
    }
}
