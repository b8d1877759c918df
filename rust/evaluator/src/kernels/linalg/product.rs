//! Products of matrices with vectors and with each other.
//!
//! For a data matrix `X` with few columns keep it column-major: `gemv_t` with the view of its
//! columns gives `X b` and `gemv_add` the reverse `X' r`, both along contiguous observations. Done
//! on one block of observations after the other, the block is still in cache for the second.

use super::rows::{add_rows, add_rows_by_strips, dot_row, dot_tile};
use super::tile::{Factor, add_product};
use super::view::{MatrixMut, MatrixRef};
use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};

/// `out (+)= A x`
struct Gemv<'a, const ADD: bool>(MatrixRef<'a>, &'a [f64], &'a mut [f64]);

impl<const ADD: bool> Kernel for Gemv<'_, ADD> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(a, x, out) = self;
        let mut put = |i: usize, value: f64| {
            if ADD {
                out[i] += value;
            } else {
                out[i] = value;
            }
        };
        let mut i = 0;
        while i + 8 <= a.rows() {
            let mut rows: [&[f64]; 8] = [&[]; 8];
            for (k, row) in rows.iter_mut().enumerate() {
                *row = a.row(i + k);
            }
            for (k, [value]) in dot_tile(lanes, rows, [x]).into_iter().enumerate() {
                put(i + k, value);
            }
            i += 8;
        }
        while i < a.rows() {
            put(i, dot_row(lanes, a.row(i), x));
            i += 1;
        }
    }
}

/// Panics where the lengths of vectors are not those of a matrix.
fn check(expected: usize, len: usize) {
    assert_eq!(expected, len, "the operands of a product differ in length");
}

/// `out = A x`
///
/// # Panics
/// Where the shapes do not fit.
pub fn gemv(isa: Isa, a: MatrixRef, x: &[f64], out: &mut [f64]) {
    check(a.cols(), x.len());
    check(a.rows(), out.len());
    isa.run(Gemv::<false>(a, x, out));
}

/// `out += A x`
///
/// # Panics
/// Where the shapes do not fit.
pub fn gemv_add(isa: Isa, a: MatrixRef, x: &[f64], out: &mut [f64]) {
    check(a.cols(), x.len());
    check(a.rows(), out.len());
    isa.run(Gemv::<true>(a, x, out));
}

/// Rows up to this length are read strip by strip.
const NEAR: usize = 512;

/// `out += A' y`
struct GemvT<'a>(MatrixRef<'a>, &'a [f64], &'a mut [f64]);

impl Kernel for GemvT<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(a, y, out) = self;
        if a.cols() <= NEAR {
            add_rows_by_strips(lanes, out, a, y);
        } else {
            add_rows(lanes, out, a, 0..a.rows(), |k| y[k]);
        }
    }
}

/// `out += A' y`
///
/// # Panics
/// Where the shapes do not fit.
pub fn gemv_t_add(isa: Isa, a: MatrixRef, y: &[f64], out: &mut [f64]) {
    check(a.rows(), y.len());
    check(a.cols(), out.len());
    isa.run(GemvT(a, y, out));
}

/// `out = A' y`
///
/// # Panics
/// Where the shapes do not fit.
pub fn gemv_t(isa: Isa, a: MatrixRef, y: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    gemv_t_add(isa, a, y, out);
}

/// `A += alpha x y'`
struct Rank1<'a>(f64, &'a [f64], &'a [f64], MatrixMut<'a>);

impl Kernel for Rank1<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(alpha, x, y, mut a) = self;
        let y = MatrixRef::new(y, 1, y.len());
        for (i, x) in x.iter().enumerate() {
            add_rows(lanes, a.row_mut(i), y, 0..1, |_| alpha * x);
        }
    }
}

/// `A += alpha x y'`
///
/// # Panics
/// Where the shapes do not fit.
pub fn rank1_add(isa: Isa, alpha: f64, x: &[f64], y: &[f64], a: MatrixMut) {
    check(a.rows(), x.len());
    check(a.cols(), y.len());
    isa.run(Rank1(alpha, x, y, a));
}

/// `C += op(A) op(B)`
struct Matmul<'a> {
    a: MatrixRef<'a>,
    transpose_a: bool,
    b: MatrixRef<'a>,
    transpose_b: bool,
    c: MatrixMut<'a>,
}

impl Kernel for Matmul<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self {
            a,
            transpose_a,
            b,
            transpose_b,
            mut c,
        } = self;
        match (transpose_a, transpose_b) {
            (false, false) => {
                add_product::<S, false>(lanes, &mut c, 0, Factor::part(a, 0, 0), b);
            }
            (true, false) => {
                add_product::<S, false>(lanes, &mut c, 0, Factor::transposed(a, 0, 0), b);
            }
            (false, true) => {
                for i in 0..c.rows() {
                    add_dots(lanes, a.row(i), b, c.row_mut(i));
                }
            }
            (true, true) => {
                for i in 0..c.rows() {
                    for (j, c) in c.row_mut(i).iter_mut().enumerate() {
                        let b = b.row(j);
                        *c += (0..a.rows()).map(|k| a.at(k, i) * b[k]).sum::<f64>();
                    }
                }
            }
        }
    }
}

/// `out[j] += a . b[j]`
#[inline(always)]
fn add_dots<S: Lanes>(lanes: S, a: &[f64], b: MatrixRef, out: &mut [f64]) {
    let mut j = 0;
    while j + 4 <= out.len() {
        let rows = [b.row(j), b.row(j + 1), b.row(j + 2), b.row(j + 3)];
        let [dots] = dot_tile(lanes, [a], rows);
        for (out, dot) in out[j..].iter_mut().zip(dots) {
            *out += dot;
        }
        j += 4;
    }
    while j < out.len() {
        out[j] += dot_tile(lanes, [a], [b.row(j)])[0][0];
        j += 1;
    }
}

/// `C += op(A) op(B)`, where `op` transposes where asked to.
///
/// # Panics
/// Where the shapes do not fit.
pub fn matmul_add(
    isa: Isa,
    a: MatrixRef,
    transpose_a: bool,
    b: MatrixRef,
    transpose_b: bool,
    c: MatrixMut,
) {
    let (rows, inner) = if transpose_a {
        (a.cols(), a.rows())
    } else {
        (a.rows(), a.cols())
    };
    let (inner_b, cols) = if transpose_b {
        (b.cols(), b.rows())
    } else {
        (b.rows(), b.cols())
    };
    check(inner, inner_b);
    check(rows, c.rows());
    check(cols, c.cols());
    isa.run(Matmul {
        a,
        transpose_a,
        b,
        transpose_b,
        c,
    });
}

/// `C = op(A) op(B)`, where `op` transposes where asked to.
///
/// # Panics
/// Where the shapes do not fit.
pub fn matmul(
    isa: Isa,
    a: MatrixRef,
    transpose_a: bool,
    b: MatrixRef,
    transpose_b: bool,
    mut c: MatrixMut,
) {
    c.fill(0.0);
    matmul_add(isa, a, transpose_a, b, transpose_b, c);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers, so that sums are exact in any order.
    fn numbers(len: usize, seed: usize) -> Vec<f64> {
        (0..len)
            .map(|i| ((i * 7 + seed * 5) % 11) as f64 - 5.0)
            .collect()
    }

    #[test]
    fn matrix_vector_products() {
        for isa in Isa::available() {
            for (rows, cols) in [(0, 3), (3, 0), (1, 1), (5, 7), (9, 25), (33, 18)] {
                let data = numbers(rows * (cols + 2), 1);
                let a = MatrixRef::with_stride(&data, rows, cols, cols + 2);
                let (x, y) = (numbers(cols, 2), numbers(rows, 3));
                let (mut ax, mut ay) = (numbers(rows, 4), numbers(cols, 5));
                let (before_x, before_y) = (ax.clone(), ay.clone());
                gemv_add(isa, a, &x, &mut ax);
                gemv_t_add(isa, a, &y, &mut ay);
                for i in 0..rows {
                    let want: f64 = (0..cols).map(|j| a.at(i, j) * x[j]).sum();
                    assert_eq!(ax[i], before_x[i] + want);
                }
                for j in 0..cols {
                    let want: f64 = (0..rows).map(|i| a.at(i, j) * y[i]).sum();
                    assert_eq!(ay[j], before_y[j] + want);
                }
                gemv(isa, a, &x, &mut ax);
                gemv_t(isa, a, &y, &mut ay);
                let mut outer = numbers(rows * cols, 6);
                let before = outer.clone();
                rank1_add(isa, 2.0, &y, &x, MatrixMut::new(&mut outer, rows, cols));
                for i in 0..rows {
                    for j in 0..cols {
                        assert_eq!(
                            outer[i * cols + j],
                            before[i * cols + j] + 2.0 * y[i] * x[j]
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn matrix_products_transposed_or_not() {
        let (m, n, k) = (6, 9, 13);
        let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
        let at = |i, p, t| if t { a[p * m + i] } else { a[i * k + p] };
        let bt = |p, j, t| if t { b[j * k + p] } else { b[p * n + j] };
        for isa in Isa::available() {
            for (ta, tb) in [(false, false), (true, false), (false, true), (true, true)] {
                let left = if ta {
                    MatrixRef::new(&a, k, m)
                } else {
                    MatrixRef::new(&a, m, k)
                };
                let right = if tb {
                    MatrixRef::new(&b, n, k)
                } else {
                    MatrixRef::new(&b, k, n)
                };
                let mut c = numbers(m * n, 3);
                matmul(isa, left, ta, right, tb, MatrixMut::new(&mut c, m, n));
                for i in 0..m {
                    for j in 0..n {
                        let want: f64 = (0..k).map(|p| at(i, p, ta) * bt(p, j, tb)).sum();
                        assert_eq!(c[i * n + j], want);
                    }
                }
            }
        }
    }
}
