//! `Settings`: the settings of a run, seen from Python.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rufous_core::{InitSettings, NutsSettings, SampleSettings};

use crate::error::Error;

/// The settings of a run. What is left out has the default of the core.
#[pyclass(frozen, module = "rufous._core")]
pub(crate) struct Settings {
    pub(crate) core: SampleSettings,
}

#[pymethods]
impl Settings {
    #[new]
    #[pyo3(signature = (*, num_chains=None, num_tune=None, num_draws=None, num_threads=None,
        seed=None, store_warmup=None, store_unconstrained=None, store_divergences=None,
        target_accept=None, max_treedepth=None, jitter=None))]
    #[expect(
        clippy::too_many_arguments,
        reason = "keyword-only, one for each setting"
    )]
    fn new(
        num_chains: Option<usize>,
        num_tune: Option<usize>,
        num_draws: Option<usize>,
        num_threads: Option<usize>,
        seed: Option<u64>,
        store_warmup: Option<bool>,
        store_unconstrained: Option<bool>,
        store_divergences: Option<bool>,
        target_accept: Option<f64>,
        max_treedepth: Option<usize>,
        jitter: Option<f64>,
    ) -> PyResult<Self> {
        let base = SampleSettings::default();
        let core = SampleSettings {
            num_chains: num_chains.unwrap_or(base.num_chains),
            num_tune: num_tune.unwrap_or(base.num_tune),
            num_draws: num_draws.unwrap_or(base.num_draws),
            num_threads: num_threads.unwrap_or(base.num_threads),
            seed: seed.unwrap_or(base.seed),
            store_warmup: store_warmup.unwrap_or(base.store_warmup),
            store_unconstrained: store_unconstrained.unwrap_or(base.store_unconstrained),
            store_divergences: store_divergences.unwrap_or(base.store_divergences),
            nuts: NutsSettings {
                target_accept: target_accept.unwrap_or(base.nuts.target_accept),
                max_treedepth: max_treedepth.unwrap_or(base.nuts.max_treedepth),
                ..base.nuts
            },
            init: InitSettings {
                jitter: jitter.unwrap_or(base.init.jitter),
                ..base.init
            },
            ..base
        };
        core.validate().map_err(Error::from)?;
        Ok(Self { core })
    }

    /// All settings, those at their default too, for the record of a run.
    fn as_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        // Taken apart whole, so that a setting added to the core is not forgotten here.
        let SampleSettings {
            num_chains,
            num_tune,
            num_draws,
            num_threads,
            seed,
            store_warmup,
            store_unconstrained,
            store_divergences,
            nuts,
            step_size,
            metric,
            init,
        } = &self.core;
        let dict = PyDict::new(py);
        dict.set_item("num_chains", num_chains)?;
        dict.set_item("num_tune", num_tune)?;
        dict.set_item("num_draws", num_draws)?;
        dict.set_item("num_threads", num_threads)?;
        dict.set_item("seed", seed)?;
        dict.set_item("store_warmup", store_warmup)?;
        dict.set_item("store_unconstrained", store_unconstrained)?;
        dict.set_item("store_divergences", store_divergences)?;
        dict.set_item("target_accept", nuts.target_accept)?;
        dict.set_item("max_treedepth", nuts.max_treedepth)?;
        dict.set_item("max_energy_error", nuts.max_energy_error)?;
        dict.set_item("step_size_jitter", nuts.step_size_jitter)?;
        dict.set_item("step_size.initial", step_size.initial)?;
        dict.set_item("step_size.search", step_size.search)?;
        dict.set_item("step_size.gamma", step_size.gamma)?;
        dict.set_item("step_size.t0", step_size.t0)?;
        dict.set_item("step_size.kappa", step_size.kappa)?;
        dict.set_item("metric.early_fraction", metric.early_fraction)?;
        dict.set_item("metric.early_window", metric.early_window)?;
        dict.set_item("metric.late_window", metric.late_window)?;
        dict.set_item("metric.window_growth", metric.window_growth)?;
        dict.set_item("metric.final_fraction", metric.final_fraction)?;
        dict.set_item("init.jitter", init.jitter)?;
        dict.set_item("init.max_tries", init.max_tries)?;
        Ok(dict)
    }
}
