//! Rates of counts: `count[i] ~ Poisson(rate[i])` with the prior `rate[i] ~ Gamma(shape, 1 / scale)`.
//!
//! A position holds the logarithms of the rates. The interface is described in `rufous.h`.

use std::ffi::c_void;
use std::panic::catch_unwind;
use std::slice;

const OK: i64 = 0;
const FATAL: i64 = -1;

/// What `user_data` points at.
#[repr(C)]
pub struct Data {
    shape: f64,
    rate: f64,
    num_counts: u64,
    counts: *const f64,
}

impl Data {
    /// Writes the gradient and returns the log density.
    fn logp_dlogp(&self, counts: &[f64], position: &[f64], gradient: &mut [f64]) -> f64 {
        let mut logp = 0.0;
        for ((log_rate, count), slope) in position.iter().zip(counts).zip(gradient) {
            // The Jacobian of the logarithm adds 1 to the exponent of the gamma density.
            let exponent = self.shape + count;
            let decay = (self.rate + 1.0) * log_rate.exp();
            logp += exponent * log_rate - decay;
            *slope = exponent - decay;
        }
        logp
    }
}

/// Compute the log density and its gradient.
///
/// # Safety
///
/// The rules of `rufous.h` hold: the slices have `dim` elements, `user_data` points at a [`Data`].
#[no_mangle]
pub unsafe extern "C" fn logp_dlogp(
    dim: u64,
    position: *const f64,
    gradient: *mut f64,
    logp: *mut f64,
    user_data: *mut c_void,
) -> i64 {
    let dim = dim as usize;
    // SAFETY: promised by the caller.
    let (data, position, gradient, logp) = unsafe {
        (
            &*user_data.cast::<Data>(),
            slice::from_raw_parts(position, dim),
            slice::from_raw_parts_mut(gradient, dim),
            &mut *logp,
        )
    };
    if data.num_counts as usize != dim {
        return FATAL;
    }
    // SAFETY: promised by whoever made the data.
    let counts = unsafe { slice::from_raw_parts(data.counts, dim) };
    let gradient = std::panic::AssertUnwindSafe(gradient);
    // A panic must not leave the function.
    match catch_unwind(move || data.logp_dlogp(counts, position, { gradient }.0)) {
        Ok(value) => {
            *logp = value;
            OK
        }
        Err(_) => FATAL,
    }
}

/// Store the rates.
///
/// # Safety
///
/// The rules of `rufous.h` hold: `position` has `dim` elements, `values` has `num_values`.
#[no_mangle]
pub unsafe extern "C" fn expand(
    dim: u64,
    position: *const f64,
    num_values: u64,
    values: *mut f64,
    _user_data: *mut c_void,
) -> i64 {
    if dim != num_values {
        return FATAL;
    }
    // SAFETY: promised by the caller.
    let (position, values) = unsafe {
        (
            slice::from_raw_parts(position, dim as usize),
            slice::from_raw_parts_mut(values, dim as usize),
        )
    };
    for (value, log_rate) in values.iter_mut().zip(position) {
        *value = log_rate.exp();
    }
    OK
}
