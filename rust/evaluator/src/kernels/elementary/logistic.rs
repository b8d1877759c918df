//! The logistic function and its relatives, which all rest on one `exp(-|x|)`.

use super::exp::{exp_formula, exp_parts};
use super::log::{log_formula, log_of_sum, log1p_formula};
use crate::kernels::lanes::Lanes;
use crate::kernels::map::{kernels_pair, kernels1, kernels2};
use crate::kernels::polynomial::polynomial;
use crate::kernels::vector::Vector;

kernels1! {
    /// `log(1 + e^x)`, overflowing nowhere. Error below 2 ulp.
    softplus = softplus_formula;
    /// `1 / (1 + e^-x)`. Error below 2 ulp, in both tails.
    sigmoid = sigmoid_formula;
    /// `log(sigmoid(x)) = -softplus(-x)`. Error below 2 ulp.
    log_sigmoid = log_sigmoid_formula;
    /// `log(1 - e^x)` for `x < 0` without cancellation at either end. Error below 2 ulp; -inf at
    /// zero, NaN above.
    log1mexp = log1mexp_formula;
    /// `log(x / (1 - x))`. Error below 3 ulp away from 1/2; -inf at 0, inf at 1, NaN outside.
    logit = logit_formula;
}

kernels_pair! {
    /// [`softplus`] first and [`sigmoid`], its derivative, second, with one exponential.
    softplus_sigmoid = softplus_sigmoid_formula;
}

kernels2! {
    /// `log(e^a + e^b)` without overflow. Error below 2 ulp of the larger of the result and the
    /// operands.
    log_add_exp = log_add_exp_formula;
    /// `a log(b)`, zero where `a` is zero (NaN where `b` is NaN).
    xlogy = xlogy_formula;
    /// `a log(1 + b)`, zero where `a` is zero (NaN where `b` is NaN).
    xlog1py = xlog1py_formula;
}

/// `(atanh(s) / s - 1) / s^2` in `s^2`, for `0 <= s <= 1/3`; error below 2^-59.
#[allow(clippy::unreadable_literal)]
const ATANH: [f64; 10] = [
    0.33333333333333154,
    0.20000000000077212,
    0.14285714274084443,
    0.11111111976014634,
    0.09090872248804506,
    0.07693274297279709,
    0.06650556443437741,
    0.06052523574856662,
    0.04172203428069643,
    0.0850548655482028,
];

/// `log(1 + e)` for `0 <= e <= 1` and `s = e / (2 + e)`, without a search for the exponent.
#[inline(always)]
pub(crate) fn log1p_of_unit<S: Lanes>(e: Vector<S>, s: Vector<S>) -> Vector<S> {
    let z = s * s;
    let half_square = e * e * 0.5;
    let rest = polynomial(z, &ATANH) * (z + z);
    e - (half_square - s * (half_square + rest))
}

/// `e^-|x|`
#[inline(always)]
fn exp_minus_abs<S: Lanes>(x: Vector<S>) -> Vector<S> {
    exp_formula(-x.abs())
}

#[inline(always)]
pub(crate) fn softplus_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let e = exp_minus_abs(x);
    let y = log1p_of_unit(e, e / (e + 2.0));
    x.lt(0.0).select(y, x + y)
}

#[inline(always)]
pub(crate) fn sigmoid_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let e = exp_minus_abs(x);
    x.lt(0.0).select(e, 1.0) / (e + 1.0)
}

#[inline(always)]
fn log_sigmoid_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    -softplus_formula(-x)
}

/// Both, with one exponential and one division.
#[inline(always)]
pub(crate) fn softplus_sigmoid_formula<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    let e = exp_minus_abs(x);
    let (one, two) = (e + 1.0, e + 2.0);
    let inverse = x.fill(1.0) / (one * two);
    let y = log1p_of_unit(e, e * one * inverse);
    let negative = x.lt(0.0);
    let numerator = negative.select(e, 1.0);
    // One step of Newton's method takes the rounding errors of the shared division out.
    let inverse = two * inverse;
    let guess = numerator * inverse;
    let residual = (-guess).fma(one, numerator);
    (negative.select(y, x + y), residual.mul_add(inverse, guess))
}

#[inline(always)]
fn log1mexp_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let bounded = x.at_most(0.0).at_least(-750.0);
    // Near zero 1 - e^x = -expm1(x) is exact to its last bits; further down 1 - e is split into
    // a rounded difference and what the rounding lost.
    let (n, m) = exp_parts(bounded);
    let near = bounded.gt(-std::f64::consts::LN_2);
    let scale = x.fill(1.0).scale(n);
    let minus_expm1 = -m.mul_add(scale, scale - 1.0);
    let e = m.mul_add(scale, scale);
    let difference = x.fill(1.0) - e;
    let lost = (x.fill(1.0) - difference) - e;
    let u = near.select(minus_expm1, difference);
    let y = log_of_sum(u.at_least(f64::MIN_POSITIVE), near.select(0.0, lost));
    // For subnormal x, 1 - e^x is -x.
    let y = x.gt(-f64::MIN_POSITIVE).select(log_formula(-x), y);
    // Below the range of e^x the logarithm is -e^x, which is -0.
    x.is_nan().select(x, x.lt(-750.0).select(-0.0, y))
}

#[inline(always)]
fn logit_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    log_formula(x / (x.fill(1.0) - x))
}

#[inline(always)]
fn log_add_exp_formula<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    let larger = a.lt(b).select(b, a);
    let gap = (a - b).abs();
    let e = exp_formula(-gap);
    let sum = larger + log1p_of_unit(e, e / (e + 2.0));
    // Equal infinities have no difference.
    a.equals(b).select(a + std::f64::consts::LN_2, sum)
}

#[inline(always)]
fn xlogy_formula<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    (a.equals(0.0) & !b.is_nan()).select(0.0, a * log_formula(b))
}

#[inline(always)]
fn xlog1py_formula<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    (a.equals(0.0) & !b.is_nan()).select(0.0, a * log1p_formula(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn both_tails() {
        let x = [
            f64::NEG_INFINITY,
            -800.0,
            -745.0,
            0.0,
            40.0,
            800.0,
            f64::INFINITY,
            f64::NAN,
        ];
        for isa in Isa::available() {
            let (mut y, mut p) = ([0.0; 8], [0.0; 8]);
            softplus_sigmoid(isa, &x, &mut y, &mut p);
            assert_eq!((y[0], p[0]), (0.0, 0.0));
            assert_eq!((y[1], p[1]), (0.0, 0.0));
            assert!(y[2] > 0.0 && y[2] < 1e-300 && p[2] == y[2]);
            assert!((y[3] - 2.0_f64.ln()).abs() < 1e-15 && p[3] == 0.5);
            assert_eq!((y[5], p[5]), (800.0, 1.0));
            assert_eq!((y[6], p[6]), (f64::INFINITY, 1.0));
            assert!(y[7].is_nan() && p[7].is_nan());
            log1mexp(isa, &x, &mut y);
            assert!(y[0] == 0.0 && y[3] == f64::NEG_INFINITY && y[4].is_nan() && y[7].is_nan());
        }
    }
}
