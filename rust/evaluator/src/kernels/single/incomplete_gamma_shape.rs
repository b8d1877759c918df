//! The derivative of the regularised lower incomplete gamma function by its shape.
//!
//! Where the power series gives the function its terms are differentiated one by one, elsewhere the
//! continued fraction of the upper function; on either side all parts have the same sign.
//!
//! Reference: R. J. Moore, *Algorithm AS 187*, Appl. Stat. 31 (1982).

use super::at;
use super::jet::Jet;
use crate::kernels::special::gamma_factor;
use crate::kernels::{Isa, digamma};

const MAX_TERMS: u32 = 100_000;

/// The derivative of `P(k, x)` by `k`; that of `Q(k, x)` is its negative. Relative error about
/// 1e-13; zero at both ends of `x`, NaN outside the domain.
pub fn gammainc_by_shape(isa: Isa, arguments: &[f64]) -> f64 {
    let &[k, x] = arguments else {
        return f64::NAN;
    };
    if k.is_nan() || x.is_nan() || k < 0.0 || x < 0.0 {
        f64::NAN
    } else if x == 0.0 || x.is_infinite() || k.is_infinite() {
        0.0
    } else if k == 0.0 {
        f64::NEG_INFINITY
    } else if x <= k + 1.0 {
        series(isa, k, x)
    } else {
        -upper(isa, k, x)
    }
}

/// `P = x^k e^-x / gamma(k + 1) * (1 + x / (k + 1) + ...)`, term by term.
fn series(isa: Isa, k: f64, x: f64) -> f64 {
    let (mut term, mut total) = (1.0, 1.0);
    let (mut harmonic, mut weighted) = (0.0, 0.0);
    let mut n = k;
    for _ in 0..MAX_TERMS {
        n += 1.0;
        term *= x / n;
        harmonic += 1.0 / n;
        total += term;
        weighted += term * harmonic;
        if term * harmonic <= weighted * 1e-17 {
            break;
        }
    }
    let rate = x.ln() - at(isa, digamma, k + 1.0);
    gamma_factor(isa, k, x) / k * (total * rate - weighted)
}

/// The derivative of `Q` by `k`.
fn upper(isa: Isa, k: f64, x: f64) -> f64 {
    let k_jet = Jet::new(k, 1.0, 0.0);
    let one = Jet::constant(1.0);
    let mut b = Jet::new(x + 1.0 - k, -1.0, 0.0);
    let mut c = Jet::constant(1e300);
    let mut d = one / b.off_zero();
    let mut total = d;
    for n in 1..MAX_TERMS {
        let n = Jet::constant(f64::from(n));
        let term = n * (k_jet + n * Jet::constant(-1.0));
        b = b + Jet::constant(2.0);
        d = one / (b + term * d).off_zero();
        c = (b + term / c).off_zero();
        let change = c * d;
        total = total * change;
        let slope = (change.slope[0] * total.value).abs();
        if (change.value - 1.0).abs() <= 1e-16 && slope <= 1e-16 * total.slope[0].abs() {
            break;
        }
    }
    let rate = x.ln() - at(isa, digamma, k);
    gamma_factor(isa, k, x) * (total.value * rate + total.slope[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Operand, gammainc};

    #[test]
    fn differences_of_the_function() {
        let isa = Isa::best();
        let value = |k: f64, x: f64| {
            let mut out = [0.0];
            gammainc(isa, Operand::Scalar(k), Operand::Scalar(x), &mut out);
            out[0]
        };
        for (k, x) in [
            (0.5, 0.2),
            (2.0, 1.0),
            (2.0, 9.0),
            (30.0, 25.0),
            (30.0, 40.0),
        ] {
            let step = 1e-5 * k;
            let expected = (value(k + step, x) - value(k - step, x)) / (2.0 * step);
            let found = gammainc_by_shape(isa, &[k, x]);
            assert!((found - expected).abs() <= 1e-7 * expected.abs(), "{k} {x}");
        }
        assert_eq!(gammainc_by_shape(isa, &[2.0, 0.0]), 0.0);
        assert!(gammainc_by_shape(isa, &[-2.0, 1.0]).is_nan());
    }
}
