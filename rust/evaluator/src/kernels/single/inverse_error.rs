//! Inverses of the error function and of the logarithm of the normal distribution function.
//!
//! A rough formula, and Newton's method: in the middle on the function itself, in the tails on its
//! logarithm, which is nearly a parabola there.
//!
//! Reference: S. Winitzki, *A handy approximation for the error function and its inverse* (2008).

use std::f64::consts::{FRAC_2_SQRT_PI, LN_2, SQRT_2};

use super::at;
use crate::kernels::{Isa, erf, erfcx, log_erfc};

/// Newton's method has converged long before.
const STEPS: u32 = 12;

/// The inverse of [`erf`](crate::kernels::erf()) on [-1, 1]. Error below 4 ulp.
pub fn erfinv(isa: Isa, arguments: &[f64]) -> f64 {
    let p = arguments[0];
    let size = p.abs();
    if size <= 0.5 {
        return middle(isa, p);
    }
    if size > 1.0 || p.is_nan() {
        return f64::NAN;
    }
    // Exact: `size` is at least a half.
    upper(isa, (1.0 - size).ln()).copysign(p)
}

/// The inverse of [`erfc`](crate::kernels::erfc()) on [0, 2]. Error below 4 ulp.
pub fn erfcinv(isa: Isa, arguments: &[f64]) -> f64 {
    let q = arguments[0];
    if q.is_nan() || !(0.0..=2.0).contains(&q) {
        f64::NAN
    } else if q < 0.5 {
        upper(isa, q.ln())
    } else if q <= 1.5 {
        middle(isa, 1.0 - q)
    } else {
        -upper(isa, (2.0 - q).ln())
    }
}

/// The quantile of the normal distribution for a probability given by its logarithm, `x <= 0`.
pub fn ndtri_exp(isa: Isa, arguments: &[f64]) -> f64 {
    let log_p = arguments[0];
    if log_p.is_nan() || log_p > 0.0 {
        return f64::NAN;
    }
    if log_p > -LN_2 {
        // What is left above, doubled: a complementary error function.
        return SQRT_2 * erfcinv(isa, &[-2.0 * log_p.exp_m1()]);
    }
    -SQRT_2 * deep(isa, log_p + LN_2)
}

/// `erf(y) = p` for small `p`.
fn middle(isa: Isa, p: f64) -> f64 {
    let mut y = rough(p);
    for _ in 0..STEPS {
        let step = (at(isa, erf, y) - p) / (FRAC_2_SQRT_PI * (-y * y).exp());
        y -= step;
        if step.abs() <= 1e-17 * y.abs() {
            break;
        }
    }
    y
}

/// `log(erfc(y)) = log_q` for `log_q` below about -0.7.
fn upper(isa: Isa, log_q: f64) -> f64 {
    deep(isa, log_q)
}

fn deep(isa: Isa, log_q: f64) -> f64 {
    if log_q == f64::NEG_INFINITY {
        return f64::INFINITY;
    }
    let mut y = if log_q < -30.0 {
        (-log_q).sqrt()
    } else {
        rough(-log_q.exp_m1())
    };
    for _ in 0..STEPS {
        let gap = at(isa, log_erfc, y) - log_q;
        let step = gap * at(isa, erfcx, y) / FRAC_2_SQRT_PI;
        y += step;
        if step.abs() <= 1e-16 * y.abs() {
            break;
        }
    }
    y
}

/// The inverse error function to about three digits.
fn rough(p: f64) -> f64 {
    const SHAPE: f64 = 0.147;
    let log = (-p * p).ln_1p();
    let half = 2.0 / (std::f64::consts::PI * SHAPE) + log / 2.0;
    ((half * half - log / SHAPE).sqrt() - half)
        .max(0.0)
        .sqrt()
        .copysign(p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{erfc, log_ndtr};

    #[test]
    fn inverses_undo_their_functions() {
        let isa = Isa::best();
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 2e-15 * b.abs(), "{a} is not {b}");
        for y in [1e-300, 1e-9, 0.1, 0.4, 0.5, 0.9, 2.0] {
            close(erfinv(isa, &[at(isa, erf, y)]), y);
            close(erfinv(isa, &[-at(isa, erf, y)]), -y);
        }
        for y in [-0.4, 0.1, 0.5, 2.0, 5.0, 26.0] {
            close(erfcinv(isa, &[at(isa, erfc, y)]), y);
        }
        for x in [-1e8, -300.0, -38.0, -5.0, -1.0, -0.3, 0.4, 1.5] {
            close(ndtri_exp(isa, &[at(isa, log_ndtr, x)]), x);
        }
        assert_eq!(erfinv(isa, &[1.0]), f64::INFINITY);
        assert_eq!(erfcinv(isa, &[2.0]), f64::NEG_INFINITY);
        assert_eq!(ndtri_exp(isa, &[0.0]), f64::INFINITY);
        assert!(erfinv(isa, &[1.5]).is_nan() && ndtri_exp(isa, &[0.1]).is_nan());
    }
}
