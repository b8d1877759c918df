//! Derivatives of any order of the digamma function.
//!
//! The argument is raised by the recurrence until the asymptotic series converges.
//!
//! Reference: NIST Digital Library of Mathematical Functions, 5.15.

use super::at;
use crate::kernels::{Isa, digamma, trigamma};

/// Bernoulli numbers of even index, divided by the factorial of the index.
const BERNOULLI: [f64; 10] = [
    1.0 / 12.0,
    -1.0 / 720.0,
    1.0 / 30_240.0,
    -1.0 / 1_209_600.0,
    1.0 / 47_900_160.0,
    -691.0 / 1_307_674_368_000.0,
    1.0 / 74_724_249_600.0,
    -3617.0 / 10_670_622_842_880_000.0,
    43867.0 / 5_109_094_217_170_944_000.0,
    -174_611.0 / 802_857_662_698_291_200_000.0,
];

/// The derivative of order `n` (a whole number) of the digamma function at `x`; infinite at zero and
/// at negative whole numbers. Relative error about 1e-14 for positive `x`.
pub fn polygamma(isa: Isa, arguments: &[f64]) -> f64 {
    let &[n, x] = arguments else {
        return f64::NAN;
    };
    if n.fract() != 0.0 || !(0.0..=100.0).contains(&n) || x.is_nan() {
        return f64::NAN;
    }
    if n == 0.0 {
        return at(isa, digamma, x);
    }
    if n == 1.0 {
        return at(isa, trigamma, x);
    }
    if x <= 0.0 && (x.fract() == 0.0 || x < -1e4) {
        return if x.fract() == 0.0 {
            f64::INFINITY
        } else {
            f64::NAN
        };
    }
    // All terms with the sign of the result taken out, and divided by the factorial of n - 1.
    let (mut y, mut total) = (x, 0.0);
    let power = |y: f64| y.powf(-n - 1.0);
    while y < n + 16.0 {
        let size = power(y.abs());
        // Even powers of negative numbers are positive.
        let sign = if y < 0.0 && n % 2.0 == 0.0 { -1.0 } else { 1.0 };
        total += n * sign * size;
        y += 1.0;
    }
    let mut tail = 1.0 + n / (2.0 * y);
    let mut rising = 1.0;
    let mut k = 0.0;
    for number in BERNOULLI {
        // (n + 2 k - 1)! / (n - 1)!
        rising *= (n + k) * (n + k + 1.0) / (y * y);
        k += 2.0;
        tail += number * rising;
    }
    total += tail * y.powf(-n);
    let factorial: f64 = (1..100).map(f64::from).take_while(|&m| m < n).product();
    let value = total * factorial;
    if n % 2.0 == 0.0 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let isa = Isa::best();
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-14 * b.abs(), "{a} is not {b}");
        // -2 zeta(3), pi^4 / 15
        close(polygamma(isa, &[2.0, 1.0]), -2.404_113_806_319_188_6);
        close(polygamma(isa, &[3.0, 1.0]), 6.493_939_402_266_829);
        for x in [-3.7_f64, 0.2, 17.0, 60.0] {
            let step = polygamma(isa, &[2.0, x + 1.0]) - polygamma(isa, &[2.0, x]);
            let scale = polygamma(isa, &[2.0, x]).abs();
            assert!((step - 2.0 / (x * x * x)).abs() <= 1e-14 * scale, "{x}");
        }
        assert!(polygamma(isa, &[2.0, -1.0]).is_infinite());
        assert!(polygamma(isa, &[1.5, 1.0]).is_nan());
    }
}
