//! A target that panics, for the tests of what a panic does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rufous_core::{EvalError, Expand, IdentityExpand, LogDensity, Result, Target};

/// A standard normal density whose evaluation number `after` panics, counted over all chains.
pub(crate) struct PanickingTarget {
    dim: usize,
    evaluations_left: Arc<AtomicUsize>,
}

impl PanickingTarget {
    /// Make one that can be evaluated `after` times.
    pub(crate) fn new(dim: usize, after: usize) -> Self {
        Self {
            dim,
            evaluations_left: Arc::new(AtomicUsize::new(after)),
        }
    }
}

impl Target for PanickingTarget {
    fn dim(&self) -> usize {
        self.dim
    }

    fn num_values(&self) -> usize {
        self.dim
    }

    fn logdensity(&self) -> Result<Box<dyn LogDensity + Send>> {
        Ok(Box::new(Panicking {
            dim: self.dim,
            evaluations_left: Arc::clone(&self.evaluations_left),
        }))
    }

    fn expand(&self) -> Result<Box<dyn Expand + Send>> {
        Ok(Box::new(IdentityExpand { dim: self.dim }))
    }
}

struct Panicking {
    dim: usize,
    evaluations_left: Arc<AtomicUsize>,
}

impl LogDensity for Panicking {
    fn dim(&self) -> usize {
        self.dim
    }

    fn evaluate(
        &mut self,
        position: &[f64],
        gradient: &mut [f64],
    ) -> std::result::Result<f64, EvalError> {
        // Exactly one evaluation sees 0 and panics; wrapping round lets the other chains go on.
        let left = self.evaluations_left.fetch_sub(1, Ordering::Relaxed);
        assert!(left != 0, "this target panics when it is told to");
        gradient
            .iter_mut()
            .zip(position)
            .for_each(|(slope, x)| *slope = -x);
        Ok(-0.5 * position.iter().map(|x| x * x).sum::<f64>())
    }
}
