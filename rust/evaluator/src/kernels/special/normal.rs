//! The normal distribution function and its logarithm, far into both tails.
//!
//! `log Phi(x) = log(erfcx(-x / sqrt 2) / 2) - x^2 / 2` on the left, `log1p(-Phi(-x))` on the
//! right. The derivative `phi(x) / Phi(x)` is `sqrt(2 / pi) / erfcx(-x / sqrt 2)`: with the
//! scaled function it has no tail in which both parts vanish.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, LN_2};

use super::erf::{erfcx_of_positive, exp_of_minus_square};
use crate::kernels::elementary::{log_formula, log1p_formula};
use crate::kernels::lanes::Lanes;
use crate::kernels::map::{kernels_pair, kernels1};
use crate::kernels::vector::Vector;

kernels1! {
    /// The distribution function of the standard normal. Error below 4 ulp for `x > -1`, and below
    /// `4 + x^2` ulp further left, where it is that of `x^2 / 2`.
    ndtr = ndtr_formula;
    /// The logarithm of [`ndtr`]. Error below 4 ulp.
    log_ndtr = log_ndtr_formula;
    /// The logarithm of the complementary error function. Error below 4 ulp, save near its zero
    /// at 0, where it is below 4 ulp of `erfc`'s distance from 1.
    log_erfc = log_erfc_formula;
}

kernels_pair! {
    /// [`log_ndtr`] first and its derivative, the density over the distribution function, second.
    log_ndtr_ratio = log_ndtr_ratio_formula;
}

/// `log(erfc(x))`, with `scaled = erfcx(|x|)` and `e = exp(-x^2)`.
#[inline(always)]
fn log_erfc_parts<S: Lanes>(x: Vector<S>, scaled: Vector<S>, e: Vector<S>) -> Vector<S> {
    let right = x.gt(0.5);
    // Right: log(erfcx) - x^2. Middle and left: log1p of what is missing from 1 or 2.
    let far = log_formula(right.select(scaled, 1.0)) - x * x;
    // The left needs log(2 - erfc(a)); the middle log(1 - erf(x)).
    let upper = e * scaled;
    let left = log1p_formula(upper * -0.5) + LN_2;
    right.select(far, left)
}

#[inline(always)]
fn log_erfc_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let scaled = erfcx_of_positive(x.abs());
    let e = exp_of_minus_square(x);
    let y = log_erfc_parts(x, scaled, e);
    // Around zero: log1p(-erf(x)).
    let near = x.abs().le(0.5);
    if near.any() {
        let erf = super::erf::erf_formula(x);
        return near.select(log1p_formula(-erf), y);
    }
    y
}

#[inline(always)]
fn ndtr_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    super::erf::erfc_formula(x * -FRAC_1_SQRT_2) * 0.5
}

#[inline(always)]
fn log_ndtr_ratio_formula<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    let t = x * FRAC_1_SQRT_2;
    let scaled = erfcx_of_positive(t.abs());
    let e = exp_of_minus_square(t);
    // Of the tail on the side of x: erfc(|t|) / 2.
    let tail = e * scaled * 0.5;
    let left = x.lt(-1.0);
    // For -1 <= x <= 0 the tail is Phi itself, for 0 < x it is what is missing from 1.
    let negative = x.lt(0.0);
    let logarithm = log_formula(left.select(scaled * 0.5, negative.select(tail, 1.0)));
    let log_phi = left.select((x * -0.5).mul_add(x, logarithm), logarithm);
    let log_phi = negative.select(log_phi, log1p_formula(-tail));
    let log_phi = x.equals(f64::NEG_INFINITY).select(x, log_phi);
    // phi / Phi: over erfcx on the left, over 1 - tail on the right.
    let root = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    let below = negative.select(scaled, (x.fill(1.0) - tail) * 2.0);
    let ratio = negative.select(root, e * root) / below;
    (log_phi, ratio)
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
