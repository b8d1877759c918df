//! Draws in memory, as columns.

use crate::error::{Error, Result};
use crate::record::record;
use crate::settings::SampleSettings;
use crate::sink::{Draw, Sink};
use crate::stats::{DrawStats, STATISTICS, StatColumn};

/// Stored draws of one chain, as columns.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawTable {
    /// Number of draws that are stored.
    pub num_draws: usize,
    /// Values per draw.
    pub num_values: usize,
    /// Stored variables, row by row: `num_draws * num_values` numbers.
    pub values: Vec<f64>,
    /// Unconstrained positions, row by row, if they were asked for.
    pub unconstrained: Option<Vec<f64>>,
    /// Where the leapfrog that diverged set out from, one row for each diverging draw in order, if
    /// that was asked for.
    pub divergence_starts: Option<Vec<f64>>,
    /// One column of length `num_draws` per row of [`STATISTICS`].
    pub stats: Vec<StatColumn>,
}

/// A sink that keeps draws in memory reserved at the start.
///
/// # Examples
///
/// ```
/// use rufous_core::{MemorySink, SampleSettings};
///
/// let settings = SampleSettings { store_warmup: true, ..SampleSettings::default() };
/// let sink = MemorySink::new(0, 2, 5, &settings)?;
/// let (warmup, draws) = sink.into_tables();
/// assert_eq!(warmup.map(|table| table.num_values), Some(5));
/// assert_eq!(draws.num_draws, 0);
/// # Ok::<(), rufous_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MemorySink {
    warmup: Option<DrawTable>,
    draws: DrawTable,
}

impl DrawTable {
    /// A table without draws, and without memory.
    pub fn empty(num_values: usize, settings: &SampleSettings) -> Self {
        Self {
            num_draws: 0,
            num_values,
            values: Vec::new(),
            unconstrained: settings.store_unconstrained.then(Vec::new),
            divergence_starts: settings.store_divergences.then(Vec::new),
            stats: STATISTICS
                .iter()
                .map(|statistic| statistic.field.column())
                .collect(),
        }
    }

    /// The column of the statistic called `name`, if there is one.
    pub fn stat(&self, name: &str) -> Option<&StatColumn> {
        let index = STATISTICS
            .iter()
            .position(|statistic| statistic.name == name)?;
        self.stats.get(index)
    }

    /// Reserves memory for `num_draws` more draws; None if there is not enough.
    fn reserve(&mut self, dim: usize, num_draws: usize) -> Option<()> {
        let numbers = num_draws.checked_mul(self.num_values)?;
        self.values.try_reserve_exact(numbers).ok()?;
        if let Some(unconstrained) = &mut self.unconstrained {
            unconstrained
                .try_reserve_exact(num_draws.checked_mul(dim)?)
                .ok()?;
        }
        self.stats
            .iter_mut()
            .try_for_each(|column| column.try_reserve(num_draws))
            .ok()
    }

    /// Whether all columns are there and of one length.
    fn is_whole(&self, dim: usize) -> bool {
        let numbers = |width: usize| self.num_draws.checked_mul(width);
        let unconstrained = self.unconstrained.as_ref().map(Vec::len);
        Some(self.values.len()) == numbers(self.num_values)
            && unconstrained.is_none_or(|len| Some(len) == numbers(dim))
            && self.stats.len() == STATISTICS.len()
            && self
                .stats
                .iter()
                .zip(&STATISTICS)
                .all(|(column, statistic)| {
                    let expected = statistic.field.column();
                    std::mem::discriminant(column) == std::mem::discriminant(&expected)
                        && column.len() == self.num_draws
                })
    }

    fn push(&mut self, draw: &Draw<'_>) {
        self.num_draws += 1;
        self.values.extend_from_slice(draw.values);
        if let Some(unconstrained) = &mut self.unconstrained {
            unconstrained.extend_from_slice(draw.position);
        }
        if let (Some(starts), Some(start)) = (&mut self.divergence_starts, draw.divergence_start) {
            starts.extend_from_slice(start);
        }
        self.push_stats(draw.stats);
    }

    fn push_stats(&mut self, stats: &DrawStats) {
        for (column, statistic) in self.stats.iter_mut().zip(&STATISTICS) {
            column.push(statistic.field, stats);
        }
    }
}

impl MemorySink {
    /// A sink for the draws of chain number `chain`, with `dim` parameters and `num_values` stored
    /// values. Warmup draws take memory only if they are to be stored.
    ///
    /// # Errors
    ///
    /// [`Error::Storage`] if there is not enough memory.
    pub fn new(
        chain: usize,
        dim: usize,
        num_values: usize,
        settings: &SampleSettings,
    ) -> Result<Self> {
        let table =
            |num_draws| {
                let mut table = DrawTable::empty(num_values, settings);
                table.reserve(dim, num_draws).map(|()| table).ok_or_else(|| Error::Storage {
                chain,
                reason: format!(
                    "there is not enough memory for {num_draws} draws of {num_values} values; \
                     store fewer variables or take fewer draws"
                ),
            })
            };
        let warmup = settings
            .store_warmup
            .then(|| table(settings.num_tune))
            .transpose()?;
        Ok(Self {
            warmup,
            draws: table(settings.num_draws)?,
        })
    }

    /// Reserves memory for the draws still to come, after the sink was saved and read back.
    ///
    /// None if there is not enough, or if the draws are not those of such a run.
    pub(crate) fn reserve_again(&mut self, dim: usize, settings: &SampleSettings) -> Option<()> {
        let warmup = self.warmup.as_mut().map(|table| (table, settings.num_tune));
        let tables = warmup
            .into_iter()
            .chain([(&mut self.draws, settings.num_draws)]);
        for (table, num_draws) in tables {
            table.is_whole(dim).then_some(())?;
            table.reserve(dim, num_draws.checked_sub(table.num_draws)?)?;
        }
        Some(())
    }

    /// Diverging draws after warmup.
    pub(crate) fn num_divergences(&self) -> usize {
        match self.draws.stat("diverging") {
            Some(StatColumn::Bool(column)) => column.iter().filter(|diverging| **diverging).count(),
            _ => 0,
        }
    }

    /// The warmup draws, if they were to be stored, and the draws after warmup.
    pub fn into_tables(self) -> (Option<DrawTable>, DrawTable) {
        (self.warmup, self.draws)
    }
}

impl Sink for MemorySink {
    fn record(&mut self, draw: &Draw<'_>) -> Result<()> {
        if !draw.stats.tuning {
            self.draws.push(draw);
        } else if let Some(warmup) = &mut self.warmup {
            warmup.push(draw);
        }
        Ok(())
    }
}

record!(MemorySink { warmup, draws });
record!(DrawTable {
    num_draws,
    num_values,
    values,
    unconstrained,
    divergence_starts,
    stats,
});
