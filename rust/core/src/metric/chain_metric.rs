//! The metric of a chain: one of the kinds there are.

use super::{DenseMetric, DiagonalMetric, LowRankMetric, Metric};
use crate::error::{Error, Result};
use crate::record::{ReadResult, Reader, Record};
use crate::vector::all_finite;

/// A metric of any kind. The kernel is compiled for each kind, and chosen once per transition.
#[derive(Debug, Clone, PartialEq)]
pub enum ChainMetric {
    /// Independent coordinates.
    Diagonal(DiagonalMetric),
    /// Diagonal, but for a few directions.
    LowRank(LowRankMetric),
    /// A full matrix.
    Dense(DenseMetric),
}

/// The kinds of metrics; the numbers are those of the statistic `metric_kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// [`DiagonalMetric`].
    Diagonal = 0,
    /// [`LowRankMetric`].
    LowRank = 1,
    /// [`DenseMetric`].
    Dense = 2,
}

/// A metric as plain numbers, for storage and for other languages.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricParts {
    /// The scales, that is square roots of the inverse mass matrix.
    Diagonal {
        /// Length `dim`.
        scale: Vec<f64>,
    },
    /// `S = diag(scale) (I + V (L - I) V') diag(scale)`.
    LowRank {
        /// Length `dim`.
        scale: Vec<f64>,
        /// `L`, rising; length `rank`.
        eigenvalues: Vec<f64>,
        /// `V'`, row after row; `rank` rows of length `dim`.
        vectors: Vec<f64>,
    },
    /// `S = A A'`.
    Dense {
        /// `A`, lower triangular, row after row; `dim` rows of length `dim`.
        cholesky: Vec<f64>,
    },
}

impl ChainMetric {
    /// Which kind it is.
    pub fn kind(&self) -> MetricKind {
        match self {
            Self::Diagonal(_) => MetricKind::Diagonal,
            Self::LowRank(_) => MetricKind::LowRank,
            Self::Dense(_) => MetricKind::Dense,
        }
    }

    /// The length of a position.
    pub fn dim(&self) -> usize {
        match self {
            Self::Diagonal(metric) => metric.scale().len(),
            Self::LowRank(metric) => metric.scale().len(),
            Self::Dense(metric) => metric.dim(),
        }
    }

    /// The diagonal of the inverse mass matrix.
    pub fn inverse_mass_matrix_diagonal(&self) -> Vec<f64> {
        match self {
            Self::Diagonal(metric) => metric.inverse_mass_matrix(),
            Self::LowRank(metric) => metric.inverse_mass_matrix_diagonal(),
            Self::Dense(metric) => metric.inverse_mass_matrix_diagonal(),
        }
    }

    /// Writes `S` times the gradient.
    pub fn multiply(&self, gradient: &[f64], force: &mut [f64]) {
        match self {
            Self::Diagonal(metric) => metric.multiply(gradient, force),
            Self::LowRank(metric) => metric.multiply(gradient, force),
            Self::Dense(metric) => metric.multiply(gradient, force),
        }
    }

    /// Replaces a gradient `a` by `A' a`.
    pub fn whiten_gradient(&self, gradient: &mut [f64]) {
        match self {
            Self::Diagonal(metric) => metric.whiten_gradient(gradient),
            Self::LowRank(metric) => metric.whiten_gradient(gradient),
            Self::Dense(metric) => metric.whiten_gradient(gradient),
        }
    }

    /// Replaces a displacement `x` by `A^-1 x`.
    pub fn whiten_position(&self, position: &mut [f64]) {
        match self {
            Self::Diagonal(metric) => metric.whiten_position(position),
            Self::LowRank(metric) => metric.whiten_position(position),
            Self::Dense(metric) => metric.whiten_position(position),
        }
    }

    /// The numbers it is made of.
    pub fn to_parts(&self) -> MetricParts {
        match self {
            Self::Diagonal(metric) => MetricParts::Diagonal {
                scale: metric.scale().to_vec(),
            },
            Self::LowRank(metric) => MetricParts::LowRank {
                scale: metric.scale().to_vec(),
                eigenvalues: metric.eigenvalues().to_vec(),
                vectors: metric.vectors().to_vec(),
            },
            Self::Dense(metric) => MetricParts::Dense {
                cholesky: metric.cholesky().to_vec(),
            },
        }
    }

    /// A metric for `dim` parameters made of these numbers.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSettings`] if their lengths do not fit, or if they are no metric.
    pub fn from_parts(dim: usize, parts: MetricParts) -> Result<Self> {
        match parts {
            MetricParts::Diagonal { scale } => {
                check_positive("scale", &scale, dim)?;
                Ok(Self::Diagonal(DiagonalMetric::new(scale)))
            }
            MetricParts::LowRank {
                scale,
                eigenvalues,
                vectors,
            } => {
                check_positive("scale", &scale, dim)?;
                check_positive("eigenvalues", &eigenvalues, eigenvalues.len())?;
                check_orthonormal(&vectors, dim, eigenvalues.len())?;
                if !eigenvalues.is_sorted() {
                    return refuse("with eigenvalues in rising order", "other ones".to_owned());
                }
                let metric = LowRankMetric::new(scale, eigenvalues, vectors);
                Ok(Self::LowRank(metric))
            }
            MetricParts::Dense { cholesky } => {
                if cholesky.len() != dim * dim {
                    return refuse(
                        &format!("with {dim} x {dim} numbers"),
                        format!("{}", cholesky.len()),
                    );
                }
                let diagonal: Vec<f64> = (0..dim).map(|i| cholesky[i * dim + i]).collect();
                check_positive("the diagonal of its factor", &diagonal, dim)?;
                if !all_finite(&cholesky) {
                    return refuse("finite", "a number that is not".to_owned());
                }
                Ok(Self::Dense(DenseMetric::new(dim, cholesky)))
            }
        }
    }
}

fn check_positive(what: &str, numbers: &[f64], length: usize) -> Result<()> {
    if numbers.len() != length {
        let requirement = format!("with {length} numbers in {what}");
        return refuse(&requirement, numbers.len().to_string());
    }
    match numbers.iter().find(|x| !(x.is_finite() && **x > 0.0)) {
        Some(bad) => refuse(&format!("finite and positive in {what}"), bad.to_string()),
        None => Ok(()),
    }
}

fn check_orthonormal(vectors: &[f64], dim: usize, rank: usize) -> Result<()> {
    const TOLERANCE: f64 = 1e-8;
    if vectors.len() != dim * rank {
        let requirement = format!("with {rank} vectors of length {dim}");
        return refuse(&requirement, format!("{} numbers", vectors.len()));
    }
    for i in 0..rank {
        for j in 0..=i {
            let (row, other) = (&vectors[i * dim..][..dim], &vectors[j * dim..][..dim]);
            let product = crate::vector::dot(row, other);
            let expected = if i == j { 1.0 } else { 0.0 };
            if !((product - expected).abs() <= TOLERANCE) {
                let got = format!("{product} as product of vectors {i} and {j}");
                return refuse("with orthonormal vectors", got);
            }
        }
    }
    Ok(())
}

fn refuse<T>(requirement: &str, got: String) -> Result<T> {
    Err(Error::InvalidSettings {
        name: "metric.given",
        requirement: requirement.to_owned(),
        got,
        hint: "give the metric of an earlier run of the same model",
    })
}

impl Record for ChainMetric {
    fn write(&self, out: &mut Vec<u8>) {
        (self.kind() as u32).write(out);
        match self {
            Self::Diagonal(metric) => metric.write(out),
            Self::LowRank(metric) => metric.write(out),
            Self::Dense(metric) => metric.write(out),
        }
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        match u32::read(input)? {
            0 => Record::read(input).map(Self::Diagonal),
            1 => Record::read(input).map(Self::LowRank),
            2 => Record::read(input).map(Self::Dense),
            other => Err(format!("holds a metric of unknown kind {other}")),
        }
    }
}
