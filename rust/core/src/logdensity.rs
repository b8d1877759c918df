//! What the samplers need from a model: a log density with its gradient.

use thiserror::Error;

/// Why an evaluation gave no number.
///
/// Build one only on failure: an evaluation that succeeds must not allocate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvalError {
    /// The position has no density (a solver did not converge, a matrix was not positive definite).
    /// A trajectory that comes here ends as a divergence, and sampling goes on.
    #[error("{0}")]
    Recoverable(String),
    /// Going on is pointless. The chain stops and keeps the draws it has.
    #[error("{0}")]
    Fatal(String),
}

/// A log density over unconstrained vectors, with its gradient.
///
/// Both methods are required. `evaluate` takes `&mut self`, so that an implementation may keep
/// scratch space; each chain has its own.
///
/// # Examples
///
/// ```
/// use rufous_core::{EvalError, LogDensity};
///
/// struct StandardNormal(usize);
///
/// impl LogDensity for StandardNormal {
///     fn dim(&self) -> usize {
///         self.0
///     }
///
///     fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
///         gradient.iter_mut().zip(position).for_each(|(g, x)| *g = -x);
///         Ok(-0.5 * position.iter().map(|x| x * x).sum::<f64>())
///     }
/// }
///
/// let mut gradient = [0.0; 2];
/// let logdensity = StandardNormal(2).evaluate(&[1.0, 2.0], &mut gradient)?;
/// assert_eq!((logdensity, gradient), (-2.5, [-1.0, -2.0]));
/// # Ok::<(), EvalError>(())
/// ```
pub trait LogDensity {
    /// The length of a position, at least 1.
    fn dim(&self) -> usize;

    /// Returns the log density at `position`, up to a constant, and writes its gradient.
    ///
    /// Both slices have length [`dim`](Self::dim). The result must depend on the position alone.
    /// NaN and infinities may be returned, in the value and in the gradient; they mean the same as
    /// [`EvalError::Recoverable`].
    ///
    /// # Errors
    ///
    /// See [`EvalError`]. The content of `gradient` is then ignored.
    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError>;
}

impl<L: LogDensity + ?Sized> LogDensity for Box<L> {
    fn dim(&self) -> usize {
        (**self).dim()
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        (**self).evaluate(position, gradient)
    }
}
