//! The two inner loops of everything here: dot products of rows, and sums of multiples of rows.

use std::ops::Range;

use super::view::MatrixRef;
use crate::kernels::lanes::Lanes;
use crate::kernels::vector::Vector;

/// `out += sum of coefficient(k) * rows[k]` over a range of rows, four at a time so that `out` is
/// read and written once for four.
#[inline(always)]
pub(super) fn add_rows<S: Lanes>(
    lanes: S,
    out: &mut [f64],
    rows: MatrixRef,
    range: Range<usize>,
    coefficient: impl Fn(usize) -> f64,
) {
    let mut k = range.start;
    while k + 4 <= range.end {
        let c = [
            coefficient(k),
            coefficient(k + 1),
            coefficient(k + 2),
            coefficient(k + 3),
        ];
        let r = [
            rows.row(k),
            rows.row(k + 1),
            rows.row(k + 2),
            rows.row(k + 3),
        ];
        add_multiples(lanes, out, c, r);
        k += 4;
    }
    while k < range.end {
        add_multiples(lanes, out, [coefficient(k)], [rows.row(k)]);
        k += 1;
    }
}

/// `out += sum of c[i] * rows[i]`
#[inline(always)]
fn add_multiples<S: Lanes, const R: usize>(
    lanes: S,
    out: &mut [f64],
    c: [f64; R],
    rows: [&[f64]; R],
) {
    let len = out.len();
    let mut at = 0;
    while at < len {
        let full = at + S::N <= len;
        let mut sum = fetch(lanes, out, at, full);
        for (c, row) in c.iter().zip(rows) {
            sum = fetch(lanes, &row[..len], at, full).mul_add(*c, sum);
        }
        put(sum, out, at, full);
        at += S::N;
    }
}

/// Registers of a strip: enough to hide how long a multiplication with addition takes.
const STRIP: usize = 8;

/// `out += sum of c[k] * rows[k]`, by strips of the result that stay in registers through all rows.
///
/// For rows that lie near each other: a strip walks from row to row.
#[inline(always)]
pub(super) fn add_rows_by_strips<S: Lanes>(
    lanes: S,
    out: &mut [f64],
    rows: MatrixRef,
    coefficients: &[f64],
) {
    let len = out.len();
    let mut at = 0;
    while len - at >= STRIP * S::N {
        add_strip::<S, STRIP>(lanes, out, rows, coefficients, at);
        at += STRIP * S::N;
    }
    while len - at >= S::N {
        add_strip::<S, 1>(lanes, out, rows, coefficients, at);
        at += S::N;
    }
    if at < len {
        let mut sum = Vector::load_partial(lanes, &out[at..], 0.0);
        for (k, c) in coefficients.iter().enumerate() {
            let row = &rows.row(k)[at..len];
            sum = Vector::load_partial(lanes, row, 0.0).mul_add(*c, sum);
        }
        sum.store_partial(&mut out[at..]);
    }
}

/// `out[at..] += sum of c[k] * rows[k][at..]` for so many registers.
#[inline(always)]
fn add_strip<S: Lanes, const R: usize>(
    lanes: S,
    out: &mut [f64],
    rows: MatrixRef,
    coefficients: &[f64],
    at: usize,
) {
    let out = &mut out[at..at + R * S::N];
    let mut sums = [Vector::splat(lanes, 0.0); R];
    for (i, sum) in sums.iter_mut().enumerate() {
        *sum = Vector::load(lanes, &out[i * S::N..]);
    }
    for (k, c) in coefficients.iter().enumerate() {
        let row = &rows.row(k)[at..at + R * S::N];
        let c = Vector::splat(lanes, *c);
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = Vector::load(lanes, &row[i * S::N..]).mul_add(c, *sum);
        }
    }
    for (i, sum) in sums.into_iter().enumerate() {
        sum.store(&mut out[i * S::N..]);
    }
}

#[inline(always)]
fn fetch<S: Lanes>(lanes: S, x: &[f64], at: usize, full: bool) -> Vector<S> {
    if full {
        Vector::load(lanes, &x[at..])
    } else {
        Vector::load_partial(lanes, &x[at..], 0.0)
    }
}

#[inline(always)]
fn put<S: Lanes>(x: Vector<S>, out: &mut [f64], at: usize, full: bool) {
    if full {
        x.store(&mut out[at..]);
    } else {
        x.store_partial(&mut out[at..]);
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
    let mut sums = [[Vector::splat(lanes, 0.0); C]; R];
    let mut at = 0;
    while len - at >= S::N {
        add_products::<S, true, R, C>(lanes, &mut sums, a, b, at);
        at += S::N;
    }
    if at < len {
        add_products::<S, false, R, C>(lanes, &mut sums, a, b, at);
    }
    let mut dots = [[0.0; C]; R];
    for (dots, sums) in dots.iter_mut().zip(sums) {
        for (dot, sum) in dots.iter_mut().zip(sums) {
            *dot = sum.sum();
        }
    }
    dots
}

/// `sums[i][j] += a[i] * b[j]` for one register of each, full or the last.
#[inline(always)]
fn add_products<S: Lanes, const FULL: bool, const R: usize, const C: usize>(
    lanes: S,
    sums: &mut [[Vector<S>; C]; R],
    a: [&[f64]; R],
    b: [&[f64]; C],
    at: usize,
) {
    let len = a[0].len();
    let mut right = [Vector::splat(lanes, 0.0); C];
    for (right, b) in right.iter_mut().zip(b) {
        *right = fetch(lanes, &b[..len], at, FULL);
    }
    for (sums, a) in sums.iter_mut().zip(a) {
        let left = fetch(lanes, &a[..len], at, FULL);
        for (sum, right) in sums.iter_mut().zip(right) {
            *sum = left.mul_add(right, *sum);
        }
    }
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
    while at < len {
        let full = at + S::N <= len;
        sums[0] = fetch(lanes, a, at, full).mul_add(fetch(lanes, b, at, full), sums[0]);
        at += S::N;
    }
    ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum()
}
