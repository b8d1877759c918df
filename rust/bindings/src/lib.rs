//! The Python module `rufous._core`: registration only.
#![deny(unsafe_code)]

use pyo3::exceptions::PyRuntimeWarning;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

mod array;
#[allow(
    unsafe_code,
    reason = "foreign functions are called here, and nowhere else"
)]
mod c_logdensity;
mod diagnostics;
mod enter;
mod error;
mod exceptions;
mod metric;
mod native;
mod panicking;
mod progress;
mod py_logdensity;
mod sampler;
mod settings;
mod target;
mod trace;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    if cfg!(debug_assertions) {
        warn_of_debug_build(py)?;
    }
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("STATISTICS", statistics(py)?)?;
    module.add(
        "DIVERGENCE_REASONS",
        PyTuple::new(py, rufous_core::DIVERGENCE_REASONS)?,
    )?;
    module.add("METRIC_KINDS", PyTuple::new(py, rufous_core::METRIC_KINDS)?)?;
    module.add_class::<target::TargetHandle>()?;
    module.add_class::<native::NativePlan>()?;
    module.add_class::<native::NativeModel>()?;
    module.add_class::<native::NativeFunction>()?;
    module.add_class::<settings::Settings>()?;
    module.add_class::<metric::Metric>()?;
    module.add_class::<sampler::Run>()?;
    module.add_class::<progress::ChainProgress>()?;
    module.add_class::<trace::DrawBlock>()?;
    module.add_class::<trace::ChainTrace>()?;
    module.add_class::<trace::RunResult>()?;
    module.add_function(wrap_pyfunction!(sampler::start, module)?)?;
    module.add_function(wrap_pyfunction!(sampler::restore, module)?)?;
    module.add_function(wrap_pyfunction!(sampler::checkpoint_note, module)?)?;
    module.add_function(wrap_pyfunction!(diagnostics::diagnose, module)?)
}

/// The table of statistics as tuples (name, dtype, doc).
fn statistics(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    PyTuple::new(
        py,
        rufous_core::STATISTICS
            .iter()
            .map(|row| (row.name, row.dtype(), row.doc)),
    )
}

/// A sampler without optimisations is easily mistaken for a slow one.
fn warn_of_debug_build(py: Python<'_>) -> PyResult<()> {
    PyErr::warn(
        py,
        &py.get_type::<PyRuntimeWarning>(),
        c"rufous._core was built without optimisations and is many times slower; build it with \
          `maturin develop --profile fast` or `pip install .`",
        1,
    )
}
