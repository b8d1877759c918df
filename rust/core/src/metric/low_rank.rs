//! The low-rank metric: diagonal, but for a few directions.

use super::Metric;
use crate::point::Point;
use crate::record::record;
use crate::vector::{axpy, dot};

/// The metric with `A = diag(scale) (I + V (L^1/2 - I) V')`: in units of `scale` the posterior has
/// variances `L` along the few orthonormal rows of `V'`, and 1 in all other directions.
///
/// Applying it takes `4 dim rank` flops and no scratch memory.
///
/// # References
///
/// Seyboldt, Carlson and Carpenter, *Preconditioning Hamiltonian Monte Carlo by minimizing Fisher
/// divergence*, arXiv 2603.18845.
#[derive(Debug, Clone, PartialEq)]
pub struct LowRankMetric {
    scale: Vec<f64>,
    /// Rising: the narrow directions come first, before wide ones fill the sum with rounding.
    eigenvalues: Vec<f64>,
    /// One unit vector of length `dim` after the other.
    vectors: Vec<f64>,
}

impl LowRankMetric {
    /// The metric with these scales, eigenvalues in rising order, and eigenvectors one after the
    /// other.
    ///
    /// Scales and eigenvalues must be finite and positive, and the vectors orthonormal.
    pub fn new(scale: Vec<f64>, eigenvalues: Vec<f64>, vectors: Vec<f64>) -> Self {
        debug_assert!(scale.iter().all(|s| s.is_finite() && *s > 0.0));
        debug_assert!(eigenvalues.iter().all(|l| l.is_finite() && *l > 0.0));
        debug_assert!(eigenvalues.is_sorted());
        debug_assert_eq!(vectors.len(), scale.len() * eigenvalues.len());
        Self {
            scale,
            eigenvalues,
            vectors,
        }
    }

    /// The scales.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// Variances along the directions kept, in units of the scales, rising.
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigenvalues
    }

    /// The directions, one unit vector of length `dim` after the other.
    pub fn vectors(&self) -> &[f64] {
        &self.vectors
    }

    /// The diagonal of the inverse mass matrix.
    pub fn inverse_mass_matrix_diagonal(&self) -> Vec<f64> {
        let mut diagonal = vec![1.0; self.scale.len()];
        for (eigenvalue, vector) in self.directions() {
            for (sum, v) in diagonal.iter_mut().zip(vector) {
                *sum += (eigenvalue - 1.0) * v * v;
            }
        }
        let pairs = diagonal.iter_mut().zip(&self.scale);
        pairs.for_each(|(sum, s)| *sum *= s * s);
        diagonal
    }

    /// Replaces gradients `a` by `A' a`.
    pub fn whiten_gradient(&self, gradient: &mut [f64]) {
        multiply(gradient, &self.scale);
        self.stretch(gradient, |eigenvalue| eigenvalue.sqrt() - 1.0);
    }

    /// Replaces displacements `x` by `A^-1 x`.
    pub fn whiten_position(&self, position: &mut [f64]) {
        divide(position, &self.scale);
        self.stretch(position, |eigenvalue| eigenvalue.sqrt().recip() - 1.0);
    }

    /// Replaces whitened displacements `y` by `A y`.
    pub fn unwhiten(&self, whitened: &mut [f64]) {
        self.stretch(whitened, |eigenvalue| eigenvalue.sqrt() - 1.0);
        multiply(whitened, &self.scale);
    }

    /// The log of the determinant of `A`.
    pub fn log_volume(&self) -> f64 {
        let scales: f64 = self.scale.iter().map(|s| s.ln()).sum();
        let eigenvalues: f64 = self.eigenvalues.iter().map(|l| l.ln()).sum();
        scales + 0.5 * eigenvalues
    }

    fn directions(&self) -> impl Iterator<Item = (f64, &[f64])> {
        let vectors = self.vectors.chunks_exact(self.scale.len());
        self.eigenvalues.iter().copied().zip(vectors)
    }

    /// Adds, for each direction, its part of `values` times `factor`.
    ///
    /// The vectors are orthogonal, so what has been added along one does not show along the next:
    /// they can be taken one after the other, in place.
    fn stretch(&self, values: &mut [f64], factor: impl Fn(f64) -> f64) {
        for (eigenvalue, vector) in self.directions() {
            axpy(factor(eigenvalue) * dot(vector, values), vector, values);
        }
    }
}

impl Metric for LowRankMetric {
    const KEEPS_VELOCITY: bool = true;

    fn start(&self, point: &mut Point) {
        // v = A z, and p = A^-T z.
        point.velocity.copy_from_slice(&point.momentum);
        self.stretch(&mut point.velocity, |eigenvalue| eigenvalue.sqrt() - 1.0);
        multiply(&mut point.velocity, &self.scale);
        self.stretch(&mut point.momentum, |eigenvalue| {
            eigenvalue.sqrt().recip() - 1.0
        });
        divide(&mut point.momentum, &self.scale);
        self.multiply(&point.gradient, &mut point.force);
    }

    fn multiply(&self, gradient: &[f64], force: &mut [f64]) {
        let pairs = gradient.iter().zip(&self.scale);
        force
            .iter_mut()
            .zip(pairs)
            .for_each(|(f, (g, s))| *f = s * g);
        self.stretch(force, |eigenvalue| eigenvalue - 1.0);
        multiply(force, &self.scale);
    }
}

fn multiply(values: &mut [f64], by: &[f64]) {
    values.iter_mut().zip(by).for_each(|(x, s)| *x *= s);
}

fn divide(values: &mut [f64], by: &[f64]) {
    values.iter_mut().zip(by).for_each(|(x, s)| *x /= s);
}

record!(LowRankMetric {
    scale,
    eigenvalues,
    vectors
});
