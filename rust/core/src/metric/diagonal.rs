//! The diagonal metric.

use super::Metric;
use crate::point::Point;
use crate::vector::add_lanes;

/// The metric with `A = diag(scale)`, that is with inverse mass matrix `diag(scale^2)`.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagonalMetric {
    scale: Vec<f64>,
}

impl DiagonalMetric {
    /// The metric with these scales (estimates of posterior standard deviations).
    ///
    /// All must be finite and positive.
    pub fn new(scale: Vec<f64>) -> Self {
        debug_assert!(scale.iter().all(|s| s.is_finite() && *s > 0.0));
        Self { scale }
    }

    /// A first guess from the gradient at the start: `scale^2 = 1 / |gradient|`.
    ///
    /// This is the Fisher estimate `sqrt(var x / var gradient)` of one draw, for want of a variance
    /// of `x`. A component that is (next to) zero or not finite says nothing about the scale; it
    /// gets 1.
    pub fn from_gradient(gradient: &[f64]) -> Self {
        const SMALLEST: f64 = 1e-10;
        let scale = gradient.iter().map(|g| {
            let size = g.abs();
            if size.is_finite() && size > SMALLEST {
                size.sqrt().recip()
            } else {
                1.0
            }
        });
        Self::new(scale.collect())
    }

    /// The diagonal of `A`.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// The diagonal of the inverse mass matrix.
    pub fn inverse_mass_matrix(&self) -> Vec<f64> {
        self.scale.iter().map(|s| s * s).collect()
    }

    /// Replaces the scales for which `estimates` has something usable, a finite positive number.
    pub fn update(&mut self, estimates: impl Iterator<Item = f64>) {
        for (scale, estimate) in self.scale.iter_mut().zip(estimates) {
            if estimate.is_normal() && estimate > 0.0 {
                *scale = estimate;
            }
        }
    }
}

impl Metric for DiagonalMetric {
    fn dim(&self) -> usize {
        self.scale.len()
    }

    fn to_position(&self, whitened: &[f64], position: &mut [f64]) {
        let pairs = whitened.iter().zip(&self.scale);
        position
            .iter_mut()
            .zip(pairs)
            .for_each(|(x, (y, s))| *x = s * y);
    }

    fn to_whitened(&self, position: &[f64], whitened: &mut [f64]) {
        let pairs = position.iter().zip(&self.scale);
        whitened
            .iter_mut()
            .zip(pairs)
            .for_each(|(y, (x, s))| *y = x / s);
    }

    fn whiten_gradient(&self, gradient: &[f64], whitened_gradient: &mut [f64]) {
        let pairs = gradient.iter().zip(&self.scale);
        whitened_gradient
            .iter_mut()
            .zip(pairs)
            .for_each(|(b, (a, s))| *b = s * a);
    }

    #[allow(clippy::needless_range_loop, reason = "seven slices run in step")]
    fn kick_and_drift(&self, from: &Point, to: &mut Point, step_size: f64) {
        let dim = self.scale.len();
        let scale = &self.scale[..dim];
        let (velocity, gradient) = (&from.velocity[..dim], &from.whitened_gradient[..dim]);
        let whitened = &from.whitened[..dim];
        let (new_velocity, new_whitened) = (&mut to.velocity[..dim], &mut to.whitened[..dim]);
        let new_position = &mut to.position[..dim];
        let half_step = 0.5 * step_size;
        for i in 0..dim {
            let v = velocity[i] + half_step * gradient[i];
            let y = whitened[i] + step_size * v;
            new_velocity[i] = v;
            new_whitened[i] = y;
            new_position[i] = scale[i] * y;
        }
    }

    fn kick(&self, point: &mut Point, step_size: f64) {
        const LANES: usize = 4;
        let half_step = 0.5 * step_size;
        let update = |scale: f64, gradient: f64, whitened: &mut f64, velocity: &mut f64| {
            *whitened = scale * gradient;
            *velocity += half_step * *whitened;
            *velocity * *velocity
        };
        let (scale, scale_rest) = self.scale.as_chunks::<LANES>();
        let (gradient, gradient_rest) = point.gradient.as_chunks::<LANES>();
        let (whitened, whitened_rest) = point.whitened_gradient.as_chunks_mut::<LANES>();
        let (velocity, velocity_rest) = point.velocity.as_chunks_mut::<LANES>();
        let mut sums = [0.0; LANES];
        for (((s, g), w), v) in scale.iter().zip(gradient).zip(whitened).zip(velocity) {
            for lane in 0..LANES {
                sums[lane] += update(s[lane], g[lane], &mut w[lane], &mut v[lane]);
            }
        }
        let mut sum = add_lanes(sums);
        let rest = scale_rest
            .iter()
            .zip(gradient_rest)
            .zip(whitened_rest)
            .zip(velocity_rest);
        for (((s, g), w), v) in rest {
            sum += update(*s, *g, w, v);
        }
        point.kinetic_energy = 0.5 * sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same map through the provided methods only.
    struct Plain<'a>(&'a DiagonalMetric);

    impl Metric for Plain<'_> {
        fn dim(&self) -> usize {
            self.0.dim()
        }
        fn to_position(&self, whitened: &[f64], position: &mut [f64]) {
            self.0.to_position(whitened, position);
        }
        fn to_whitened(&self, position: &[f64], whitened: &mut [f64]) {
            self.0.to_whitened(position, whitened);
        }
        fn whiten_gradient(&self, gradient: &[f64], whitened_gradient: &mut [f64]) {
            self.0.whiten_gradient(gradient, whitened_gradient);
        }
    }

    fn rows() -> impl Strategy<Value = Vec<[f64; 5]>> {
        let row = (0.01..100.0, -9.0..9.0, -9.0..9.0, -9.0..9.0, -9.0..9.0);
        prop::collection::vec(row.prop_map(|(a, b, c, d, e)| [a, b, c, d, e]), 1..20)
    }

    proptest! {
        #[test]
        fn fused_passes_agree_with_the_provided_ones(rows in rows(), step_size in -1.0..1.0) {
            let column = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
            let metric = DiagonalMetric::new(column(0));
            let from = Point {
                whitened: column(1),
                velocity: column(2),
                whitened_gradient: column(3),
                ..Point::new(rows.len())
            };
            let mut fused = Point { gradient: column(4), ..Point::new(rows.len()) };
            let mut plain = fused.clone();
            metric.kick_and_drift(&from, &mut fused, step_size);
            metric.kick(&mut fused, step_size);
            Plain(&metric).kick_and_drift(&from, &mut plain, step_size);
            Plain(&metric).kick(&mut plain, step_size);
            prop_assert_eq!(fused, plain);
        }

        #[test]
        fn whitening_is_undone(rows in rows()) {
            let column = |i: usize| rows.iter().map(|row| row[i]).collect::<Vec<f64>>();
            let metric = DiagonalMetric::new(column(0));
            let (position, mut whitened, mut back) = (column(1), column(2), column(3));
            metric.to_whitened(&position, &mut whitened);
            metric.to_position(&whitened, &mut back);
            for (x, b) in position.iter().zip(&back) {
                prop_assert!((x - b).abs() <= 1e-14 * x.abs());
            }
        }
    }

    #[test]
    fn the_first_guess_survives_zeros_and_nonsense() {
        let metric =
            DiagonalMetric::from_gradient(&[4.0, 0.0, -0.25, f64::NAN, f64::INFINITY, 1e-300]);
        assert_eq!(metric.scale(), [0.5, 1.0, 2.0, 1.0, 1.0, 1.0]);
        assert_eq!(metric.inverse_mass_matrix()[0], 0.25);
    }

    #[test]
    fn unusable_estimates_leave_the_scale() {
        let mut metric = DiagonalMetric::new(vec![2.0; 5]);
        metric.update([3.0, 0.0, f64::NAN, f64::INFINITY, -1.0].into_iter());
        assert_eq!(metric.scale(), [3.0, 2.0, 2.0, 2.0, 2.0]);
    }

    #[test]
    fn kinetic_energy_shows_a_gradient_that_is_not_finite() {
        let metric = DiagonalMetric::new(vec![1.0; 3]);
        for bad in [f64::NAN, f64::INFINITY] {
            let mut point = Point {
                gradient: vec![0.0, bad, 0.0],
                ..Point::new(3)
            };
            metric.kick(&mut point, 0.1);
            assert!(!point.kinetic_energy.is_finite());
        }
    }
}
