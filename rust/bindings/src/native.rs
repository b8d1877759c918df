//! `NativePlan` and `NativeModel`: the native evaluator, seen from Python.

use std::sync::Mutex;

use numpy::{PyArray1, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rufous_core::Target;
use rufous_evaluator::kernels::Isa;
use rufous_evaluator::{BoundModel, Evaluation, Plan, SlotValue};

use crate::array;
use crate::c_logdensity::Exported;
use crate::enter::enter;
use crate::error::Error;
use crate::target::TargetHandle;

/// A model without data: sizes are symbolic, and nothing in it is code.
#[pyclass(frozen, module = "rufous._core")]
pub(crate) struct NativePlan {
    plan: Plan,
    bytes: Py<PyBytes>,
}

#[pymethods]
impl NativePlan {
    #[staticmethod]
    fn from_bytes(bytes: &Bound<'_, PyBytes>) -> PyResult<Self> {
        let plan = Plan::from_bytes(bytes.as_bytes()).map_err(Error::Evaluator)?;
        Ok(Self {
            plan,
            bytes: bytes.clone().unbind(),
        })
    }

    fn to_bytes(&self, py: Python<'_>) -> Py<PyBytes> {
        self.bytes.clone_ref(py)
    }

    #[getter]
    fn slots(&self) -> Vec<(String, usize)> {
        self.plan.slots()
    }

    #[allow(clippy::needless_pass_by_value)] // PyO3 hands over what it has extracted
    fn bind(
        &self,
        py: Python<'_>,
        data: Vec<PyReadonlyArrayDyn<'_, f64>>,
    ) -> PyResult<NativeModel> {
        let slots = data
            .iter()
            .map(|array| SlotValue {
                shape: array.shape().to_vec(),
                values: match array.as_slice() {
                    Ok(values) => values.into(),
                    Err(_) => array.as_array().iter().copied().collect(),
                },
            })
            .collect::<Vec<_>>();
        let model = enter(py, || {
            let isa = Isa::from_env().map_err(|error| Error::Isa(error.to_string()))?;
            self.plan.bind(&slots, isa).map_err(Error::Evaluator)
        })?;
        Ok(NativeModel { model })
    }

    fn __repr__(&self) -> String {
        format!("NativePlan({} arrays to bind)", self.plan.slots().len())
    }
}

/// A plan with its data.
#[pyclass(frozen, module = "rufous._core")]
pub(crate) struct NativeModel {
    model: BoundModel,
}

#[pymethods]
impl NativeModel {
    #[getter]
    fn dim(&self) -> usize {
        self.model.dim()
    }

    #[getter]
    fn num_values(&self) -> usize {
        self.model.num_values()
    }

    #[getter]
    fn isa(&self) -> &'static str {
        self.model.isa()
    }

    #[getter]
    fn num_bytes(&self) -> (usize, usize) {
        self.model.bytes()
    }

    #[getter]
    fn parameter_shapes(&self) -> Vec<Vec<usize>> {
        self.model.parameter_shapes().to_vec()
    }

    #[getter]
    fn stored_shapes(&self) -> Vec<Vec<usize>> {
        self.model.stored_shapes().to_vec()
    }

    #[getter]
    fn pointwise_shapes(&self) -> Vec<Vec<usize>> {
        self.model.pointwise_shapes().to_vec()
    }

    fn target(&self) -> TargetHandle {
        TargetHandle::from_native(self.model.clone())
    }

    /// The log density as a C function, for code that is not this crate.
    fn c_function(&self, py: Python<'_>) -> PyResult<NativeFunction> {
        let logdensity = enter(py, || Ok(self.model.logdensity()?))?;
        let exported = Exported::new(logdensity);
        Ok(NativeFunction {
            address: Exported::address(),
            user_data: exported.user_data(),
            _exported: Mutex::new(exported),
        })
    }

    fn describe(&self) -> String {
        self.model.describe()
    }

    fn pointwise<'py>(
        &self,
        py: Python<'py>,
        position: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let position = array::vector("position", position, self.model.dim())?;
        let position = position.as_slice()?;
        let values = enter(py, || Ok(values(self.model.pointwise_values(), position)))?;
        Ok(array::moved(py, values))
    }

    fn __repr__(&self) -> String {
        format!(
            "NativeModel(dim={}, num_values={})",
            self.model.dim(),
            self.model.num_values()
        )
    }
}

/// A log density as a C function with its data; one thread at a time may call it.
#[pyclass(frozen, module = "rufous._core")]
pub(crate) struct NativeFunction {
    #[pyo3(get)]
    address: usize,
    #[pyo3(get)]
    user_data: usize,
    // Held, never read: it is what the function works in.
    _exported: Mutex<Exported>,
}

/// All values of an evaluation at a position, finite or not.
pub(crate) fn values(mut evaluation: Evaluation, position: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; evaluation.num_values()];
    evaluation.evaluate(position, &mut out);
    out
}
