//! From an unconstrained position to the variables that are stored.

use crate::logdensity::EvalError;

/// The map from an unconstrained position to the flat vector of stored variables.
///
/// Both methods are required. It is called once per draw, not once per leapfrog.
pub trait Expand {
    /// The number of values stored per draw; 0 is allowed.
    fn num_values(&self) -> usize;

    /// Writes the stored variables of `position` into `values`, of length
    /// [`num_values`](Self::num_values).
    ///
    /// # Errors
    ///
    /// After a recoverable error the draw is kept, its values are all NaN, and the chain counts it
    /// in [`ChainTrace::num_failed_expansions`](crate::ChainTrace::num_failed_expansions). A fatal
    /// error ends the chain.
    fn expand(&mut self, position: &[f64], values: &mut [f64]) -> Result<(), EvalError>;
}

impl<E: Expand + ?Sized> Expand for Box<E> {
    fn num_values(&self) -> usize {
        (**self).num_values()
    }

    fn expand(&mut self, position: &[f64], values: &mut [f64]) -> Result<(), EvalError> {
        (**self).expand(position, values)
    }
}

/// Stores the position itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityExpand {
    /// The length of a position.
    pub dim: usize,
}

impl Expand for IdentityExpand {
    fn num_values(&self) -> usize {
        self.dim
    }

    fn expand(&mut self, position: &[f64], values: &mut [f64]) -> Result<(), EvalError> {
        values.copy_from_slice(position);
        Ok(())
    }
}
