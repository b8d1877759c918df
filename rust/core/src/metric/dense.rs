//! The dense metric.

use super::Metric;
use crate::point::Point;
use crate::record::record;
use crate::vector::{self, dot};

/// The metric with a full inverse mass matrix `S = A A'`, where `A` is its Cholesky factor.
///
/// Applying it takes `2 dim^2` flops: it is for few dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct DenseMetric {
    dim: usize,
    /// Row after row; zero above the diagonal.
    cholesky: Vec<f64>,
    /// Row after row.
    inverse_mass: Vec<f64>,
}

impl DenseMetric {
    /// The metric with this lower triangular factor, row after row.
    ///
    /// Its diagonal must be positive.
    pub fn new(dim: usize, cholesky: Vec<f64>) -> Self {
        debug_assert_eq!(cholesky.len(), dim * dim);
        let row = |i: usize| &cholesky[i * dim..(i + 1) * dim];
        debug_assert!((0..dim).all(|i| row(i)[i] > 0.0));
        let mut inverse_mass = Vec::with_capacity(dim * dim);
        for i in 0..dim {
            for j in 0..dim {
                let length = i.min(j) + 1;
                inverse_mass.push(dot(&row(i)[..length], &row(j)[..length]));
            }
        }
        Self {
            dim,
            cholesky,
            inverse_mass,
        }
    }

    /// The length of a position.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The lower triangular factor `A`, row after row.
    pub fn cholesky(&self) -> &[f64] {
        &self.cholesky
    }

    /// The inverse mass matrix, row after row.
    pub fn inverse_mass_matrix(&self) -> &[f64] {
        &self.inverse_mass
    }

    /// The diagonal of the inverse mass matrix.
    pub fn inverse_mass_matrix_diagonal(&self) -> Vec<f64> {
        (0..self.dim)
            .map(|i| self.inverse_mass[i * self.dim + i])
            .collect()
    }

    /// Replaces gradients `a` by `A' a`.
    pub fn whiten_gradient(&self, gradient: &mut [f64]) {
        // Element j needs the elements from j on only.
        for j in 0..self.dim {
            gradient[j] = (j..self.dim).map(|i| self.row(i)[j] * gradient[i]).sum();
        }
    }

    /// Replaces displacements `x` by `A^-1 x`.
    pub fn whiten_position(&self, position: &mut [f64]) {
        for i in 0..self.dim {
            let row = self.row(i);
            let known = dot(&row[..i], &position[..i]);
            position[i] = (position[i] - known) / row[i];
        }
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.cholesky[i * self.dim..(i + 1) * self.dim]
    }
}

impl Metric for DenseMetric {
    const KEEPS_VELOCITY: bool = true;

    fn start(&self, point: &mut Point) {
        // v = A z from the last element back, for element i needs those up to i.
        point.velocity.copy_from_slice(&point.momentum);
        for i in (0..self.dim).rev() {
            point.velocity[i] = dot(&self.row(i)[..=i], &point.velocity[..=i]);
        }
        // p = A^-T z by back substitution.
        for i in (0..self.dim).rev() {
            let row = self.row(i);
            let p = point.momentum[i] / row[i];
            point.momentum[i] = p;
            let above = point.momentum[..i].iter_mut().zip(row);
            above.for_each(|(rest, a)| *rest -= a * p);
        }
        self.multiply(&point.gradient, &mut point.force);
    }

    fn multiply(&self, gradient: &[f64], force: &mut [f64]) {
        vector::multiply(&self.inverse_mass, gradient, force);
    }
}

record!(DenseMetric {
    dim,
    cholesky,
    inverse_mass
});
