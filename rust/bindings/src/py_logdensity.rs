//! Log densities that are Python callables: for tests, and for whoever can wait.
//!
//! Each evaluation takes the GIL, so chains run one after the other in effect.

use std::sync::Arc;

use numpy::{PyReadonlyArray1, PyUntypedArrayMethods, ToPyArray};
use pyo3::exceptions::PyArithmeticError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use rufous_core::{EvalError, Expand, LogDensity, Target};

use crate::array::{describe, type_name};
use crate::error::Error;
use crate::exceptions::LinAlgError;

/// A pair of callables.
#[derive(Clone)]
pub(crate) struct PyTarget {
    dim: usize,
    num_values: usize,
    logp_dlogp: Arc<Py<PyAny>>,
    expand: Option<Arc<Py<PyAny>>>,
}

impl PyTarget {
    /// Pair `logp_dlogp` with `expand`, or with the identity.
    pub(crate) fn new(
        dim: usize,
        num_values: usize,
        logp_dlogp: Py<PyAny>,
        expand: Option<Py<PyAny>>,
    ) -> Result<Self, Error> {
        if expand.is_none() && num_values != dim {
            return Err(Error::ExpandMissing { dim, num_values });
        }
        Ok(Self {
            dim,
            num_values,
            logp_dlogp: Arc::new(logp_dlogp),
            expand: expand.map(Arc::new),
        })
    }
}

impl Target for PyTarget {
    fn dim(&self) -> usize {
        self.dim
    }

    fn num_values(&self) -> usize {
        self.num_values
    }

    fn logdensity(&self) -> rufous_core::Result<Box<dyn LogDensity + Send>> {
        Ok(Box::new(PyLogDensity(self.clone())))
    }

    fn expand(&self) -> rufous_core::Result<Box<dyn Expand + Send>> {
        Ok(Box::new(PyExpand(self.clone())))
    }
}

struct PyLogDensity(PyTarget);

impl LogDensity for PyLogDensity {
    fn dim(&self) -> usize {
        self.0.dim
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        attached(|py| {
            let answer = call(py, &self.0.logp_dlogp, position)?;
            let (logdensity, answer) = pair(&answer).ok_or_else(|| {
                fatal(&format!(
                    "logp_dlogp must return a pair (float, ndarray), got {}",
                    type_name(&answer)
                ))
            })?;
            copy_vector("the gradient from logp_dlogp", &answer, gradient)?;
            Ok(logdensity)
        })
    }
}

struct PyExpand(PyTarget);

impl Expand for PyExpand {
    fn num_values(&self) -> usize {
        self.0.num_values
    }

    fn expand(&mut self, position: &[f64], values: &mut [f64]) -> Result<(), EvalError> {
        let Some(expand) = &self.0.expand else {
            values.copy_from_slice(position);
            return Ok(());
        };
        attached(|py| copy_vector("the answer of expand", &call(py, expand, position)?, values))
    }
}

/// Run `work` with the GIL, unless the interpreter is going down.
fn attached<T>(
    work: impl for<'py> FnOnce(Python<'py>) -> Result<T, EvalError>,
) -> Result<T, EvalError> {
    Python::try_attach(work)
        .unwrap_or_else(|| Err(fatal("the Python interpreter is shutting down")))
}

/// Call `function` with a copy of `position`, which it may keep.
fn call<'py>(
    py: Python<'py>,
    function: &Py<PyAny>,
    position: &[f64],
) -> Result<Bound<'py, PyAny>, EvalError> {
    function
        .bind(py)
        .call1((position.to_pyarray(py),))
        .map_err(|error| raised(py, &error))
}

/// Sort exceptions: failed arithmetic may succeed elsewhere, everything else is a mistake.
fn raised(py: Python<'_>, error: &PyErr) -> EvalError {
    let text = error.to_string();
    if error.is_instance_of::<PyArithmeticError>(py) || error.is_instance_of::<LinAlgError>(py) {
        EvalError::Recoverable(text)
    } else {
        EvalError::Fatal(text)
    }
}

/// Read a pair of a number and anything.
fn pair<'py>(answer: &Bound<'py, PyAny>) -> Option<(f64, Bound<'py, PyAny>)> {
    let pair = answer.cast::<PyTuple>().ok()?;
    pair.extract().ok()
}

/// Copy a float64 vector out of Python, of exactly the length of `target`.
fn copy_vector(what: &str, answer: &Bound<'_, PyAny>, target: &mut [f64]) -> Result<(), EvalError> {
    let vector: PyReadonlyArray1<'_, f64> = answer.extract().map_err(|_| {
        fatal(&format!(
            "{what} must be a float64 vector, got {}",
            describe(answer)
        ))
    })?;
    if vector.len() != target.len() {
        return Err(fatal(&format!(
            "{what} must have {} elements, got {}",
            target.len(),
            vector.len()
        )));
    }
    for (element, value) in target.iter_mut().zip(vector.as_array()) {
        *element = *value;
    }
    Ok(())
}

fn fatal(text: &str) -> EvalError {
    EvalError::Fatal(text.to_owned())
}
