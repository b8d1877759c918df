//! Hyperbolic functions and their inverses, from `expm1` and `log1p`.

use super::exp::{exp_formula, expm1_formula};
use super::log::{log_formula, log1p_formula};
use crate::kernels::lanes::Lanes;
use crate::kernels::map::kernels1;
use crate::kernels::vector::Vector;

kernels1! {
    /// Hyperbolic tangent. Error below 2.5 ulp; keeps -0.
    tanh = tanh_formula;
    /// Hyperbolic sine. Error below 3 ulp; keeps -0.
    sinh = sinh_formula;
    /// Hyperbolic cosine. Error below 2.5 ulp.
    cosh = cosh_formula;
    /// Inverse hyperbolic tangent. Error below 3 ulp; infinite at +-1, NaN outside.
    atanh = atanh_formula;
    /// Inverse hyperbolic sine. Error below 3 ulp.
    asinh = asinh_formula;
    /// Inverse hyperbolic cosine. Error below 3 ulp; NaN below 1.
    acosh = acosh_formula;
}

#[inline(always)]
fn tanh_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    // With m = expm1(-2 a), tanh(a) is -m / (m + 2) near zero and 1 - 2 (m + 1) / (m + 2) further
    // out, where the rounding of m would show.
    let m = expm1_formula(x.abs() * -2.0);
    let far = m.lt(-0.8);
    let quotient = far.select((m + 1.0) * 2.0, -m) / (m + 2.0);
    far.select(x.fill(1.0) - quotient, quotient).copysign(x)
}

#[inline(always)]
fn sinh_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let a = x.abs();
    // From 20 on sinh(a) is e^a / 2, as a square so that e^(a/2) stays finite.
    let m = expm1_formula(a.at_most(20.0));
    let small = (m + m / (m + 1.0)) * 0.5;
    let root = exp_formula(a * 0.5);
    a.gt(20.0).select(root * 0.5 * root, small).copysign(x)
}

#[inline(always)]
fn cosh_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let a = x.abs();
    let e = exp_formula(a.at_most(20.0));
    let small = (e + x.fill(1.0) / e) * 0.5;
    let root = exp_formula(a * 0.5);
    a.gt(20.0).select(root * 0.5 * root, small)
}

#[inline(always)]
fn atanh_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let a = x.abs();
    let y = log1p_formula((a + a) / (x.fill(1.0) - a)) * 0.5;
    y.or(x.sign_bit())
}

#[inline(always)]
fn asinh_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let a = x.abs();
    // asinh(a) = log1p(a + a^2 / (1 + sqrt(1 + a^2))); far out log(2 a).
    let far = a.gt(1e8);
    let b = far.select(1.0, a);
    let square = b * b;
    let near = log1p_formula(b + square / ((square + 1.0).sqrt() + 1.0));
    let y = far.select(log_formula(a) + std::f64::consts::LN_2, near);
    y.copysign(x)
}

#[inline(always)]
fn acosh_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    // acosh(x) = log1p(d + sqrt(d (x + 1))) with d = x - 1; far out log(2 x).
    let far = x.gt(1e8);
    let b = far.select(2.0, x);
    let d = b - 1.0;
    let near = log1p_formula(d + (d * (b + 1.0)).sqrt());
    let y = far.select(log_formula(x) + std::f64::consts::LN_2, near);
    x.lt(1.0).select(f64::NAN, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn signs_and_limits() {
        let x = [
            0.0,
            -0.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            1e-320,
            -30.0,
            710.4,
        ];
        for isa in Isa::available() {
            let mut y = [0.0; 8];
            tanh(isa, &x, &mut y);
            assert_eq!(y[1].to_bits(), (-0.0_f64).to_bits());
            assert!(y[2] == 1.0 && y[3] == -1.0 && y[4].is_nan() && y[6] == -1.0);
            assert_eq!(y[5], 1e-320);
            sinh(isa, &x, &mut y);
            assert!(y[2] == f64::INFINITY && y[3] == f64::NEG_INFINITY && y[4].is_nan());
            assert!((y[7] / 710.4_f64.sinh() - 1.0).abs() < 1e-15);
            cosh(isa, &x, &mut y);
            assert!(y[0] == 1.0 && y[2] == f64::INFINITY && y[3] == f64::INFINITY);
        }
    }
}
