//! `start` and `Run`: chains in the background, seen from Python.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rufous_core::Goal;

use crate::array;
use crate::enter::{enter, enter_asking, enter_waiting};
use crate::error::{Error, core_exception};
use crate::progress::ChainProgress;
use crate::settings::Settings;
use crate::target::TargetHandle;
use crate::trace::RunResult;

/// Start sampling in the background.
#[pyfunction]
#[pyo3(signature = (target, settings, initial_positions, *, iterations=None, draws=None))]
pub(crate) fn start(
    py: Python<'_>,
    target: &TargetHandle,
    settings: &Settings,
    initial_positions: &Bound<'_, PyAny>,
    iterations: Option<usize>,
    draws: Option<usize>,
) -> PyResult<Run> {
    let settings = settings.core.clone();
    let target = target.to_core(py)?;
    let dim = target.dim();
    let positions = array::matrix(
        "initial_positions",
        initial_positions,
        [settings.num_chains, dim],
    )?;
    let positions = positions
        .as_array()
        .outer_iter()
        .map(|row| row.to_vec())
        .collect();
    let goal = goal(iterations, draws);
    let run = enter(py, || {
        Ok(rufous_core::Run::start_until(
            target, settings, positions, goal,
        )?)
    })?;
    Ok(Run {
        dim,
        run: RwLock::new(Some(run)),
    })
}

/// Go on from a checkpoint.
#[pyfunction]
#[pyo3(signature = (target, settings, checkpoint, *, iterations=None, draws=None))]
pub(crate) fn restore(
    py: Python<'_>,
    target: &TargetHandle,
    settings: &Settings,
    checkpoint: &[u8],
    iterations: Option<usize>,
    draws: Option<usize>,
) -> PyResult<Run> {
    let settings = settings.core.clone();
    let target = target.to_core(py)?;
    let dim = target.dim();
    let goal = goal(iterations, draws);
    let run = enter(py, || {
        Ok(rufous_core::Run::restore(
            target, settings, checkpoint, goal,
        )?)
    })?;
    Ok(Run {
        dim,
        run: RwLock::new(Some(run)),
    })
}

/// Read the note of a checkpoint.
#[pyfunction]
pub(crate) fn checkpoint_note<'py>(
    py: Python<'py>,
    checkpoint: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let note = enter(py, || Ok(rufous_core::checkpoint_note(checkpoint)?))?;
    Ok(PyBytes::new(py, &note))
}

/// Iterations where both are given.
fn goal(iterations: Option<usize>, draws: Option<usize>) -> Goal {
    let draws = draws.map_or(Goal::End, Goal::Draws);
    iterations.map_or(draws, Goal::Iterations)
}

/// Chains that are being sampled in the background.
///
/// The lock is only ever waited for without the GIL.
#[pyclass(frozen, module = "rufous._core")]
pub(crate) struct Run {
    dim: usize,
    // None once the result has been taken.
    run: RwLock<Option<rufous_core::Run>>,
}

#[pymethods]
impl Run {
    fn progress(&self, py: Python<'_>) -> PyResult<Vec<ChainProgress>> {
        let snapshots = self.with(py, rufous_core::Run::progress)?;
        Ok(snapshots.into_iter().map(ChainProgress::from).collect())
    }

    fn pause(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, rufous_core::Run::pause)
    }

    fn resume(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, rufous_core::Run::resume)
    }

    fn cancel(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, rufous_core::Run::cancel)
    }

    #[getter]
    fn is_paused(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, rufous_core::Run::is_paused)
    }

    #[getter]
    fn is_finished(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, rufous_core::Run::is_finished)
    }

    #[getter]
    fn elapsed(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(self.with(py, rufous_core::Run::elapsed)?.as_secs_f64())
    }

    fn first_failure(&self, py: Python<'_>) -> PyResult<Option<PyErr>> {
        let failure = self.with(py, rufous_core::Run::first_failure)?;
        Ok(failure.as_ref().map(core_exception))
    }

    fn wait(&self, py: Python<'_>, timeout_seconds: f64) -> PyResult<bool> {
        let timeout =
            Duration::try_from_secs_f64(timeout_seconds.max(0.0)).unwrap_or(Duration::MAX);
        enter_waiting(py, timeout, |slice| self.locked(|run| run.wait(slice)))
    }

    #[pyo3(signature = (*, iterations=None, draws=None))]
    fn run_until(
        &self,
        py: Python<'_>,
        iterations: Option<usize>,
        draws: Option<usize>,
    ) -> PyResult<()> {
        self.with(py, |run| run.run_until(goal(iterations, draws)))
    }

    fn wait_parked(&self, py: Python<'_>, timeout_seconds: f64) -> PyResult<bool> {
        let timeout =
            Duration::try_from_secs_f64(timeout_seconds.max(0.0)).unwrap_or(Duration::MAX);
        enter_waiting(py, timeout, |slice| {
            self.locked(|run| run.wait_parked(slice))
        })
    }

    fn inspect(&self, py: Python<'_>) -> PyResult<RunResult> {
        let result = enter_asking(py, |keep_waiting| {
            self.locked(|run| run.inspect(keep_waiting))
        })?;
        RunResult::new(py, self.dim, result)
    }

    fn checkpoint<'py>(&self, py: Python<'py>, note: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = enter_asking(py, |keep_waiting| {
            Ok(self.locked(|run| run.checkpoint(note, keep_waiting))??)
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn result(&self, py: Python<'_>) -> PyResult<RunResult> {
        self.with(py, |run| {
            run.resume();
            run.run_until(Goal::End);
        })?;
        enter_waiting(py, Duration::MAX, |slice| {
            self.locked(|run| run.wait(slice))
        })?;
        let result = enter(py, || {
            let run = self
                .run
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            Ok(run.ok_or(Error::ResultTaken)?.finish())
        })?;
        RunResult::new(py, self.dim, result)
    }
}

impl Run {
    /// Use the run without the GIL.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&rufous_core::Run) -> T + Send,
    ) -> PyResult<T> {
        enter(py, || self.locked(work))
    }

    /// Use the run; to be called without the GIL only, since it may wait for the lock.
    fn locked<T>(&self, work: impl FnOnce(&rufous_core::Run) -> T) -> Result<T, Error> {
        let run = self.run.read().unwrap_or_else(PoisonError::into_inner);
        run.as_ref().map(work).ok_or(Error::ResultTaken)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Dropping a run cancels its chains and joins their threads, and those may want the GIL
        // for a last evaluation.
        if let Some(run) = self
            .run
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            Python::try_attach(|py| py.detach(|| drop(run)));
        }
    }
}
