//! `start` and `Run`: chains in the background, seen from Python.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use pyo3::prelude::*;

use crate::array;
use crate::enter::{enter, enter_waiting};
use crate::error::{Error, core_exception};
use crate::progress::ChainProgress;
use crate::settings::Settings;
use crate::target::TargetHandle;
use crate::trace::RunResult;

/// Start sampling in the background.
#[pyfunction]
pub(crate) fn start(
    py: Python<'_>,
    target: &TargetHandle,
    settings: &Settings,
    initial_positions: &Bound<'_, PyAny>,
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
    let run = enter(py, || {
        Ok(rufous_core::Run::start(target, settings, positions)?)
    })?;
    Ok(Run {
        dim,
        run: RwLock::new(Some(run)),
    })
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

    fn first_failure(&self, py: Python<'_>) -> PyResult<Option<PyErr>> {
        let failure = self.with(py, rufous_core::Run::first_failure)?;
        Ok(failure.as_ref().map(core_exception))
    }

    fn wait(&self, py: Python<'_>, timeout_seconds: f64) -> PyResult<bool> {
        let timeout =
            Duration::try_from_secs_f64(timeout_seconds.max(0.0)).unwrap_or(Duration::MAX);
        enter_waiting(py, timeout, |slice| self.locked(|run| run.wait(slice)))
    }

    fn result(&self, py: Python<'_>) -> PyResult<RunResult> {
        self.with(py, rufous_core::Run::resume)?;
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
