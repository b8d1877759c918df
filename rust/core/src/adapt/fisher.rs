//! Metrics that minimise the Fisher divergence to a set of draws.
//!
//! With whitened coordinates `x = mu + A y` the divergence is the mean of
//! `|A' a(x) + A^-1 (x - mu)|^2`, where `a` is the gradient of the log density. Among diagonal
//! metrics the minimum is at the scales `(var x / var a)^(1/4)`; among all, at the geometric mean
//! of the covariance of `x` and the inverse covariance of `a`. Both are exact for a normal
//! posterior, whatever the draws.
//!
//! # References
//!
//! Seyboldt, Carlson and Carpenter, *Preconditioning Hamiltonian Monte Carlo by minimizing Fisher
//! divergence*, arXiv 2603.18845.

use super::draws::Pair;
use crate::linalg::{
    Eigen, Matrix, cholesky, orthonormal_basis, solve_transposed, symmetric_eigen,
};
use crate::metric::{ChainMetric, DenseMetric, DiagonalMetric, LowRankMetric};
use crate::vector::{all_finite, axpy, dot};

/// Added to the sums of squares of positions and of gradients, in units in which both are near the
/// number of draws: where neither says anything the posterior counts as round.
const REGULARISATION: f64 = 1e-5;

/// Means and scales of draws, and the diagonal metric they make.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagonalFit {
    position_mean: Vec<f64>,
    gradient_mean: Vec<f64>,
    scale: Vec<f64>,
}

/// All variances of the posterior in units of a diagonal metric, with their directions.
///
/// Directions that are not among the eigenvectors have variance 1.
#[derive(Debug, Clone, PartialEq)]
pub struct SpectrumFit(Eigen);

impl DiagonalFit {
    /// Fits to draws; None if there are fewer than three.
    ///
    /// Where the draws give no usable scale, `fallback` does.
    pub fn new(pairs: &[Pair<'_>], fallback: &[f64]) -> Option<Self> {
        if pairs.len() < 3 {
            return None;
        }
        let position_mean = mean(pairs.iter().map(|pair| pair.position), fallback.len());
        let gradient_mean = mean(pairs.iter().map(|pair| pair.gradient), fallback.len());
        let mut scale = fallback.to_vec();
        for (i, scale) in scale.iter_mut().enumerate() {
            let (mut squares, mut gradient_squares) = (0.0, 0.0);
            for pair in pairs {
                squares += (pair.position[i] - position_mean[i]).powi(2);
                gradient_squares += (pair.gradient[i] - gradient_mean[i]).powi(2);
            }
            let estimate = (squares / gradient_squares).sqrt().sqrt();
            if estimate.is_normal() {
                *scale = estimate;
            }
        }
        (all_finite(&position_mean) && all_finite(&gradient_mean)).then_some(Self {
            position_mean,
            gradient_mean,
            scale,
        })
    }

    /// How much the log density would change from the mean to a draw by the gradient there alone.
    pub fn slope_from_mean(&self, pair: Pair<'_>) -> f64 {
        let steps = pair.position.iter().zip(&self.position_mean);
        let terms = steps
            .zip(pair.gradient)
            .map(|((x, mean), a)| (x - mean) * a);
        terms.sum()
    }

    /// The scales.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// The diagonal metric.
    pub fn metric(&self) -> ChainMetric {
        ChainMetric::Diagonal(DiagonalMetric::new(self.scale.clone()))
    }

    /// The center that goes with a metric: where the mean gradient says that the mean of the
    /// positions should be, `mean x + S mean a`.
    pub fn center(&self, metric: &ChainMetric) -> Vec<f64> {
        let mut center = vec![0.0; self.scale.len()];
        metric.multiply(&self.gradient_mean, &mut center);
        axpy(1.0, &self.position_mean, &mut center);
        center
    }

    /// Fits the variances in units of the scales along all directions that the draws say something
    /// about; None if a number overflows.
    pub fn spectrum(&self, pairs: &[Pair<'_>]) -> Option<SpectrumFit> {
        let positions = self.standardised(pairs, |pair, i| {
            (pair.position[i] - self.position_mean[i]) / self.scale[i]
        });
        let gradients = self.standardised(pairs, |pair, i| {
            (pair.gradient[i] - self.gradient_mean[i]) * self.scale[i]
        });
        if !positions.is_finite() || !gradients.is_finite() {
            return None;
        }
        let dim = self.scale.len();
        if 2 * pairs.len() >= dim {
            return geometric_mean(&positions, &gradients).map(SpectrumFit);
        }
        // In directions in which nothing moved the variance is 1: work in those that remain.
        let basis = orthonormal_basis(&positions.above(&gradients), REGULARISATION.sqrt());
        let Eigen { values, vectors } = geometric_mean(
            &positions.times_transposed(&basis),
            &gradients.times_transposed(&basis),
        )?;
        let vectors = vectors.times(&basis);
        Some(SpectrumFit(Eigen { values, vectors }))
    }

    /// The mean Fisher divergence per dimension, under the root, of `metric` on other draws.
    ///
    /// The root keeps draws far out in a tail from deciding alone. Infinite if it is not finite.
    pub fn divergence(&self, metric: &ChainMetric, pairs: &[Pair<'_>]) -> f64 {
        let dim = self.scale.len();
        let (mut sum, mut whitened, mut gradient) = (0.0, vec![0.0; dim], vec![0.0; dim]);
        // mu = mean x + S mean a, which in whitened coordinates is a shift by A' mean a.
        let mut shift = self.gradient_mean.clone();
        metric.whiten_gradient(&mut shift);
        for pair in pairs {
            whitened.copy_from_slice(pair.position);
            axpy(-1.0, &self.position_mean, &mut whitened);
            metric.whiten_position(&mut whitened);
            gradient.copy_from_slice(pair.gradient);
            metric.whiten_gradient(&mut gradient);
            let mut square = 0.0;
            for i in 0..dim {
                square += (gradient[i] + whitened[i] - shift[i]).powi(2);
            }
            sum += (square / dim as f64).sqrt();
        }
        let mean = sum / pairs.len() as f64;
        if mean.is_finite() {
            mean
        } else {
            f64::INFINITY
        }
    }

    /// One row per draw.
    fn standardised(&self, pairs: &[Pair<'_>], f: impl Fn(&Pair<'_>, usize) -> f64) -> Matrix {
        Matrix::from_fn(pairs.len(), self.scale.len(), |i, j| f(&pairs[i], j))
    }
}

impl SpectrumFit {
    /// The metric that keeps the directions with variances above `cutoff` or below its inverse.
    pub fn low_rank(&self, fit: &DiagonalFit, cutoff: f64) -> ChainMetric {
        let kept = self
            .rows()
            .filter(|(eigenvalue, _)| is_kept(*eigenvalue, cutoff));
        let (eigenvalues, vectors): (Vec<f64>, Vec<&[f64]>) = kept.unzip();
        let metric = LowRankMetric::new(fit.scale.clone(), eigenvalues, vectors.concat());
        ChainMetric::LowRank(metric)
    }

    /// The metric that keeps everything; None if its factorisation fails.
    pub fn dense(&self, fit: &DiagonalFit) -> Option<ChainMetric> {
        let dim = fit.scale.len();
        let mut inverse_mass = Matrix::identity(dim);
        for (eigenvalue, vector) in self.rows() {
            for i in 0..dim {
                let factor = (eigenvalue - 1.0) * vector[i];
                axpy(factor, vector, inverse_mass.row_mut(i));
            }
        }
        let mut factor = cholesky(&inverse_mass)?;
        for (i, scale) in fit.scale.iter().enumerate() {
            factor.row_mut(i).iter_mut().for_each(|x| *x *= scale);
        }
        let usable = factor.is_finite() && (0..dim).all(|i| factor.row(i)[i] > 0.0);
        usable.then(|| ChainMetric::Dense(DenseMetric::new(dim, factor.into_data())))
    }

    /// The largest variance by the smallest, of all directions.
    pub fn condition(&self) -> f64 {
        condition(self.0.values.iter().copied())
    }

    /// By what factor keeping the directions beyond `cutoff` would shorten trajectories, according
    /// to other draws; as a log.
    ///
    /// It is the root of the condition number. In the draws that directions were fitted to noise
    /// alone spreads the variances; in others it does not, and a metric full of noise spreads them.
    pub fn log_gain(&self, fit: &DiagonalFit, cutoff: f64, pairs: &[Pair<'_>]) -> f64 {
        let others = self.0.values.iter();
        let left = others.filter(|eigenvalue| !is_kept(**eigenvalue, cutoff));
        let mut without = Range::default();
        left.for_each(|eigenvalue| without.add(eigenvalue.ln()));
        let mut with = without;
        let (mut of_positions, mut of_gradients) = (vec![0.0; fit.scale.len()], fit.scale.clone());
        for (eigenvalue, vector) in self.rows().filter(|(value, _)| is_kept(*value, cutoff)) {
            for (i, scale) in fit.scale.iter().enumerate() {
                (of_positions[i], of_gradients[i]) = (vector[i] / scale, vector[i] * scale);
            }
            let positions = pairs.iter().map(|pair| dot(&of_positions, pair.position));
            let gradients = pairs.iter().map(|pair| dot(&of_gradients, pair.gradient));
            let log_variance = 0.5 * (squares(positions) / squares(gradients)).ln();
            without.add(log_variance);
            with.add(log_variance - eigenvalue.ln());
        }
        0.5 * (without.length() - with.length())
    }

    /// How many directions a cutoff keeps.
    pub fn rank(&self, cutoff: f64) -> usize {
        let eigenvalues = self.0.values.iter();
        eigenvalues
            .filter(|eigenvalue| is_kept(**eigenvalue, cutoff))
            .count()
    }

    fn rows(&self) -> impl Iterator<Item = (f64, &[f64])> {
        self.0.values.iter().copied().zip(self.0.vectors.rows())
    }
}

fn is_kept(eigenvalue: f64, cutoff: f64) -> bool {
    eigenvalue > cutoff || eigenvalue < cutoff.recip()
}

/// The extremes of numbers, 0 included; NaN is in none.
#[derive(Debug, Clone, Copy, Default)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn add(&mut self, x: f64) {
        (self.low, self.high) = (self.low.min(x), self.high.max(x));
    }

    fn length(&self) -> f64 {
        self.high - self.low
    }
}

/// The sum of squared distances from the mean.
fn squares(x: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let mean = x.clone().sum::<f64>() / x.len() as f64;
    x.map(|x| (x - mean) * (x - mean)).sum()
}

/// The ratio of the extremes, 1 included.
fn condition(eigenvalues: impl Iterator<Item = f64>) -> f64 {
    let (low, high) = eigenvalues.fold((1.0_f64, 1.0_f64), |(low, high), eigenvalue| {
        (low.min(eigenvalue), high.max(eigenvalue))
    });
    high / low
}

/// The matrix `S` with `S Cg S = Cx`, where `Cx` and `Cg` are the sums of squares of the rows of
/// `positions` and of `gradients`.
///
/// With `Cg = L L'` and `L' Cx L = W D W'` it is `S = L'^-1 W D^1/2 W' L^-1`.
fn geometric_mean(positions: &Matrix, gradients: &Matrix) -> Option<Eigen> {
    let mut squares = gradients.gram();
    squares.add_to_diagonal(REGULARISATION);
    let lower = cholesky(&squares)?;
    let mut product = positions.times(&lower).gram();
    product.add_scaled(REGULARISATION, &lower.gram());
    let Eigen {
        values,
        vectors: mut root,
    } = symmetric_eigen(product)?;
    // S is the sum of squares of the rows of D^1/4 W' L^-1. Of directions of which neither positions
    // nor gradients say anything D is the square of the regularisation, and nowhere is it less; next
    // to the largest that drowns in rounding errors, which would leave such a direction no variance.
    for (i, value) in values.iter().enumerate() {
        let size = value.max(REGULARISATION * REGULARISATION).sqrt().sqrt();
        root.row_mut(i).iter_mut().for_each(|x| *x *= size);
    }
    solve_transposed(&lower, &mut root);
    let eigen = symmetric_eigen(root.gram())?;
    let usable = eigen.values.iter().all(|x| x.is_finite() && *x > 0.0);
    (usable && eigen.vectors.is_finite()).then_some(eigen)
}

fn mean<'a>(rows: impl Iterator<Item = &'a [f64]>, dim: usize) -> Vec<f64> {
    let (mut sum, mut count) = (vec![0.0; dim], 0.0);
    for row in rows {
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        count += 1.0;
    }
    for sum in &mut sum {
        *sum /= count;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LogDensity;
    use crate::adapt::draws::Draws;
    use crate::rng::chain_rng;
    use crate::testing::CorrelatedNormal;
    use rand::RngExt;

    /// Points about as wide as a normal, with its gradients.
    fn draws(dim: usize, correlation: f64, count: usize) -> Draws {
        let mut target = CorrelatedNormal { dim, correlation };
        let (mut draws, mut rng) = (Draws::new(dim), chain_rng(3, 0));
        for _ in 0..count {
            let mut unit = || rng.random_range(-1.7..1.7);
            let shared = correlation.sqrt() * unit();
            let own = (1.0 - correlation).sqrt();
            let position: Vec<f64> = (0..dim).map(|_| shared + own * unit()).collect();
            let mut gradient = vec![0.0; dim];
            let value = target.evaluate(&position, &mut gradient).unwrap();
            let pair = Pair {
                position: &position,
                gradient: &gradient,
            };
            draws.push(pair, value);
        }
        draws
    }

    #[test]
    fn other_draws_say_what_directions_are_worth() {
        let gain = |correlation, cutoff| {
            let (fitted, other) = (draws(4, correlation, 60), draws(4, correlation, 30));
            let pairs: Vec<Pair<'_>> = fitted.iter().collect();
            let fit = DiagonalFit::new(&pairs, &[1.0; 4]).unwrap();
            let spectrum = fit.spectrum(&pairs).unwrap();
            let test: Vec<Pair<'_>> = other.iter().collect();
            let most = 0.5 * spectrum.condition().ln();
            (spectrum.log_gain(&fit, cutoff, &test), most)
        };
        assert!(gain(0.0, 1.0).0.abs() < 1e-3);
        // Of a normal a few draws tell all.
        let (found, most) = gain(0.9, 2.0);
        assert!(most > 1.5 && (found - most).abs() < 1e-3);
        // Directions of no meaning, fitted to noise, make things worse on other draws.
        let noise = |seed| {
            let (mut noise, mut rng) = (Draws::new(4), chain_rng(seed, 0));
            for _ in 0..8 {
                let mut number = || rng.random_range(-1.0..1.0);
                let position: Vec<f64> = (0..4).map(|_| number()).collect();
                let gradient: Vec<f64> = (0..4).map(|_| number()).collect();
                let (position, gradient) = (&position[..], &gradient[..]);
                noise.push(Pair { position, gradient }, 0.0);
            }
            noise
        };
        let (fitted, other) = (noise(1), noise(2));
        let pairs: Vec<Pair<'_>> = fitted.iter().collect();
        let fit = DiagonalFit::new(&pairs, &[1.0; 4]).unwrap();
        let spectrum = fit.spectrum(&pairs).unwrap();
        let test: Vec<Pair<'_>> = other.iter().collect();
        assert!(spectrum.condition() > 4.0);
        assert!(spectrum.log_gain(&fit, 1.0, &test) < 0.5 * spectrum.condition().ln() - 0.3);
    }

    /// The inverse mass matrix, by applying it to unit vectors.
    fn matrix(metric: &ChainMetric, dim: usize) -> Vec<f64> {
        let mut rows = Vec::new();
        for i in 0..dim {
            let (mut unit, mut row) = (vec![0.0; dim], vec![0.0; dim]);
            unit[i] = 1.0;
            metric.multiply(&unit, &mut row);
            rows.extend(row);
        }
        rows
    }

    #[test]
    fn a_normal_is_known_from_any_draws_that_span_it() {
        let dim = 6;
        let draws = draws(dim, 0.9, dim + 2);
        let pairs: Vec<Pair> = draws.iter().collect();
        let fit = DiagonalFit::new(&pairs, &vec![1.0; dim]).unwrap();
        let spectrum = fit.spectrum(&pairs).unwrap();
        for metric in [spectrum.low_rank(&fit, 1.0), spectrum.dense(&fit).unwrap()] {
            for (i, found) in matrix(&metric, dim).into_iter().enumerate() {
                let expected = if i % (dim + 1) == 0 { 1.0 } else { 0.9 };
                assert!((found - expected).abs() < 1e-3, "{found} {expected}");
            }
            assert!(fit.divergence(&metric, &pairs) < 1e-2);
        }
        assert!(fit.divergence(&fit.metric(), &pairs) > 0.3);
    }

    #[test]
    fn fewer_draws_than_dimensions_find_the_wide_direction() {
        let (dim, count) = (40, 12);
        let draws = draws(dim, 0.9, count);
        let pairs: Vec<Pair> = draws.iter().collect();
        let fit = DiagonalFit::new(&pairs, &vec![1.0; dim]).unwrap();
        let spectrum = fit.spectrum(&pairs).unwrap();
        let metric = spectrum.low_rank(&fit, 2.0);
        assert!(fit.divergence(&metric, &pairs) < fit.divergence(&fit.metric(), &pairs));
        let ChainMetric::LowRank(metric) = metric else {
            panic!("it is low-rank")
        };
        assert_eq!(metric.eigenvalues().len(), spectrum.rank(2.0));
        for i in 0..metric.eigenvalues().len() {
            for j in 0..metric.eigenvalues().len() {
                let product = dot(
                    &metric.vectors()[i * dim..][..dim],
                    &metric.vectors()[j * dim..][..dim],
                );
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn no_direction_is_left_without_variance() {
        let (dim, count) = (60, 20);
        for seed in 0..10 {
            let mut rng = chain_rng(seed, 0);
            let unit = Matrix::from_fn(count, dim, |_, _| rng.random_range(-1.7..1.7));
            let sd = |i: usize| 10_f64.powf(i as f64 / 20.0 - 1.5);
            let positions = Matrix::from_fn(count, dim, |k, i| 10.0 * unit.row(k)[i] * sd(i));
            let gradients = Matrix::from_fn(count, dim, |k, i| -10.0 * unit.row(k)[i] / sd(i));
            let found = geometric_mean(&positions, &gradients).unwrap().values[0];
            let most: f64 = gradients.rows().map(|row| dot(row, row)).sum();
            let least = (REGULARISATION / (REGULARISATION + most)).sqrt();
            assert!(found > least, "{found:e} {least:e}");
        }
    }

    #[test]
    fn two_draws_are_too_few_and_nonsense_is_refused() {
        let two = draws(3, 0.1, 2);
        let pairs: Vec<Pair> = two.iter().collect();
        assert_eq!(DiagonalFit::new(&pairs, &[1.0; 3]), None);
        let mut bad = draws(3, 0.1, 4);
        bad.push(
            Pair {
                position: &[f64::INFINITY, 0.0, 0.0],
                gradient: &[0.0; 3],
            },
            0.0,
        );
        let pairs: Vec<Pair> = bad.iter().collect();
        assert_eq!(DiagonalFit::new(&pairs, &[1.0; 3]), None);
    }
}
