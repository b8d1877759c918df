//! Modified Bessel functions of any whole order, scaled by `exp(-|x|)`, one number at a time.
//!
//! Up to moderate arguments Miller's recurrence downward in the order,
//! `I_{k-1} = I_{k+1} + (2 k / x) I_k`, scaled at the end by `e^x = I_0 + 2 (I_1 + I_2 + ...)`; beyond
//! them Hankel's expansion.
//!
//! Reference: M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions* (1964), 9.6.37,
//! 9.7.1 and 9.12.

use crate::kernels::{Isa, Operand};

/// `exp(-|x|) I_n(x)` for whole `n`; NaN for others. Error below 20 ulp for orders up to 100.
///
/// # Panics
/// Where an operand's length is not that of `out`.
pub fn ive(_: Isa, order: Operand, x: Operand, out: &mut [f64]) {
    order.check(out.len());
    x.check(out.len());
    let at = |operand: Operand, i: usize| match operand {
        Operand::Slice(values) => values[i],
        Operand::Scalar(value) => value,
    };
    for (i, out) in out.iter_mut().enumerate() {
        *out = scaled(at(order, i), at(x, i));
    }
}

fn scaled(order: f64, x: f64) -> f64 {
    // Those of negative order are the same.
    let n = order.abs();
    if n.fract() != 0.0 || x.is_nan() {
        return f64::NAN;
    }
    let size = x.abs();
    if size == 0.0 {
        return f64::from(n == 0.0);
    }
    let value = if size > 50.0 + 2.0 * n * n {
        expansion(n, size)
    } else {
        recurrence(n, size)
    };
    if x < 0.0 && n % 2.0 == 1.0 {
        -value
    } else {
        value
    }
}

fn expansion(n: f64, x: f64) -> f64 {
    let mu = 4.0 * n * n;
    let (mut term, mut total) = (1.0, 1.0);
    for k in 1..60 {
        let k = f64::from(k);
        let odd = 2.0 * k - 1.0;
        term *= -(mu - odd * odd) / (8.0 * k * x);
        total += term;
        if term.abs() < 1e-17 {
            break;
        }
    }
    total / (std::f64::consts::TAU * x).sqrt()
}

fn recurrence(n: f64, x: f64) -> f64 {
    const LARGE: f64 = 1e250;
    let mut k = (n + 40.0 + (80.0 * (x + n)).sqrt()).ceil();
    let (mut above, mut here, mut wanted, mut total) = (0.0, 1e-250, 0.0, 0.0);
    while k > 0.0 {
        // `here` is of order k.
        if k == n {
            wanted = here;
        }
        total += 2.0 * here;
        (above, here) = (here, above + 2.0 * k / x * here);
        k -= 1.0;
        if here > LARGE {
            for y in [&mut above, &mut here, &mut wanted, &mut total] {
                *y /= LARGE;
            }
        }
    }
    total += here;
    if n == 0.0 {
        here / total
    } else {
        wanted / total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{i0e, i1e};

    #[test]
    fn low_orders_and_the_recurrence() {
        let isa = Isa::best();
        let value = |n: f64, x: f64| {
            let mut out = [0.0];
            ive(isa, Operand::Scalar(n), Operand::Scalar(x), &mut out);
            out[0]
        };
        for x in [1e-9, 0.3, 2.0, -7.5, 49.0, 51.0, 60.0, 900.0, 1e8] {
            let (mut zero, mut one) = ([0.0], [0.0]);
            i0e(isa, &[x], &mut zero);
            i1e(isa, &[x], &mut one);
            let close =
                |a: f64, b: f64| assert!((a - b).abs() <= 1e-14 * b.abs(), "{a} is not {b}");
            close(value(0.0, x), zero[0]);
            close(value(1.0, x), one[0]);
            assert_eq!(value(-3.0, x), value(3.0, x));
            for n in [1.0, 2.0, 5.0, 12.0] {
                let ends = value(n - 1.0, x) - value(n + 1.0, x);
                let middle = 2.0 * n / x * value(n, x);
                assert!((ends - middle).abs() <= 1e-14 * value(n - 1.0, x).abs());
            }
        }
        assert_eq!((value(0.0, 0.0), value(2.0, 0.0)), (1.0, 0.0));
        assert!(value(0.5, 1.0).is_nan() && value(1.0, f64::NAN).is_nan());
    }
}
