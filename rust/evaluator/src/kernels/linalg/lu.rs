//! LU factors with partial pivoting, and what rests on them: determinants, solutions, inverses.

use super::rows::add_rows;
use super::triangular::{Triangle, solve_triangular};
use super::view::{MatrixMut, MatrixRef};
use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};

/// What is known of a matrix once it is factored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LuInfo {
    /// Whether a pivot is zero or not finite.
    pub singular: bool,
    /// Sign of the determinant; 0 where singular, NaN where not finite.
    pub sign: f64,
    /// Logarithm of the absolute determinant; -inf where singular, NaN where not finite.
    pub log_abs_det: f64,
}

struct Lu<'a>(MatrixMut<'a>, &'a mut [usize]);

impl Kernel for Lu<'_> {
    type Output = LuInfo;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> LuInfo {
        let Self(mut a, pivots) = self;
        let n = a.rows();
        let (mut sign, mut log_abs_det) = (1.0, 0.0);
        for k in 0..n {
            let best = largest_below(&a, k);
            pivots[k] = best;
            if best != k {
                for j in 0..n {
                    let (x, y) = (a.at(k, j), a.at(best, j));
                    a.set(k, j, y);
                    a.set(best, j, x);
                }
                sign = -sign;
            }
            let pivot = a.at(k, k);
            if pivot == 0.0 {
                sign = 0.0;
                log_abs_det = f64::NEG_INFINITY;
                continue;
            }
            sign *= pivot.signum();
            log_abs_det += pivot.abs().ln();
            for i in k + 1..n {
                let (above, row, _) = a.around_row(i);
                row[k] /= pivot;
                let factor = row[k];
                let rest = above.columns(k + 1, n);
                add_rows(lanes, &mut row[k + 1..], rest, k..k + 1, |_| -factor);
            }
        }
        LuInfo {
            singular: !(sign != 0.0 && log_abs_det.is_finite()),
            sign,
            log_abs_det,
        }
    }
}

/// The row at or below the diagonal with the largest element in column `k`.
fn largest_below(a: &MatrixMut, k: usize) -> usize {
    let mut best = k;
    for i in k + 1..a.rows() {
        // A NaN is chosen, so that it shows in the result.
        if a.at(i, k).abs() > a.at(best, k).abs() || a.at(i, k).is_nan() {
            best = i;
        }
    }
    best
}

/// Factors `P A = L U` in place: `U` in the upper triangle, `L` with its unit diagonal left out
/// below. Row `k` was exchanged with row `pivots[k]`.
///
/// # Panics
/// Where the matrix is not square or `pivots` not as long.
pub fn lu_factor(isa: Isa, a: MatrixMut, pivots: &mut [usize]) -> LuInfo {
    assert!(
        a.rows() == a.cols() && pivots.len() == a.rows(),
        "LU factors need a square matrix"
    );
    isa.run(Lu(a, pivots))
}

/// Solves `A X = B`, or `A' X = B`, in place with the factors of `A`.
///
/// # Panics
/// Where the shapes do not fit.
pub fn lu_solve(isa: Isa, lu: MatrixRef, pivots: &[usize], transposed: bool, mut b: MatrixMut) {
    assert_eq!(pivots.len(), b.rows(), "the shapes of a system do not fit");
    let lower = Triangle {
        lower: true,
        transposed,
        unit_diagonal: true,
    };
    let upper = Triangle {
        lower: false,
        transposed,
        unit_diagonal: false,
    };
    if transposed {
        solve_triangular(isa, lu, upper, b.reborrow());
        solve_triangular(isa, lu, lower, b.reborrow());
        for (k, &other) in pivots.iter().enumerate().rev() {
            exchange(&mut b, k, other);
        }
    } else {
        for (k, &other) in pivots.iter().enumerate() {
            exchange(&mut b, k, other);
        }
        solve_triangular(isa, lu, lower, b.reborrow());
        solve_triangular(isa, lu, upper, b);
    }
}

/// Exchanges two rows.
fn exchange(b: &mut MatrixMut, i: usize, j: usize) {
    for c in 0..b.cols() {
        let (x, y) = (b.at(i, c), b.at(j, c));
        b.set(i, c, y);
        b.set(j, c, x);
    }
}

/// The inverse from the factors.
///
/// # Panics
/// Where the shapes do not fit.
pub fn inverse(isa: Isa, lu: MatrixRef, pivots: &[usize], mut out: MatrixMut) {
    out.fill(0.0);
    for i in 0..out.rows() {
        out.set(i, i, 1.0);
    }
    lu_solve(isa, lu, pivots, false, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_and_determinants() {
        for isa in Isa::available() {
            for n in [1, 2, 3, 6, 20] {
                // Cosines of growing frequency: no structure to make it singular.
                let a: Vec<f64> = (0..n * n).map(|p| ((p * p) as f64 * 0.7).cos()).collect();
                let mut lu = a.clone();
                let mut pivots = vec![0; n];
                let info = lu_factor(isa, MatrixMut::new(&mut lu, n, n), &mut pivots);
                assert!(!info.singular && info.log_abs_det.is_finite());
                let factors = MatrixRef::new(&lu, n, n);
                for transposed in [false, true] {
                    let b: Vec<f64> = (0..2 * n).map(|i| i as f64 - 3.0).collect();
                    let mut x = b.clone();
                    lu_solve(
                        isa,
                        factors,
                        &pivots,
                        transposed,
                        MatrixMut::new(&mut x, n, 2),
                    );
                    for i in 0..n {
                        for c in 0..2 {
                            let entry = |j| {
                                if transposed {
                                    a[j * n + i]
                                } else {
                                    a[i * n + j]
                                }
                            };
                            let sum: f64 = (0..n).map(|j| entry(j) * x[j * 2 + c]).sum();
                            assert!((sum - b[i * 2 + c]).abs() < 1e-9, "{n} {sum}");
                        }
                    }
                }
                let mut inv = vec![0.0; n * n];
                inverse(isa, factors, &pivots, MatrixMut::new(&mut inv, n, n));
                let first: f64 = (0..n).map(|j| a[j] * inv[j * n]).sum();
                assert!((first - 1.0).abs() < 1e-9);
            }
            let mut a = [0.0, 1.0, 1.0, 0.0];
            let info = lu_factor(isa, MatrixMut::new(&mut a, 2, 2), &mut [0; 2]);
            assert_eq!((info.sign, info.log_abs_det), (-1.0, 0.0));
            let mut a = [1.0, 2.0, 2.0, 4.0];
            let info = lu_factor(isa, MatrixMut::new(&mut a, 2, 2), &mut [0; 2]);
            assert!(info.singular && info.sign == 0.0 && info.log_abs_det == f64::NEG_INFINITY);
        }
    }
}
