//! Modified Bessel functions of any real order, scaled, one number at a time.
//!
//! The ratio of the first function to its derivative comes from a continued fraction; the second
//! function of an order in [-1/2, 1/2] from Temme's series (`x < 2`) or Steed's fraction, and from
//! there by recurrence upward; their Wronskian gives the size of the first. Far out both have
//! Hankel's expansion.
//!
//! References: N. M. Temme, *On the numerical evaluation of the modified Bessel function of the third
//! kind*, J. Comput. Phys. 19 (1975); NIST Digital Library of Mathematical Functions, 10.33 and 10.40.

use std::f64::consts::{PI, TAU};

use crate::kernels::Isa;

const MAX_TERMS: u32 = 100_000;

/// Coefficients of `1 / gamma(1 + z)` in powers of `z`.
#[allow(clippy::unreadable_literal)]
const RECIPROCAL_GAMMA: [f64; 24] = [
    1.0,
    0.5772156649015329,
    -0.6558780715202539,
    -0.04200263503409524,
    0.16653861138229148,
    -0.04219773455554433,
    -0.009621971527876973,
    0.0072189432466631,
    -0.0011651675918590652,
    -0.00021524167411495098,
    0.0001280502823881162,
    -2.013485478078824e-05,
    -1.2504934821426706e-06,
    1.133027231981696e-06,
    -2.056338416977607e-07,
    6.116095104481416e-09,
    5.002007644469223e-09,
    -1.18127457048702e-09,
    1.0434267116911005e-10,
    7.782263439905071e-12,
    -3.696805618642206e-12,
    5.100370287454476e-13,
    -2.0583260535665066e-14,
    -5.348122539423018e-15,
];

/// `exp(x) K_v(x)` of the order `v`, for `x >= 0`. Relative error about 1e-14.
pub fn kve(_: Isa, arguments: &[f64]) -> f64 {
    let &[order, x] = arguments else {
        return f64::NAN;
    };
    let v = order.abs();
    if v.is_nan() || x.is_nan() || x < 0.0 {
        f64::NAN
    } else if x == 0.0 {
        f64::INFINITY
    } else if is_far(v, x) {
        (PI / (2.0 * x)).sqrt() * hankel(v, x, 1.0)
    } else {
        both(v, x).1
    }
}

/// `exp(-|x|) I_v(x)` of the order `v >= 0`, or of any whole order, for `x >= 0`; NaN elsewhere.
/// Relative error about 1e-14.
pub fn ive_real(_: Isa, arguments: &[f64]) -> f64 {
    let &[order, x] = arguments else {
        return f64::NAN;
    };
    let is_whole = order.fract() == 0.0;
    if order.is_nan() || x.is_nan() || (!is_whole && x < 0.0) {
        return f64::NAN;
    }
    let v = order.abs();
    let size = x.abs();
    let value = if size == 0.0 {
        f64::from(v == 0.0)
    } else if is_far(v, size) {
        hankel(v, size, -1.0) / (TAU * size).sqrt()
    } else {
        both(v, size).0
    };
    if order < 0.0 && !is_whole {
        // I_-v = I_v + 2 / pi sin(v pi) K_v, with both scales made one.
        let second = kve(Isa::best(), &[v, size]) * (-2.0 * size).exp();
        return value + 2.0 / PI * (v * PI).sin() * second;
    }
    if x < 0.0 && v % 2.0 == 1.0 {
        -value
    } else {
        value
    }
}

/// Whether the terms of Hankel's expansion fall below rounding.
fn is_far(v: f64, x: f64) -> bool {
    x > 50.0 + 2.0 * v * v
}

/// Hankel's expansion, with terms of one sign or of alternating signs.
fn hankel(v: f64, x: f64, sign: f64) -> f64 {
    let mu = 4.0 * v * v;
    let (mut term, mut total) = (1.0, 1.0);
    for k in 1..60 {
        let k = f64::from(k);
        let odd = 2.0 * k - 1.0;
        term *= sign * (mu - odd * odd) / (8.0 * k * x);
        total += term;
        if term.abs() < 1e-17 {
            break;
        }
    }
    total
}

/// `exp(-x) I_v(x)` and `exp(x) K_v(x)`.
fn both(v: f64, x: f64) -> (f64, f64) {
    let lowest = v - v.round();
    let steps = v.round();
    // Downward from a tiny number, in the ratios of the first function.
    let rate = first_rate(v, x);
    let (mut here, mut slope) = (1e-250, rate * 1e-250);
    let mut wanted = here;
    let mut order = v;
    let mut k = steps;
    while k > 0.0 {
        let below = order / x * here + slope;
        order -= 1.0;
        slope = order / x * below + here;
        here = below;
        k -= 1.0;
        if here.abs() > 1e200 {
            (here, slope, wanted) = (here * 1e-200, slope * 1e-200, wanted * 1e-200);
        }
    }
    let ratio = slope / here;
    let (second, above) = if x < 2.0 {
        temme(lowest, x)
    } else {
        steed(lowest, x)
    };
    let second_slope = lowest / x * second - above;
    let first = 1.0 / (x * (ratio * second - second_slope));
    let value = first * (wanted / here);
    let (mut low, mut high) = (second, above);
    let mut k = 0.0;
    while k < steps {
        k += 1.0;
        (low, high) = (high, 2.0 * (lowest + k) / x * high + low);
    }
    (value, low)
}

/// `I_v'(x) / I_v(x)` by a continued fraction.
fn first_rate(v: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = 2.0 * v / x;
    let mut total = (v / x).max(TINY);
    let (mut c, mut d) = (total, 0.0);
    for _ in 0..MAX_TERMS {
        b += 2.0 / x;
        d = 1.0 / (b + d);
        c = b + 1.0 / c;
        let change = c * d;
        total *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    total
}

/// `exp(x) K(x)` of an order in [-1/2, 1/2] and of the next one, for small `x`.
fn temme(v: f64, x: f64) -> (f64, f64) {
    let (even, odd) = RECIPROCAL_GAMMA
        .chunks_exact(2)
        .rev()
        .fold((0.0, 0.0), |(even, odd), pair| {
            (even * v * v + pair[0], odd * v * v + pair[1])
        });
    // 1 / gamma(1 + v) and 1 / gamma(1 - v)
    let (plus, minus) = (even + v * odd, even - v * odd);
    let log = (2.0 / x).ln();
    let e = v * log;
    let sine = if v == 0.0 {
        1.0
    } else {
        PI * v / (PI * v).sin()
    };
    let hyperbolic = if e.abs() < 1e-9 { 1.0 } else { e.sinh() / e };
    let mut f = sine * (even * log * hyperbolic - odd * e.cosh());
    let mut p = 0.5 * e.exp() / plus;
    let mut q = 0.5 * (-e).exp() / minus;
    let (mut sum, mut next, mut c) = (f, p, 1.0);
    for k in 1..500 {
        let k = f64::from(k);
        f = (k * f + p + q) / (k * k - v * v);
        c *= x * x / (4.0 * k);
        p /= k - v;
        q /= k + v;
        // One power of k of the factorial is in p, q and f.
        let term = c * f;
        sum += term;
        next += c * (p - k * f);
        if term.abs() < sum.abs() * 1e-17 {
            break;
        }
    }
    let scale = x.exp();
    (sum * scale, next * 2.0 / x * scale)
}

/// The same for larger `x`, by Steed's continued fraction.
fn steed(v: f64, x: f64) -> (f64, f64) {
    let start = 0.25 - v * v;
    let mut b = 2.0 * (1.0 + x);
    let mut d = 1.0 / b;
    let (mut h, mut change) = (d, d);
    let (mut before, mut here) = (0.0, 1.0);
    let (mut q, mut c) = (start, start);
    let mut a = -start;
    let mut total = 1.0 + q * change;
    for k in 2..MAX_TERMS {
        let k = f64::from(k);
        a -= 2.0 * (k - 1.0);
        c = -a * c / k;
        let next = (before - b * here) / a;
        (before, here) = (here, next);
        q += c * next;
        b += 2.0;
        d = 1.0 / (b + a * d);
        change *= b * d - 1.0;
        h += change;
        let term = q * change;
        total += term;
        if (term / total).abs() < 1e-16 {
            break;
        }
    }
    let value = (PI / (2.0 * x)).sqrt() / total;
    (value, value * (v + x + 0.5 - start * h) / x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_orders_are_elementary() {
        let isa = Isa::best();
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-13 * b.abs(), "{a} is not {b}");
        for x in [1e-3, 0.5, 1.9, 2.1, 20.0, 60.0, 1e5] {
            let half = (PI / (2.0 * x)).sqrt();
            close(kve(isa, &[0.5, x]), half);
            close(kve(isa, &[-1.5, x]), half * (1.0 + 1.0 / x));
            close(kve(isa, &[2.5, x]), half * (1.0 + 3.0 / x + 3.0 / (x * x)));
            let sinh = -(-2.0 * x).exp_m1() / 2.0;
            close(ive_real(isa, &[0.5, x]), (2.0 / (PI * x)).sqrt() * sinh);
            let cosh = f64::midpoint(1.0, (-2.0 * x).exp());
            close(ive_real(isa, &[-0.5, x]), (2.0 / (PI * x)).sqrt() * cosh);
        }
        assert!(kve(isa, &[1.0, -1.0]).is_nan() && kve(isa, &[1.0, 0.0]).is_infinite());
    }

    #[test]
    fn orders_meet_in_the_wronskian() {
        let isa = Isa::best();
        for v in [0.0, 0.2, 0.5, 3.3, 40.0] {
            for x in [0.01, 1.0, 3.0, 30.0, 300.0] {
                let first = [v, v + 1.0].map(|v| ive_real(isa, &[v, x]));
                let second = [v, v + 1.0].map(|v| kve(isa, &[v, x]));
                let sum = first[0] * second[1] + first[1] * second[0];
                assert!((sum * x - 1.0).abs() < 1e-13, "{v} {x}: {sum}");
            }
        }
    }
}
