//! The regularised incomplete beta function and its derivatives.
//!
//! `I_x(a, b) = x^a y^b / (a B(a, b) f)` with `y = 1 - x` and a continued fraction `f`, evaluated by
//! the method of Lentz on the side of the mean where it converges fast; derivatives by `a` and `b`
//! are carried along. The factor in front is computed from the distance of `x` to the mean, so that
//! large `a` and `b` cost no digits.
//!
//! References: NIST Digital Library of Mathematical Functions, 8.17.22; A. R. `DiDonato` and A. H.
//! Morris, *Algorithm 708*, ACM Trans. Math. Softw. 18 (1992); R. J. Boik and J. F. Robison-Cox,
//! *Derivatives of the incomplete beta function*, J. Stat. Softw. 3 (1998).

use super::jet::Jet;
use super::{at, stirling_rest};
use crate::kernels::{Isa, Operand, betaln, digamma};

/// More terms than the largest useful shapes need.
const MAX_TERMS: u32 = 100_000;

/// `I_x(a, b)`: the part of the beta distribution below `x`. Relative error about 1e-14.
pub fn betainc(isa: Isa, arguments: &[f64]) -> f64 {
    jet(isa, arguments).map_or_else(|edge| edge, |jet| jet.value)
}

/// The derivative of [`betainc`] by `a`; NaN where that is not defined.
pub fn betainc_by_a(isa: Isa, arguments: &[f64]) -> f64 {
    by_shape(isa, arguments, 0)
}

/// The derivative of [`betainc`] by `b`; NaN where that is not defined.
pub fn betainc_by_b(isa: Isa, arguments: &[f64]) -> f64 {
    by_shape(isa, arguments, 1)
}

/// The derivative of [`betainc`] by `x`: the density of the beta distribution.
pub fn betainc_by_x(isa: Isa, arguments: &[f64]) -> f64 {
    let &[a, b, x] = arguments else {
        return f64::NAN;
    };
    if !(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&x)) {
        return f64::NAN;
    }
    if x == 0.0 || x == 1.0 {
        let power = if x == 0.0 { a } else { b } - 1.0;
        return if power > 0.0 {
            0.0
        } else if power == 0.0 {
            // The density of one shape at its end is the other shape.
            a.max(b)
        } else {
            f64::INFINITY
        };
    }
    factor(isa, a, b, x, 1.0 - x) / x / (1.0 - x)
}

fn by_shape(isa: Isa, arguments: &[f64], which: usize) -> f64 {
    match jet(isa, arguments) {
        Ok(jet) => jet.slope[which],
        Err(edge) if edge.is_nan() => f64::NAN,
        Err(_) => 0.0,
    }
}

/// The value with its derivatives by `a` and `b`, or the value at the edge of the domain.
fn jet(isa: Isa, arguments: &[f64]) -> Result<Jet, f64> {
    let &[a, b, x] = arguments else {
        return Err(f64::NAN);
    };
    let are_shapes = a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite();
    if !(are_shapes && (0.0..=1.0).contains(&x)) {
        return Err(f64::NAN);
    }
    if x == 0.0 || x == 1.0 {
        return Err(x);
    }
    let y = 1.0 - x;
    if x <= (a + 1.0) / (a + b + 2.0) {
        return Ok(lower(isa, a, b, x, y));
    }
    let Jet { value, slope } = lower(isa, b, a, y, x);
    Ok(Jet::new(1.0 - value, -slope[1], -slope[0]))
}

/// The function where the fraction converges fast, with derivatives by `a` and `b`.
fn lower(isa: Isa, a: f64, b: f64, x: f64, y: f64) -> Jet {
    let front = factor(isa, a, b, x, y) / a;
    let of_sum = at(isa, digamma, a + b);
    let front = Jet::new(
        front,
        front * (x.ln() - 1.0 / a + of_sum - at(isa, digamma, a)),
        front * ((-x).ln_1p() + of_sum - at(isa, digamma, b)),
    );
    front / fraction(Jet::new(a, 1.0, 0.0), Jet::new(b, 0.0, 1.0), x)
}

fn fraction(a: Jet, b: Jet, x: f64) -> Jet {
    let one = Jet::constant(1.0);
    let (mut c, mut d, mut total) = (one, Jet::constant(0.0), one);
    for n in 1..MAX_TERMS {
        let m = Jet::constant(f64::from(n / 2));
        let twice = a + m + m;
        let term = if n % 2 == 1 {
            (a + m) * (a + b + m) * Jet::constant(-x) / (twice * (twice + one))
        } else {
            let less = m * Jet::constant(-1.0);
            m * (b + less) * Jet::constant(x) / ((twice + Jet::constant(-1.0)) * twice)
        };
        d = one / (one + term * d).off_zero();
        c = (one + term / c).off_zero();
        let change = c * d;
        total = total * change;
        let rest = (change.value - 1.0).abs();
        let slopes = change.slope[0].abs().max(change.slope[1].abs()) * total.value.abs();
        let size = total.slope[0].abs().max(total.slope[1].abs());
        if rest <= 1e-16 && slopes <= 1e-16 * size {
            break;
        }
    }
    total
}

/// `x^a y^b / B(a, b)`
fn factor(isa: Isa, a: f64, b: f64, x: f64, y: f64) -> f64 {
    if a.min(b) < 10.0 {
        let mut log_beta = [0.0];
        betaln(isa, Operand::Scalar(a), Operand::Scalar(b), &mut log_beta);
        // The logarithm of the larger of both from the smaller.
        let log_x = if x > 0.5 { (-y).ln_1p() } else { x.ln() };
        let log_y = if y > 0.5 { (-x).ln_1p() } else { y.ln() };
        return (a * log_x + b * log_y - log_beta[0]).exp();
    }
    let distance = if a < b {
        a - (a + b) * x
    } else {
        (a + b) * y - b
    };
    let rest = |u: f64| u - u.ln_1p();
    let exponent = a * rest(-distance / a) + b * rest(distance / b);
    let correction = stirling_rest(a + b) - stirling_rest(a) - stirling_rest(b);
    (a * (b / (a + b)) / std::f64::consts::TAU).sqrt() * (correction - exponent).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_and_edges() {
        let isa = Isa::best();
        let value = |a: f64, b: f64, x: f64| betainc(isa, &[a, b, x]);
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-14 * b.abs(), "{a} is not {b}");
        close(value(1.0, 1.0, 0.3), 0.3);
        close(value(2.0, 1.0, 0.3), 0.09);
        close(value(1.0, 3.0, 0.2), 1.0 - 0.512);
        close(value(0.5, 0.5, 0.5), 0.5);
        assert_eq!((value(2.0, 3.0, 0.0), value(2.0, 3.0, 1.0)), (0.0, 1.0));
        assert!(value(-1.0, 2.0, 0.5).is_nan() && value(1.0, 2.0, 1.5).is_nan());
        // d/da x^a = x^a log(x), d/db (1 - y^b) = -y^b log(y)
        close(betainc_by_a(isa, &[2.0, 1.0, 0.3]), 0.09 * 0.3_f64.ln());
        close(betainc_by_b(isa, &[1.0, 3.0, 0.2]), -0.512 * 0.8_f64.ln());
        close(betainc_by_x(isa, &[2.0, 1.0, 0.3]), 0.6);
        assert_eq!(betainc_by_x(isa, &[1.0, 3.0, 0.0]), 3.0);
    }
}
