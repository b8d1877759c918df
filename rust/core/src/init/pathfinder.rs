//! Starting positions from normal approximations along the way to a mode.
//!
//! L-BFGS climbs the log density; at points of its path its estimate of the inverse Hessian makes a
//! normal approximation of the posterior. The start is a draw from the one with the best evidence
//! lower bound, which is usually some way before the mode: a mode may be far from the mass.
//!
//! # References
//!
//! Zhang, Carpenter, Gelman and Vehtari, *Pathfinder: Parallel quasi-Newton variational inference*,
//! JMLR 23, 2022.

use rand::RngExt;
use rand_distr::StandardNormal;

use crate::linalg::{Matrix, orthonormal_basis, solve_transposed, symmetric_eigen};
use crate::logdensity::{EvalError, LogDensity};
use crate::metric::LowRankMetric;
use crate::point::Evaluation;
use crate::record::record;
use crate::rng::ChainRng;
use crate::vector::{all_finite, axpy, dot};

/// Steps of L-BFGS at most.
const MAX_STEPS: usize = 100;

/// Pairs of steps and changes of gradients that are remembered.
const HISTORY: usize = 6;

/// Approximations along the path that are compared.
const MAX_APPROXIMATIONS: usize = 20;

/// Draws by which each of them is judged.
const NUM_DRAWS: usize = 5;

/// The path ends when a step gains less than this part of the log density.
const TOLERANCE: f64 = 1e-6;

/// Counts evaluations, and makes recoverable errors a log density of minus infinity.
struct Counted<'a, L: ?Sized> {
    logdensity: &'a mut L,
    count: u64,
}

/// A point of the path, with the approximation there.
struct Stop {
    at: Evaluation,
    scale: Vec<f64>,
    steps: Vec<Vec<f64>>,
    changes: Vec<Vec<f64>>,
}

/// Replaces `start` by a draw from the best approximation on the way up from it.
///
/// `start` stays as it is if nothing better is found. Adds the number of evaluations to
/// `num_gradients`; there are at most a few hundred.
///
/// # Errors
///
/// The reason of a fatal error of the log density.
pub fn pathfinder<L: LogDensity + ?Sized>(
    logdensity: &mut L,
    start: &mut Evaluation,
    rng: &mut ChainRng,
    num_gradients: &mut u64,
) -> Result<(), String> {
    let mut target = Counted {
        logdensity,
        count: 0,
    };
    let found = climb(&mut target, start).and_then(|path| best_draw(&mut target, &path, rng));
    *num_gradients += target.count;
    if let Some((found, _)) = found? {
        *start = found;
    }
    Ok(())
}

/// A place that a climb has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Summit {
    /// A draw from the best approximation.
    pub draw: Evaluation,
    /// Log density where the climb ended.
    pub height: f64,
    /// Evidence lower bound: about the logarithm of the mass of the place, or less.
    pub bound: f64,
}

record!(Summit {
    draw,
    height,
    bound
});

/// Climbs from `start`, and looks around if the end is higher than `above`; None if it is not.
///
/// Adds the number of evaluations to `num_gradients`.
///
/// # Errors
///
/// The reason of a fatal error of the log density.
pub(super) fn scout<L: LogDensity + ?Sized>(
    logdensity: &mut L,
    start: &Evaluation,
    above: f64,
    rng: &mut ChainRng,
    num_gradients: &mut u64,
) -> Result<Option<Summit>, String> {
    let mut target = Counted {
        logdensity,
        count: 0,
    };
    let found = look_around(&mut target, start, above, rng);
    *num_gradients += target.count;
    found
}

fn look_around<L: LogDensity + ?Sized>(
    target: &mut Counted<'_, L>,
    start: &Evaluation,
    above: f64,
    rng: &mut ChainRng,
) -> Result<Option<Summit>, String> {
    let path = climb(target, start)?;
    let Some(height) = path.last().map(|stop| stop.at.logdensity) else {
        return Ok(None);
    };
    if height <= above {
        return Ok(None);
    }
    let found = best_draw(target, &path, rng)?;
    Ok(found.map(|(draw, bound)| Summit {
        draw,
        height,
        bound,
    }))
}

/// The points at which the path of L-BFGS stops, from `start` to near a mode.
fn climb<L: LogDensity + ?Sized>(
    target: &mut Counted<'_, L>,
    start: &Evaluation,
) -> Result<Vec<Stop>, String> {
    let dim = start.position.len();
    let mut here = Stop {
        at: start.clone(),
        scale: vec![1.0; dim],
        steps: Vec::new(),
        changes: Vec::new(),
    };
    let mut path = Vec::new();
    for _ in 0..MAX_STEPS {
        let Some(next) = here.line_search(target)? else {
            break;
        };
        let gain = next.logdensity - here.at.logdensity;
        here = here.moved(next);
        path.push(here.clone_of());
        if gain <= TOLERANCE * here.at.logdensity.abs().max(1.0) {
            break;
        }
    }
    Ok(path)
}

/// A draw from the approximation with the best evidence lower bound, and that bound.
fn best_draw<L: LogDensity + ?Sized>(
    target: &mut Counted<'_, L>,
    path: &[Stop],
    rng: &mut ChainRng,
) -> Result<Option<(Evaluation, f64)>, String> {
    let every = path.len().div_ceil(MAX_APPROXIMATIONS).max(1);
    let (mut best, mut best_bound) = (None, f64::NEG_INFINITY);
    // From the end, so that the last point is among those looked at.
    for stop in path.iter().rev().step_by(every) {
        let Some(metric) = stop.inverse_hessian() else {
            continue;
        };
        let (mut bound, mut first) = (0.0, None);
        for _ in 0..NUM_DRAWS {
            let (position, log_normal) = stop.draw(&metric, rng);
            let draw = target.evaluate(position)?;
            bound += (draw.logdensity - log_normal) / NUM_DRAWS as f64;
            first = first.or(Some(draw).filter(is_usable));
        }
        if bound > best_bound {
            (best, best_bound) = (first, bound);
        }
    }
    Ok(best.map(|best| (best, best_bound)))
}

impl Stop {
    fn clone_of(&self) -> Self {
        Self {
            at: self.at.clone(),
            scale: self.scale.clone(),
            steps: self.steps.clone(),
            changes: self.changes.clone(),
        }
    }

    /// A higher point in the direction of Newton's step; None if there is none.
    fn line_search<L: LogDensity + ?Sized>(
        &self,
        target: &mut Counted<'_, L>,
    ) -> Result<Option<Evaluation>, String> {
        let direction = self.newton_step();
        let slope = dot(&direction, &self.at.gradient);
        // Before anything is known of the scale, a step of length one at most.
        let length = dot(&direction, &direction).sqrt();
        let mut factor = if self.steps.is_empty() {
            length.recip().min(1.0)
        } else {
            1.0
        };
        for _ in 0..25 {
            let mut position = self.at.position.clone();
            axpy(factor, &direction, &mut position);
            let next = target.evaluate(position)?;
            if is_usable(&next) && next.logdensity >= self.at.logdensity + 1e-4 * factor * slope {
                return Ok(Some(next));
            }
            factor *= 0.3;
        }
        Ok(None)
    }

    /// The inverse Hessian times the gradient, by the two loops of L-BFGS.
    fn newton_step(&self) -> Vec<f64> {
        let mut direction = self.at.gradient.clone();
        let mut shares = Vec::with_capacity(HISTORY);
        for (step, change) in self.steps.iter().zip(&self.changes).rev() {
            let share = dot(step, &direction) / dot(step, change);
            axpy(-share, change, &mut direction);
            shares.push(share);
        }
        let pairs = direction.iter_mut().zip(&self.scale);
        pairs.for_each(|(x, s)| *x *= s * s);
        for ((step, change), share) in self
            .steps
            .iter()
            .zip(&self.changes)
            .zip(shares.iter().rev())
        {
            let back = dot(change, &direction) / dot(step, change);
            axpy(share - back, step, &mut direction);
        }
        direction
    }

    /// Takes the step to `next`, and learns from it.
    fn moved(mut self, next: Evaluation) -> Self {
        let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        let step: Vec<f64> = difference(&next.position, &self.at.position);
        let change: Vec<f64> = difference(&self.at.gradient, &next.gradient);
        self.at = next;
        // Where the density is not concave the pair says nothing about a normal.
        if dot(&step, &change) <= 1e-12 * dot(&change, &change) {
            return self;
        }
        self.rescale(&step, &change);
        if self.steps.len() == HISTORY {
            self.steps.remove(0);
            self.changes.remove(0);
        }
        self.steps.push(step);
        self.changes.push(change);
        self
    }

    /// The diagonal update of Gilbert and Lemaréchal, as in the paper.
    fn rescale(&mut self, step: &[f64], change: &[f64]) {
        let of = |i: usize| self.scale[i] * self.scale[i];
        let a: f64 = (0..step.len()).map(|i| change[i] * change[i] * of(i)).sum();
        let b = dot(step, change);
        let c: f64 = (0..step.len()).map(|i| step[i] * step[i] / of(i)).sum();
        let updated: Vec<f64> = (0..step.len())
            .map(|i| {
                let variance = of(i);
                let inverse = a / (b * variance) + change[i] * change[i] / b
                    - a * step[i] * step[i] / (b * c * variance * variance);
                inverse.recip().sqrt()
            })
            .collect();
        for (scale, updated) in self.scale.iter_mut().zip(updated) {
            if updated.is_normal() {
                *scale = updated;
            }
        }
    }

    /// The inverse Hessian of L-BFGS as a diagonal matrix with a few directions stretched.
    ///
    /// In units of the scale it is `I + W' G W`, with the steps and the changes as rows of `W`
    /// (Byrd, Nocedal and Schnabel 1994).
    fn inverse_hessian(&self) -> Option<LowRankMetric> {
        let (count, dim) = (self.steps.len(), self.scale.len());
        let rows = Matrix::from_fn(2 * count, dim, |i, j| {
            if i < count {
                self.steps[i][j] / self.scale[j]
            } else {
                self.changes[i - count][j] * self.scale[j]
            }
        });
        // R' is the lower triangle of the products of changes (rows) and steps (columns).
        let lower = Matrix::from_fn(count, count, |i, j| {
            if j <= i {
                dot(&self.changes[i], &self.steps[j])
            } else {
                0.0
            }
        });
        let products = Matrix::from_fn(count, count, |i, j| {
            let own = if i == j { lower.row(i)[i] } else { 0.0 };
            own + dot(rows.row(count + i), rows.row(count + j))
        });
        // Row k of `inverse` solves R x = e_k, so that it is column k of R^-1.
        let mut inverse = Matrix::identity(count);
        solve_transposed(&lower, &mut inverse);
        let corner = inverse.times(&products).times_transposed(&inverse);
        let middle = Matrix::from_fn(2 * count, 2 * count, |i, j| match (i < count, j < count) {
            (true, true) => corner.row(i)[j],
            (true, false) => -inverse.row(i)[j - count],
            (false, true) => -inverse.row(j)[i - count],
            (false, false) => 0.0,
        });
        let basis = orthonormal_basis(&rows, 1e-10);
        let coefficients = rows.times_transposed(&basis);
        let mut small = coefficients
            .transposed()
            .times(&middle)
            .times(&coefficients);
        small.add_to_diagonal(1.0);
        let eigen = symmetric_eigen(small)?;
        if !eigen.values.iter().all(|x| x.is_finite() && *x > 1e-12) {
            return None;
        }
        let vectors = eigen.vectors.times(&basis);
        vectors
            .is_finite()
            .then(|| LowRankMetric::new(self.scale.clone(), eigen.values, vectors.into_data()))
    }

    /// A draw from the approximation, and the log of its density there.
    fn draw(&self, metric: &LowRankMetric, rng: &mut ChainRng) -> (Vec<f64>, f64) {
        let dim = self.scale.len();
        let normals: Vec<f64> = (0..dim).map(|_| rng.sample(StandardNormal)).collect();
        let log_normal = -0.5 * dot(&normals, &normals) - metric.log_volume();
        let mut position = self.newton_step();
        axpy(1.0, &self.at.position, &mut position);
        let mut away = normals;
        metric.unwhiten(&mut away);
        axpy(1.0, &away, &mut position);
        (position, log_normal)
    }
}

impl<L: LogDensity + ?Sized> Counted<'_, L> {
    fn evaluate(&mut self, position: Vec<f64>) -> Result<Evaluation, String> {
        self.count += 1;
        let mut gradient = vec![f64::NAN; position.len()];
        let logdensity = match self.logdensity.evaluate(&position, &mut gradient) {
            Ok(value) if value.is_nan() => f64::NEG_INFINITY,
            Ok(value) => value,
            Err(EvalError::Recoverable(_)) => f64::NEG_INFINITY,
            Err(EvalError::Fatal(reason)) => return Err(reason),
        };
        Ok(Evaluation {
            position,
            gradient,
            logdensity,
        })
    }
}

fn is_usable(at: &Evaluation) -> bool {
    at.logdensity.is_finite() && all_finite(&at.gradient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Metric as _;
    use crate::rng::chain_rng;
    use crate::testing::{CorrelatedNormal, Funnel, StandardNormal as RoundNormal};

    fn found<L: LogDensity>(mut target: L, from: &[f64], seed: u64) -> (Evaluation, u64) {
        let mut gradient = vec![0.0; from.len()];
        let logdensity = target.evaluate(from, &mut gradient).unwrap();
        let mut at = Evaluation {
            position: from.to_vec(),
            gradient,
            logdensity,
        };
        let (mut count, mut rng) = (0, chain_rng(seed, 0));
        pathfinder(&mut target, &mut at, &mut rng, &mut count).unwrap();
        (at, count)
    }

    #[test]
    fn finds_the_mass_of_a_normal_from_far_away() {
        for seed in 0..20 {
            let target = CorrelatedNormal {
                dim: 10,
                correlation: 0.9,
            };
            let (at, count) = found(
                target,
                &[300.0, -50.0, 0.0, 0.0, 9.0, 1.0, 1.0, 1.0, 1.0, 1.0],
                seed,
            );
            // Twice the distance from the best value is chi-squared with ten degrees of freedom.
            assert!((-25.0..-0.2).contains(&at.logdensity), "{}", at.logdensity);
            assert!(count <= 400, "{count}");
        }
    }

    #[test]
    fn the_inverse_hessian_maps_changes_to_steps() {
        let mut target = CorrelatedNormal {
            dim: 5,
            correlation: 0.7,
        };
        let mut gradient = vec![0.0; 5];
        let position = vec![3.0, -2.0, 1.0, 0.5, 4.0];
        let logdensity = target.evaluate(&position, &mut gradient).unwrap();
        let start = Evaluation {
            position,
            gradient,
            logdensity,
        };
        let mut counted = Counted {
            logdensity: &mut target,
            count: 0,
        };
        for stop in climb(&mut counted, &start).unwrap() {
            let metric = stop.inverse_hessian().unwrap();
            let (step, change) = (
                &stop.steps[stop.steps.len() - 1],
                &stop.changes[stop.steps.len() - 1],
            );
            let mut image = vec![0.0; 5];
            metric.multiply(change, &mut image);
            for (found, expected) in image.iter().zip(step) {
                assert!((found - expected).abs() <= 1e-8 * expected.abs().max(1.0));
            }
            let mut image = vec![0.0; 5];
            metric.multiply(&stop.at.gradient, &mut image);
            for (found, expected) in image.iter().zip(stop.newton_step()) {
                assert!((found - expected).abs() <= 1e-8 * expected.abs().max(1.0));
            }
        }
    }

    #[test]
    fn a_funnel_is_not_followed_to_its_mode() {
        // The density rises along the neck up to -40.5, where there is no mass.
        let mut firsts: Vec<f64> = (0..20)
            .map(|seed| found(Funnel { dim: 10 }, &[1.0; 10], seed).0.position[0])
            .collect();
        firsts.sort_by(f64::total_cmp);
        assert!(firsts[10] > -12.0, "{firsts:?}");
    }

    #[test]
    fn a_start_at_the_mode_is_as_good_as_any() {
        let (at, _) = found(RoundNormal { dim: 3 }, &[0.0; 3], 1);
        assert!(at.logdensity.is_finite());
    }
}
