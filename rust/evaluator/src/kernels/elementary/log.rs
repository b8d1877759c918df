//! Logarithms.
//!
//! `x = 2^k (1 + f)` with `1 + f` in `[sqrt(1/2), sqrt(2))`, and with `s = f / (2 + f)`,
//! `log(1 + f) = f - (f^2/2 - s (f^2/2 + R))`, where `R = 2 s^2 Q(s^2)` stands for the rest of the
//! series of the inverse hyperbolic tangent (the arrangement of FDLIBM, which keeps the error
//! below one ulp although `s` is rounded).
//!
//! Reference: P. T. P. Tang, ACM Trans. Math. Softw. 16 (1990) 378; K. C. Ng, FDLIBM (1993).

use super::exp::{LN2_HIGH, LN2_LOW};
use crate::kernels::lanes::Lanes;
use crate::kernels::map::kernels1;
use crate::kernels::polynomial::polynomial;
use crate::kernels::vector::{Mask, Vector};

kernels1! {
    /// Natural logarithm. Error below 0.8 ulp; -inf at zero, NaN below.
    log = log_formula;
    /// `log(1 + x)`. Error below 1 ulp; keeps -0; -inf at -1, NaN below.
    log1p = log1p_formula;
    /// Logarithm to base 2. Error below 2 ulp.
    log2 = log2_formula;
    /// Logarithm to base 10. Error below 2 ulp.
    log10 = log10_formula;
}

/// Bits that carry `[sqrt(1/2), sqrt(2))` to one exponent: those of 1 less those of sqrt(1/2).
const TO_ONE: u64 = 0x3ff0_0000_0000_0000 - 0x3fe6_a09e_667f_3bcd;
/// 2^52: the bits of an integer below it, or'ed in, make the sum.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// `(atanh(s) / s - 1) / s^2` in `s^2`, for `s <= (sqrt(2) - 1) / (sqrt(2) + 1)`; error below
/// 2^-59 of the logarithm.
#[allow(clippy::unreadable_literal)]
const ATANH: [f64; 7] = [
    0.3333333333333367,
    0.19999999999707516,
    0.14285714371313585,
    0.11111099260653405,
    0.09091784126851671,
    0.07656960994021644,
    0.07398745608463606,
];

/// A positive normal number as `2^k (1 + f)`; also the bits of `k + 1023`.
#[inline(always)]
pub(super) fn split<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>, Vector<S>) {
    let biased = x.add_bits(f64::from_bits(TO_ONE)).shift_from_exponent();
    let k = biased.or(TWO_52) - (TWO_52 + 1023.0);
    let m = x.sub_bits(biased.shift_to_exponent()).add_bits(1.0);
    (k, m - 1.0, biased)
}

/// `k ln 2 + log(1 + f) + small`.
#[inline(always)]
fn assemble<S: Lanes>(k: Vector<S>, f: Vector<S>, small: Vector<S>) -> Vector<S> {
    let s = f / (f + 2.0);
    let z = s * s;
    let half_square = f * f * 0.5;
    let rest = polynomial(z, &ATANH) * (z + z);
    let low = k.mul_add(LN2_LOW, small);
    let tail = half_square - s.mul_add(half_square + rest, low);
    k.mul_add(LN2_HIGH, f - tail)
}

/// Lanes that are not positive normal numbers.
#[inline(always)]
fn rare<S: Lanes>(x: Vector<S>) -> Mask<S> {
    !(x.ge(f64::MIN_POSITIVE) & x.le(f64::MAX))
}

/// The logarithm where `x` is zero, negative, infinite or NaN; `y` elsewhere.
#[inline(always)]
fn patch<S: Lanes>(x: Vector<S>, y: Vector<S>) -> Vector<S> {
    let y = x.lt(0.0).select(f64::NAN, y);
    let y = x.equals(0.0).select(f64::NEG_INFINITY, y);
    (x.is_nan() | x.equals(f64::INFINITY)).select(x, y)
}

/// `log(x)`
#[inline(always)]
pub(crate) fn log_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    if rare(x).any() {
        // Subnormal numbers are brought into the normal range first.
        let tiny = x.lt(f64::MIN_POSITIVE);
        let (k, f, _) = split(tiny.select(x * TWO_52, x));
        return patch(x, assemble(tiny.select(k - 52.0, k), f, x.fill(0.0)));
    }
    let (k, f, _) = split(x);
    assemble(k, f, x.fill(0.0))
}

/// `log(u + c)` for a normal `u > 0` and a `c` below half an ulp of `u`: the logarithm of a sum
/// without its rounding error.
#[inline(always)]
pub(crate) fn log_of_sum<S: Lanes>(u: Vector<S>, c: Vector<S>) -> Vector<S> {
    let (k, f, biased) = split(u);
    // 2^(1 - k), then c 2^-k / (1 + f) with a short series: c counts for an ulp at most.
    let twice = u.fill(f64::INFINITY).sub_bits(biased.shift_to_exponent());
    let half_series = f.mul_add(0.35, -0.5).mul_add(f, 0.5);
    assemble(k, f, c * twice * half_series)
}

/// `log(1 + x)`
#[inline(always)]
pub(crate) fn log1p_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let u = x + 1.0;
    // Knuth's two-sum: u + c is 1 + x exactly.
    let part = u - x;
    let c = (x - (u - part)) + (x.fill(1.0) - part);
    if rare(u).any() {
        let safe = rare(u).select(1.0, u);
        let c = rare(u).select(0.0, c);
        let y = rare(u).select(patch(u, u), log_of_sum(safe, c));
        return x.equals(0.0).select(x, y);
    }
    x.equals(0.0).select(x, log_of_sum(u, c))
}

/// `log2(x)`
#[inline(always)]
fn log2_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x.lanewise(f64::log2)
}

/// `log10(x)`
#[inline(always)]
fn log10_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x.lanewise(f64::log10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn edges() {
        let x = [
            0.0,
            -0.0,
            -1.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            5e-324,
            1.0,
        ];
        for isa in Isa::available() {
            let mut y = [0.0; 8];
            log(isa, &x, &mut y);
            assert!(y[0] == f64::NEG_INFINITY && y[1] == f64::NEG_INFINITY);
            assert!(y[2].is_nan() && y[3] == f64::INFINITY && y[4].is_nan() && y[5].is_nan());
            assert_eq!(y[6], 5e-324_f64.ln());
            assert_eq!(y[7].to_bits(), 0);
            log1p(isa, &x, &mut y);
            assert!(y[0].to_bits() == 0 && y[1].to_bits() == (-0.0_f64).to_bits());
            assert!(y[2] == f64::NEG_INFINITY && y[3] == f64::INFINITY);
            assert!(y[4].is_nan() && y[5].is_nan() && y[6] == 5e-324);
        }
    }
}
