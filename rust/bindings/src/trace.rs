//! `RunResult`, `ChainTrace` and `DrawBlock`: what chains leave behind. Buffers move to NumPy uncopied.

use numpy::{PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rufous_core::{ChainOutcome, DrawTable, STATISTICS, StatColumn};

use crate::array::moved;
use crate::error::core_exception;
use crate::metric::Metric;

/// The draws of one chain in one phase.
#[pyclass(frozen, get_all, module = "rufous._core")]
pub(crate) struct DrawBlock {
    values: Py<PyArray2<f64>>,
    unconstrained: Option<Py<PyArray2<f64>>>,
    divergence_starts: Option<Py<PyArray2<f64>>>,
    statistics: Py<PyDict>,
}

/// All chains of a run.
#[pyclass(frozen, get_all, module = "rufous._core")]
pub(crate) struct RunResult {
    chains: Vec<Py<ChainTrace>>,
    elapsed: f64,
}

/// One chain.
#[pyclass(frozen, get_all, module = "rufous._core")]
pub(crate) struct ChainTrace {
    chain: usize,
    outcome: &'static str,
    message: String,
    error: Option<Py<PyAny>>,
    failed_position: Option<Py<PyAny>>,
    draws: Py<DrawBlock>,
    warmup: Option<Py<DrawBlock>>,
    num_tune: usize,
    num_gradients: u64,
    num_failed_expansions: usize,
    step_size: f64,
    inverse_mass_matrix: Py<PyAny>,
    metric: Option<Py<Metric>>,
    position: Option<Py<PyAny>>,
    num_quarantines: usize,
    num_restarts: usize,
    tuning_time: f64,
    sampling_time: f64,
}

impl RunResult {
    /// Move the result of a run to Python.
    pub(crate) fn new(
        py: Python<'_>,
        dim: usize,
        result: rufous_core::RunResult,
    ) -> PyResult<Self> {
        let rufous_core::RunResult { chains, elapsed } = result;
        let chains = chains
            .into_iter()
            .map(|chain| Py::new(py, ChainTrace::new(py, dim, chain)?))
            .collect::<PyResult<_>>()?;
        Ok(Self {
            chains,
            elapsed: elapsed.as_secs_f64(),
        })
    }
}

impl ChainTrace {
    fn new(py: Python<'_>, dim: usize, trace: rufous_core::ChainTrace) -> PyResult<Self> {
        let rufous_core::ChainTrace {
            chain,
            outcome,
            draws,
            warmup,
            num_tune,
            num_gradients,
            num_failed_expansions,
            step_size,
            inverse_mass_matrix,
            metric,
            position,
            num_quarantines,
            num_restarts,
            tuning_time,
            sampling_time,
        } = trace;
        let (outcome, error) = match outcome {
            ChainOutcome::Complete => ("complete", None),
            ChainOutcome::Running => ("running", None),
            ChainOutcome::Cancelled => ("cancelled", None),
            ChainOutcome::Failed(error) => ("failed", Some(error)),
        };
        Ok(Self {
            chain,
            outcome,
            message: error.as_ref().map(ToString::to_string).unwrap_or_default(),
            error: error
                .as_ref()
                .map(|error| core_exception(error).into_value(py).into_any()),
            failed_position: error
                .and_then(failed_position)
                .map(|x| moved(py, x).into_any().into()),
            draws: Py::new(py, DrawBlock::new(py, dim, draws)?)?,
            warmup: match warmup {
                Some(table) => Some(Py::new(py, DrawBlock::new(py, dim, table)?)?),
                None => None,
            },
            num_tune,
            num_gradients,
            num_failed_expansions,
            step_size,
            inverse_mass_matrix: moved(py, inverse_mass_matrix).into_any().into(),
            metric: metric
                .map(|core| Py::new(py, Metric { core }))
                .transpose()?,
            position: position.map(|position| moved(py, position).into_any().into()),
            num_quarantines,
            num_restarts,
            tuning_time: tuning_time.as_secs_f64(),
            sampling_time: sampling_time.as_secs_f64(),
        })
    }
}

impl DrawBlock {
    fn new(py: Python<'_>, dim: usize, table: DrawTable) -> PyResult<Self> {
        let DrawTable {
            num_draws,
            num_values,
            values,
            unconstrained,
            divergence_starts,
            stats,
        } = table;
        let columns = PyDict::new(py);
        for (statistic, column) in STATISTICS.iter().zip(stats) {
            columns.set_item(statistic.name, column_array(py, column))?;
        }
        Ok(Self {
            values: rows(py, values, [num_draws, num_values])?,
            unconstrained: unconstrained
                .map(|positions| rows(py, positions, [num_draws, dim]))
                .transpose()?,
            divergence_starts: divergence_starts
                .map(|positions| {
                    let count = positions.len() / dim;
                    rows(py, positions, [count, dim])
                })
                .transpose()?,
            statistics: columns.into(),
        })
    }
}

/// Move row-major numbers to a matrix.
fn rows(py: Python<'_>, values: Vec<f64>, shape: [usize; 2]) -> PyResult<Py<PyArray2<f64>>> {
    Ok(moved(py, values).reshape(shape)?.into())
}

fn column_array(py: Python<'_>, column: StatColumn) -> Bound<'_, PyAny> {
    match column {
        StatColumn::Float(column) => moved(py, column).into_any(),
        StatColumn::Int(column) => moved(py, column).into_any(),
        StatColumn::Bool(column) => moved(py, column).into_any(),
    }
}

/// The last position tried by a chain that could not start.
fn failed_position(error: rufous_core::Error) -> Option<Vec<f64>> {
    match error {
        rufous_core::Error::Initialization { position, .. } => Some(position),
        _ => None,
    }
}
