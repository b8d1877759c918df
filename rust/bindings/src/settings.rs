//! `Settings`: the settings of a run, seen from Python.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rufous_core::{AdaptationKind, InitKind, MetricChoice, PooledSettings, SampleSettings};

use crate::error::Error;
use crate::metric::Metric;

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
        target_accept=None, max_treedepth=None, step_size_jitter=None, local_steps=None,
        adaptation=None, metric=None, given_metric=None, step_size=None, first_step_size=None,
        init=None, jitter=None, pooled=None))]
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
        step_size_jitter: Option<f64>,
        local_steps: Option<bool>,
        adaptation: Option<&str>,
        metric: Option<&str>,
        given_metric: Option<&Bound<'_, Metric>>,
        step_size: Option<f64>,
        first_step_size: Option<f64>,
        init: Option<&str>,
        jitter: Option<f64>,
        pooled: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut core = SampleSettings::default();
        set(
            &mut core.adaptation,
            named("adaptation", adaptation, ADAPTATIONS)?,
        );
        set(&mut core.metric.choice, named("metric", metric, METRICS)?);
        set(&mut core.init.kind, named("init", init, INITS)?);
        if adaptation.is_some() || metric.is_some() {
            core.num_tune = core.adaptation.default_num_tune(core.metric.choice);
        }
        set(&mut core.num_chains, num_chains);
        set(&mut core.num_tune, num_tune);
        set(&mut core.num_draws, num_draws);
        set(&mut core.num_threads, num_threads);
        set(&mut core.seed, seed);
        set(&mut core.store_warmup, store_warmup);
        set(&mut core.store_unconstrained, store_unconstrained);
        set(&mut core.store_divergences, store_divergences);
        set(&mut core.nuts.target_accept, target_accept);
        set(&mut core.nuts.max_treedepth, max_treedepth);
        set(&mut core.nuts.step_size_jitter, step_size_jitter);
        set(&mut core.nuts.local_steps, local_steps);
        set(&mut core.init.jitter, jitter);
        if let Some(pooled) = pooled {
            set_pooled(&mut core, pooled)?;
        }
        core.metric.given = given_metric.map(|metric| Arc::new(metric.get().core.clone()));
        core.step_size.fixed = step_size;
        if let Some(first) = first_step_size {
            core.step_size.initial = first;
            core.step_size.search = false;
        }
        core.validate().map_err(Error::from)?;
        Ok(Self { core })
    }

    /// Warmup iterations per chain, as set or by default.
    #[getter]
    fn num_tune(&self) -> usize {
        self.core.num_tune
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
            adaptation,
            nuts,
            step_size,
            metric,
            pooled,
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
        dict.set_item("adaptation", name_of(adaptation, ADAPTATIONS))?;
        dict.set_item("metric", name_of(&metric.choice, METRICS))?;
        dict.set_item("metric.given", metric.given.is_some())?;
        dict.set_item("local_steps", nuts.local_steps)?;
        dict.set_item("init", name_of(&init.kind, INITS))?;
        dict.set_item("step_size", step_size.fixed)?;
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
        let PooledSettings {
            epoch_ends,
            worth,
            dense_dim,
            thorough_dim,
            early_depths,
            quarantine,
            patience,
            num_scouts,
            stops_early,
            extends,
        } = pooled;
        dict.set_item("pooled.epoch_ends", epoch_ends)?;
        dict.set_item("pooled.worth", worth)?;
        dict.set_item("pooled.dense_dim", dense_dim)?;
        dict.set_item("pooled.thorough_dim", thorough_dim)?;
        dict.set_item("pooled.early_depths", early_depths)?;
        dict.set_item("pooled.quarantine", quarantine)?;
        dict.set_item("pooled.patience", patience)?;
        dict.set_item("pooled.num_scouts", num_scouts)?;
        dict.set_item("pooled.stops_early", stops_early)?;
        dict.set_item("pooled.extends", extends)?;
        dict.set_item("init.jitter", init.jitter)?;
        dict.set_item("init.max_tries", init.max_tries)?;
        Ok(dict)
    }
}

const ADAPTATIONS: &[(&str, AdaptationKind)] = &[
    ("pooled", AdaptationKind::Pooled),
    ("nutpie", AdaptationKind::Nutpie),
    ("stan", AdaptationKind::Stan),
];

const METRICS: &[(&str, MetricChoice)] = &[
    ("auto", MetricChoice::Auto),
    ("diagonal", MetricChoice::Diagonal),
    ("low_rank", MetricChoice::LowRank),
    ("dense", MetricChoice::Dense),
];

const INITS: &[(&str, InitKind)] = &[
    ("jitter", InitKind::Jitter),
    ("pathfinder", InitKind::Pathfinder),
];

/// Replace defaults of pooled warmup by name; they are for experiments.
fn set_pooled(core: &mut SampleSettings, given: &Bound<'_, PyDict>) -> PyResult<()> {
    let pooled = &mut core.pooled;
    for (name, value) in given {
        match name.extract::<String>()?.as_str() {
            "epoch_ends" => pooled.epoch_ends = value.extract()?,
            "worth" => pooled.worth = value.extract()?,
            "dense_dim" => pooled.dense_dim = value.extract()?,
            "thorough_dim" => pooled.thorough_dim = value.extract()?,
            "early_depths" => pooled.early_depths = value.extract()?,
            "quarantine" => pooled.quarantine = value.extract()?,
            "patience" => pooled.patience = value.extract()?,
            "num_scouts" => pooled.num_scouts = value.extract()?,
            "stops_early" => pooled.stops_early = value.extract()?,
            "extends" => pooled.extends = value.extract()?,
            "assumed_gradient_cost" => core.metric.assumed_gradient_cost = value.extract()?,
            other => return Err(unknown_pooled(other).into()),
        }
    }
    Ok(())
}

fn unknown_pooled(name: &str) -> Error {
    Error::Core(rufous_core::Error::InvalidSettings {
        name: "pooled",
        requirement: "a dict of settings of pooled warmup".to_owned(),
        got: name.to_owned(),
        hint: "the names are those that `as_dict` starts with `pooled.`",
    })
}

/// Replace a default by what was given.
fn set<T>(setting: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *setting = given;
    }
}

/// Find the choice of this name.
fn named<T: Copy>(
    setting: &'static str,
    name: Option<&str>,
    choices: &[(&str, T)],
) -> Result<Option<T>, Error> {
    let Some(name) = name else { return Ok(None) };
    let found = choices.iter().find(|(known, _)| *known == name);
    found.map(|(_, choice)| Some(*choice)).ok_or_else(|| {
        let known: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
        Error::Core(rufous_core::Error::InvalidSettings {
            name: setting,
            requirement: format!("one of {}", known.join(", ")),
            got: name.to_owned(),
            hint: "leave it out for the default",
        })
    })
}

fn name_of<T: PartialEq>(choice: &T, choices: &[(&'static str, T)]) -> &'static str {
    let found = choices.iter().find(|(_, known)| known == choice);
    found.map_or("", |(name, _)| name)
}
