//! Rare functions of one or several numbers, one result at a time, the same on every instruction
//! set but for the elementary functions inside.
//!
//! A [`Single`] takes its arguments as a slice; those with derivatives by a shape parameter come
//! with a function for each.

mod bessel_real;
mod incomplete_beta;
mod incomplete_gamma_shape;
mod inverse_error;
mod inverse_incomplete;
mod jet;
mod owens_t;
mod polygamma_order;

pub use bessel_real::{ive_real, kve};
pub use incomplete_beta::{betainc, betainc_by_a, betainc_by_b, betainc_by_x};
pub use incomplete_gamma_shape::gammainc_by_shape;
pub use inverse_error::{erfcinv, erfinv, ndtri_exp};
pub use inverse_incomplete::{betaincinv, gammainccinv, gammaincinv};
pub use owens_t::owens_t;
pub use polygamma_order::polygamma;

use super::isa::Isa;

/// A function of several numbers.
pub type Single = fn(Isa, &[f64]) -> f64;

/// The value of an elementwise kernel at one number.
fn at(isa: Isa, kernel: super::Unary, x: f64) -> f64 {
    let mut out = [0.0];
    kernel(isa, &[x], &mut out);
    out[0]
}

/// What Stirling's formula leaves of `log gamma(x)`, for `x >= 10`: below 1e-17 wrong.
fn stirling_rest(x: f64) -> f64 {
    let z = 1.0 / (x * x);
    let terms = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    terms.iter().rev().fold(0.0, |sum, term| sum * z + term) / x
}
