//! The error function, its complement, and the complement scaled by `exp(x^2)`.
//!
//! For `x >= 0`, `(1 + 2 x) erfcx(x)` lies between 1 and 1.3 and is a smooth function of
//! `q = (x - 3) / (x + 3)`, which maps the half line to [-1, 1): one polynomial covers it all.
//! `erfc` multiplies by `exp(-x^2)` with the square carried in two parts, and `erf` has a
//! polynomial of its own near zero.
//!
//! Reference: M. M. Shepherd and J. G. Laframboise, Math. Comp. 36 (1981) 249.

use crate::kernels::elementary::exp_of_sum;
use crate::kernels::lanes::Lanes;
use crate::kernels::map::kernels1;
use crate::kernels::polynomial::polynomial;
use crate::kernels::vector::Vector;

kernels1! {
    /// The error function. Error below 2 ulp; keeps -0.
    erf = erf_formula;
    /// `1 - erf(x)`, without cancellation in the right tail. Error below 4 ulp; results below the
    /// normal range are rounded once.
    erfc = erfc_formula;
    /// `exp(x^2) erfc(x)`. Error below 4 ulp; inf where it overflows on the left.
    erfcx = erfcx_formula;
}

/// `(1 + 2 x) erfcx(x)` in `q = (x - 3) / (x + 3)`; error below 2^-57.
#[allow(clippy::unreadable_literal)]
const ERFCX: [f64; 25] = [
    1.2530080582697296,
    -0.13562110612458117,
    -0.047562294353448824,
    0.12964515870276103,
    -0.11927366341540445,
    0.06830802734396725,
    -0.023770514916826614,
    0.0025293918162110126,
    0.0018886903416113006,
    -0.000779832273133593,
    -0.00010515969998658005,
    0.0001250993567497284,
    4.9491249228885335e-06,
    -2.010057993951889e-05,
    -7.306556187292733e-07,
    3.4724359914613642e-06,
    3.5548440953667844e-07,
    -6.166743321772344e-07,
    -1.4018428375972998e-07,
    1.0188788420682371e-07,
    4.086827284225309e-08,
    -1.3333710647562691e-08,
    -8.142348343849572e-09,
    9.898887232934875e-10,
    8.267273832747485e-10,
];

/// `erf(x) / x` in `x^2` on [0, 1]; error below 2^-56.
#[allow(clippy::unreadable_literal)]
const ERF: [f64; 12] = [
    std::f64::consts::FRAC_2_SQRT_PI,
    -0.3761263890318352,
    0.11283791670944182,
    -0.02686617064311119,
    0.005223977606116545,
    -0.0008548325929230169,
    0.00012055293574544107,
    -1.4924712259196076e-05,
    1.6447131068796268e-06,
    -1.6206310086672737e-07,
    1.3710965208399688e-08,
    -7.779441320014951e-10,
];

/// `erfcx(a)` for `a >= 0`.
#[inline(always)]
pub(super) fn erfcx_of_positive<S: Lanes>(a: Vector<S>) -> Vector<S> {
    // From 1e17 on the limit 1 / (a sqrt(pi)) holds; 1e300 keeps the denominator finite.
    let bounded = a.at_most(1e17);
    let shifted = bounded + 3.0;
    let q = (bounded - 3.0) / shifted;
    // What q lost to rounding comes back through the derivative of the polynomial, about -0.1;
    // its share is below half an ulp, so q is taken as it is.
    let near = polynomial(q, &ERFCX) / bounded.mul_add(2.0, 1.0);
    let far = a.fill(0.5 * std::f64::consts::FRAC_2_SQRT_PI) / a;
    a.gt(1e17).select(far, near)
}

/// The square of a number as a sum of two.
#[inline(always)]
pub(super) fn square_in_two_parts<S: Lanes>(a: Vector<S>) -> (Vector<S>, Vector<S>) {
    let square = a * a;
    (square, a.fma(a, -square))
}

/// `exp(-(square + low)) scaled` for `0 <= square <= 800`: an `erfc` from its `erfcx`.
#[inline(always)]
pub(super) fn tail<S: Lanes>(scaled: Vector<S>, square: Vector<S>, low: Vector<S>) -> Vector<S> {
    // Far out the exponential is lifted by 2^200, so that only the last product is subnormal.
    let far = square.gt(400.0);
    let lift = far.select(200.0 * std::f64::consts::LN_2, 0.0);
    let lift_low = far.select(LIFT_LOW, 0.0);
    let exponent = lift - square;
    let lost = lift - (exponent + square);
    let e = exp_of_sum(exponent, (lost + lift_low) - low);
    (e * scaled) * far.select(DOWN, 1.0)
}

/// `200 ln 2` less its rounded product.
const LIFT_LOW: f64 = -3.355_512_149_608_527_8e-15;
/// `2^-200`
const DOWN: f64 = f64::from_bits((1023 - 200) << 52);

/// `erfc(a)` for `a >= 0`.
#[inline(always)]
fn erfc_of_positive<S: Lanes>(a: Vector<S>) -> Vector<S> {
    // Beyond 28 the result is zero and the square of no interest.
    let bounded = a.at_most(28.0);
    let (square, low) = square_in_two_parts(bounded);
    tail(erfcx_of_positive(bounded), square, low)
}

#[inline(always)]
pub(super) fn erfc_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let a = x.abs();
    let z = a.at_most(1.0);
    let small = polynomial(z * z, &ERF) * z;
    let c = erfc_of_positive(a);
    // Near zero 1 - erf(x) is the more accurate, and on the left there is no cancellation.
    let near = x.fill(1.0) - small.copysign(x);
    let y = x.lt(0.0).select(x.fill(2.0) - c, c);
    a.lt(0.25).select(near, y)
}

#[inline(always)]
pub(super) fn erf_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let a = x.abs();
    let z = a.at_most(1.0);
    let small = polynomial(z * z, &ERF) * z;
    let inner = a.le(1.0);
    if inner.all() {
        return small.copysign(x);
    }
    let outer = x.fill(1.0) - erfc_of_positive(a);
    inner.select(small, outer).copysign(x)
}

#[inline(always)]
fn erfcx_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let right = erfcx_of_positive(x.abs());
    let left = x.lt(0.0);
    if !left.any() {
        return right;
    }
    // erfcx(-a) = 2 exp(a^2) - erfcx(a)
    let (square, low) = square_in_two_parts(x.at_least(-27.0));
    let e = exp_of_sum(square, low);
    let e = x.lt(-26.8).select(f64::INFINITY, e);
    left.select((e + e) - right, right)
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
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            27.0,
            -27.0,
            1e-310,
        ];
        for isa in Isa::available() {
            let mut y = [0.0; 8];
            erf(isa, &x, &mut y);
            assert!(y[0].to_bits() == 0 && y[1].to_bits() == (-0.0_f64).to_bits());
            assert!(y[2] == 1.0 && y[3] == -1.0 && y[4].is_nan() && y[5] == 1.0 && y[6] == -1.0);
            erfc(isa, &x, &mut y);
            assert!(y[0] == 1.0 && y[2] == 0.0 && y[3] == 2.0 && y[4].is_nan() && y[6] == 2.0);
            assert!(y[5] > 0.0 && y[5] < f64::MIN_POSITIVE);
            erfcx(isa, &x, &mut y);
            assert!(y[0] == 1.0 && y[2] == 0.0 && y[3] == f64::INFINITY && y[4].is_nan());
            assert!(y[6] == f64::INFINITY);
        }
    }
}
