//! Draws in memory, as columns.

use crate::error::{Error, Result};
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

    /// Reserves memory for exactly `num_draws` draws; None if there is not enough.
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

    fn push(&mut self, draw: &Draw<'_>) {
        self.num_draws += 1;
        self.values.extend_from_slice(draw.values);
        if let Some(unconstrained) = &mut self.unconstrained {
            unconstrained.extend_from_slice(draw.position);
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
