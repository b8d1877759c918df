//! The logarithm of the gamma function, with the digamma function, its derivative.
//!
//! For `0.75 <= x < 8`, `lgamma(x) = (x - 1)(x - 2) R(x)` with a rational function `R`: the zeros
//! at 1 and 2 are factors, so nothing cancels there. Smaller positive numbers are raised by one,
//! `lgamma(x) = lgamma(x + 1) - log(x)`; larger ones use Stirling's series with a minimax tail.
//! Negative numbers are reflected, lane by lane.
//!
//! Reference: NIST Digital Library of Mathematical Functions, 5.5 and 5.11.

use super::polygamma::digamma_formula;
use crate::kernels::elementary::log_formula;
use crate::kernels::lanes::Lanes;
use crate::kernels::map::{kernels_pair, kernels1, kernels2};
use crate::kernels::polynomial::polynomial;
use crate::kernels::vector::Vector;

kernels1! {
    /// `log |Gamma(x)|`. Error below 5 ulp for `x > 0`, and below 16 ulp of the larger of the
    /// result and 1 for `x < 0`; inf at zero, at negative integers and at both infinities.
    lgamma = lgamma_formula;
}

kernels_pair! {
    /// [`lgamma`] first and the digamma function, its derivative, second.
    lgamma_digamma = lgamma_digamma_formula;
}

kernels2! {
    /// `lgamma(a) + lgamma(b) - lgamma(a + b)` for positive arguments. Error below 8 ulp of the
    /// largest of the three.
    betaln = betaln_formula;
}

/// `R` as a quotient, in `x - 3/4`; error below 2^-56.
#[allow(clippy::unreadable_literal)]
const TOP: [f64; 11] = [
    0.6504990445801452,
    2.8785285923516333,
    5.11632965000872,
    4.705148058897937,
    2.410601800456561,
    0.6932425428999139,
    0.10796840376076805,
    0.008393741748137293,
    0.00027867726705405044,
    2.8015660168753962e-06,
    1.6258520890830276e-09,
];
#[allow(clippy::unreadable_literal)]
const BOTTOM: [f64; 11] = [
    1.0,
    4.966783611141156,
    10.10353087727257,
    10.90466623866255,
    6.778427953488816,
    2.4745369513070834,
    0.5212965024470161,
    0.06023324113732321,
    0.0034731176400281862,
    8.38586528157493e-05,
    5.680252270350352e-07,
];

/// `x (lgamma(x) - (x - 1/2) log(x) + x - log(2 pi) / 2)` in `1 / x^2` for `x >= 8`; error below
/// 2^-64.
#[allow(clippy::unreadable_literal)]
const STIRLING: [f64; 7] = [
    0.08333333333333333,
    -0.002777777777774098,
    0.0007936507898348072,
    -0.000595236606932629,
    0.0008414728474253932,
    -0.0018905398534048957,
    0.0050692468454495545,
];

/// `log(2 pi) / 2`
const HALF_LOG_2_PI: f64 = 0.918_938_533_204_672_8;
/// From here on Stirling's series is used.
const LARGE: f64 = 8.0;
/// Below, the argument is raised by one.
const SMALL: f64 = 0.75;

/// `lgamma(x)` for `0.75 <= x <= 8`.
#[inline(always)]
fn middle<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let u = x - SMALL;
    let zeros = (x - 1.0) * (x - 2.0);
    // At the zeros themselves the result is +0.
    zeros * (polynomial(u, &TOP) / polynomial(u, &BOTTOM)) + 0.0
}

/// `lgamma(x)` for `x >= 8`, with `log(x)`.
#[inline(always)]
fn large<S: Lanes>(x: Vector<S>, log: Vector<S>) -> Vector<S> {
    let inverse = x.fill(1.0) / x;
    let tail = polynomial(inverse * inverse, &STIRLING) * inverse;
    // Far out only x (log(x) - 1) counts, and is infinite where it should be.
    (x - 0.5).mul_add(log - 1.0, tail + (HALF_LOG_2_PI - 0.5))
}

/// `lgamma(x)` for `x < 0`, infinite at the integers.
fn negative(x: f64, of_one_minus: f64) -> f64 {
    // lgamma(x) = log(pi / |sin(pi x)|) - lgamma(1 - x)
    let fraction = (x - x.round()).abs();
    if fraction == 0.0 || x.is_infinite() {
        return f64::INFINITY;
    }
    let sine = (std::f64::consts::PI * fraction).sin();
    (std::f64::consts::PI / sine).ln() - of_one_minus
}

/// `lgamma(x)` for `x > 0`.
#[inline(always)]
fn positive<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let is_large = x.ge(LARGE);
    if is_large.all() {
        return large(x, log_formula(x));
    }
    let is_small = x.lt(SMALL);
    let bounded = is_small.select(x + 1.0, x.at_most(LARGE));
    let y = middle(bounded);
    let needs_log = is_large | is_small;
    if !needs_log.any() {
        return y;
    }
    let log = log_formula(needs_log.select(x, 1.0));
    let y = is_small.select(y - log, y);
    if is_large.any() {
        is_large.select(large(is_large.select(x, LARGE), log), y)
    } else {
        y
    }
}

#[inline(always)]
fn lgamma_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let left = x.lt(0.0);
    if left.any() {
        let y = positive(left.select(x.fill(1.0) - x, x));
        let reflected = x.lanewise2(y, negative);
        return left.select(reflected, y);
    }
    positive(x)
}

#[inline(always)]
fn lgamma_digamma_formula<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    (lgamma_formula(x), digamma_formula(x))
}

#[inline(always)]
fn betaln_formula<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    lgamma_formula(a) + (lgamma_formula(b) - lgamma_formula(a + b))
}
