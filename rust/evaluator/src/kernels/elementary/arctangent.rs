//! Inverse trigonometric functions, all from one arctangent.
//!
//! The argument is carried to `|t| <= tan(pi/8)` by `atan(a) = pi/4 + atan((a - 1) / (a + 1))`
//! or `atan(a) = pi/2 - atan(1 / a)`, where a minimax polynomial ends the matter.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use crate::kernels::lanes::Lanes;
use crate::kernels::map::{kernels1, kernels2};
use crate::kernels::polynomial::polynomial;
use crate::kernels::vector::Vector;

kernels1! {
    /// Arctangent. Error below 1.5 ulp; keeps -0.
    atan = atan_formula;
    /// Arcsine. Error below 3 ulp; keeps -0; NaN outside [-1, 1].
    asin = asin_formula;
    /// Arccosine. Error below 3 ulp; NaN outside [-1, 1].
    acos = acos_formula;
}

kernels2! {
    /// The angle of the point `(b, a)`, as C's `atan2(a, b)`. Error below 2.5 ulp.
    atan2 = atan2_formula;
}

/// What pi/4 and its doubles leave over.
const FRAC_PI_4_LOW: f64 = 3.061_616_997_868_383e-17;

/// `(atan t - t) / t^3` in `t^2`, for `|t| <= tan(pi/8)`; error below 2^-59.
#[allow(clippy::unreadable_literal)]
const ATAN: [f64; 11] = [
    -0.333333333333332,
    0.1999999999995408,
    -0.14285714280240927,
    0.11111110785475013,
    -0.09090897810773567,
    0.07692061081812478,
    -0.06663113109208552,
    0.05847949850427974,
    -0.05039554789008045,
    0.038070372026151766,
    -0.017913013667149636,
];

/// Arctangent of `top / bottom`, both not negative and not both zero or infinite.
#[inline(always)]
fn atan_of_ratio<S: Lanes>(top: Vector<S>, bottom: Vector<S>) -> Vector<S> {
    let steep = top.gt(bottom * (1.0 + std::f64::consts::SQRT_2));
    let middle = !steep & top.gt(bottom * (std::f64::consts::SQRT_2 - 1.0));
    let numerator = steep.select(-bottom, middle.select(top - bottom, top));
    let denominator = steep.select(top, middle.select(top + bottom, bottom));
    let t = numerator / denominator;
    let quarters = steep.select(2.0, middle.select(1.0, 0.0));
    let z = t * t;
    let tail = (polynomial(z, &ATAN) * z).mul_add(t, quarters * FRAC_PI_4_LOW);
    quarters.mul_add(FRAC_PI_4, t + tail)
}

#[inline(always)]
fn atan_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    atan_of_ratio(x.abs(), x.fill(1.0)).copysign(x)
}

#[inline(always)]
fn atan2_formula<S: Lanes>(y: Vector<S>, x: Vector<S>) -> Vector<S> {
    let (top, bottom) = (y.abs(), x.abs());
    let infinite = top.equals(f64::INFINITY) & bottom.equals(f64::INFINITY);
    let (top, bottom) = (infinite.select(1.0, top), infinite.select(1.0, bottom));
    let bottom = (top.equals(0.0) & bottom.equals(0.0)).select(1.0, bottom);
    // Halved where large, so that sums stay finite.
    let large = top.gt(1e300) | bottom.gt(1e300);
    let (top, bottom) = (
        large.select(top * 0.25, top),
        large.select(bottom * 0.25, bottom),
    );
    let angle = atan_of_ratio(top, bottom);
    let left = x.fill(1.0).copysign(x).lt(0.0);
    let angle = left.select((x.fill(PI) - angle) + 4.0 * FRAC_PI_4_LOW, angle);
    let angle = (x.is_nan() | y.is_nan()).select(f64::NAN, angle);
    angle.copysign(y)
}

/// `sqrt(1 - x^2)` without cancellation.
#[inline(always)]
fn other_leg<S: Lanes>(x: Vector<S>) -> Vector<S> {
    ((x.fill(1.0) - x) * (x + 1.0)).sqrt()
}

#[inline(always)]
fn asin_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let angle = atan_of_ratio(x.abs(), other_leg(x));
    x.abs().equals(1.0).select(FRAC_PI_2, angle).copysign(x)
}

#[inline(always)]
fn acos_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let angle = atan_of_ratio(other_leg(x), x.abs());
    x.lt(0.0)
        .select((x.fill(PI) - angle) + 4.0 * FRAC_PI_4_LOW, angle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Isa, Operand};

    #[test]
    fn all_quadrants_and_edges() {
        let values = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.3,
            -7.0,
            1e308,
            -1e308,
            f64::INFINITY,
            -f64::INFINITY,
        ];
        for isa in Isa::available() {
            for a in values {
                let mut out = [0.0; 10];
                atan2(isa, Operand::Scalar(a), Operand::Slice(&values), &mut out);
                for (b, got) in values.iter().zip(out) {
                    let want = a.atan2(*b);
                    assert!((got - want).abs() <= 1e-15, "{a} {b}: {got} {want}");
                    assert_eq!(got.is_sign_negative(), want.is_sign_negative(), "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn inverse_sine_at_its_ends() {
        let x = [1.0, -1.0, 0.0, -0.0, 1.1, 0.5, f64::NAN, 1e-300];
        for isa in Isa::available() {
            let mut y = [0.0; 8];
            asin(isa, &x, &mut y);
            assert!(y[0] == FRAC_PI_2 && y[1] == -FRAC_PI_2 && y[3].is_sign_negative());
            assert!(y[4].is_nan() && y[6].is_nan() && y[7] == 1e-300);
            acos(isa, &x, &mut y);
            assert!(y[0] == 0.0 && (y[1] - PI).abs() < 1e-15 && y[4].is_nan() && y[6].is_nan());
        }
    }
}
