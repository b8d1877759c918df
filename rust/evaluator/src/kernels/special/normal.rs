//! The normal distribution function and its logarithm, far into both tails.
//!
//! `log Phi(x) = log(erfcx(-x / sqrt 2) / 2) - x^2 / 2` on the left, `log1p(-Phi(-x))` on the
//! right. The derivative `phi(x) / Phi(x)` is `sqrt(2 / pi) / erfcx(-x / sqrt 2)`: with the
//! scaled function it has no tail in which both parts vanish.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2};

use super::erf::{erf_formula, erfcx_of_positive, square_in_two_parts, tail};
use crate::kernels::elementary::{log_formula, log_of_sum, log1p_formula};
use crate::kernels::lanes::Lanes;
use crate::kernels::map::{kernels_pair, kernels1};
use crate::kernels::vector::Vector;

kernels1! {
    /// The distribution function of the standard normal. Error below 5 ulp, in the left tail
    /// too.
    ndtr = ndtr_formula;
    /// The logarithm of [`ndtr`]. Error below 5 ulp, and so is that of its derivative.
    log_ndtr = log_ndtr_formula;
    /// The logarithm of the complementary error function. Error below 4 ulp.
    log_erfc = log_erfc_formula;
}

kernels_pair! {
    /// [`log_ndtr`] first and its derivative, the density over the distribution function, second.
    log_ndtr_ratio = log_ndtr_ratio_formula;
}

#[inline(always)]
fn log_erfc_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let bounded = x.abs().at_most(28.0);
    let (square, low) = square_in_two_parts(bounded);
    let scaled = erfcx_of_positive(x.abs());
    // Right: log(erfcx) - x^2. Left: log(2 - erfc(-x)).
    let right = x.gt(0.5);
    let far = log_formula(right.select(scaled, 1.0)) - x * x;
    let left = log1p_formula(tail(scaled, square, low) * -0.5) + LN_2;
    let y = right.select(far, left);
    // Around the zero: log1p(-erf(x)).
    let near = x.abs().le(0.5);
    if near.any() {
        near.select(log1p_formula(-erf_formula(x)), y)
    } else {
        y
    }
}

/// What is missing from 1, or there, on the side of `x`: `erfc(|x| / sqrt 2) / 2`, and the
/// `erfcx(|x| / sqrt 2)` it is made of.
#[inline(always)]
fn normal_tail<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    let scaled = erfcx_of_positive(x.abs() * FRAC_1_SQRT_2);
    // Beyond 39 the tail is zero. The square of x / sqrt 2 is taken from x itself, whose square
    // is known without a rounding error.
    let (square, low) = square_in_two_parts(x.abs().at_most(39.0));
    (tail(scaled, square * 0.5, low * 0.5) * 0.5, scaled)
}

#[inline(always)]
fn ndtr_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let (missing, _) = normal_tail(x);
    x.lt(0.0).select(missing, x.fill(1.0) - missing)
}

#[inline(always)]
fn log_ndtr_ratio_formula<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    let (missing, scaled) = normal_tail(x);
    let (far, negative) = (x.lt(-1.0), x.lt(0.0));
    // Phi is erfcx / 2 exp(-x^2 / 2) far left, the tail up to zero, and 1 less the tail, with
    // what that difference loses, on the right. One logarithm serves all three.
    let phi = x.fill(1.0) - missing;
    let lost = (x.fill(1.0) - phi) - missing;
    let argument = far.select(scaled * 0.5, negative.select(missing, phi));
    let argument = argument.at_least(f64::MIN_POSITIVE);
    let logarithm = log_of_sum(argument, negative.select(0.0, lost));
    let log_phi = far.select((x * -0.5).mul_add(x, logarithm), logarithm);
    // A tail below the last digit of 1 is the logarithm.
    let log_phi = x.gt(8.5).select(-missing, log_phi);
    let log_phi = x.equals(f64::NEG_INFINITY).select(x, log_phi);
    // phi / Phi is sqrt(2 / pi) / erfcx on the left; on the right the tail times that over Phi.
    let hazard = x.fill(FRAC_2_SQRT_PI * FRAC_1_SQRT_2) / scaled;
    let right = missing * hazard / phi;
    // At infinity the hazard is infinite and the tail zero.
    let right = missing.equals(0.0).select(0.0, right);
    let ratio = negative.select(hazard, right);
    (x.is_nan().select(x, log_phi), x.is_nan().select(x, ratio))
}

#[inline(always)]
fn log_ndtr_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    log_ndtr_ratio_formula(x).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn tails_and_edges() {
        let x = [
            -1e10,
            -40.0,
            0.0,
            9.0,
            40.0,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ];
        for isa in Isa::available() {
            let (mut y, mut r) = ([0.0; 8], [0.0; 8]);
            log_ndtr_ratio(isa, &x, &mut y, &mut r);
            assert_eq!(y[0], -5e19);
            assert!((r[0] / 1e10 - 1.0).abs() < 1e-15);
            assert!((y[1] + 804.608_442_013_753_8).abs() < 1e-11, "{}", y[1]);
            assert!((y[2] + LN_2).abs() < 1e-16 && y[3] < 0.0 && y[4] == 0.0 && y[5] == 0.0);
            assert!(y[6] == f64::NEG_INFINITY && y[7].is_nan());
            assert!(r[5] == 0.0 && r[6] == f64::INFINITY && r[7].is_nan());
        }
    }
}
