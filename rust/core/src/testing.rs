//! Analytic targets for tests and benches, well behaved and not.
//!
//! Each is a [`LogDensity`]; [`Analytic`] makes a [`Target`] of one, which stores the position
//! itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};
use crate::expand::{Expand, IdentityExpand};
use crate::logdensity::{EvalError, LogDensity};
use crate::target::Target;
use crate::vector::dot;

pub mod phase_space;

/// A target whose chains each get a clone of a log density.
#[derive(Debug, Clone)]
pub struct Analytic<L>(pub L);

impl<L: LogDensity + Clone + Send + Sync + 'static> Target for Analytic<L> {
    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn num_values(&self) -> usize {
        self.0.dim()
    }

    fn logdensity(&self) -> Result<Box<dyn LogDensity + Send>> {
        Ok(Box::new(self.0.clone()))
    }

    fn expand(&self) -> Result<Box<dyn Expand + Send>> {
        Ok(Box::new(IdentityExpand { dim: self.0.dim() }))
    }
}

/// Independent standard normals.
#[derive(Debug, Clone)]
pub struct StandardNormal {
    /// Number of coordinates.
    pub dim: usize,
}

impl LogDensity for StandardNormal {
    fn dim(&self) -> usize {
        self.dim
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        gradient.iter_mut().zip(position).for_each(|(g, x)| *g = -x);
        Ok(-0.5 * dot(position, position))
    }
}

/// Independent normals with these means and standard deviations.
#[derive(Debug, Clone)]
pub struct IndependentNormal {
    /// Means.
    pub mean: Vec<f64>,
    /// Standard deviations.
    pub sd: Vec<f64>,
}

impl LogDensity for IndependentNormal {
    fn dim(&self) -> usize {
        self.mean.len()
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let mut sum = 0.0;
        for (i, (x, g)) in position.iter().zip(gradient).enumerate() {
            let z = (x - self.mean[i]) / self.sd[i];
            sum += z * z;
            *g = -z / self.sd[i];
        }
        Ok(-0.5 * sum)
    }
}

/// Standard normals, each two of which have the same correlation.
#[derive(Debug, Clone)]
pub struct CorrelatedNormal {
    /// Number of coordinates.
    pub dim: usize,
    /// The correlation, in [0, 1).
    pub correlation: f64,
}

impl LogDensity for CorrelatedNormal {
    fn dim(&self) -> usize {
        self.dim
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        // The inverse of (1 - r) I + r 11' by the formula of Sherman and Morrison.
        let (r, dim) = (self.correlation, self.dim as f64);
        let shared = r / (1.0 + (dim - 1.0) * r) * position.iter().sum::<f64>();
        for (g, x) in gradient.iter_mut().zip(position) {
            *g = -(x - shared) / (1.0 - r);
        }
        Ok(0.5 * dot(position, gradient))
    }
}

/// Independent Student t distributions.
#[derive(Debug, Clone)]
pub struct StudentT {
    /// Number of coordinates.
    pub dim: usize,
    /// Degrees of freedom.
    pub nu: f64,
}

impl LogDensity for StudentT {
    fn dim(&self) -> usize {
        self.dim
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let mut sum = 0.0;
        for (g, x) in gradient.iter_mut().zip(position) {
            sum += (x * x / self.nu).ln_1p();
            *g = -(self.nu + 1.0) * x / (self.nu + x * x);
        }
        Ok(-0.5 * (self.nu + 1.0) * sum)
    }
}

/// Independent half normals on the log scale: `exp(position)` is half normal.
#[derive(Debug, Clone)]
pub struct LogHalfNormal {
    /// Number of coordinates.
    pub dim: usize,
}

impl LogDensity for LogHalfNormal {
    fn dim(&self) -> usize {
        self.dim
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let mut sum = 0.0;
        for (g, x) in gradient.iter_mut().zip(position) {
            let square = (2.0 * x).exp();
            sum += x - 0.5 * square;
            *g = 1.0 - square;
        }
        Ok(sum)
    }
}

/// Neal's funnel: `x0 ~ normal(0, 3)`, the others `normal(0, exp(x0 / 2))`.
#[derive(Debug, Clone)]
pub struct Funnel {
    /// Number of coordinates, the first included.
    pub dim: usize,
}

impl LogDensity for Funnel {
    fn dim(&self) -> usize {
        self.dim
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let (first, others) = (position[0], &position[1..]);
        let precision = (-first).exp();
        let (squares, count) = (dot(others, others), others.len() as f64);
        gradient[1..]
            .iter_mut()
            .zip(others)
            .for_each(|(g, x)| *g = -precision * x);
        gradient[0] = -first / 9.0 + 0.5 * (precision * squares - count);
        Ok(-first * first / 18.0 - 0.5 * precision * squares - 0.5 * count * first)
    }
}

/// A log density that misbehaves from a given evaluation of one of its clones on, or everywhere.
#[derive(Debug, Clone)]
pub struct Misbehaving<L> {
    /// What it is as long as it behaves.
    pub inner: L,
    /// What it does then.
    pub how: Misbehaviour,
    /// Evaluations before that.
    pub after: u64,
    /// Only the chain that starts right of this first coordinate misbehaves.
    pub right_of: f64,
    /// Evaluations so far.
    pub count: u64,
    /// Whether this clone is the one that misbehaves; decided at its first evaluation.
    pub is_bad: bool,
}

/// How a log density misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// It reports a fatal error.
    Fatal,
    /// It reports a recoverable error.
    Recoverable,
    /// It panics.
    Panic,
    /// It returns NaN.
    NaN,
    /// It returns a gradient with a NaN.
    NaNGradient,
    /// It returns minus infinity.
    MinusInfinity,
}

impl<L> Misbehaving<L> {
    /// Misbehaves in all chains after `after` evaluations.
    pub fn new(inner: L, how: Misbehaviour, after: u64) -> Self {
        Self {
            inner,
            how,
            after,
            right_of: f64::NEG_INFINITY,
            count: 0,
            is_bad: false,
        }
    }
}

impl<L: LogDensity> LogDensity for Misbehaving<L> {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        self.is_bad |= self.count == 0 && position[0] > self.right_of;
        self.count += 1;
        let value = self.inner.evaluate(position, gradient)?;
        if !self.is_bad || self.count <= self.after {
            return Ok(value);
        }
        match self.how {
            Misbehaviour::Fatal => Err(EvalError::Fatal("the data are gone".to_owned())),
            Misbehaviour::Recoverable => Err(EvalError::Recoverable("no solution".to_owned())),
            Misbehaviour::Panic => panic!("index out of range"),
            Misbehaviour::NaN => Ok(f64::NAN),
            Misbehaviour::MinusInfinity => Ok(f64::NEG_INFINITY),
            Misbehaviour::NaNGradient => {
                gradient[0] = f64::NAN;
                Ok(value)
            }
        }
    }
}

/// A log density that has no value right of `limit` in its first coordinate.
#[derive(Debug, Clone)]
pub struct Cliff<L> {
    /// What it is left of the limit.
    pub inner: L,
    /// Where it ends.
    pub limit: f64,
    /// What it does there.
    pub how: Misbehaviour,
}

impl<L: LogDensity + Clone> LogDensity for Cliff<L> {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        if position[0] <= self.limit {
            return self.inner.evaluate(position, gradient);
        }
        Misbehaving {
            is_bad: true,
            ..Misbehaving::new(self.inner.clone(), self.how, 0)
        }
        .evaluate(position, gradient)
    }
}

/// Counts the evaluations of all clones together, and sleeps in each if asked to.
#[derive(Debug, Clone)]
pub struct Counting<L> {
    /// What is counted.
    pub inner: L,
    /// The count.
    pub count: Arc<AtomicU64>,
    /// Time that an evaluation takes at least.
    pub pause: std::time::Duration,
}

impl<L> Counting<L> {
    /// Counts from 0, without sleeping.
    pub fn new(inner: L) -> Self {
        Self {
            inner,
            count: Arc::default(),
            pause: std::time::Duration::ZERO,
        }
    }
}

impl<L: LogDensity> LogDensity for Counting<L> {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        self.count.fetch_add(1, Ordering::Relaxed);
        if !self.pause.is_zero() {
            std::thread::sleep(self.pause);
        }
        self.inner.evaluate(position, gradient)
    }
}

/// A target that cannot make a log density.
#[derive(Debug, Clone, Copy)]
pub struct Unavailable;

impl Target for Unavailable {
    fn dim(&self) -> usize {
        1
    }

    fn num_values(&self) -> usize {
        1
    }

    fn logdensity(&self) -> Result<Box<dyn LogDensity + Send>> {
        Err(Error::Target {
            reason: "no licence".to_owned(),
        })
    }

    fn expand(&self) -> Result<Box<dyn Expand + Send>> {
        Ok(Box::new(IdentityExpand { dim: 1 }))
    }
}
