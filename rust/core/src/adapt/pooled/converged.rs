//! Whether chains have mixed well enough to end warmup.

use crate::adapt::draws::Draws;
use crate::metric::ChainMetric;

/// How well chains have mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mixing {
    /// They have.
    Good,
    /// A few dozen draws cannot tell.
    Unclear,
    /// They are in different places.
    Bad,
}

/// Below both of these, of the log density and of the positions, mixing is good; above either of
/// the others it is bad. Chance alone gets halves of a few dozen draws above the first.
const GOOD: [f64; 2] = [1.05, 1.1];
const BAD: [f64; 2] = [1.2, 1.3];

/// Whether the draws of the last epochs agree between chains, and between halves of chains: in log
/// density, and along all whitened coordinates.
pub(super) fn mixing(chains: &[&Draws], metric: &ChainMetric) -> Mixing {
    let shortest = chains.iter().map(|draws| draws.len()).min().unwrap_or(0);
    if shortest < 10 {
        return Mixing::Bad;
    }
    let half = shortest / 2;
    let mut logdensity = Vec::new();
    let mut sums: Vec<Moments> = Vec::new();
    let mut whitened = vec![0.0; metric.dim()];
    for draws in chains {
        let last = draws.len() - 2 * half;
        for start in [last, last + half] {
            let mut moments = vec![Moments::default(); metric.dim()];
            let mut of_logdensity = Moments::default();
            for index in start..start + half {
                whitened.copy_from_slice(draws.get(index).position);
                metric.whiten_position(&mut whitened);
                moments
                    .iter_mut()
                    .zip(&whitened)
                    .for_each(|(sum, x)| sum.add(*x));
                of_logdensity.add(draws.logdensities()[index]);
            }
            logdensity.push(of_logdensity);
            sums.extend(moments);
        }
    }
    let coordinate = |i: usize| sums.iter().skip(i).step_by(metric.dim());
    let of_positions = (0..metric.dim()).map(|i| rhat(coordinate(i)));
    let found = [rhat(logdensity.iter()), of_positions.fold(1.0, f64::max)];
    let below = |limits: [f64; 2]| {
        found
            .iter()
            .zip(limits)
            .all(|(found, limit)| *found < limit)
    };
    if below(GOOD) {
        Mixing::Good
    } else if below(BAD) {
        Mixing::Unclear
    } else {
        Mixing::Bad
    }
}

/// Running mean and sum of squares (Welford).
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, x: f64) {
        self.count += 1.0;
        let deviation = x - self.mean;
        self.mean += deviation / self.count;
        self.squares += deviation * (x - self.mean);
    }
}

/// The potential scale reduction of pieces of equal length; infinite if it is not a number.
fn rhat<'a>(pieces: impl Iterator<Item = &'a Moments> + Clone) -> f64 {
    let count = pieces.clone().count() as f64;
    let length = pieces
        .clone()
        .map(|piece| piece.count)
        .next()
        .unwrap_or(0.0);
    let within = pieces
        .clone()
        .map(|piece| piece.squares / (length - 1.0))
        .sum::<f64>()
        / count;
    let mean = pieces.clone().map(|piece| piece.mean).sum::<f64>() / count;
    let between = pieces.map(|piece| (piece.mean - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let rhat = ((length - 1.0) / length + between / within).sqrt();
    if rhat.is_nan() { f64::INFINITY } else { rhat }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapt::draws::Pair;
    use crate::metric::DiagonalMetric;
    use crate::rng::chain_rng;
    use rand::RngExt;

    fn chain(number: usize, shift: f64) -> Draws {
        let (mut draws, mut rng) = (Draws::new(1), chain_rng(1, number));
        for _ in 0..60 {
            let x = shift + rng.random_range(-1.0..1.0);
            let pair = Pair {
                position: &[x],
                gradient: &[-x],
            };
            draws.push(pair, rng.random_range(-1.0..1.0));
        }
        draws
    }

    #[test]
    fn chains_in_one_place_have_mixed_and_chains_apart_have_not() {
        let metric = ChainMetric::Diagonal(DiagonalMetric::new(vec![1.0]));
        let (a, b, far) = (chain(0, 0.0), chain(1, 0.0), chain(2, 2.0));
        assert_eq!(mixing(&[&a, &b], &metric), Mixing::Good);
        assert_eq!(mixing(&[&a, &b, &far], &metric), Mixing::Bad);
        assert_eq!(mixing(&[&a, &Draws::new(1)], &metric), Mixing::Bad);
    }
}
