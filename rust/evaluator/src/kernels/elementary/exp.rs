//! `exp` and `expm1`.
//!
//! `x = n ln 2 + r` with `|r| <= ln(2) / 2` (Cody and Waite's two-part ln 2, the first part short
//! enough for exact products with `n`), then a minimax polynomial for `e^r`.
//!
//! Reference: W. J. Cody and W. Waite, *Software Manual for the Elementary Functions* (1980).

use crate::kernels::lanes::Lanes;
use crate::kernels::map::kernels1;
use crate::kernels::polynomial::polynomial;
use crate::kernels::vector::Vector;

kernels1! {
    /// `e^x`. Error below 1 ulp; results below the normal range are rounded once.
    exp = exp_formula;
    /// `e^x - 1`. Error below 2 ulp; keeps -0.
    expm1 = expm1_formula;
    /// `2^x`. Error below 1 ulp.
    exp2 = exp2_formula;
}

/// ln 2 to 33 bits: products with integers up to 2^20 are exact.
pub(super) const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
/// The rest of ln 2.
pub(super) const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// `(e^r - 1 - r) / r^2` on `|r| <= ln(2) / 2`; error of `e^r` below 2^-55.
#[allow(clippy::unreadable_literal)]
const EXP: [f64; 10] = [
    0.5000000000000006,
    0.16666666666666605,
    0.04166666666657537,
    0.008333333333378634,
    0.0013888888931949314,
    0.00019841269744881671,
    2.480150484849847e-05,
    2.7557382803064706e-06,
    2.762620011071715e-07,
    2.5062039497238984e-08,
];

/// `(n, r)` with `x = n ln 2 + r`.
#[inline(always)]
fn reduce<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    let n = (x * std::f64::consts::LOG2_E).round();
    let r = n.mul_add(-LN2_HIGH, x);
    (n, n.mul_add(-LN2_LOW, r))
}

/// `e^r - 1` for `|r| <= ln(2) / 2`.
#[inline(always)]
fn expm1_reduced<S: Lanes>(r: Vector<S>) -> Vector<S> {
    polynomial(r, &EXP).mul_add(r * r, r)
}

/// `p * 2^n`, where results at the ends of the range are rare.
#[inline(always)]
fn scale_back<S: Lanes>(p: Vector<S>, n: Vector<S>) -> Vector<S> {
    if S::CHEAP_SCALE || n.abs().gt(1000.0).any() {
        p.scale(n)
    } else {
        p.scale_normal(n)
    }
}

/// `(n, m)` with `e^x = 2^n (1 + m)` and `|m| < 0.42`, for `|x| < 1400`.
#[inline(always)]
pub(crate) fn exp_parts<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    let (n, r) = reduce(x);
    (n, expm1_reduced(r))
}

/// `e^x`
#[inline(always)]
pub(crate) fn exp_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let x = x.at_most(710.0).at_least(-746.0);
    let (n, m) = exp_parts(x);
    scale_back(m + 1.0, n)
}

/// `e^(x + low)` for a `low` that is small beside `x`.
#[inline(always)]
pub(crate) fn exp_of_sum<S: Lanes>(x: Vector<S>, low: Vector<S>) -> Vector<S> {
    let x = x.at_most(710.0).at_least(-746.0);
    let (n, r) = reduce(x);
    scale_back(expm1_reduced(r + low) + 1.0, n)
}

/// `2^x`
#[inline(always)]
fn exp2_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let x = x.at_most(1025.0).at_least(-1080.0);
    let n = x.round();
    let m = expm1_reduced((x - n) * std::f64::consts::LN_2);
    scale_back(m + 1.0, n)
}

/// `e^x - 1`
#[inline(always)]
pub(crate) fn expm1_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let bounded = x.at_most(710.0).at_least(-40.0);
    let (n, m) = exp_parts(bounded);
    // 2^n m + (2^n - 1), at half size so that 2^n stays finite where the result does.
    let half = x.fill(1.0).scale_normal(n - 1.0);
    let result = m.mul_add(half, half - 0.5);
    (result + result).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn ends_of_the_range() {
        let x = [
            -746.0,
            -745.1,
            -708.4,
            709.7,
            709.79,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ];
        for isa in Isa::available() {
            let mut y = [0.0; 8];
            exp(isa, &x, &mut y);
            assert_eq!(y[0], 0.0);
            assert_eq!(y[1], 5e-324);
            assert!(y[2] > 0.0 && y[2] < f64::MIN_POSITIVE);
            assert!(y[3].is_finite() && y[4] == f64::INFINITY && y[5] == f64::INFINITY);
            assert!(y[6] == 0.0 && y[7].is_nan());
            expm1(isa, &x, &mut y);
            assert!(y[6] == -1.0 && y[3].is_finite() && y[4] == f64::INFINITY && y[7].is_nan());
        }
    }
}
