//! The statistics of a draw: the one table of names, types and meanings.

use std::collections::TryReserveError;

use crate::record::{ReadResult, Reader, Record};

/// What is known about one draw apart from its values.
///
/// Numbers that do not exist for a draw are NaN. Names and meanings are those of [`STATISTICS`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(
    missing_docs,
    reason = "every field is documented by its row in STATISTICS"
)]
pub struct DrawStats {
    pub lp: f64,
    pub energy: f64,
    pub energy_error: f64,
    pub max_energy_error: f64,
    pub acceptance_rate: f64,
    pub step_size: f64,
    pub step_size_bar: f64,
    pub tree_depth: i64,
    pub n_steps: i64,
    pub index_in_trajectory: i64,
    pub diverging: bool,
    pub divergence_reason: i64,
    pub reached_max_treedepth: bool,
    pub fisher_distance: f64,
    pub metric_kind: i64,
    pub metric_version: i64,
    pub tuning: bool,
}

/// One statistic: a row of [`STATISTICS`].
#[derive(Debug, Clone, Copy)]
pub struct Statistic {
    /// Its name, as in the ArviZ schema where that has one.
    pub name: &'static str,
    /// Its meaning in one sentence.
    pub doc: &'static str,
    /// Its type, and where to find it in [`DrawStats`].
    pub field: StatField,
}

/// How a statistic is read from [`DrawStats`]; the variant is its type.
#[derive(Debug, Clone, Copy)]
pub enum StatField {
    /// A real number.
    Float(fn(&DrawStats) -> f64),
    /// A count, an index or a code.
    Int(fn(&DrawStats) -> i64),
    /// Yes or no.
    Bool(fn(&DrawStats) -> bool),
}

/// One statistic of many draws.
#[derive(Debug, Clone, PartialEq)]
pub enum StatColumn {
    /// Real numbers.
    Float(Vec<f64>),
    /// Counts, indices or codes.
    Int(Vec<i64>),
    /// Yes or no.
    Bool(Vec<bool>),
}

/// All statistics, in the order in which columns are stored.
pub const STATISTICS: [Statistic; 17] = [
    float(
        "lp",
        "Log density of the draw on the unconstrained scale, up to a constant.",
        |s| s.lp,
    ),
    float(
        "energy",
        "Minus the log density plus the kinetic energy, at the draw.",
        |s| s.energy,
    ),
    float(
        "energy_error",
        "Energy of the draw minus the energy at the start of its trajectory.",
        |s| s.energy_error,
    ),
    float(
        "max_energy_error",
        "Energy error of largest size in the trajectory, with its sign; \
         if the trajectory diverged, the one where it did.",
        |s| s.max_energy_error,
    ),
    float(
        "acceptance_rate",
        "Mean Metropolis acceptance probability over the trajectory.",
        |s| s.acceptance_rate,
    ),
    float(
        "step_size",
        "Step size used in this draw, jitter included.",
        |s| s.step_size,
    ),
    float(
        "step_size_bar",
        "Step size that adaptation would settle on at this draw; constant after warmup.",
        |s| s.step_size_bar,
    ),
    int(
        "tree_depth",
        "Number of doublings of the trajectory.",
        |s| s.tree_depth,
    ),
    int(
        "n_steps",
        "Number of leapfrogs, that is of gradients, in the trajectory.",
        |s| s.n_steps,
    ),
    int(
        "index_in_trajectory",
        "Leapfrogs from the previous draw to this one, negative if backwards in time.",
        |s| s.index_in_trajectory,
    ),
    bool("diverging", "Whether the trajectory diverged.", |s| {
        s.diverging
    }),
    int(
        "divergence_reason",
        "Why the trajectory diverged: index into the table of divergence reasons, 0 if it did not.",
        |s| s.divergence_reason,
    ),
    bool(
        "reached_max_treedepth",
        "Whether the trajectory was cut off at the largest tree depth.",
        |s| s.reached_max_treedepth,
    ),
    float(
        "fisher_distance",
        "Distance of the draw and its gradient from what a normal distribution with the metric \
         in use would have, per square root of the dimension; NaN before its center is known.",
        |s| s.fisher_distance,
    ),
    int(
        "metric_kind",
        "Kind of metric the draw was made with: index into the table of metric kinds.",
        |s| s.metric_kind,
    ),
    int(
        "metric_version",
        "How often the metric that the draw was made with had been replaced.",
        |s| s.metric_version,
    ),
    bool("tuning", "Whether the draw belongs to warmup.", |s| {
        s.tuning
    }),
];

/// The texts behind the statistic `divergence_reason`; entry 0 means that there was no divergence.
pub const DIVERGENCE_REASONS: [&str; 5] = [
    "",
    "the energy error exceeded the limit",
    "the log density was not finite",
    "the gradient was not finite",
    "the log density could not be evaluated",
];

/// The names behind the statistic `metric_kind`.
pub const METRIC_KINDS: [&str; 3] = ["diagonal", "low_rank", "dense"];

impl StatField {
    /// An empty column of this type.
    pub fn column(self) -> StatColumn {
        match self {
            Self::Float(_) => StatColumn::Float(Vec::new()),
            Self::Int(_) => StatColumn::Int(Vec::new()),
            Self::Bool(_) => StatColumn::Bool(Vec::new()),
        }
    }
}

impl Statistic {
    /// The type by its NumPy name: `float64`, `int64` or `bool`.
    pub fn dtype(&self) -> &'static str {
        match self.field {
            StatField::Float(_) => "float64",
            StatField::Int(_) => "int64",
            StatField::Bool(_) => "bool",
        }
    }
}

impl StatColumn {
    /// Adds what `field` reads from `stats`.
    ///
    /// # Panics
    ///
    /// If the column was made for a field of another type.
    pub fn push(&mut self, field: StatField, stats: &DrawStats) {
        match (self, field) {
            (Self::Float(column), StatField::Float(get)) => column.push(get(stats)),
            (Self::Int(column), StatField::Int(get)) => column.push(get(stats)),
            (Self::Bool(column), StatField::Bool(get)) => column.push(get(stats)),
            _ => unreachable!("a column is made by the field that fills it"),
        }
    }

    /// Reserves memory for `additional` draws.
    ///
    /// # Errors
    ///
    /// If there is not enough.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        match self {
            Self::Float(column) => column.try_reserve_exact(additional),
            Self::Int(column) => column.try_reserve_exact(additional),
            Self::Bool(column) => column.try_reserve_exact(additional),
        }
    }

    /// The number of draws in the column.
    pub fn len(&self) -> usize {
        match self {
            Self::Float(column) => column.len(),
            Self::Int(column) => column.len(),
            Self::Bool(column) => column.len(),
        }
    }

    /// Whether the column holds no draw.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Record for StatColumn {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Float(column) => {
                0_u32.write(out);
                column.write(out);
            }
            Self::Int(column) => {
                1_u32.write(out);
                column.write(out);
            }
            Self::Bool(column) => {
                2_u32.write(out);
                column.write(out);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        match u32::read(input)? {
            0 => Vec::read(input).map(Self::Float),
            1 => Vec::read(input).map(Self::Int),
            2 => Vec::read(input).map(Self::Bool),
            other => Err(format!("holds a column of unknown type {other}")),
        }
    }
}

const fn float(name: &'static str, doc: &'static str, get: fn(&DrawStats) -> f64) -> Statistic {
    Statistic {
        name,
        doc,
        field: StatField::Float(get),
    }
}

const fn int(name: &'static str, doc: &'static str, get: fn(&DrawStats) -> i64) -> Statistic {
    Statistic {
        name,
        doc,
        field: StatField::Int(get),
    }
}

const fn bool(name: &'static str, doc: &'static str, get: fn(&DrawStats) -> bool) -> Statistic {
    Statistic {
        name,
        doc,
        field: StatField::Bool(get),
    }
}
