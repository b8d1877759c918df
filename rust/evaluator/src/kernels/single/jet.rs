//! Numbers with derivatives in two directions.

use std::ops::{Add, Div, Mul};

/// A number and its derivatives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jet {
    pub(super) value: f64,
    pub(super) slope: [f64; 2],
}

impl Jet {
    /// A number that does not change.
    pub(super) fn constant(value: f64) -> Self {
        Self::new(value, 0.0, 0.0)
    }

    pub(super) fn new(value: f64, first: f64, second: f64) -> Self {
        Self {
            value,
            slope: [first, second],
        }
    }

    /// The number with its value moved off zero, where it is one.
    pub(super) fn off_zero(self) -> Self {
        const TINY: f64 = 1e-300;
        if self.value.abs() < TINY {
            Self {
                value: TINY,
                ..self
            }
        } else {
            self
        }
    }
}

impl Add for Jet {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(
            self.value + other.value,
            self.slope[0] + other.slope[0],
            self.slope[1] + other.slope[1],
        )
    }
}

#[allow(clippy::suspicious_arithmetic_impl)] // the rule of products
impl Mul for Jet {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let by = |k: usize| self.slope[k] * other.value + self.value * other.slope[k];
        Self::new(self.value * other.value, by(0), by(1))
    }
}

#[allow(clippy::suspicious_arithmetic_impl)] // the rule of ratios
impl Div for Jet {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        let by = |k: usize| (self.slope[k] - value * other.slope[k]) / other.value;
        Self::new(value, by(0), by(1))
    }
}

#[cfg(test)]
mod tests {
    use super::Jet;

    #[test]
    fn slopes_follow_the_rules() {
        let (x, y) = (Jet::new(3.0, 1.0, 0.0), Jet::new(2.0, 0.0, 1.0));
        let out = x * y + x / y;
        assert_eq!((out.value, out.slope), (7.5, [2.5, 2.25]));
        assert!(Jet::constant(0.0).off_zero().value > 0.0);
    }
}
