//! A plan bound to data: ready to be evaluated, on any number of threads.

use std::sync::Arc;

use rufous_core::{Error, EvalError, Expand, LogDensity, Target};

use crate::program::{Program, Workspace};

/// A model with its data. Cheap to share; each thread makes its own [`Evaluation`]s.
#[derive(Clone)]
pub struct BoundModel {
    pub(crate) dim: usize,
    pub(crate) parameter_shapes: Vec<Vec<usize>>,
    pub(crate) stored_shapes: Vec<Vec<usize>>,
    pub(crate) pointwise_shapes: Vec<Vec<usize>>,
    pub(crate) gradient: Arc<Program>,
    pub(crate) stored: Arc<Program>,
    pub(crate) pointwise: Arc<Program>,
}

impl BoundModel {
    /// Shapes of the free variables, in the order of the position.
    pub fn parameter_shapes(&self) -> &[Vec<usize>] {
        &self.parameter_shapes
    }

    /// Shapes of the stored variables, in the order of the values of [`Expand`].
    pub fn stored_shapes(&self) -> &[Vec<usize>] {
        &self.stored_shapes
    }

    /// Shapes of the pointwise log likelihoods.
    pub fn pointwise_shapes(&self) -> &[Vec<usize>] {
        &self.pointwise_shapes
    }

    /// An evaluation of the log density followed by its gradient, whether finite or not.
    pub fn gradient_values(&self) -> Evaluation {
        Evaluation::new(&self.gradient, self.dim)
    }

    /// The name of the instruction set that the kernels use.
    pub fn isa(&self) -> &'static str {
        self.gradient.isa().name()
    }

    /// Bytes of data shared by all threads, and bytes that each thread needs for gradients.
    pub fn bytes(&self) -> (usize, usize) {
        self.gradient.bytes()
    }

    /// What a gradient runs, as text for people.
    pub fn describe(&self) -> String {
        self.gradient.describe()
    }

    /// An evaluation of the stored variables.
    pub fn stored_values(&self) -> Evaluation {
        Evaluation::new(&self.stored, self.dim)
    }

    /// An evaluation of the pointwise log likelihood.
    pub fn pointwise_values(&self) -> Evaluation {
        Evaluation::new(&self.pointwise, self.dim)
    }
}

impl Target for BoundModel {
    fn dim(&self) -> usize {
        self.dim
    }

    fn num_values(&self) -> usize {
        self.stored.output_size()
    }

    fn logdensity(&self) -> Result<Box<dyn LogDensity + Send>, Error> {
        Ok(Box::new(Gradient(self.gradient_values())))
    }

    fn expand(&self) -> Result<Box<dyn Expand + Send>, Error> {
        Ok(Box::new(self.stored_values()))
    }
}

/// One program with its own memory.
pub struct Evaluation {
    program: Arc<Program>,
    work: Workspace,
    dim: usize,
}

impl Evaluation {
    fn new(program: &Arc<Program>, dim: usize) -> Self {
        Self {
            program: program.clone(),
            work: program.workspace(),
            dim,
        }
    }

    /// Number of values that an evaluation gives.
    pub fn num_values(&self) -> usize {
        self.program.output_size()
    }

    /// Writes the values at `position`.
    ///
    /// # Panics
    ///
    /// When `position` or `values` have another length than they should.
    pub fn evaluate(&mut self, position: &[f64], values: &mut [f64]) {
        assert_eq!(
            position.len(),
            self.dim,
            "the position has the length of the parameters"
        );
        assert_eq!(
            values.len(),
            self.num_values(),
            "the values fit their number"
        );
        self.program.run(&mut self.work, position, values);
    }
}

impl Expand for Evaluation {
    fn num_values(&self) -> usize {
        self.program.output_size()
    }

    fn expand(&mut self, position: &[f64], values: &mut [f64]) -> Result<(), EvalError> {
        self.evaluate(position, values);
        Ok(())
    }
}

/// The log density and its gradient.
struct Gradient(Evaluation);

impl LogDensity for Gradient {
    fn dim(&self) -> usize {
        self.0.dim
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let Evaluation { program, work, dim } = &mut self.0;
        assert!(
            position.len() == *dim && gradient.len() == *dim,
            "position and gradient have the length of the parameters"
        );
        let mut value = f64::NAN;
        program.run_into(work, position, |at, numbers| match (at, numbers) {
            (0, numbers) => value = numbers[0],
            (at, &[slope]) => gradient[at - 1] = slope,
            (at, slopes) => gradient[at - 1..][..slopes.len()].copy_from_slice(slopes),
        });
        if value.is_finite() && gradient.iter().all(|s| s.is_finite()) {
            Ok(value)
        } else if value.is_finite() {
            Err(EvalError::Recoverable(
                "the gradient is not finite".to_owned(),
            ))
        } else {
            Err(EvalError::Recoverable(format!(
                "the log density is {value}"
            )))
        }
    }
}
