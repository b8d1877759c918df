//! Warmup draws with their gradients: what metrics are fitted to.

use crate::record::record;

/// Draws of one chain, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    dim: usize,
    positions: Vec<f64>,
    gradients: Vec<f64>,
    logdensities: Vec<f64>,
}

/// A draw and the gradient there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair<'a> {
    /// The draw.
    pub position: &'a [f64],
    /// The gradient of the log density there.
    pub gradient: &'a [f64],
}

impl Draws {
    /// None yet, in `dim` dimensions.
    pub fn new(dim: usize) -> Self {
        Self {
            dim,
            positions: Vec::new(),
            gradients: Vec::new(),
            logdensities: Vec::new(),
        }
    }

    /// Makes room for `additional` draws, so that adding them does not allocate.
    pub fn reserve(&mut self, additional: usize) {
        self.positions.reserve(additional * self.dim);
        self.gradients.reserve(additional * self.dim);
        self.logdensities.reserve(additional);
    }

    /// Adds a draw.
    pub fn push(&mut self, pair: Pair<'_>, logdensity: f64) {
        self.positions.extend_from_slice(pair.position);
        self.gradients.extend_from_slice(pair.gradient);
        self.logdensities.push(logdensity);
    }

    /// Forgets all draws but the last `count`.
    pub fn keep_last(&mut self, count: usize) {
        let dropped = self.len().saturating_sub(count);
        self.positions.drain(..dropped * self.dim);
        self.gradients.drain(..dropped * self.dim);
        self.logdensities.drain(..dropped);
    }

    /// The number of draws.
    pub fn len(&self) -> usize {
        self.logdensities.len()
    }

    /// Whether there is no draw.
    pub fn is_empty(&self) -> bool {
        self.logdensities.is_empty()
    }

    /// The length of a position.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Draw number `index`.
    pub fn get(&self, index: usize) -> Pair<'_> {
        let row = index * self.dim..(index + 1) * self.dim;
        Pair {
            position: &self.positions[row.clone()],
            gradient: &self.gradients[row],
        }
    }

    /// All draws.
    pub fn iter(&self) -> impl Iterator<Item = Pair<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// The log densities of the draws.
    pub fn logdensities(&self) -> &[f64] {
        &self.logdensities
    }

    /// Whether the log density still rises after draw number `first`: three quarters of the earlier
    /// half of the draws lie below every one of the later half.
    pub fn rises_after(&self, first: usize) -> bool {
        let (early, late) = self.logdensities[first..].split_at((self.len() - first) / 2);
        let lowest = late.iter().copied().fold(f64::INFINITY, f64::min);
        let num_below = early.iter().filter(|early| **early < lowest).count();
        !early.is_empty() && 4 * num_below >= 3 * early.len()
    }
}

record!(Draws {
    dim,
    positions,
    gradients,
    logdensities,
});

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(logdensities: impl IntoIterator<Item = f64>) -> Draws {
        let mut draws = Draws::new(1);
        let (position, gradient) = (&[0.0][..], &[0.0][..]);
        for logdensity in logdensities {
            draws.push(Pair { position, gradient }, logdensity);
        }
        draws
    }

    #[test]
    fn a_climb_rises_and_a_place_does_not() {
        let wave = |i: i32| f64::from(i % 5);
        assert!(draws((0..20).map(|i| -100.0 / f64::from(i + 1))).rises_after(0));
        assert!(!draws((0..20).map(wave)).rises_after(0));
        assert!(!draws((0..20).map(|i| wave(i) + 0.1 * f64::from(i))).rises_after(0));
        // What came before the epoch does not count.
        let climb = (0..20).map(|i| f64::from(i) - 40.0);
        assert!(!draws(climb.chain((0..20).map(wave))).rises_after(20));
        assert!(!draws([1.0]).rises_after(0) && !draws([]).rises_after(0));
    }
}
