//! Modified Bessel functions of the first kind, of order zero and one, one element at a time
//! (they appear once per model, for the concentration of a von Mises distribution).
//!
//! Power series up to 20, where all terms are positive and 60 of them suffice; beyond, Hankel's
//! asymptotic expansion, whose terms have shrunk below 1e-17 before they grow again.
//!
//! Reference: NIST Digital Library of Mathematical Functions, 10.25.2 and 10.40.1.

use crate::kernels::Isa;
use crate::kernels::map::Operand;

/// Where the power series gives way to the asymptotic one.
const LARGE: f64 = 20.0;

/// `I_order(x) = (x/2)^order sum (x^2/4)^k / (k! (k + order)!)` for `0 <= x <= 20`.
fn series(order: f64, x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let mut term = if order == 0.0 { 1.0 } else { 0.5 * x };
    let mut sum = term;
    let mut k = 1.0;
    while term > sum * 1e-17 {
        term *= quarter / (k * (k + order));
        sum += term;
        k += 1.0;
    }
    sum
}

/// `exp(-x) I_order(x)` for `x >= 20`.
fn asymptotic(order: f64, x: f64) -> f64 {
    let mu = 4.0 * order * order;
    let (mut term, mut sum) = (1.0_f64, 1.0_f64);
    let mut k = 1.0;
    while k < 40.0 && term.abs() > 1e-17 {
        let odd = 2.0 * k - 1.0;
        term *= -(mu - odd * odd) / (8.0 * k) / x;
        sum += term;
        k += 1.0;
    }
    sum / ((2.0 * std::f64::consts::PI).sqrt() * x.sqrt())
}

/// `exp(-|x|) I_order(x)`
fn scaled(order: f64, x: f64) -> f64 {
    let a = x.abs();
    if a == f64::INFINITY {
        return 0.0_f64.copysign(if order == 1.0 { x } else { 1.0 });
    }
    let size = if a <= LARGE {
        series(order, a) * (-a).exp()
    } else {
        asymptotic(order, a)
    };
    if order == 1.0 { size.copysign(x) } else { size }
}

/// `I_order(x)`
fn plain(order: f64, x: f64) -> f64 {
    let a = x.abs();
    if a.is_nan() {
        return x;
    }
    let size = if a <= LARGE {
        series(order, a)
    } else {
        // Half of the exponential at a time: the product overflows where the function does.
        let root = (0.5 * a).exp();
        if root.is_infinite() {
            root
        } else {
            asymptotic(order, a) * root * root
        }
    };
    if order == 1.0 { size.copysign(x) } else { size }
}

fn each(x: &[f64], out: &mut [f64], f: impl Fn(f64) -> f64) {
    Operand::Slice(x).check(out.len());
    for (x, out) in x.iter().zip(out) {
        *out = f(*x);
    }
}

/// The modified Bessel function of the first kind of order 0. Error below 12 ulp.
///
/// # Panics
/// Where the slices differ in length.
pub fn i0(_: Isa, x: &[f64], out: &mut [f64]) {
    each(x, out, |x| plain(0.0, x));
}

/// The modified Bessel function of the first kind of order 1. Error below 12 ulp.
///
/// # Panics
/// Where the slices differ in length.
pub fn i1(_: Isa, x: &[f64], out: &mut [f64]) {
    each(x, out, |x| plain(1.0, x));
}

/// `exp(-|x|)` times [`i0`]. Error below 12 ulp.
///
/// # Panics
/// Where the slices differ in length.
pub fn i0e(_: Isa, x: &[f64], out: &mut [f64]) {
    each(x, out, |x| scaled(0.0, x));
}

/// `exp(-|x|)` times [`i1`]. Error below 12 ulp.
///
/// # Panics
/// Where the slices differ in length.
pub fn i1e(_: Isa, x: &[f64], out: &mut [f64]) {
    each(x, out, |x| scaled(1.0, x));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_expansions_meet() {
        for order in [0.0, 1.0] {
            let gap = series(order, LARGE) * (-LARGE).exp() / asymptotic(order, LARGE) - 1.0;
            assert!(gap.abs() < 2e-15, "{gap}");
        }
    }
}
