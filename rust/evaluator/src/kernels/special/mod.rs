//! Special functions: the gamma family, the error function family, Bessel functions.

mod bessel;
mod bessel_order;
mod erf;
mod gamma;
mod incomplete_gamma;
mod normal;
mod polygamma;

pub use bessel::{i0, i0e, i1, i1e};
pub use bessel_order::ive;
pub use erf::{erf, erfc, erfcx};
pub use gamma::{betaln, lgamma, lgamma_digamma};
pub(super) use incomplete_gamma::factor as gamma_factor;
pub use incomplete_gamma::{gammainc, gammaincc};
pub use normal::{log_erfc, log_ndtr, log_ndtr_ratio, ndtr};
pub use polygamma::{digamma, trigamma};
