//! Sine, cosine and tangent.
//!
//! `x = n pi/2 + r` with `|r| <= pi/4`, pi/2 in three parts of which products with `n < 2^20` are
//! exact (Cody and Waite), the remainder kept as a sum of two numbers; then the sine and the
//! cosine of `r` by minimax polynomials, exchanged and negated by quadrant. Arguments above
//! `2^20 pi/2` are left, lane by lane, to the standard library.

use crate::kernels::lanes::Lanes;
use crate::kernels::map::{kernels_pair, kernels1};
use crate::kernels::polynomial::polynomial;
use crate::kernels::vector::{Mask, Vector};

kernels1! {
    /// Sine. Error below 1 ulp; keeps -0; NaN for infinities.
    sin = sin_formula;
    /// Cosine. Error below 1 ulp; NaN for infinities.
    cos = cos_formula;
    /// Tangent. Error below 3 ulp; keeps -0; NaN for infinities.
    tan = tan_formula;
}

kernels_pair! {
    /// [`sin`] first and [`cos`] second, with one reduction.
    sin_cos = sin_cos_formula;
}

/// Largest argument for which the reduction holds.
const LIMIT: f64 = 1_647_099.0;
/// pi/2 in parts of 33, 33 and 53 bits.
const HALF_PI: [f64; 3] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_795_950_6e-21,
];

/// `(sin r - r) / r^3` in `r^2`, for `|r| <= pi/4`; error of the sine below 2^-58.
#[allow(clippy::unreadable_literal)]
const SIN: [f64; 6] = [
    -0.16666666666666632,
    0.00833333333332249,
    -0.0001984126982985343,
    2.7557313703984e-06,
    -2.505075954314549e-08,
    1.58968566476023e-10,
];

/// `(cos r - 1 + r^2 / 2) / r^4` in `r^2`, for `|r| <= pi/4`; error of the cosine below 2^-64.
#[allow(clippy::unreadable_literal)]
const COS: [f64; 6] = [
    0.0416666666666666,
    -0.0013888888888874116,
    2.4801587289478573e-05,
    -2.755731435121106e-07,
    2.0875723067638864e-09,
    -1.1359633228013757e-11,
];

/// An angle as quarter turns and the rest.
struct Reduced<S: Lanes> {
    /// Whether the number of quarter turns is odd.
    odd: Mask<S>,
    /// Half turns: 0 or 1.
    half_turn: Vector<S>,
    /// The rest, `|r| <= pi/4`, and what its rounding lost.
    r: Vector<S>,
    low: Vector<S>,
}

#[inline(always)]
fn reduce<S: Lanes>(x: Vector<S>) -> Reduced<S> {
    let n = (x * std::f64::consts::FRAC_2_PI).round();
    // Both products are exact, and so is the first difference.
    let first = n.mul_add(-HALF_PI[0], x);
    let second = n * HALF_PI[1];
    let difference = first - second;
    let part = difference - first;
    let lost = (first - (difference - part)) - (second + part);
    let low = n.mul_add(-HALF_PI[2], lost);
    let r = difference + low;
    let half = (n * 0.5).floor();
    let quarter = half.mul_add(-2.0, n);
    let half_turn = (half * 0.5).floor().mul_add(-2.0, half);
    Reduced {
        odd: quarter.gt(0.5),
        half_turn,
        r,
        low: low - (r - difference),
    }
}

/// Sine and cosine of the reduced angle.
#[inline(always)]
fn polynomials<S: Lanes>(r: Vector<S>, low: Vector<S>) -> (Vector<S>, Vector<S>) {
    let z = r * r;
    let sine = r + (polynomial(z, &SIN) * z).mul_add(r, low);
    let half = z * 0.5;
    let near = r.fill(1.0) - half;
    // What the difference lost is added back.
    let lost = (r.fill(1.0) - near) - half;
    let cosine = near + (lost + (polynomial(z, &COS) * z).mul_add(z, -(r * low)));
    (sine, cosine)
}

/// `-0.0` where the number of half turns is odd.
#[inline(always)]
fn sign_of<S: Lanes>(half_turn: Vector<S>) -> Vector<S> {
    half_turn.gt(0.5).select(-0.0, 0.0)
}

/// Whether lanes lie beyond the reduction (infinities and NaN among them).
#[inline(always)]
fn beyond<S: Lanes>(x: Vector<S>) -> Mask<S> {
    !x.abs().le(LIMIT)
}

#[inline(always)]
fn sin_cos_near<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    let Reduced {
        odd,
        half_turn,
        r,
        low,
    } = reduce(x);
    let (sine, cosine) = polynomials(r, low);
    let sign = sign_of(half_turn);
    let s = odd.select(cosine, sine).xor(sign);
    // The cosine turns negative a quarter earlier.
    let c = odd.select(-sine, cosine).xor(sign);
    (x.equals(0.0).select(x, s), c)
}

#[inline(always)]
fn sin_cos_formula<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    let (s, c) = sin_cos_near(x);
    let far = beyond(x);
    if far.any() {
        return (
            far.select(x.lanewise(f64::sin), s),
            far.select(x.lanewise(f64::cos), c),
        );
    }
    (s, c)
}

#[inline(always)]
fn sin_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    sin_cos_formula(x).0
}

#[inline(always)]
fn cos_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    sin_cos_formula(x).1
}

#[inline(always)]
fn tan_formula<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let (s, c) = sin_cos_formula(x);
    s / c
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;

    #[test]
    fn quadrants_and_limits() {
        let mut x: Vec<f64> = (-40..40).map(|i| f64::from(i) * 0.7).collect();
        x.extend([0.0, -0.0, 1e6, 2e6, 1e22, f64::INFINITY, f64::NAN]);
        for isa in Isa::available() {
            let (mut s, mut c) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            sin_cos(isa, &x, &mut s, &mut c);
            for (i, x) in x.iter().enumerate() {
                let same = |a: f64, b: f64| a.is_nan() && b.is_nan() || (a - b).abs() <= 3e-16;
                assert!(
                    same(s[i], x.sin()) && same(c[i], x.cos()),
                    "{x}: {} {}",
                    s[i],
                    c[i]
                );
            }
            assert!(s[81].is_sign_negative());
        }
    }
}
