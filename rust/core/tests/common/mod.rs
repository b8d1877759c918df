//! Helpers of the integration tests.
#![allow(dead_code, reason = "each test binary uses some of them")]

use std::sync::Arc;

use rufous_core::testing::Analytic;
use rufous_core::{DrawTable, LogDensity, Run, RunResult, SampleSettings, StatColumn, Target};

/// Samples from `logdensity` to the end, starting around the origin.
pub(crate) fn sample<L>(logdensity: L, settings: &SampleSettings) -> RunResult
where
    L: LogDensity + Clone + Send + Sync + 'static,
{
    start(Arc::new(Analytic(logdensity)), settings).finish()
}

/// Starts chains around the origin.
pub(crate) fn start(target: Arc<dyn Target>, settings: &SampleSettings) -> Run {
    let positions = vec![vec![0.0; target.dim()]; settings.num_chains];
    Run::start(target, settings.clone(), positions).expect("the settings are valid")
}

/// The statistic called `name`, of type float.
pub(crate) fn floats<'a>(table: &'a DrawTable, name: &str) -> &'a [f64] {
    match table.stat(name) {
        Some(StatColumn::Float(column)) => column,
        other => panic!("{name}: {other:?}"),
    }
}

/// The statistic called `name`, of type integer.
pub(crate) fn ints<'a>(table: &'a DrawTable, name: &str) -> &'a [i64] {
    match table.stat(name) {
        Some(StatColumn::Int(column)) => column,
        other => panic!("{name}: {other:?}"),
    }
}

/// The statistic called `name`, of type bool.
pub(crate) fn bools<'a>(table: &'a DrawTable, name: &str) -> &'a [bool] {
    match table.stat(name) {
        Some(StatColumn::Bool(column)) => column,
        other => panic!("{name}: {other:?}"),
    }
}
