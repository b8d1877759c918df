//! The gateway: all work that may take a millisecond goes through here.
//!
//! Inside, the GIL is released, so that other Python threads run. On the way out, errors become
//! exceptions, and so does a panic: it never unwinds into Python.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::error::Error;

/// The longest time that a signal waits to be heard.
const SLICE: Duration = Duration::from_millis(50);

/// Run `work` without the GIL.
pub(crate) fn enter<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Error> + Send,
) -> PyResult<T> {
    // Nothing that `work` could have left half-done is used after a panic: the caller gets an
    // exception, and what the closure borrowed is behind locks that recover from poisoning.
    let outcome = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    match outcome {
        Ok(result) => result.map_err(PyErr::from),
        Err(payload) => Err(Error::Panic(panic_text(payload.as_ref())).into()),
    }
}

/// Call `poll` until it returns true or `timeout` has passed, and hear signals in between.
///
/// `poll` is given the time that it may wait. Returns the last answer of `poll`; a signal
/// handler that raises, as Ctrl-C does, ends the wait with its exception.
pub(crate) fn enter_waiting(
    py: Python<'_>,
    timeout: Duration,
    mut poll: impl FnMut(Duration) -> Result<bool, Error> + Send,
) -> PyResult<bool> {
    let start = Instant::now();
    loop {
        let left = timeout.saturating_sub(start.elapsed());
        let done = enter(py, || poll(left.min(SLICE)))?;
        py.check_signals()?;
        if done || left <= SLICE {
            return Ok(done);
        }
    }
}

/// Run `work` without the GIL, and hear signals whenever it asks whether to keep waiting.
///
/// `work` returns None if it was told not to; a signal handler that raises, as Ctrl-C does, is
/// what tells it so.
pub(crate) fn enter_asking<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mut (dyn FnMut() -> bool + Send)) -> Result<Option<T>, Error> + Send,
) -> PyResult<T> {
    let mut raised = None;
    let mut keep_waiting = || {
        raised = Python::try_attach(|py| py.check_signals().err()).flatten();
        raised.is_none()
    };
    let done = enter(py, || work(&mut keep_waiting))?;
    match (done, raised) {
        (Some(value), _) => Ok(value),
        (None, Some(error)) => Err(error),
        (None, None) => Err(Error::Panic("a wait ended without a reason".to_owned()).into()),
    }
}

/// Read the message of a panic.
fn panic_text(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "no message".to_owned()
    }
}
