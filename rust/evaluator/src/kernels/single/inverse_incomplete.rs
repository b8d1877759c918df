//! Inverses of the incomplete gamma and beta functions: quantiles of their distributions.
//!
//! Newton's method inside a bracket that every step makes smaller, on the tail that is given or that
//! is smaller.

use super::incomplete_beta::{betainc, betainc_by_x};
use crate::kernels::special::gamma_factor;
use crate::kernels::{Isa, Operand, gammainc, gammaincc};

/// Halving a bracket takes fewer.
const STEPS: u32 = 200;

/// The number below which the part `p` of the gamma distribution of shape `k` lies.
pub fn gammaincinv(isa: Isa, arguments: &[f64]) -> f64 {
    let &[k, p] = arguments else {
        return f64::NAN;
    };
    if p > 0.5 {
        gamma_quantile(isa, k, 1.0 - p, true)
    } else {
        gamma_quantile(isa, k, p, false)
    }
}

/// The number above which the part `q` of the gamma distribution of shape `k` lies.
pub fn gammainccinv(isa: Isa, arguments: &[f64]) -> f64 {
    let &[k, q] = arguments else {
        return f64::NAN;
    };
    if q > 0.5 {
        gamma_quantile(isa, k, 1.0 - q, false)
    } else {
        gamma_quantile(isa, k, q, true)
    }
}

/// The number below which the part `p` of the beta distribution lies.
pub fn betaincinv(isa: Isa, arguments: &[f64]) -> f64 {
    let &[a, b, p] = arguments else {
        return f64::NAN;
    };
    if !(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&p)) {
        return f64::NAN;
    }
    if p == 0.0 || p == 1.0 {
        return p;
    }
    // In the logarithm of x, where small quantiles have all their digits.
    let at_log = |t: f64| {
        let x = t.exp().min(1.0);
        let value = betainc(isa, &[a, b, x]);
        (value - p, betainc_by_x(isa, &[a, b, x]) * x)
    };
    root(-745.0, 0.0, (a / (a + b)).ln(), at_log).exp()
}

/// The quantile for a part `p` below, or above when `upper`.
fn gamma_quantile(isa: Isa, k: f64, p: f64, upper: bool) -> f64 {
    if k.is_nan() || k <= 0.0 || !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 {
        return if upper { f64::INFINITY } else { 0.0 };
    }
    let at_log = |t: f64| {
        let x = t.exp();
        let mut out = [0.0];
        let function = if upper { gammaincc } else { gammainc };
        function(isa, Operand::Scalar(k), Operand::Scalar(x), &mut out);
        let gap = if upper { p - out[0] } else { out[0] - p };
        (gap, gamma_factor(isa, k, x))
    };
    root(-745.0, 709.0, k.ln(), at_log).exp()
}

/// The zero of a rising function between two ends, from its values and slopes.
fn root(mut low: f64, mut high: f64, start: f64, function: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut t = start;
    for _ in 0..STEPS {
        let (gap, slope) = function(t);
        if gap == 0.0 {
            break;
        }
        if gap > 0.0 {
            high = t;
        } else {
            low = t;
        }
        let newton = t - gap / slope;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - t).abs() <= 1e-16 * t.abs() {
            return next;
        }
        t = next;
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_undo_their_functions() {
        let isa = Isa::best();
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-12 * b.abs(), "{a} is not {b}");
        for (k, x) in [(0.3, 1e-4), (1.0, 0.7), (4.0, 9.0), (200.0, 170.0)] {
            let mut part = [0.0];
            gammainc(isa, Operand::Scalar(k), Operand::Scalar(x), &mut part);
            close(gammaincinv(isa, &[k, part[0]]), x);
            gammaincc(isa, Operand::Scalar(k), Operand::Scalar(x), &mut part);
            close(gammainccinv(isa, &[k, part[0]]), x);
        }
        for (a, b, x) in [(0.5, 2.0, 1e-5), (3.0, 4.0, 0.4), (50.0, 2.0, 0.93)] {
            close(betaincinv(isa, &[a, b, betainc(isa, &[a, b, x])]), x);
        }
        assert_eq!(gammaincinv(isa, &[2.0, 1.0]), f64::INFINITY);
        assert_eq!(betaincinv(isa, &[2.0, 1.0, 0.0]), 0.0);
    }
}
