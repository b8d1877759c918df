//! The Cholesky factor and its reverse rule.
//!
//! `A = U' U` is computed on the upper triangle, where all inner loops run along rows: eight rows
//! at a time take the contributions of all rows above them and are then finished among
//! themselves. The result is turned into `L = U'`.
//!
//! Reference for the reverse rule: I. Murray, *Differentiation of the Cholesky decomposition*
//! (arXiv:1602.07527), equations (7) to (10).

use super::rows::add_rows;
use super::tile::{Factor, add_product};
use super::triangular::{Triangle, solve_rows};
use super::view::{MatrixMut, MatrixRef, for_each_below};
use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};

/// Rows finished together.
const BLOCK: usize = 8;

struct Cholesky<'a>(MatrixMut<'a>);

impl Kernel for Cholesky<'_> {
    type Output = bool;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> bool {
        let Self(mut a) = self;
        let n = a.rows();
        copy_lower_to_upper(&mut a);
        let mut i = 0;
        while i < n {
            let count = BLOCK.min(n - i);
            let (above, mut block, _) = a.around_rows(i, count);
            let factor = Factor::transposed(above, 0, i);
            add_product::<S, true>(lanes, &mut block, i, factor, above);
            if !finish(lanes, &mut block, i) {
                a.fill(f64::NAN);
                return false;
            }
            i += count;
        }
        move_upper_to_lower(&mut a);
        true
    }
}

/// Turns rows of the Schur complement, which start on the diagonal in column `first`, into rows of
/// the factor. False where a pivot is not positive.
#[inline(always)]
fn finish<S: Lanes>(lanes: S, block: &mut MatrixMut, first: usize) -> bool {
    for r in 0..block.rows() {
        let (above, row, _) = block.around_row(r);
        let place = first + r;
        let above = above.columns(place, place + row.len() - place);
        add_rows(lanes, &mut row[place..], above, 0..r, |k| -above.at(k, 0));
        let pivot = row[place];
        // Also false for NaN.
        if !(pivot > 0.0 && pivot < f64::INFINITY) {
            return false;
        }
        let root = pivot.sqrt();
        row[place] = root;
        let inverse = 1.0 / root;
        for x in &mut row[place + 1..] {
            *x *= inverse;
        }
    }
    true
}

fn copy_lower_to_upper(a: &mut MatrixMut) {
    for_each_below(a.rows(), |i, j| a.set(j, i, a.at(i, j)));
}

fn move_upper_to_lower(a: &mut MatrixMut) {
    for_each_below(a.rows(), |i, j| {
        a.set(i, j, a.at(j, i));
        a.set(j, i, 0.0);
    });
}

/// The lower factor `L` of `A = L L'`, in place; reads the lower triangle of `A` and clears the
/// upper one.
///
/// Where `A` is not positive definite or not finite all elements become NaN and the result is
/// false.
///
/// # Panics
/// Where the matrix is not square.
#[must_use = "a matrix may fail to be positive definite"]
pub fn cholesky(isa: Isa, a: MatrixMut) -> bool {
    assert_eq!(
        a.rows(),
        a.cols(),
        "a Cholesky factor needs a square matrix"
    );
    isa.run(Cholesky(a))
}

struct Reverse<'a> {
    l: MatrixRef<'a>,
    adjoint: MatrixMut<'a>,
}

impl Kernel for Reverse<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self { l, adjoint: mut x } = self;
        let n = l.rows();
        // P = the lower triangle of L' adjoint with its diagonal halved. A block of rows needs
        // itself and the rows below, which still hold the adjoint.
        for i in 0..n {
            x.row_mut(i)[i + 1..].fill(0.0);
        }
        let mut i = 0;
        while i < n {
            let count = BLOCK.min(n - i);
            let (_, mut block, below) = x.around_rows(i, count);
            let mut block = block.first_columns(i + count);
            for r in 0..count {
                let (_, row, later) = block.around_row(r);
                let diagonal = l.at(i + r, i + r);
                for x in row.iter_mut() {
                    *x *= diagonal;
                }
                add_rows(lanes, row, later, 0..later.rows(), |k| {
                    l.at(i + r + 1 + k, i + r)
                });
            }
            let factor = Factor::transposed(l, i + count, i);
            add_product::<S, false>(lanes, &mut block, 0, factor, below);
            for r in 0..count {
                let row = block.row_mut(r);
                row[i + r] *= 0.5;
                row[i + r + 1..].fill(0.0);
            }
            i += count;
        }
        // S = L^-T P L^-1, or its transpose: only their sum counts.
        solve_rows(lanes, l, Triangle::LOWER_TRANSPOSED, &mut x);
        x.transpose();
        solve_rows(lanes, l, Triangle::LOWER_TRANSPOSED, &mut x);
        // Its symmetric part, gathered in the lower triangle.
        for_each_below(n, |i, j| {
            x.set(i, j, x.at(i, j) + x.at(j, i));
            x.set(j, i, 0.0);
        });
    }
}

/// The adjoint of `A` from that of its factor `L`, in place.
///
/// The result is lower triangular: `A` is a function of its lower triangle, so an element off the
/// diagonal stands for two. The upper triangle of the incoming adjoint is not read.
///
/// # Panics
/// Where a matrix is not square or the shapes differ.
pub fn cholesky_reverse(isa: Isa, l: MatrixRef, adjoint: MatrixMut) {
    assert!(
        l.rows() == l.cols() && adjoint.rows() == l.rows() && adjoint.cols() == l.rows(),
        "the shapes of a factor and its adjoint differ"
    );
    isa.run(Reverse { l, adjoint });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lower triangle with a dominant diagonal, as a full matrix.
    fn lower(n: usize) -> Vec<f64> {
        let element = |i: usize, j: usize| match i.cmp(&j) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 2.0 + (i % 3) as f64,
            std::cmp::Ordering::Greater => ((i * 3 + j * 5) % 7) as f64 * 0.25 - 0.75,
        };
        (0..n * n).map(|p| element(p / n, p % n)).collect()
    }

    fn gram(l: &[f64], n: usize) -> Vec<f64> {
        let dot = |i, j| (0..n).map(|k| l[i * n + k] * l[j * n + k]).sum();
        (0..n * n).map(|p| dot(p / n, p % n)).collect()
    }

    #[test]
    fn factor_of_a_product_is_found_again() {
        for isa in Isa::available() {
            for n in [0, 1, 2, 3, 4, 5, 8, 13, 31, 64, 100] {
                let l = lower(n);
                let mut a = gram(&l, n);
                for i in 0..n {
                    // The upper triangle is not read.
                    a[i * n + i + 1..(i + 1) * n].fill(f64::NAN);
                }
                assert!(cholesky(isa, MatrixMut::new(&mut a, n, n)));
                for (got, want) in a.iter().zip(&l) {
                    assert!((got - want).abs() < 1e-10, "{n}: {got} {want}");
                }
            }
        }
    }

    #[test]
    fn not_positive_definite_gives_nan() {
        for isa in Isa::available() {
            for mut a in [vec![1.0, 2.0, 2.0, 1.0], vec![f64::NAN, 0.0, 0.0, 1.0]] {
                assert!(!cholesky(isa, MatrixMut::new(&mut a, 2, 2)));
                assert!(a.iter().all(|x| x.is_nan()));
            }
        }
    }

    #[test]
    fn reverse_rule_equals_differences() {
        for isa in Isa::available() {
            for n in [1, 2, 5, 9] {
                let a = gram(&lower(n), n);
                let weights: Vec<f64> = (0..n * n).map(|i| (i % 5) as f64 - 1.5).collect();
                let value = |a: &[f64]| {
                    let mut l = a.to_vec();
                    assert!(cholesky(isa, MatrixMut::new(&mut l, n, n)));
                    l.iter().zip(&weights).map(|(l, w)| l * w).sum::<f64>()
                };
                let mut l = a.clone();
                assert!(cholesky(isa, MatrixMut::new(&mut l, n, n)));
                let mut adjoint = weights.clone();
                let factor = MatrixRef::new(&l, n, n);
                cholesky_reverse(isa, factor, MatrixMut::new(&mut adjoint, n, n));
                for i in 0..n {
                    for j in 0..n {
                        let step = 1e-5;
                        let moved = |by: f64| {
                            let mut a = a.clone();
                            a[i * n + j] += by;
                            value(&a)
                        };
                        let want = (moved(step) - moved(-step)) / (2.0 * step);
                        assert!((adjoint[i * n + j] - want).abs() < 1e-7, "{n} {i} {j}");
                    }
                }
            }
        }
    }
}
