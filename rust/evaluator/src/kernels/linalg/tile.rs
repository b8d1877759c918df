//! The product of matrices, by tiles that stay in registers.

use super::view::{MatrixMut, MatrixRef};
use crate::kernels::lanes::Lanes;
use crate::kernels::vector::Vector;

/// The left factor of a product: part of a matrix, or of its transpose.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    data: &'a [f64],
    /// Steps from row to row and from column to column.
    down: usize,
    along: usize,
}

impl<'a> Factor<'a> {
    /// The part of `matrix` whose first element is `(i, k)`.
    #[inline(always)]
    pub(super) fn part(matrix: MatrixRef<'a>, i: usize, k: usize) -> Self {
        Self {
            data: matrix.from(i, k),
            down: matrix.stride(),
            along: 1,
        }
    }

    /// The transpose of the part of `matrix` whose first element is `(k, i)`.
    #[inline(always)]
    pub(super) fn transposed(matrix: MatrixRef<'a>, k: usize, i: usize) -> Self {
        Self {
            data: matrix.from(k, i),
            down: 1,
            along: matrix.stride(),
        }
    }
}

/// `out += A B`, or `out -= A B` with `MINUS`, on columns `from..` of `out` and `B`.
///
/// `A` has as many rows as `out` and as many columns as `B` has rows.
#[inline(always)]
pub(super) fn add_product<S: Lanes, const MINUS: bool>(
    lanes: S,
    out: &mut MatrixMut,
    from: usize,
    a: Factor,
    b: MatrixRef,
) {
    if b.rows() == 0 {
        return;
    }
    // Columns outside, so that the part of `B` in use stays in the nearest cache.
    let cols = out.cols();
    let mut at = from;
    while at + 2 * S::N <= cols {
        add_strip::<S, 2, MINUS>(lanes, out, at, S::N, a, b);
        at += 2 * S::N;
    }
    while at < cols {
        add_strip::<S, 1, MINUS>(lanes, out, at, S::N.min(cols - at), a, b);
        at += S::N;
    }
}

/// All rows of `W` registers of columns, of which the last holds `width` numbers.
#[inline(always)]
fn add_strip<S: Lanes, const W: usize, const MINUS: bool>(
    lanes: S,
    out: &mut MatrixMut,
    at: usize,
    width: usize,
    a: Factor,
    b: MatrixRef,
) {
    let rows = out.rows();
    let mut i = 0;
    if S::MANY_REGISTERS {
        while i + 8 <= rows {
            add_tile::<S, 8, W, MINUS>(lanes, out, i, at, width, a, b);
            i += 8;
        }
    }
    while i + 4 <= rows {
        add_tile::<S, 4, W, MINUS>(lanes, out, i, at, width, a, b);
        i += 4;
    }
    while i < rows {
        add_tile::<S, 1, W, MINUS>(lanes, out, i, at, width, a, b);
        i += 1;
    }
}

/// `R` rows by `W` registers.
#[inline(always)]
fn add_tile<S: Lanes, const R: usize, const W: usize, const MINUS: bool>(
    lanes: S,
    out: &mut MatrixMut,
    i: usize,
    at: usize,
    width: usize,
    a: Factor,
    b: MatrixRef,
) {
    let count = b.rows();
    let extent = (W - 1) * S::N + width;
    let coefficients = &a.data[i * a.down..];
    let b_rows = b.from(0, at);
    assert!((R - 1) * a.down + (count - 1) * a.along < coefficients.len());
    assert!((count - 1) * b.stride() + extent <= b_rows.len());
    let mut sums = [[Vector::splat(lanes, 0.0); W]; R];
    for k in 0..count {
        let mut row = [Vector::splat(lanes, 0.0); W];
        for (w, register) in row.iter_mut().enumerate() {
            let len = if w + 1 == W { width } else { S::N };
            // SAFETY: the second assertion bounds the last row, and rows before it lie lower.
            // Checking each costs a third of the time of a product.
            let x = unsafe {
                let start = b_rows.as_ptr().add(k * b.stride() + w * S::N);
                std::slice::from_raw_parts(start, len)
            };
            *register = fetch(lanes, x);
        }
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the first assertion bounds the largest `r` and `k`.
            let c = unsafe { *coefficients.get_unchecked(r * a.down + k * a.along) };
            let c = Vector::splat(lanes, if MINUS { -c } else { c });
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum = c.mul_add(x, *sum);
            }
        }
    }
    for (r, sums) in sums.into_iter().enumerate() {
        let out = &mut out.row_mut(i + r)[at..at + extent];
        for (w, sum) in sums.into_iter().enumerate() {
            let len = if w + 1 == W { width } else { S::N };
            let out = &mut out[w * S::N..][..len];
            let total = fetch(lanes, out) + sum;
            if len == S::N {
                total.store(out);
            } else {
                total.store_partial(out);
            }
        }
    }
}

#[inline(always)]
fn fetch<S: Lanes>(lanes: S, x: &[f64]) -> Vector<S> {
    if x.len() == S::N {
        Vector::load(lanes, x)
    } else {
        Vector::load_partial(lanes, x, 0.0)
    }
}
