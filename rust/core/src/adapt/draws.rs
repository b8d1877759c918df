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
}

record!(Draws {
    dim,
    positions,
    gradients,
    logdensities,
});
