//! Powers.
//!
//! `x^y = exp(y log x)` with the logarithm and the product carried in two parts (about 68 bits),
//! because the exponential turns an absolute error of the exponent into a relative one.

use super::exp::{LN2_HIGH, LN2_LOW, exp_of_sum};
use crate::kernels::Isa;
use crate::kernels::lanes::Lanes;
use crate::kernels::map::{Formula1, kernels2, map1};
use crate::kernels::polynomial::polynomial;
use crate::kernels::vector::Vector;

kernels2! {
    /// `a^b` with the special cases of C99 and NumPy. Error below 1.5 ulp.
    pow = pow_formula;
}

/// `x^n` for a fixed integer.
///
/// Error below 2 ulp: up to `|n| = 4` by multiplications, above by [`pow`].
///
/// # Panics
/// Where the slices differ in length.
pub fn pow_int(isa: Isa, x: &[f64], n: i32, out: &mut [f64]) {
    match n {
        0 => out.fill(1.0),
        1 => out.copy_from_slice(x),
        2 => map1::<Fixed<2>>(isa, x, out),
        3 => map1::<Fixed<3>>(isa, x, out),
        4 => map1::<Fixed<4>>(isa, x, out),
        -1 => map1::<Fixed<-1>>(isa, x, out),
        -2 => map1::<Fixed<-2>>(isa, x, out),
        _ => pow(isa, x.into(), f64::from(n).into(), out),
    }
}

/// A power by multiplication.
struct Fixed<const N: i32>;

impl<const N: i32> Formula1 for Fixed<N> {
    #[inline(always)]
    fn apply<S: Lanes>(x: Vector<S>) -> Vector<S> {
        let square = x * x;
        match N {
            2 => square,
            3 => square * x,
            4 => square * square,
            -1 => x.fill(1.0) / x,
            _ => x.fill(1.0) / square,
        }
    }
}

/// 1/3 and what its rounding lost.
const THIRD: [f64; 2] = [0.333_333_333_333_333_3, 1.850_371_707_708_594e-17];

/// `(atanh(s) / s - 1 - s^2 / 3) / s^4` in `s^2`, for `s <= (sqrt(2) - 1) / (sqrt(2) + 1)`; error
/// of the logarithm below 2^-73.
#[allow(clippy::unreadable_literal)]
const ATANH: [f64; 8] = [
    0.19999999999999987,
    0.14285714285722695,
    0.11111111108733854,
    0.09090909439367166,
    0.07692278151816972,
    0.06668169458252778,
    0.05837194334473515,
    0.0599627185711848,
];

/// `log(x)` of a positive normal number as a sum of two.
#[inline(always)]
fn log_in_two_parts<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
    let (k, f, _) = super::log::split(x);
    // s = f / (2 + f), where d + d_low is 2 + f exactly.
    let d = f + 2.0;
    let d_low = f - (d - 2.0);
    let inverse = x.fill(1.0) / d;
    let s = f * inverse;
    let s_low = ((-s).fma(d, f) - s * d_low) * inverse;
    // u + u_low = s^2 / 3 + s^4 / 5 + ...
    let z = s * s;
    let z_low = s.fma(s, -z) + (s + s) * s_low;
    let third = z * THIRD[0];
    let third_low = z.fma(THIRD[0], -third) + z * THIRD[1] + z_low * THIRD[0];
    let rest = polynomial(z, &ATANH) * (z * z);
    let u = third + rest;
    let u_low = (third - u) + rest + third_low;
    // log(1 + f) = 2 s (1 + u)
    let s = s + s;
    let s_low = s_low + s_low;
    let p = s * u;
    let p_low = s.fma(u, -p) + (s_low * u + s * u_low);
    let sum = s + p;
    let sum_low = (s - sum) + p + (p_low + s_low);
    let high = k.mul_add(LN2_HIGH, sum);
    let high_low = (k * LN2_HIGH - high) + sum;
    (high, high_low + k.mul_add(LN2_LOW, sum_low))
}

#[inline(always)]
fn pow_formula<S: Lanes>(x: Vector<S>, y: Vector<S>) -> Vector<S> {
    let (high, low) = log_in_two_parts(x);
    let product = y * high;
    let product_low = y.fma(high, -product) + y * low;
    let far = !product.abs().lt(800.0);
    let result = exp_of_sum(product, far.select(0.0, product_low));
    let plain = x.ge(f64::MIN_POSITIVE) & x.le(f64::MAX) & y.abs().le(f64::MAX);
    if plain.all() {
        return result;
    }
    plain.select(result, x.lanewise2(y, f64::powf))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Operand;

    #[test]
    fn special_cases_are_those_of_c() {
        let inf = f64::INFINITY;
        let values = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            2.0,
            -3.0,
            0.5,
            -0.5,
            inf,
            -inf,
            f64::NAN,
            5e-324,
            1e308,
        ];
        for isa in Isa::available() {
            for a in values {
                let mut out = [0.0; 13];
                pow(isa, Operand::Scalar(a), Operand::Slice(&values), &mut out);
                for (b, got) in values.iter().zip(out) {
                    let want = a.powf(*b);
                    let same = got.to_bits() == want.to_bits() || got.is_nan() && want.is_nan();
                    let close = (got / want - 1.0).abs() < 4e-16;
                    assert!(same || close, "{a}^{b}: {got} {want}");
                }
            }
        }
    }
}
