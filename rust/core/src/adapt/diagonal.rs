//! Diagonal metric from the variances of draws and gradients.
//!
//! The scale of a coordinate is `(var x / var gradient)^(1/4)`: it minimises the Fisher divergence
//! between the posterior and a normal distribution with that metric, and for a normal posterior it
//! is right after a few draws, however badly they mix.
//!
//! # References
//!
//! Seyboldt, Carlson and Carpenter, *Preconditioning Hamiltonian Monte Carlo by minimizing Fisher
//! divergence*, arXiv 2603.18845.

use super::welford::RunningVariance;
use crate::metric::Whitening;
use crate::record::record;

/// Draws needed before they say anything about a scale.
const FEWEST_DRAWS: usize = 3;

/// Draws in two overlapping windows.
///
/// The foreground, from which the metric is estimated, holds the previous window and the current
/// one; the background holds the current one alone and becomes the foreground at the next switch.
/// So the metric always rests on at least one full window, and forgets old draws all the same.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagonalAdaptation {
    foreground: Window,
    background: Window,
}

#[derive(Debug, Clone, PartialEq)]
struct Window {
    positions: RunningVariance,
    gradients: RunningVariance,
}

impl DiagonalAdaptation {
    /// Without any draws.
    pub fn new(dim: usize) -> Self {
        Self {
            foreground: Window::new(dim),
            background: Window::new(dim),
        }
    }

    /// Adds a draw with its gradient.
    pub fn add(&mut self, position: &[f64], gradient: &[f64]) {
        self.foreground.add(position, gradient);
        self.background.add(position, gradient);
    }

    /// Forgets all draws before the current window, and begins a new window.
    pub fn switch(&mut self) {
        std::mem::swap(&mut self.foreground, &mut self.background);
        self.background.reset();
    }

    /// Updates a diagonal metric and its center if there are enough draws; returns whether it did.
    pub fn update_metric(&self, whitening: &mut Whitening) -> bool {
        let Window {
            positions,
            gradients,
        } = &self.foreground;
        if positions.count() < FEWEST_DRAWS {
            return false;
        }
        whitening.update_diagonal(|metric, center| {
            let squares = positions.squares().iter().zip(gradients.squares());
            metric.update(squares.map(|(x, gradient)| (x / gradient).sqrt().sqrt()));
            let means = positions.mean().iter().zip(gradients.mean());
            for ((center, (x, gradient)), scale) in center.iter_mut().zip(means).zip(metric.scale())
            {
                *center = x + scale * scale * gradient;
            }
        })
    }
}

impl Window {
    fn new(dim: usize) -> Self {
        Self {
            positions: RunningVariance::new(dim),
            gradients: RunningVariance::new(dim),
        }
    }

    fn add(&mut self, position: &[f64], gradient: &[f64]) {
        self.positions.add(position);
        self.gradients.add(gradient);
    }

    fn reset(&mut self) {
        self.positions.reset();
        self.gradients.reset();
    }
}

record!(DiagonalAdaptation {
    foreground,
    background
});
record!(Window {
    positions,
    gradients
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{ChainMetric, DiagonalMetric};

    /// Adds draws at these positions of a normal distribution with these standard deviations.
    fn add_normal(adaptation: &mut DiagonalAdaptation, sds: &[f64], at: &[f64]) {
        for z in at {
            let position: Vec<f64> = sds.iter().map(|sd| sd * z).collect();
            let gradient: Vec<f64> = sds.iter().map(|sd| -z / sd).collect();
            adaptation.add(&position, &gradient);
        }
    }

    fn of_scale(scale: Vec<f64>) -> Whitening {
        Whitening::new(ChainMetric::Diagonal(DiagonalMetric::new(scale)))
    }

    fn scales(adaptation: &DiagonalAdaptation, dim: usize) -> Vec<f64> {
        let mut whitening = of_scale(vec![1.0; dim]);
        assert!(adaptation.update_metric(&mut whitening));
        let squares = whitening.metric().inverse_mass_matrix_diagonal();
        squares.into_iter().map(f64::sqrt).collect()
    }

    #[test]
    fn a_normal_is_known_exactly_from_any_three_draws() {
        let sds = [1e-3, 1.0, 250.0];
        let mut adaptation = DiagonalAdaptation::new(3);
        add_normal(&mut adaptation, &sds, &[0.1, 0.11, 0.3]);
        for (scale, sd) in scales(&adaptation, 3).iter().zip(sds) {
            assert!((scale / sd - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn fewer_than_three_draws_change_nothing() {
        let mut adaptation = DiagonalAdaptation::new(1);
        add_normal(&mut adaptation, &[5.0], &[0.1, 0.2]);
        let mut whitening = of_scale(vec![1.0]);
        assert!(!adaptation.update_metric(&mut whitening));
        assert_eq!(whitening, of_scale(vec![1.0]));
    }

    #[test]
    fn a_switch_keeps_the_last_window_only() {
        let mut adaptation = DiagonalAdaptation::new(1);
        add_normal(&mut adaptation, &[7.0], &[0.1, 0.5, -1.0]);
        adaptation.switch();
        add_normal(&mut adaptation, &[2.0], &[0.1, 0.5, -1.0]);
        let mixed = scales(&adaptation, 1)[0];
        assert!(mixed > 2.1 && mixed < 6.9);
        adaptation.switch();
        assert!((scales(&adaptation, 1)[0] - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_flat_coordinate_keeps_its_scale() {
        let mut adaptation = DiagonalAdaptation::new(1);
        for x in [0.0, 1.0, 2.0] {
            adaptation.add(&[x], &[0.0]);
        }
        assert_eq!(scales(&adaptation, 1), [1.0]);
    }
}
