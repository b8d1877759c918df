//! Owen's T function, for the distribution function of the skew normal distribution.
//!
//! An integral over a bounded range of a smooth function, by Gauss and Legendre's rule; slopes above
//! one are exchanged for their inverse.
//!
//! Reference: D. B. Owen, *Tables for computing bivariate normal probabilities*, Ann. Math. Stat. 27
//! (1956), equation 2.3.

use std::f64::consts::{FRAC_1_SQRT_2, PI, TAU};
use std::sync::OnceLock;

use super::at;
use crate::kernels::{Isa, erfc};

const POINTS: usize = 48;

/// `T(h, a)`: the integral of `exp(-h^2 (1 + t^2) / 2) / (1 + t^2)` over `t` from 0 to `a`, divided by
/// `2 pi`. Error below 1e-15, and about 1e-13 of the result.
pub fn owens_t(isa: Isa, arguments: &[f64]) -> f64 {
    let &[h, a] = arguments else {
        return f64::NAN;
    };
    if h.is_nan() || a.is_nan() {
        return f64::NAN;
    }
    let (h, size) = (h.abs(), a.abs());
    let value = if size <= 1.0 {
        integral(h, size)
    } else {
        let [p, q] = [h, h * size].map(|x| 0.5 * at(isa, erfc, x * FRAC_1_SQRT_2));
        let rest = if size.is_infinite() {
            0.0
        } else {
            integral(h * size, 1.0 / size)
        };
        if h == 0.0 {
            0.25 - rest
        } else {
            0.5 * (p + q) - p * q - rest
        }
    };
    value.copysign(a)
}

fn integral(h: f64, a: f64) -> f64 {
    // Beyond this the integrand is below 1e-19 of its beginning.
    let end = if h * a > 9.5 { 9.5 / h } else { a };
    let total: f64 = rule()
        .iter()
        .map(|&(node, weight)| {
            let t = end * node;
            weight * (-0.5 * h * h * t * t).exp() / (1.0 + t * t)
        })
        .sum();
    total * end * (-0.5 * h * h).exp() / TAU
}

/// Nodes and weights on [0, 1], from the zeros of the Legendre polynomial.
fn rule() -> &'static [(f64, f64); POINTS] {
    static RULE: OnceLock<[(f64, f64); POINTS]> = OnceLock::new();
    RULE.get_or_init(|| {
        std::array::from_fn(|k| {
            let mut x = (PI * (k as f64 + 0.75) / (POINTS as f64 + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..10 {
                let (value, derivative) = legendre(x);
                slope = derivative;
                x -= value / derivative;
            }
            (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
        })
    })
}

fn legendre(x: f64) -> (f64, f64) {
    let (mut before, mut here) = (1.0, x);
    for n in 2..=POINTS {
        let n = n as f64;
        (before, here) = (here, ((2.0 * n - 1.0) * x * here - (n - 1.0) * before) / n);
    }
    (here, POINTS as f64 * (x * here - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let isa = Isa::best();
        let value = |h: f64, a: f64| owens_t(isa, &[h, a]);
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-13 * b.abs(), "{a} is not {b}");
        close(value(0.0, 0.7), 0.7_f64.atan() / TAU);
        close(value(0.0, 3.0), 3.0_f64.atan() / TAU);
        for h in [0.1_f64, 1.0, 4.0, 20.0] {
            let above = 0.5 * at(isa, erfc, h * FRAC_1_SQRT_2);
            close(value(h, 1.0), 0.5 * above * (1.0 - above));
            close(value(h, f64::INFINITY), 0.5 * above);
        }
        assert_eq!(value(0.5, -0.3), -value(-0.5, 0.3));
    }
}
