//! The digamma and trigamma functions, first and second derivatives of `lgamma`.
//!
//! As in [`super::gamma`]: a rational function on [1, 8), with the zero of the digamma function
//! at 1.4616... as a factor; below, one step of the recurrence; above, the asymptotic series with
//! a minimax tail; negative numbers are reflected, lane by lane.
//!
//! Reference: NIST Digital Library of Mathematical Functions, 5.5, 5.11 and 5.15.

use std::f64::consts::PI;

use crate::kernels::elementary::log_formula;
use crate::kernels::lanes::Lanes;
use crate::kernels::map::kernels1;
use crate::kernels::polynomial::polynomial;
use crate::kernels::vector::Vector;

kernels1! {
    /// The digamma function. Error below 4 ulp for `x > 0`, and below 16 ulp of the larger of
    /// the result and 1 for `x < 0`; -inf at +0, inf at -0, NaN at negative integers and -inf.
    digamma = digamma_formula;
    /// The trigamma function. Error below 4 ulp for `x > 0`, and below 16 ulp of the larger of the
    /// result and 1 for `x < 0`; inf at zero and negative integers.
    trigamma = trigamma_formula;
}

/// The positive zero of the digamma function, and what its rounding lost.
const ZERO: [f64; 2] = [1.461_632_144_968_362_2, 9.549_995_429_965_697e-17];

/// `digamma(x) / (x - zero)` as a quotient, in `x - 1`; error below 2^-56.
#[allow(clippy::unreadable_literal)]
const TOP: [f64; 9] = [
    1.2503801375034054,
    2.0746053128855824,
    1.27875216404565,
    0.3755104085692457,
    0.05552574878402024,
    0.003991013014340868,
    0.00012227345346000774,
    1.1418631427103864e-06,
    5.607833873585747e-10,
];
#[allow(clippy::unreadable_literal)]
const BOTTOM: [f64; 9] = [
    1.0,
    2.342726492229959,
    2.0222623460890246,
    0.8442536258956804,
    0.18476414144822245,
    0.02121741442631623,
    0.0011993676113650242,
    2.8513682030165674e-05,
    1.9283302948622226e-07,
];

/// `x^2 (log(x) - 1 / (2 x) - digamma(x))` in `1 / x^2` for `x >= 8`; error below 2^-57 of the
/// function.
#[allow(clippy::unreadable_literal)]
const SERIES: [f64; 6] = [
    0.08333333333333287,
    -0.008333333331218834,
    0.003968252370018213,
    -0.0041662225263976544,
    0.007519443605276155,
    -0.01772024972746531,
];

/// `trigamma(x)` as a quotient, in `x - 1`; error below 2^-57.
#[allow(clippy::unreadable_literal)]
const TRI_TOP: [f64; 8] = [
    1.6449340668482264,
    5.0632975641161995,
    6.794902479367064,
    5.133019101277986,
    2.3575397313886497,
    0.6600179166870918,
    0.10476452606020722,
    0.00732180731810539,
];
#[allow(clippy::unreadable_literal)]
const TRI_BOTTOM: [f64; 9] = [
    1.0,
    4.5396417527805895,
    8.791688666005937,
    9.530394752789851,
    6.362415153536954,
    2.6959739871907984,
    0.7130103305998654,
    0.10842542970851374,
    0.007321807318306366,
];

/// `x^3 (trigamma(x) - 1 / x - 1 / (2 x^2))` in `1 / x^2` for `x >= 8`; error below 2^-58 of the
/// function.
#[allow(clippy::unreadable_literal)]
const TRI_SERIES: [f64; 7] = [
    0.16666666666666655,
    -0.033333333332523196,
    0.023809522966517182,
    -0.033333003219062914,
    0.07569557098249008,
    -0.24704043760379046,
    0.8596044291086353,
];

/// From here on the asymptotic series are used.
const LARGE: f64 = 8.0;

/// `digamma(x)` for `x > 0`.
#[inline(always)]
fn positive<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let is_large = x.ge(LARGE);
    let small = x.lt(1.0);
    let inverse = x.fill(1.0) / x;
    let mut y = x;
    if !is_large.all() {
        let t = small.select(x + 1.0, x.at_most(LARGE));
        let u = small.select(x, t - 1.0);
        let ratio = polynomial(u, &TOP) / polynomial(u, &BOTTOM);
        let distance = (t - ZERO[0]) - ZERO[1];
        y = distance * ratio - small.select(inverse, 0.0);
    }
    if is_large.any() {
        let z = inverse * inverse;
        let series = (inverse * 0.5) + polynomial(z, &SERIES) * z;
        y = is_large.select(log_formula(is_large.select(x, LARGE)) - series, y);
    }
    y
}

/// `digamma(x)` for `x < 0` from `digamma(1 - x)`.
fn reflected(x: f64, of_one_minus: f64) -> f64 {
    let fraction = x - x.round();
    if fraction == 0.0 || x.is_infinite() {
        return f64::NAN;
    }
    // pi / tan(pi x), from the distance to the nearest integer
    of_one_minus - PI / (PI * fraction).tan()
}

#[inline(always)]
pub(super) fn digamma_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let left = x.lt(0.0);
    if left.any() {
        let y = positive(left.select(x.fill(1.0) - x, x));
        return left.select(x.lanewise2(y, reflected), y);
    }
    positive(x)
}

/// `trigamma(x)` for `x > 0`.
#[inline(always)]
fn tri_positive<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let is_large = x.ge(LARGE);
    let small = x.lt(1.0);
    let inverse = x.fill(1.0) / x;
    let z = inverse * inverse;
    let mut y = x;
    if !is_large.all() {
        let u = small.select(x, x.at_most(LARGE) - 1.0);
        let ratio = polynomial(u, &TRI_TOP) / polynomial(u, &TRI_BOTTOM);
        y = ratio + small.select(z, 0.0);
    }
    if is_large.any() {
        let tail = polynomial(z, &TRI_SERIES).mul_add(inverse, 0.5);
        y = is_large.select(tail.mul_add(z, inverse), y);
    }
    y
}

/// `trigamma(x)` for `x < 0` from `trigamma(1 - x)`.
fn tri_reflected(x: f64, of_one_minus: f64) -> f64 {
    let fraction = x - x.round();
    if fraction == 0.0 || x.is_infinite() {
        return f64::INFINITY;
    }
    let cosecant = PI / (PI * fraction).sin();
    cosecant * cosecant - of_one_minus
}

#[inline(always)]
fn trigamma_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let left = x.lt(0.0);
    if left.any() {
        let y = tri_positive(left.select(x.fill(1.0) - x, x));
        return left.select(x.lanewise2(y, tri_reflected), y);
    }
    tri_positive(x)
}
