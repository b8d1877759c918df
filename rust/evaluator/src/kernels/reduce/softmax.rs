//! Log-sum-exp and softmax, shifted by the largest element so that nothing overflows.

use super::extrema::max_of;
use super::sums::{Fold, accumulate, sum};
use crate::kernels::Isa;
use crate::kernels::arithmetic;
use crate::kernels::elementary::exp_formula;
use crate::kernels::lanes::{Kernel, Lanes};
use crate::kernels::map::{Formula2, Operand, map2};
use crate::kernels::vector::Vector;

/// Terms `exp(x[i] - shift)`.
#[derive(Clone, Copy)]
struct ShiftedExp(f64);

impl Fold<1> for ShiftedExp {
    const START: f64 = 0.0;
    const PADDING: f64 = f64::NEG_INFINITY;
    #[inline(always)]
    fn step<S: Lanes>(self, sum: Vector<S>, [x]: [Vector<S>; 1]) -> Vector<S> {
        sum + exp_formula(x - self.0)
    }
    #[inline(always)]
    fn join<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
        a + b
    }
}

/// The sum of `exp(x[i] - shift)`.
struct SumExp<'a>(&'a [f64], f64);

impl Kernel for SumExp<'_> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        accumulate(lanes, [self.0], ShiftedExp(self.1)).sum()
    }
}

/// `log(sum(exp(x)))`; -inf for no elements.
pub fn log_sum_exp(isa: Isa, x: &[f64]) -> f64 {
    let max = max_of(isa, x);
    // An infinity decides the result (and would be subtracted from itself), and so does NaN.
    if max.is_finite() {
        max + isa.run(SumExp(x, max)).ln()
    } else {
        max
    }
}

/// `exp(a - b)`
struct ExpOfDifference;

impl Formula2 for ExpOfDifference {
    #[inline(always)]
    fn apply<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
        exp_formula(a - b)
    }
}

/// `exp(x[i]) / sum(exp(x))`
///
/// # Panics
/// Where the slices differ in length.
pub fn softmax(isa: Isa, x: &[f64], out: &mut [f64]) {
    let max = max_of(isa, x);
    map2::<ExpOfDifference>(isa, Operand::Slice(x), Operand::Scalar(max), out);
    let total = sum(isa, out);
    super::sums::mul_assign(isa, out, Operand::Scalar(1.0 / total));
}

/// `x[i] - log(sum(exp(x)))`
///
/// # Panics
/// Where the slices differ in length.
pub fn log_softmax(isa: Isa, x: &[f64], out: &mut [f64]) {
    let max = max_of(isa, x);
    // Subtracted one after the other: the logarithm may vanish beside the largest element.
    let log_total = isa.run(SumExp(x, max)).ln();
    arithmetic::sub(isa, Operand::Slice(x), Operand::Scalar(max), out);
    super::sums::add_assign(isa, out, Operand::Scalar(-log_total));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_and_infinite_elements() {
        for isa in Isa::available() {
            assert_eq!(log_sum_exp(isa, &[]), f64::NEG_INFINITY);
            assert_eq!(log_sum_exp(isa, &[f64::NEG_INFINITY; 3]), f64::NEG_INFINITY);
            assert_eq!(log_sum_exp(isa, &[0.0, f64::INFINITY]), f64::INFINITY);
            assert!(log_sum_exp(isa, &[0.0, f64::NAN]).is_nan());
            let got = log_sum_exp(isa, &[1000.0; 10]);
            assert!((got - 1000.0 - 10.0_f64.ln()).abs() < 1e-12);
            let mut out = [0.0; 10];
            softmax(isa, &[1000.0; 10], &mut out);
            assert!(out.iter().all(|p| (p - 0.1).abs() < 1e-16));
            log_softmax(isa, &[1000.0; 10], &mut out);
            assert!(out.iter().all(|p| (p + 10.0_f64.ln()).abs() < 1e-15));
        }
    }
}
