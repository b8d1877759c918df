//! Arrays from Python: taken as they are when they fit, refused with a reason when not.

use numpy::{
    Element, PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray3, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::prelude::*;

use crate::error::Error;

/// Borrow a contiguous float64 vector of `len` elements.
pub(crate) fn vector<'py>(
    name: &'static str,
    object: &Bound<'py, PyAny>,
    len: usize,
) -> Result<PyReadonlyArray1<'py, f64>, Error> {
    let requirement = || format!("a contiguous float64 array of shape ({len},)");
    match object.extract::<PyReadonlyArray1<'py, f64>>() {
        Ok(array) if array.len() == len && array.as_slice().is_ok() => Ok(array),
        _ => Err(Error::Array {
            name,
            requirement: requirement(),
            got: describe(object),
        }),
    }
}

/// Borrow a contiguous float64 matrix of `shape`.
pub(crate) fn matrix<'py>(
    name: &'static str,
    object: &Bound<'py, PyAny>,
    shape: [usize; 2],
) -> Result<PyReadonlyArray2<'py, f64>, Error> {
    let requirement = || {
        format!(
            "a contiguous float64 array of shape ({}, {})",
            shape[0], shape[1]
        )
    };
    match object.extract::<PyReadonlyArray2<'py, f64>>() {
        Ok(array) if array.shape() == shape && array.as_slice().is_ok() => Ok(array),
        _ => Err(Error::Array {
            name,
            requirement: requirement(),
            got: describe(object),
        }),
    }
}

/// Borrow a float64 array of three axes, contiguous in the order of C or of Fortran.
pub(crate) fn cube<'py>(
    name: &'static str,
    object: &Bound<'py, PyAny>,
) -> Result<PyReadonlyArray3<'py, f64>, Error> {
    match object.extract::<PyReadonlyArray3<'py, f64>>() {
        Ok(array) if array.as_slice().is_ok() => Ok(array),
        _ => Err(Error::Array {
            name,
            requirement: "contiguous float64 arrays of three axes".to_owned(),
            got: describe(object),
        }),
    }
}

/// Hand a vector to NumPy, which then owns its memory: nothing is copied.
pub(crate) fn moved<T: Element>(py: Python<'_>, values: Vec<T>) -> Bound<'_, PyArray1<T>> {
    PyArray1::from_vec(py, values)
}

/// Say what an object is: dtype, shape and layout of an array, the type of anything else.
pub(crate) fn describe(object: &Bound<'_, PyAny>) -> String {
    let Ok(array) = object.cast::<PyUntypedArray>() else {
        return type_name(object);
    };
    let shape: Vec<String> = array.shape().iter().map(ToString::to_string).collect();
    let shape = match shape.as_slice() {
        [only] => format!("({only},)"),
        many => format!("({})", many.join(", ")),
    };
    let layout = if array.is_c_contiguous() {
        ""
    } else {
        ", not contiguous"
    };
    format!("{} of shape {shape}{layout}", array.dtype())
}

/// The name of the type of an object.
pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object
        .get_type()
        .name()
        .map_or_else(|_| "an object".to_owned(), |name| name.to_string())
}
