//! `Target`: what a run samples, seen from Python.

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use rufous_core::{EvalError, Target};
use rufous_evaluator::BoundModel;

use crate::array;
use crate::c_logdensity::CTarget;
use crate::enter::enter;
use crate::error::Error;
use crate::native;
use crate::panicking::PanickingTarget;
use crate::py_logdensity::PyTarget;

/// A log density and the function that computes what is stored of a draw.
///
/// Holds only numbers and Python objects; the Rust target is made anew for each use. So the
/// garbage collector sees every object that is held, and cycles through them can be freed.
#[pyclass(frozen, module = "rufous._core", name = "Target")]
pub(crate) struct TargetHandle {
    #[pyo3(get)]
    dim: usize,
    #[pyo3(get)]
    num_values: usize,
    source: Source,
}

enum Source {
    Pointers {
        logp_dlogp: usize,
        expand: Option<usize>,
        user_data: usize,
        keep_alive: Py<PyAny>,
    },
    Callables {
        logp_dlogp: Py<PyAny>,
        expand: Option<Py<PyAny>>,
    },
    /// A model of the native evaluator.
    Native(BoundModel),
    /// Panics at an evaluation: only for the tests of what happens then.
    Panicking { after: usize },
}

#[pymethods]
impl TargetHandle {
    #[staticmethod]
    fn from_pointers(
        py: Python<'_>,
        dim: usize,
        num_values: usize,
        logp_dlogp: usize,
        expand: Option<usize>,
        user_data: usize,
        keep_alive: Py<PyAny>,
    ) -> PyResult<Self> {
        let source = Source::Pointers {
            logp_dlogp,
            expand,
            user_data,
            keep_alive,
        };
        Self {
            dim,
            num_values,
            source,
        }
        .checked(py)
    }

    #[staticmethod]
    #[pyo3(signature = (dim, num_values, logp_dlogp, expand=None))]
    fn from_callables(
        py: Python<'_>,
        dim: usize,
        num_values: usize,
        logp_dlogp: Py<PyAny>,
        expand: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        Self {
            dim,
            num_values,
            source: Source::Callables { logp_dlogp, expand },
        }
        .checked(py)
    }

    #[staticmethod]
    fn _panicking(py: Python<'_>, dim: usize, after: usize) -> PyResult<Self> {
        Self {
            dim,
            num_values: dim,
            source: Source::Panicking { after },
        }
        .checked(py)
    }

    fn logp_dlogp<'py>(
        &self,
        py: Python<'py>,
        position: &Bound<'py, PyAny>,
    ) -> PyResult<(f64, Bound<'py, PyArray1<f64>>)> {
        let position = array::vector("position", position, self.dim)?;
        let position = position.as_slice()?;
        if let Source::Native(model) = &self.source {
            let mut values = enter(py, || Ok(native::values(model.gradient_values(), position)))?;
            let gradient = values.split_off(1);
            return Ok((values[0], array::moved(py, gradient)));
        }
        let target = self.to_core(py)?;
        let (logdensity, gradient) = enter(py, || evaluate(target.as_ref(), position))?;
        Ok((logdensity, array::moved(py, gradient)))
    }

    fn expand<'py>(
        &self,
        py: Python<'py>,
        position: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let position = array::vector("position", position, self.dim)?;
        let position = position.as_slice()?;
        let target = self.to_core(py)?;
        Ok(array::moved(
            py,
            enter(py, || expand(target.as_ref(), position))?,
        ))
    }

    fn __repr__(&self) -> String {
        format!("Target(dim={}, num_values={})", self.dim, self.num_values)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        match &self.source {
            Source::Pointers { keep_alive, .. } => visit.call(keep_alive),
            Source::Callables { logp_dlogp, expand } => {
                visit.call(logp_dlogp)?;
                visit.call(expand)
            }
            Source::Native(_) | Source::Panicking { .. } => Ok(()),
        }
    }
}

impl TargetHandle {
    /// A target that the native evaluator computes.
    pub(crate) fn from_native(model: BoundModel) -> Self {
        Self {
            dim: model.dim(),
            num_values: model.num_values(),
            source: Source::Native(model),
        }
    }

    /// Make the Rust target, with references of its own to what it must keep alive.
    pub(crate) fn to_core(&self, py: Python<'_>) -> Result<Arc<dyn Target>, Error> {
        Ok(match &self.source {
            Source::Pointers {
                logp_dlogp,
                expand,
                user_data,
                keep_alive,
            } => Arc::new(CTarget::from_addresses(
                self.dim,
                self.num_values,
                *logp_dlogp,
                *expand,
                *user_data,
                keep_alive.clone_ref(py),
            )?),
            Source::Callables { logp_dlogp, expand } => Arc::new(PyTarget::new(
                self.dim,
                self.num_values,
                logp_dlogp.clone_ref(py),
                expand.as_ref().map(|function| function.clone_ref(py)),
            )?),
            Source::Native(model) => Arc::new(model.clone()),
            Source::Panicking { after } => Arc::new(PanickingTarget::new(self.dim, *after)),
        })
    }

    /// Refuse what cannot become a target while the caller can still see why.
    fn checked(self, py: Python<'_>) -> PyResult<Self> {
        self.to_core(py)?;
        Ok(self)
    }
}

/// Evaluate once. A position without a density gives NaN, since that is not a fault.
fn evaluate(target: &dyn Target, position: &[f64]) -> Result<(f64, Vec<f64>), Error> {
    let mut gradient = vec![f64::NAN; target.dim()];
    match target.logdensity()?.evaluate(position, &mut gradient) {
        Ok(logdensity) => Ok((logdensity, gradient)),
        Err(EvalError::Recoverable(_)) => Ok((f64::NAN, vec![f64::NAN; target.dim()])),
        Err(error @ EvalError::Fatal(_)) => Err(Error::Evaluation(error)),
    }
}

/// Expand once. A position that cannot be expanded gives NaN, as it does in a stored draw.
fn expand(target: &dyn Target, position: &[f64]) -> Result<Vec<f64>, Error> {
    let mut values = vec![f64::NAN; target.num_values()];
    match target.expand()?.expand(position, &mut values) {
        Ok(()) => Ok(values),
        Err(EvalError::Recoverable(_)) => Ok(vec![f64::NAN; target.num_values()]),
        Err(error @ EvalError::Fatal(_)) => Err(Error::Evaluation(error)),
    }
}
