//! What a chain takes the posterior for: a metric, and where its center is.

use super::{ChainMetric, DiagonalMetric};
use crate::record::record;

/// The map `x = center + A y` under which the posterior looks standard normal, as far as is known.
///
/// Transitions need its metric only; the center says how well the map fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Whitening {
    metric: ChainMetric,
    /// Empty while unknown.
    center: Vec<f64>,
    version: u64,
}

impl Whitening {
    /// With a metric of unknown center.
    pub fn new(metric: ChainMetric) -> Self {
        Self {
            center: Vec::with_capacity(metric.dim()),
            metric,
            version: 0,
        }
    }

    /// The metric in use.
    pub fn metric(&self) -> &ChainMetric {
        &self.metric
    }

    /// How often the metric was replaced.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Takes another metric, and the center that goes with it.
    pub fn replace(&mut self, metric: ChainMetric, center: Vec<f64>) {
        debug_assert_eq!(center.len(), metric.dim());
        self.metric = metric;
        self.center = center;
        self.version += 1;
    }

    /// Changes a diagonal metric and the center by `change`, which may allocate nothing; returns
    /// whether the metric is diagonal.
    pub fn update_diagonal(
        &mut self,
        change: impl FnOnce(&mut DiagonalMetric, &mut [f64]),
    ) -> bool {
        let ChainMetric::Diagonal(metric) = &mut self.metric else {
            return false;
        };
        self.center.resize(metric.scale().len(), 0.0);
        change(metric, &mut self.center);
        self.version += 1;
        true
    }

    /// How far a draw is from what a normal with this metric and center would have there:
    /// `|A' a + A^-1 (x - center)|` by the root of the dimension, with the gradient `a`.
    ///
    /// The mean of its square is the Fisher divergence per dimension. NaN while the center is not
    /// known. `scratch` is overwritten; it is twice as long as a position.
    ///
    /// # Examples
    ///
    /// ```
    /// use rufous_core::metric::{ChainMetric, DiagonalMetric, Whitening};
    ///
    /// let metric = ChainMetric::Diagonal(DiagonalMetric::new(vec![2.0]));
    /// let mut whitening = Whitening::new(metric.clone());
    /// let mut scratch = [0.0; 2];
    /// assert!(whitening.fisher_distance(&[3.0], &[-0.5], &mut scratch).is_nan());
    /// // A normal with mean 1 and standard deviation 2 has gradient -(x - 1) / 4.
    /// whitening.replace(metric, vec![1.0]);
    /// assert_eq!(whitening.fisher_distance(&[3.0], &[-0.5], &mut scratch), 0.0);
    /// assert_eq!(whitening.fisher_distance(&[3.0], &[0.0], &mut scratch), 1.0);
    /// ```
    pub fn fisher_distance(&self, position: &[f64], gradient: &[f64], scratch: &mut [f64]) -> f64 {
        if self.center.is_empty() {
            return f64::NAN;
        }
        let (away, slope) = scratch.split_at_mut(position.len());
        for (away, (x, center)) in away.iter_mut().zip(position.iter().zip(&self.center)) {
            *away = x - center;
        }
        self.metric.whiten_position(away);
        slope.copy_from_slice(gradient);
        self.metric.whiten_gradient(slope);
        let squares = away.iter().zip(slope).map(|(x, a)| (x + *a) * (x + *a));
        (squares.sum::<f64>() / position.len() as f64).sqrt()
    }
}

record!(Whitening {
    metric,
    center,
    version,
});
