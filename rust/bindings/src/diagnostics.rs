//! `diagnose`: R-hat, effective sample sizes and Monte Carlo errors of draws in NumPy arrays.

use numpy::{PyArray1, PyReadonlyArray3};
use pyo3::prelude::*;
use rufous_core::diagnostics::{self, Draws, Quantity};

use crate::array;
use crate::enter::enter;
use crate::error::Error;

/// Numbers that are worked on between two looks for Ctrl-C: about a second.
const PIECE: usize = 20_000_000;

/// Compute quantities of scalar variables.
#[pyfunction]
#[pyo3(signature = (draws, quantities, num_threads=None))]
#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments from Python arrive by value"
)]
pub(crate) fn diagnose<'py>(
    py: Python<'py>,
    draws: Vec<Bound<'py, PyAny>>,
    quantities: Vec<String>,
    num_threads: Option<usize>,
) -> PyResult<Vec<Bound<'py, PyArray1<f64>>>> {
    let quantities = quantities
        .into_iter()
        .map(|name| Quantity::from_name(&name).ok_or(Error::UnknownQuantity(name)))
        .collect::<Result<Vec<_>, _>>()?;
    let arrays = draws
        .iter()
        .map(|object| array::cube("draws", object))
        .collect::<Result<Vec<_>, _>>()?;
    let views = arrays.iter().map(view).collect::<PyResult<Vec<_>>>()?;
    let num_threads = num_threads.unwrap_or_else(diagnostics::few_threads);
    let mut columns = vec![Vec::new(); quantities.len()];
    for piece in diagnostics::pieces(&views, PIECE) {
        let computed = enter(py, || {
            Ok(diagnostics::diagnose(&piece, &quantities, num_threads))
        })?;
        for (column, mut numbers) in columns.iter_mut().zip(computed) {
            column.append(&mut numbers);
        }
        py.check_signals()?;
    }
    Ok(columns
        .into_iter()
        .map(|column| array::moved(py, column))
        .collect())
}

/// Look at a contiguous array without copying it.
fn view<'a>(array: &'a PyReadonlyArray3<'_, f64>) -> PyResult<Draws<'a>> {
    let cube = array.as_array();
    let (num_chains, num_draws, num_variables) = cube.dim();
    let mut strides = [0; 3];
    for (stride, elements) in strides.iter_mut().zip(cube.strides()) {
        *stride = elements.cast_unsigned();
    }
    let shape = [num_chains, num_draws, num_variables];
    let draws = Draws::new(array.as_slice()?, shape, strides);
    Ok(draws.expect("a contiguous array lies within its memory"))
}
