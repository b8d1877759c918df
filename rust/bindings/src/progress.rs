//! `ChainProgress`: where a chain is, seen from Python.

use pyo3::prelude::*;
use rufous_core::ChainPhase;

/// A snapshot of one chain.
#[pyclass(frozen, get_all, module = "rufous._core")]
pub(crate) struct ChainProgress {
    chain: usize,
    phase: &'static str,
    finished_draws: usize,
    total_draws: usize,
    num_draws: usize,
    divergences: usize,
    step_size: f64,
    tree_depth: usize,
    n_steps: usize,
    num_gradients: u64,
}

impl From<rufous_core::ChainProgress> for ChainProgress {
    fn from(progress: rufous_core::ChainProgress) -> Self {
        let rufous_core::ChainProgress {
            chain,
            phase,
            finished_draws,
            total_draws,
            num_draws,
            divergences,
            step_size,
            tree_depth,
            n_steps,
            num_gradients,
        } = progress;
        Self {
            chain,
            phase: phase_name(phase),
            finished_draws,
            total_draws,
            num_draws,
            divergences,
            step_size,
            tree_depth,
            n_steps,
            num_gradients,
        }
    }
}

fn phase_name(phase: ChainPhase) -> &'static str {
    match phase {
        ChainPhase::Waiting => "waiting",
        ChainPhase::Warmup => "warmup",
        ChainPhase::Sampling => "sampling",
        ChainPhase::Finished => "finished",
        ChainPhase::Cancelled => "cancelled",
        ChainPhase::Failed => "failed",
    }
}
