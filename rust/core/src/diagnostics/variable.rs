//! All quantities of one variable, whose draws are sorted once.

use super::MIN_DRAWS;
use super::autocovariance::Autocovariance;
use super::draws::Draws;
use super::effective_size::effective_size;
use super::moments::{mean, mean_of, variance};
use super::normal_scores::ScoreTable;
use super::quantity::Quantity;
use super::rhat::rhat;
use super::sorted::Sorted;

/// Quantiles whose effective sample sizes make up that of the tails.
const TAILS: [f64; 2] = [0.05, 0.95];

/// Memory that one thread uses for one variable after the other.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    columns: Vec<Vec<f64>>,
    /// Draws in halves of chains, without the middle draw of an odd number.
    split: Vec<f64>,
    sorted: Sorted,
    scores: Vec<f64>,
    derived: Vec<f64>,
    other_order: Sorted,
    autocovariance: Autocovariance,
}

/// The draws of one variable, chain after chain, and what is known of them so far.
struct Variable<'a> {
    values: &'a [f64],
    num_chains: usize,
    num_draws: usize,
    table: &'a ScoreTable,
    has_nan: bool,
    is_sorted: bool,
    is_scored: bool,
    ess_mean: Option<f64>,
    ess_sd: Option<f64>,
}

impl Workspace {
    /// Computes a row of quantities for each variable of a block.
    pub(super) fn diagnose(
        &mut self,
        block: &Draws<'_>,
        quantities: &[Quantity],
        table: &ScoreTable,
    ) -> Vec<Vec<f64>> {
        let mut columns = std::mem::take(&mut self.columns);
        block.copy_to(&mut columns);
        let row = |values: &Vec<f64>| {
            let mut variable = Variable::new(values, block, table);
            split(values, block.num_draws(), &mut self.split);
            let number = |quantity: &Quantity| variable.quantity(*quantity, self);
            quantities.iter().map(number).collect()
        };
        let rows = columns.iter().map(row).collect();
        self.columns = columns;
        rows
    }
}

impl<'a> Variable<'a> {
    fn new(values: &'a [f64], block: &Draws<'_>, table: &'a ScoreTable) -> Self {
        Self {
            values,
            num_chains: block.num_chains(),
            num_draws: block.num_draws(),
            table,
            has_nan: values.iter().any(|x| x.is_nan()),
            is_sorted: false,
            is_scored: false,
            ess_mean: None,
            ess_sd: None,
        }
    }

    fn quantity(&mut self, quantity: Quantity, work: &mut Workspace) -> f64 {
        let values = self.values;
        let is_known = match quantity {
            Quantity::Minimum | Quantity::Maximum => !values.is_empty(),
            Quantity::Rhat => self.num_chains > 1 && self.num_draws >= MIN_DRAWS,
            _ => self.num_chains > 0 && self.num_draws >= MIN_DRAWS,
        };
        if self.has_nan || !is_known {
            return f64::NAN;
        }
        match quantity {
            Quantity::Rhat => self.rhat(work),
            Quantity::EssBulk => {
                self.score(work);
                effective_size(&work.scores, self.half(), &mut work.autocovariance)
            }
            Quantity::EssTail => self.ess_tail(work),
            Quantity::EssMean => self.ess_mean(work),
            Quantity::EssSd => self.ess_sd(work),
            Quantity::McseMean => (variance(values, mean(values)) / self.ess_mean(work)).sqrt(),
            Quantity::McseSd => self.mcse_sd(work),
            Quantity::Sd => variance(values, mean(values)).sqrt(),
            Quantity::Minimum => values.iter().copied().fold(f64::INFINITY, f64::min),
            Quantity::Maximum => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Draws of half a chain.
    fn half(&self) -> usize {
        self.num_draws / 2
    }

    fn sort(&mut self, work: &mut Workspace) {
        if !self.is_sorted {
            work.sorted.sort(&work.split);
            self.is_sorted = true;
        }
    }

    fn score(&mut self, work: &mut Workspace) {
        if !self.is_scored {
            self.sort(work);
            self.table.score(&work.sorted, &mut work.scores);
            self.is_scored = true;
        }
    }

    fn rhat(&mut self, work: &mut Workspace) -> f64 {
        self.score(work);
        let bulk = rhat(&work.scores, self.half());
        let median = work.sorted.median();
        if !median.is_finite() {
            return f64::NAN;
        }
        work.other_order.fold(&work.sorted, median);
        self.table.score(&work.other_order, &mut work.derived);
        // The folded draws of a coin do not vary, and then have no R-hat.
        bulk.max(rhat(&work.derived, self.half()))
    }

    fn ess_tail(&mut self, work: &mut Workspace) -> f64 {
        let order = if self.num_draws.is_multiple_of(2) {
            self.sort(work);
            &work.sorted
        } else {
            // The quantiles are those of all draws, the middle ones included.
            work.other_order.sort(self.values);
            &work.other_order
        };
        let sizes = TAILS.map(|p| {
            let quantile = order.quantile(p);
            let is_below = |x: &f64| f64::from(u8::from(*x <= quantile));
            work.derived.clear();
            work.derived.extend(work.split.iter().map(is_below));
            effective_size(&work.derived, self.half(), &mut work.autocovariance)
        });
        sizes[0].min(sizes[1])
    }

    fn ess_mean(&mut self, work: &mut Workspace) -> f64 {
        let half = self.half();
        *self
            .ess_mean
            .get_or_insert_with(|| effective_size(&work.split, half, &mut work.autocovariance))
    }

    fn ess_sd(&mut self, work: &mut Workspace) -> f64 {
        let (half, centre) = (self.half(), mean(self.values));
        *self.ess_sd.get_or_insert_with(|| {
            work.derived.clear();
            let squares = work.split.iter().map(|x| (x - centre) * (x - centre));
            work.derived.extend(squares);
            effective_size(&work.derived, half, &mut work.autocovariance)
        })
    }

    /// The standard error of a variance, by the delta method that of its root.
    fn mcse_sd(&mut self, work: &mut Workspace) -> f64 {
        let centre = mean(self.values);
        let second = mean_of(self.values, |x| (x - centre).powi(2));
        let fourth = mean_of(self.values, |x| (x - centre).powi(4));
        let variance_of_variance = (fourth - second * second) / self.ess_sd(work);
        (variance_of_variance / second / 4.0).sqrt()
    }
}

/// Copies the halves of all chains.
fn split(values: &[f64], num_draws: usize, halves: &mut Vec<f64>) {
    let half = num_draws / 2;
    halves.clear();
    for chain in values.chunks_exact(num_draws.max(1)) {
        halves.extend_from_slice(&chain[..half]);
        halves.extend_from_slice(&chain[num_draws - half..]);
    }
}
