//! Log densities behind C pointers.
//!
//! The interface is documented in `python/rufous/include/rufous.h`. This is the only file of the
//! crate with unsafe code. Three promises carry it; whoever calls `rufous.from_pointers` makes
//! the first two, this file keeps the third:
//!
//! 1. The addresses are functions of the documented types that follow the documented rules.
//! 2. Code and data live as long as the keep-alive object does.
//! 3. The keep-alive object lives as long as anything here can call the functions: each chain's
//!    log density holds it, not only the target from which it came.

use std::ffi::c_void;
use std::mem::transmute;
use std::ptr;
use std::sync::Arc;

use pyo3::prelude::*;
use rufous_core::{EvalError, Expand, LogDensity, Target};

use crate::error::Error;

type LogDensityFn = unsafe extern "C" fn(u64, *const f64, *mut f64, *mut f64, *mut c_void) -> i64;
type ExpandFn = unsafe extern "C" fn(u64, *const f64, u64, *mut f64, *mut c_void) -> i64;

/// The pointer that both functions are given.
#[derive(Clone, Copy)]
struct UserData(*mut c_void);

// SAFETY: the pointer is only handed back to the functions it came with, and those promise
// (rufous.h, first rule) that they may be called with it from several threads at once.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

/// A pair of C functions with their data and whatever keeps them alive.
#[derive(Clone)]
pub(crate) struct CTarget {
    dim: usize,
    num_values: usize,
    logdensity: LogDensityFn,
    expand: Option<ExpandFn>,
    user_data: UserData,
    // Held, never read. It may be dropped on a thread without the GIL: PyO3 then releases the
    // object as soon as a thread with the GIL comes by.
    _keep_alive: Arc<Py<PyAny>>,
}

impl CTarget {
    /// Build a target from addresses.
    ///
    /// Not an unsafe function, although it can be misused: the promises are made in Python,
    /// where there is no such marking, by the caller of `rufous.from_pointers`.
    pub(crate) fn from_addresses(
        dim: usize,
        num_values: usize,
        logdensity: usize,
        expand: Option<usize>,
        user_data: usize,
        keep_alive: Py<PyAny>,
    ) -> Result<Self, Error> {
        if logdensity == 0 {
            return Err(Error::NullPointer("logp_dlogp"));
        }
        if expand == Some(0) {
            return Err(Error::NullPointer("expand"));
        }
        if expand.is_none() && num_values != dim {
            return Err(Error::ExpandMissing { dim, num_values });
        }
        Ok(Self {
            dim,
            num_values,
            // SAFETY: not null (checked above), and by promise 1 the address of a function of
            // this type.
            logdensity: unsafe { transmute::<*const (), LogDensityFn>(pointer(logdensity)) },
            // SAFETY: as above.
            expand: expand
                .map(|address| unsafe { transmute::<*const (), ExpandFn>(pointer(address)) }),
            user_data: UserData(ptr::with_exposed_provenance_mut(user_data)),
            _keep_alive: Arc::new(keep_alive),
        })
    }
}

impl Target for CTarget {
    fn dim(&self) -> usize {
        self.dim
    }

    fn num_values(&self) -> usize {
        self.num_values
    }

    fn logdensity(&self) -> rufous_core::Result<Box<dyn LogDensity + Send>> {
        Ok(Box::new(CLogDensity(self.clone())))
    }

    fn expand(&self) -> rufous_core::Result<Box<dyn Expand + Send>> {
        Ok(Box::new(CExpand(self.clone())))
    }
}

/// The log density of one chain.
struct CLogDensity(CTarget);

impl LogDensity for CLogDensity {
    fn dim(&self) -> usize {
        self.0.dim
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        check_length("position", position.len(), self.0.dim)?;
        check_length("gradient", gradient.len(), self.0.dim)?;
        let mut logdensity = f64::NAN;
        // SAFETY: both slices hold `dim` elements (checked above), `logdensity` one; the outputs
        // are borrowed mutably and so do not overlap the input; the function and its data are
        // alive by promises 2 and 3.
        let status = unsafe {
            (self.0.logdensity)(
                self.0.dim as u64,
                position.as_ptr(),
                gradient.as_mut_ptr(),
                &raw mut logdensity,
                self.0.user_data.0,
            )
        };
        match status {
            0 => Ok(logdensity),
            // The core knows what to do with a value that is not finite. A finite one next to
            // this status is what the function left behind, not a result.
            NOT_FINITE if logdensity.is_finite() => Ok(f64::NAN),
            NOT_FINITE => Ok(logdensity),
            status => Err(failure("log density", status)),
        }
    }
}

/// The stored variables of one chain.
struct CExpand(CTarget);

impl Expand for CExpand {
    fn num_values(&self) -> usize {
        self.0.num_values
    }

    fn expand(&mut self, position: &[f64], values: &mut [f64]) -> Result<(), EvalError> {
        check_length("position", position.len(), self.0.dim)?;
        check_length("values", values.len(), self.0.num_values)?;
        let Some(expand) = self.0.expand else {
            values.copy_from_slice(position);
            return Ok(());
        };
        // SAFETY: `position` holds `dim` elements and `values` `num_values` (checked above),
        // they do not overlap, and the function and its data are alive by promises 2 and 3.
        let status = unsafe {
            expand(
                self.0.dim as u64,
                position.as_ptr(),
                self.0.num_values as u64,
                values.as_mut_ptr(),
                self.0.user_data.0,
            )
        };
        match status {
            0 => Ok(()),
            status => Err(failure("expand", status)),
        }
    }
}

/// A log density as a C function with its data, for code outside that wants to call it. One thread
/// at a time: the function works in the memory of this value.
pub(crate) struct Exported(Box<Inner>);

/// A thin pointer to this goes out as the user data.
struct Inner(Box<dyn LogDensity + Send>);

impl Exported {
    /// Take a log density.
    pub(crate) fn new(logdensity: Box<dyn LogDensity + Send>) -> Self {
        Self(Box::new(Inner(logdensity)))
    }

    /// The address of the function, of the type that `rufous.h` documents.
    pub(crate) fn address() -> usize {
        (exported as LogDensityFn as *const ()).expose_provenance()
    }

    /// Its last argument, valid as long as this value lives.
    pub(crate) fn user_data(&self) -> usize {
        ptr::from_ref(&*self.0).expose_provenance()
    }
}

/// Evaluates an [`Exported`] log density.
unsafe extern "C" fn exported(
    dim: u64,
    position: *const f64,
    gradient: *mut f64,
    logdensity: *mut f64,
    user_data: *mut c_void,
) -> i64 {
    // SAFETY: the caller hands in the user data of a living `Exported`, on one thread at a time.
    let inner = unsafe { &mut *user_data.cast::<Inner>() };
    let own = inner.0.dim();
    if dim != own as u64 {
        return -1;
    }
    // SAFETY: by the rules of the header both hold `dim` numbers and do not overlap.
    let (position, gradient) = unsafe {
        (
            std::slice::from_raw_parts(position, own),
            std::slice::from_raw_parts_mut(gradient, own),
        )
    };
    match inner.0.evaluate(position, gradient) {
        Ok(value) => {
            // SAFETY: it holds one number by the rules of the header.
            unsafe { *logdensity = value };
            0
        }
        Err(EvalError::Recoverable(_)) => NOT_FINITE,
        Err(EvalError::Fatal(_)) => -1,
    }
}

/// `RUFOUS_NOT_FINITE` of the header.
const NOT_FINITE: i64 = 1;

/// The texts of the status codes that the header names.
fn reason(status: i64) -> &'static str {
    match status {
        2 => "the function raised an error inside",
        3 => "the position lies outside the support",
        1000.. => "a reason of its own",
        i64::MIN..0 => "a fatal error",
        _ => "an unknown reason",
    }
}

fn failure(what: &str, status: i64) -> EvalError {
    let text = format!(
        "the {what} function returned status {status}: {}",
        reason(status)
    );
    if status < 0 {
        EvalError::Fatal(text)
    } else {
        EvalError::Recoverable(text)
    }
}

/// Take an address from outside for what it is: code that the compiler knows nothing of.
fn pointer(address: usize) -> *const () {
    ptr::with_exposed_provenance(address)
}

/// Refuse a slice of another length before a pointer to it is handed out.
fn check_length(what: &str, got: usize, expected: usize) -> Result<(), EvalError> {
    if got == expected {
        Ok(())
    } else {
        Err(EvalError::Fatal(format!(
            "{what} has {got} elements, the target {expected}"
        )))
    }
}
