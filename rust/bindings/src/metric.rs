//! `Metric`: a metric as arrays, to be kept and given to another run.

use pyo3::prelude::*;
use rufous_core::metric::{ChainMetric, MetricParts};

use crate::array::moved;
use crate::error::Error;

/// A metric with the numbers it is made of.
#[pyclass(frozen, module = "rufous._core")]
pub(crate) struct Metric {
    pub(crate) core: ChainMetric,
}

#[pymethods]
impl Metric {
    /// Put a metric together; arrays are flat, and those of other kinds are ignored.
    #[new]
    #[pyo3(signature = (kind, dim, *, scale=None, eigenvalues=None, vectors=None, cholesky=None))]
    fn new(
        kind: &str,
        dim: usize,
        scale: Option<Vec<f64>>,
        eigenvalues: Option<Vec<f64>>,
        vectors: Option<Vec<f64>>,
        cholesky: Option<Vec<f64>>,
    ) -> PyResult<Self> {
        let parts = match kind {
            "low_rank" => MetricParts::LowRank {
                scale: scale.unwrap_or_default(),
                eigenvalues: eigenvalues.unwrap_or_default(),
                vectors: vectors.unwrap_or_default(),
            },
            "dense" => MetricParts::Dense {
                cholesky: cholesky.unwrap_or_default(),
            },
            _ => MetricParts::Diagonal {
                scale: scale.unwrap_or_default(),
            },
        };
        let core = ChainMetric::from_parts(dim, parts).map_err(Error::from)?;
        Ok(Self { core })
    }

    #[getter]
    fn kind(&self) -> &'static str {
        rufous_core::METRIC_KINDS[self.core.kind() as usize]
    }

    #[getter]
    fn dim(&self) -> usize {
        self.core.dim()
    }

    /// The arrays that the constructor takes, by name.
    fn arrays<'py>(&self, py: Python<'py>) -> Vec<(&'static str, Bound<'py, PyAny>)> {
        let parts = match self.core.to_parts() {
            MetricParts::Diagonal { scale } => vec![("scale", scale)],
            MetricParts::LowRank {
                scale,
                eigenvalues,
                vectors,
            } => vec![
                ("scale", scale),
                ("eigenvalues", eigenvalues),
                ("vectors", vectors),
            ],
            MetricParts::Dense { cholesky } => vec![("cholesky", cholesky)],
        };
        let to_array = |(name, numbers)| (name, moved(py, numbers).into_any());
        parts.into_iter().map(to_array).collect()
    }
}
