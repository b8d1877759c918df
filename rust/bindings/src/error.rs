//! From errors of the core and of this crate to exceptions of `rufous.errors`.

use pyo3::PyErr;
use rufous_core::EvalError;
use rufous_core::diagnostics::Quantity;

use crate::exceptions::{
    CheckpointError, CompileError, InitializationError, LogDensityError, RufousError,
    SamplingError, SettingsError, ShapeError, UnsupportedError,
};

/// Everything that ends a call from Python.
#[derive(Debug)]
pub(crate) enum Error {
    /// The core refused or failed.
    Core(rufous_core::Error),
    /// A single evaluation failed.
    Evaluation(EvalError),
    /// The address of a function is 0.
    NullPointer(&'static str),
    /// The stored values differ in number from the position, and nothing computes them.
    ExpandMissing { dim: usize, num_values: usize },
    /// An array does not fit.
    Array {
        name: &'static str,
        requirement: String,
        got: String,
    },
    /// There is no quantity of that name to compute of draws.
    UnknownQuantity(String),
    /// The native evaluator refused a plan or its data.
    Evaluator(rufous_evaluator::EvaluatorError),
    /// The instruction set asked for is not there.
    Isa(String),
    /// The result of a run was taken already.
    ResultTaken,
    /// Something panicked on the thread of the caller.
    Panic(String),
}

impl From<rufous_core::Error> for Error {
    fn from(error: rufous_core::Error) -> Self {
        Self::Core(error)
    }
}

impl From<Error> for PyErr {
    // No catch-all arm: a new error does not compile until it has an exception.
    fn from(error: Error) -> Self {
        match error {
            Error::Core(error) => core_exception(&error),
            Error::Evaluation(EvalError::Recoverable(text) | EvalError::Fatal(text)) => {
                LogDensityError::new_err(text)
            }
            Error::NullPointer(name) => {
                SettingsError::new_err(format!("`{name}` must be the address of a function, got 0"))
            }
            Error::ExpandMissing { dim, num_values } => SettingsError::new_err(format!(
                "`num_values` must be `dim` = {dim} when there is no `expand` function, \
                 got {num_values}"
            )),
            Error::Array {
                name,
                requirement,
                got,
            } => ShapeError::new_err(format!("`{name}` must be {requirement}, got {got}")),
            Error::UnknownQuantity(name) => {
                let known = Quantity::ALL.map(Quantity::name).join(", ");
                SettingsError::new_err(format!(
                    "`quantities` must be some of {known}, got {name:?}"
                ))
            }
            Error::Evaluator(error) => evaluator_exception(&error),
            Error::Isa(text) => SettingsError::new_err(text),
            Error::ResultTaken => {
                RufousError::new_err("the result of this run has been taken already")
            }
            Error::Panic(message) => {
                RufousError::new_err(format!("an internal error, please report it: {message}"))
            }
        }
    }
}

/// Choose the exception of an error of the core.
pub(crate) fn core_exception(error: &rufous_core::Error) -> PyErr {
    use rufous_core::Error as Core;
    let text = error.to_string();
    match error {
        Core::InvalidSettings { .. } => SettingsError::new_err(text),
        Core::Checkpoint { .. } => CheckpointError::new_err(text),
        Core::Initialization { .. } => InitializationError::new_err(text),
        Core::LogDensity { .. } | Core::Expand { .. } | Core::Target { .. } => {
            LogDensityError::new_err(text)
        }
        Core::Storage { .. } | Core::Panic { .. } | Core::Thread { .. } => {
            SamplingError::new_err(text)
        }
    }
}
/// The exception of a refusal of the native evaluator.
fn evaluator_exception(error: &rufous_evaluator::EvaluatorError) -> PyErr {
    use rufous_evaluator::EvaluatorError;
    let text = error.to_string();
    match error {
        EvaluatorError::Format { .. } => CompileError::new_err(text),
        EvaluatorError::Unsupported { .. } => UnsupportedError::new_err(text),
        EvaluatorError::Bind { .. } => ShapeError::new_err(text),
    }
}
