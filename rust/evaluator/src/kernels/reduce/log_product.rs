//! Sums of logarithms as the logarithm of a product.
//!
//! A product of numbers in [1, 2] stays finite for hundreds of factors; its exponent is then moved
//! to a counter and the product goes on. One logarithm per lane remains of one per element.

use crate::kernels::Isa;
use crate::kernels::elementary::{exp_formula, log_of_sum};
use crate::kernels::lanes::{Kernel, Lanes};
use crate::kernels::map::Operand;
use crate::kernels::vector::Vector;

/// Factors in [1, 2] between two movements of the exponent: 2^512 is far from overflow.
const STRIDE: usize = 512;

/// A product of numbers that are at least 1, as `2^exponent (high + low)`.
///
/// `low` holds what the roundings of `high` lost, so that a product of factors very near 1 keeps
/// all its digits.
#[derive(Clone, Copy)]
struct Product<S: Lanes> {
    exponent: Vector<S>,
    high: Vector<S>,
    low: Vector<S>,
}

impl<S: Lanes> Product<S> {
    #[inline(always)]
    fn one(lanes: S) -> Self {
        let zero = Vector::splat(lanes, 0.0);
        Self {
            exponent: zero,
            high: zero + 1.0,
            low: zero,
        }
    }

    /// Multiplies by `1 + e` for `0 <= e <= 1`.
    #[inline(always)]
    fn times_one_plus(self, e: Vector<S>) -> Self {
        let high = self.high.mul_add(e, self.high);
        let lost = self.high.mul_add(e, self.high - high);
        Self {
            high,
            low: self.low.mul_add(e, self.low + lost),
            ..self
        }
    }

    /// Moves the exponent of the product to the counter.
    #[inline(always)]
    fn normalised(self) -> Self {
        let biased = self.high.shift_from_exponent();
        let power = biased.or(TWO_52) - (TWO_52 + 1023.0);
        let down = -power;
        Self {
            exponent: self.exponent + power,
            high: self.high.scale_normal(down),
            low: self.low.scale_normal(down),
        }
    }

    /// The logarithm of the product of all lanes.
    #[inline(always)]
    fn log(self) -> f64 {
        let Self {
            exponent,
            high,
            low,
        } = self.normalised();
        let logs = log_of_sum(high, low);
        exponent.sum().mul_add(std::f64::consts::LN_2, logs.sum())
    }
}

/// 2^52: the bits of an integer below it, or'ed in, make the sum.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// The sum of softplus, with the sigmoid written where there is room for it.
struct SumSoftplus<'a, const SIGMOID: bool>(&'a [f64], &'a mut [f64]);

impl<const SIGMOID: bool> SumSoftplus<'_, SIGMOID> {
    /// One register: `(e^-|x|, max(x, 0), sigmoid(x))`.
    #[inline(always)]
    fn terms<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>, Vector<S>) {
        let e = exp_formula(-x.abs());
        let sigmoid = if SIGMOID {
            x.lt(0.0).select(e, 1.0) / (e + 1.0)
        } else {
            e
        };
        (e, x.at_least(0.0), sigmoid)
    }
}

impl<const SIGMOID: bool> Kernel for SumSoftplus<'_, SIGMOID> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        let Self(x, out) = self;
        let len = x.len();
        let mut product = Product::one(lanes);
        let mut positive = Vector::splat(lanes, 0.0);
        let (mut at, mut count) = (0, 0);
        while at < len {
            let full = at + S::N <= len;
            // e^-|x| of the padding is zero, and so is its share of the sum.
            let x = if full {
                Vector::load(lanes, &x[at..])
            } else {
                Vector::load_partial(lanes, &x[at..], f64::NEG_INFINITY)
            };
            let (e, p, sigmoid) = Self::terms(x);
            product = product.times_one_plus(e);
            positive = positive + p;
            if SIGMOID && full {
                sigmoid.store(&mut out[at..]);
            } else if SIGMOID {
                sigmoid.store_partial(&mut out[at..]);
            }
            at += S::N;
            count += 1;
            if count == STRIDE {
                product = product.normalised();
                count = 0;
            }
        }
        positive.sum() + product.log()
    }
}

/// The sum of `log(1 + exp(x[i]))`, accurate also where all terms are tiny; NaN where one is NaN.
pub fn sum_softplus(isa: Isa, x: &[f64]) -> f64 {
    isa.run(SumSoftplus::<false>(x, &mut []))
}

/// [`sum_softplus`], and the sigmoid (its derivative) of every element.
///
/// # Panics
/// Where the slices differ in length.
pub fn sum_softplus_sigmoid(isa: Isa, x: &[f64], sigmoid: &mut [f64]) -> f64 {
    Operand::Slice(x).check(sigmoid.len());
    isa.run(SumSoftplus::<true>(x, sigmoid))
}

/// The sum of the logarithms of positive normal numbers; `None` where one is not.
struct SumLog<'a>(&'a [f64]);

impl Kernel for SumLog<'_> {
    type Output = Option<f64>;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> Option<f64> {
        let x = self.0;
        let len = x.len();
        let mut product = Product::one(lanes);
        let one = Vector::splat(lanes, 1.0);
        let mut ordinary = one.equals(one);
        let (mut at, mut count) = (0, 0);
        while at < len {
            let x = if at + S::N <= len {
                Vector::load(lanes, &x[at..])
            } else {
                Vector::load_partial(lanes, &x[at..], 1.0)
            };
            ordinary = ordinary & x.ge(f64::MIN_POSITIVE) & x.le(f64::MAX);
            let biased = x.shift_from_exponent();
            let mantissa = x.sub_bits(biased.shift_to_exponent()).add_bits(1.0);
            product.exponent = product.exponent + (biased.or(TWO_52) - (TWO_52 + 1023.0));
            product.high = product.high * mantissa;
            at += S::N;
            count += 1;
            if count == STRIDE {
                product = product.normalised();
                count = 0;
            }
        }
        ordinary.all().then(|| product.log())
    }
}

/// The sum of `log(x[i])`: the value is that of the logarithms one by one, also for zeros,
/// negative numbers, infinities and NaN.
pub fn sum_log(isa: Isa, x: &[f64]) -> f64 {
    isa.run(SumLog(x))
        .unwrap_or_else(|| x.iter().map(|x| x.ln()).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_sum_one_by_one() {
        for isa in Isa::available() {
            for len in [0, 1, 5, 8, 17, 100, 5000] {
                let x: Vec<f64> = (0..len)
                    .map(|i| f64::from(i * 37 % 101) * 0.2 - 10.0)
                    .collect();
                let want: f64 = x
                    .iter()
                    .map(|x| x.max(0.0) + (-x.abs()).exp().ln_1p())
                    .sum();
                let got = sum_softplus(isa, &x);
                assert!((got - want).abs() <= 1e-14 * want.abs(), "{got} {want}");
                let mut sigmoid = vec![0.0; x.len()];
                assert_eq!(sum_softplus_sigmoid(isa, &x, &mut sigmoid), got);
                for (x, p) in x.iter().zip(sigmoid) {
                    assert!((p * (1.0 + (-x).exp()) - 1.0).abs() < 1e-15);
                }
                let y: Vec<f64> = x.iter().map(|x| (x * 30.0).exp()).collect();
                let want: f64 = x.iter().map(|x| x * 30.0).sum();
                assert!((sum_log(isa, &y) - want).abs() <= 1e-12 * (1.0 + want.abs()));
            }
        }
    }

    #[test]
    fn tiny_terms_keep_their_digits() {
        for isa in Isa::available() {
            let want = 2000.0 * (-50.0_f64).exp();
            let got = sum_softplus(isa, &[-50.0; 2000]);
            assert!((got / want - 1.0).abs() < 1e-13, "{got} {want}");
        }
    }

    #[test]
    fn edges() {
        for isa in Isa::available() {
            assert!(sum_softplus(isa, &[0.0, f64::NAN]).is_nan());
            assert_eq!(sum_softplus(isa, &[f64::NEG_INFINITY, 800.0]), 800.0);
            assert_eq!(sum_log(isa, &[1.0, 0.0]), f64::NEG_INFINITY);
            assert!(sum_log(isa, &[1.0, -2.0]).is_nan());
            assert_eq!(sum_log(isa, &[5e-324, f64::INFINITY]), f64::INFINITY);
        }
    }
}
