//! The regularised incomplete gamma functions, one number at a time.
//!
//! Below `k + 1` the power series of the lower function, above it the continued fraction of the
//! upper one (evaluated by the method of Lentz), each times `x^k e^-x / gamma(k)`; whichever is
//! small is computed directly.
//!
//! Reference: A. Gil, J. Segura and N. M. Temme, *Efficient and accurate algorithms for the
//! computation and inversion of the incomplete gamma function ratios*, SIAM J. Sci. Comput. 34
//! (2012).

use super::lgamma;
use crate::kernels::{Isa, Operand};

/// More terms than any argument for which the factor in front is not zero needs.
const MAX_TERMS: u32 = 100_000;

/// `P(k, x)`, the lower function: the part of the gamma distribution of shape `k` below `x`.
///
/// # Panics
/// Where an operand's length is not that of `out`.
pub fn gammainc(isa: Isa, k: Operand, x: Operand, out: &mut [f64]) {
    apply(isa, k, x, out, lower);
}

/// `Q(k, x) = 1 - P(k, x)`, the upper function.
///
/// # Panics
/// Where an operand's length is not that of `out`.
pub fn gammaincc(isa: Isa, k: Operand, x: Operand, out: &mut [f64]) {
    apply(isa, k, x, out, upper);
}

fn apply(isa: Isa, k: Operand, x: Operand, out: &mut [f64], f: fn(Isa, f64, f64) -> f64) {
    k.check(out.len());
    x.check(out.len());
    let at = |operand: Operand, i: usize| match operand {
        Operand::Slice(values) => values[i],
        Operand::Scalar(value) => value,
    };
    for (i, out) in out.iter_mut().enumerate() {
        *out = f(isa, at(k, i), at(x, i));
    }
}

fn lower(isa: Isa, k: f64, x: f64) -> f64 {
    match edge(k, x) {
        Some(lower) => lower,
        None if x < k + 1.0 => series(isa, k, x),
        None => 1.0 - fraction(isa, k, x),
    }
}

fn upper(isa: Isa, k: f64, x: f64) -> f64 {
    match edge(k, x) {
        Some(lower) => 1.0 - lower,
        None if x < k + 1.0 => 1.0 - series(isa, k, x),
        None => fraction(isa, k, x),
    }
}

/// The lower function at the ends of its domain, and NaN outside.
fn edge(k: f64, x: f64) -> Option<f64> {
    if k.is_nan() || x.is_nan() || k < 0.0 || x < 0.0 {
        Some(f64::NAN)
    } else if k == 0.0 {
        Some(if x > 0.0 { 1.0 } else { f64::NAN })
    } else if x == 0.0 {
        Some(0.0)
    } else if k.is_infinite() {
        Some(if x.is_infinite() { f64::NAN } else { 0.0 })
    } else if x.is_infinite() {
        Some(1.0)
    } else {
        None
    }
}

/// `x^k e^-x / gamma(k)`
pub(in crate::kernels) fn factor(isa: Isa, k: f64, x: f64) -> f64 {
    if k < 30.0 {
        let mut log_gamma = [0.0];
        lgamma(isa, &[k], &mut log_gamma);
        return (k * x.ln() - x - log_gamma[0]).exp();
    }
    // x = k (1 + d): the large terms of the logarithm cancel here instead of in rounding.
    let d = (x - k) / k;
    // What Stirling's formula leaves of the logarithm of gamma.
    let z = 1.0 / (k * k);
    let stirling =
        (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z * (1.0 / 1680.0 - z / 1188.0)))) / k;
    (k / std::f64::consts::TAU).sqrt() * (k * (d.ln_1p() - d) - stirling).exp()
}

fn series(isa: Isa, k: f64, x: f64) -> f64 {
    let (mut term, mut total) = (1.0 / k, 1.0 / k);
    let mut n = k;
    for _ in 0..MAX_TERMS {
        n += 1.0;
        term *= x / n;
        total += term;
        if term <= total * 1e-17 {
            break;
        }
    }
    total * factor(isa, k, x)
}

fn fraction(isa: Isa, k: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - k;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut total = d;
    for n in 1..MAX_TERMS {
        let n = f64::from(n);
        let a = n * (k - n);
        b += 2.0;
        d = a * d + b;
        d = 1.0 / if d.abs() < TINY { TINY } else { d };
        c = b + a / c;
        c = if c.abs() < TINY { TINY } else { c };
        let change = c * d;
        total *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    total * factor(isa, k, x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // Poisson: Q(n + 1, m) is the probability of at most n events where m are expected.
        let isa = Isa::best();
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 2e-14 * b, "{a} is not {b}");
        close(upper(isa, 1.0, 2.0), (-2.0_f64).exp());
        close(upper(isa, 3.0, 2.0), 5.0 * (-2.0_f64).exp());
        close(lower(isa, 3.0, 2.0), 1.0 - 5.0 * (-2.0_f64).exp());
        close(lower(isa, 0.5, 0.04), 0.222_702_589_210_478_47);
        close(upper(isa, 100.0, 120.0), 0.027_863_739_890_520_87);
        assert!(lower(isa, -1.0, 2.0).is_nan() && lower(isa, 2.0, f64::INFINITY) == 1.0);
    }
}
