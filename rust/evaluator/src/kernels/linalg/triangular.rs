//! Triangular systems and the log-determinant of a triangle.

use super::rows::{add_rows, dot_row};
use super::tile::{Factor, add_product};
use super::view::{MatrixMut, MatrixRef};
use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};
use crate::kernels::reduce::sum_log;

/// Which triangle of a matrix counts, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triangle {
    /// The lower one, else the upper one.
    pub lower: bool,
    /// Whether the system is that of the transpose.
    pub transposed: bool,
    /// Whether the diagonal is taken to be one.
    pub unit_diagonal: bool,
}

impl Triangle {
    /// `L X = B`
    pub const LOWER: Self = Self {
        lower: true,
        transposed: false,
        unit_diagonal: false,
    };
    /// `L' X = B`
    pub const LOWER_TRANSPOSED: Self = Self {
        lower: true,
        transposed: true,
        unit_diagonal: false,
    };
    /// `U X = B`
    pub const UPPER: Self = Self {
        lower: false,
        transposed: false,
        unit_diagonal: false,
    };
}

struct Solve<'a> {
    t: MatrixRef<'a>,
    kind: Triangle,
    b: MatrixMut<'a>,
}

impl Solve<'_> {
    /// One right-hand side in a contiguous column: the triangle is read along its rows.
    #[inline(always)]
    fn vector<S: Lanes>(self, lanes: S) {
        let Self { t, kind, mut b } = self;
        let n = t.rows();
        // A column of a matrix with one column is contiguous unless it is part of a wider one.
        let downwards = kind.lower != kind.transposed;
        for step in 0..n {
            let i = if downwards { step } else { n - 1 - step };
            let (begin, end) = if kind.lower { (0, i) } else { (i + 1, n) };
            let diagonal = if kind.unit_diagonal { 1.0 } else { t.at(i, i) };
            let row = &t.row(i)[begin..end];
            if kind.transposed {
                let x = b.at(i, 0) / diagonal;
                b.set(i, 0, x);
                for (k, row) in (begin..end).zip(row) {
                    b.set(k, 0, b.at(k, 0) - x * row);
                }
            } else {
                let known = b.contiguous(begin, end);
                // A short sum is had faster without registers.
                let sum = if row.len() <= 8 {
                    row.iter().zip(known).map(|(t, x)| t * x).sum()
                } else {
                    dot_row(lanes, row, known)
                };
                let x = (b.at(i, 0) - sum) / diagonal;
                b.set(i, 0, x);
            }
        }
    }
}

/// Rows solved together.
const BLOCK: usize = 8;

/// Solves for many right-hand sides: rows of `b` are combined, a block at a time.
#[inline(always)]
pub(super) fn solve_rows<S: Lanes>(lanes: S, t: MatrixRef, kind: Triangle, b: &mut MatrixMut) {
    let n = t.rows();
    let downwards = kind.lower != kind.transposed;
    let minus = |i: usize, k: usize| {
        -if kind.transposed {
            t.at(k, i)
        } else {
            t.at(i, k)
        }
    };
    let mut done = 0;
    while done < n {
        let count = BLOCK.min(n - done);
        let first = if downwards { done } else { n - done - count };
        let (before, mut block, after) = b.around_rows(first, count);
        let (known, from) = if downwards {
            (before, 0)
        } else {
            (after, first + count)
        };
        let factor = if kind.transposed {
            Factor::transposed(t, from, first)
        } else {
            Factor::part(t, first, from)
        };
        add_product::<S, true>(lanes, &mut block, 0, factor, known);
        for step in 0..count {
            let r = if downwards { step } else { count - 1 - step };
            let (before, row, after) = block.around_row(r);
            let (known, from) = if downwards {
                (before, first)
            } else {
                (after, first + r + 1)
            };
            add_rows(lanes, row, known, 0..known.rows(), |k| {
                minus(first + r, from + k)
            });
            if !kind.unit_diagonal {
                let inverse = 1.0 / t.at(first + r, first + r);
                for x in row {
                    *x *= inverse;
                }
            }
        }
        done += count;
    }
}

impl Kernel for Solve<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(mut self, lanes: S) {
        if self.b.cols() == 1 && self.b.is_contiguous() {
            self.vector(lanes);
        } else {
            solve_rows(lanes, self.t, self.kind, &mut self.b);
        }
    }
}

/// Solves `T X = B` (or `T' X = B`) in place, `B` becoming `X`.
///
/// A zero on the diagonal gives infinities or NaN, as a division does.
///
/// # Panics
/// Where `T` is not square or the shapes do not fit.
pub fn solve_triangular(isa: Isa, t: MatrixRef, kind: Triangle, b: MatrixMut) {
    assert!(
        t.rows() == t.cols() && t.rows() == b.rows(),
        "the shapes of a system do not fit"
    );
    isa.run(Solve { t, kind, b });
}

/// The sum of the logarithms of the absolute diagonal.
///
/// # Panics
/// Where the matrix is not square.
pub fn log_det_triangular(isa: Isa, t: MatrixRef) -> f64 {
    assert_eq!(t.rows(), t.cols(), "a determinant needs a square matrix");
    let mut total = 0.0;
    for start in (0..t.rows()).step_by(64) {
        let mut diagonal = [1.0; 64];
        for (i, d) in (start..t.rows()).zip(&mut diagonal) {
            *d = t.at(i, i).abs();
        }
        total += sum_log(isa, &diagonal);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_determinant_of_any_size() {
        for isa in Isa::available() {
            for n in [0, 1, 63, 64, 130] {
                let mut t = vec![0.0; n * n];
                for i in 0..n {
                    t[i * n + i] = if i % 2 == 0 { -2.0 } else { 8.0 };
                }
                let want = (n.div_ceil(2) + n / 2 * 3) as f64 * std::f64::consts::LN_2;
                let got = log_det_triangular(isa, MatrixRef::new(&t, n, n));
                assert!((got - want).abs() <= 1e-14 * want);
            }
        }
    }

    #[test]
    fn solutions_satisfy_their_systems() {
        for isa in Isa::available() {
            for n in [0, 1, 2, 5, 17, 40] {
                let element = |i: usize, j: usize| {
                    if i == j {
                        3.0 + i as f64
                    } else {
                        ((i * 5 + j * 3) % 7) as f64 * 0.1 - 0.3
                    }
                };
                let t: Vec<f64> = (0..n * n).map(|p| element(p / n, p % n)).collect();
                for code in 0..16 {
                    let kind = Triangle {
                        lower: code & 1 > 0,
                        transposed: code & 2 > 0,
                        unit_diagonal: code & 4 > 0,
                    };
                    let cols = if code & 8 > 0 { 1 } else { 3 };
                    let b: Vec<f64> = (0..n * cols).map(|i| (i % 9) as f64 - 4.0).collect();
                    let mut x = b.clone();
                    let view = MatrixRef::new(&t, n, n);
                    solve_triangular(isa, view, kind, MatrixMut::new(&mut x, n, cols));
                    let entry = |i: usize, j: usize| {
                        let (i, j) = if kind.transposed { (j, i) } else { (i, j) };
                        match i.cmp(&j) {
                            std::cmp::Ordering::Equal if kind.unit_diagonal => 1.0,
                            std::cmp::Ordering::Equal => t[i * n + j],
                            order if (order == std::cmp::Ordering::Greater) == kind.lower => {
                                t[i * n + j]
                            }
                            _ => 0.0,
                        }
                    };
                    for i in 0..n {
                        for c in 0..cols {
                            let sum: f64 = (0..n).map(|j| entry(i, j) * x[j * cols + c]).sum();
                            let scale: f64 =
                                (0..n).map(|j| (entry(i, j) * x[j * cols + c]).abs()).sum();
                            assert!((sum - b[i * cols + c]).abs() <= 1e-14 * (1.0 + scale));
                        }
                    }
                }
            }
        }
    }
}
