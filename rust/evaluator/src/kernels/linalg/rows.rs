//! The two inner loops of everything here: dot products of rows, and sums of multiples of rows.

use super::view::{MatrixMut, MatrixRef};
use crate::kernels::lanes::Lanes;
use crate::kernels::map::{load_tail, store_tail};
use crate::kernels::vector::Vector;

/// `out += sum of coefficient(k) * rows[k]` over a range of rows, four at a time so that `out` is
/// read and written once for four.
#[inline(always)]
pub(super) fn add_rows<S: Lanes>(
    lanes: S,
    out: &mut [f64],
    rows: MatrixRef,
    range: std::ops::Range<usize>,
    coefficient: impl Fn(usize) -> f64,
) {
    let len = out.len();
    let mut k = range.start;
    while k + 4 <= range.end {
        let c = [0, 1, 2, 3].map(|i| Vector::splat(lanes, coefficient(k + i)));
        let r = [0, 1, 2, 3].map(|i| &rows.row(k + i)[..len]);
        for_registers::<S>(len, |at, full| {
            let mut sum = fetch(lanes, out, at, full);
            for (c, r) in c.iter().zip(r) {
                sum = c.mul_add(fetch(lanes, r, at, full), sum);
            }
            put(sum, out, at, full);
        });
        k += 4;
    }
    while k < range.end {
        let c = Vector::splat(lanes, coefficient(k));
        let r = &rows.row(k)[..len];
        for_registers::<S>(len, |at, full| {
            let sum = c.mul_add(fetch(lanes, r, at, full), fetch(lanes, out, at, full));
            put(sum, out, at, full);
        });
        k += 1;
    }
}

/// `out[i] += sum of coefficient(i, k) * rows[k]` for all rows of `out` and a range of `rows`, on
/// columns `from..`.
///
/// Four rows by two registers stay in registers while the range is gone through.
#[inline(always)]
pub(super) fn add_product<S: Lanes>(
    lanes: S,
    out: &mut MatrixMut,
    from: usize,
    rows: MatrixRef,
    range: std::ops::Range<usize>,
    coefficient: impl Fn(usize, usize) -> f64,
) {
    let mut i = 0;
    while i + 4 <= out.rows() {
        let mut at = from;
        while at + 2 * S::N <= out.cols() {
            let mut sums = [[Vector::splat(lanes, 0.0); 2]; 4];
            for k in range.clone() {
                let row = &rows.row(k)[at..];
                let pair = [Vector::load(lanes, row), Vector::load(lanes, &row[S::N..])];
                for (r, sums) in sums.iter_mut().enumerate() {
                    let c = Vector::splat(lanes, coefficient(i + r, k));
                    sums[0] = c.mul_add(pair[0], sums[0]);
                    sums[1] = c.mul_add(pair[1], sums[1]);
                }
            }
            for (r, sums) in sums.iter().enumerate() {
                let out = &mut out.row_mut(i + r)[at..];
                (sums[0] + Vector::load(lanes, out)).store(out);
                let out = &mut out[S::N..];
                (sums[1] + Vector::load(lanes, out)).store(out);
            }
            at += 2 * S::N;
        }
        while at < out.cols() {
            let full = at + S::N <= out.cols();
            let mut sums = [Vector::splat(lanes, 0.0); 4];
            for k in range.clone() {
                let row = fetch(lanes, &rows.row(k)[..out.cols()], at, full);
                for (r, sum) in sums.iter_mut().enumerate() {
                    let c = Vector::splat(lanes, coefficient(i + r, k));
                    *sum = c.mul_add(row, *sum);
                }
            }
            for (r, sum) in sums.iter().enumerate() {
                let out = out.row_mut(i + r);
                put(*sum + fetch(lanes, out, at, full), out, at, full);
            }
            at += S::N;
        }
        i += 4;
    }
    while i < out.rows() {
        let cols = out.cols();
        let rows = rows.columns(from, cols);
        add_rows(
            lanes,
            &mut out.row_mut(i)[from..],
            rows,
            range.clone(),
            |k| coefficient(i, k),
        );
        i += 1;
    }
}

/// Calls `step(at, full)` for consecutive registers; the last one may not be full.
#[inline(always)]
fn for_registers<S: Lanes>(len: usize, mut step: impl FnMut(usize, bool)) {
    let mut at = 0;
    while at + S::N <= len {
        step(at, true);
        at += S::N;
    }
    if at < len {
        step(at, false);
    }
}

#[inline(always)]
fn fetch<S: Lanes>(lanes: S, x: &[f64], at: usize, full: bool) -> Vector<S> {
    if full {
        Vector::load(lanes, &x[at..])
    } else {
        load_tail(lanes, &x[at..], 0.0)
    }
}

#[inline(always)]
fn put<S: Lanes>(x: Vector<S>, out: &mut [f64], at: usize, full: bool) {
    if full {
        x.store(&mut out[at..])
    } else {
        store_tail(x, &mut out[at..])
    }
}

/// Dot products of `R` rows with `C` others, over their common length.
///
/// Each register loaded serves several products.
#[inline(always)]
pub(super) fn dot_tile<S: Lanes, const R: usize, const C: usize>(
    lanes: S,
    a: [&[f64]; R],
    b: [&[f64]; C],
) -> [[f64; C]; R] {
    let len = a[0].len();
    let (a, b) = (a.map(|a| &a[..len]), b.map(|b| &b[..len]));
    let mut sums = [[Vector::splat(lanes, 0.0); C]; R];
    for_registers::<S>(len, |at, full| {
        let b = b.map(|b| fetch(lanes, b, at, full));
        for (sums, a) in sums.iter_mut().zip(a) {
            let a = fetch(lanes, a, at, full);
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = a.mul_add(b, *sum);
            }
        }
    });
    sums.map(|sums| sums.map(Vector::sum))
}

/// One dot product, with four sums side by side.
#[inline(always)]
pub(super) fn dot_row<S: Lanes>(lanes: S, a: &[f64], b: &[f64]) -> f64 {
    let len = a.len();
    let b = &b[..len];
    let mut sums = [Vector::splat(lanes, 0.0); 4];
    let mut at = 0;
    while at + 4 * S::N <= len {
        for (i, sum) in sums.iter_mut().enumerate() {
            let place = at + i * S::N;
            *sum = Vector::load(lanes, &a[place..]).mul_add(Vector::load(lanes, &b[place..]), *sum);
        }
        at += 4 * S::N;
    }
    for_registers::<S>(len - at, |from, full| {
        let a = fetch(lanes, a, at + from, full);
        sums[0] = a.mul_add(fetch(lanes, b, at + from, full), sums[0]);
    });
    ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum()
}
