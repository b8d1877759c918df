"""Calls of `sample` as users of PyMC write them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import rufous as rf
from rufous.errors import SettingsError

SHORT = {"tune": 30, "chains": 2, "random_seed": 1, "progressbar": False, "quiet": True}


@pytest.fixture
def model():
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 1)
        rf.Normal("y", mu, 1, observed=[1.0, 2.0])
    return model


def settings(idata):
    return idata.posterior.attrs["settings"]


@pytest.mark.filterwarnings("ignore::rufous.RufousWarning")
def test_draws_in_first_place_and_the_model_by_name(model):
    for idata in (
        rf.sample(20, model=model, **SHORT),
        rf.sample(model, 20, **SHORT),
        rf.sample(model=model, draws=20, **SHORT),
    ):
        assert dict(idata.posterior.sizes) == {"chain": 2, "draw": 20}
    with pytest.raises(SettingsError, match="`model` was given twice"):
        rf.sample(model, 20, model=model, **SHORT)
    with pytest.raises(SettingsError, match="`draws` was given twice"):
        rf.sample(20, 20, model=model, **SHORT)


def test_without_checks_there_are_no_warnings_of_the_result(model):
    with pytest.warns(rf.ConvergenceWarning):
        rf.sample(8, model=model, **SHORT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rf.sample(8, model=model, compute_convergence_checks=False, **SHORT)


def test_what_acts_and_what_is_done_anyway(model):
    quiet = {**SHORT, "compute_convergence_checks": False}
    nuts = {"target_accept": 0.9, "max_treedepth": 6}
    one = rf.sample(20, model=model, nuts=nuts, step=None, return_inferencedata=True, **quiet)
    two = rf.sample(20, model=model, **nuts, idata_kwargs={}, blas_cores="auto", **quiet)
    assert (one.posterior["mu"].values == two.posterior["mu"].values).all()
    as_written = rf.sample(20, model=model, init="adapt_diag", **quiet)
    plain = rf.sample(20, model=model, jitter=0.0, metric="diagonal", **quiet)
    assert (as_written.posterior["mu"].values == plain.posterior["mu"].values).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step": "Metropolis"}, "`step` must be left out.*NUTS"),
        ({"return_inferencedata": False}, "`return_inferencedata` must be left out.*labelled"),
        ({"idata_kwargs": {"log_likelihood": True}}, "`idata_kwargs`.*compute_log_likelihood"),
        ({"nuts_sampler": "nutpie"}, "`nuts_sampler` must be left out.*backend"),
        ({"n_init": 10}, "`n_init` must be left out.*tune"),
        ({"nuts": {"step_scale": 1}}, "`nuts` has 'step_scale'.*target_accept"),
        ({"nuts": 3}, r"`nuts` must be a dict, got 3 \(int\)"),
        (
            {"nuts": {"target_accept": 0.7}, "target_accept": 0.9},
            "`target_accept` was given twice: 0.9 by itself and 0.7 in `nuts`",
        ),
        ({"blas_cores": [1, 2]}, "`blas_cores` must be left out"),
        ({"blas_cores": np.array([1, 2])}, "`blas_cores` must be left out"),
        ({"compute_convergence_checks": 0}, "`compute_convergence_checks` must be True or False"),
        ({"init": "advi"}, "`init` must be one of 'jitter'"),
    ],
)
def test_what_would_not_act_is_refused(model, options, message):
    with pytest.raises(SettingsError, match=message):
        rf.sample(20, model=model, **SHORT, **options)


def test_what_nobody_knows_is_a_type_error(model):
    with pytest.raises(TypeError, match=r"no argument `stepp`; did you mean `step`\?"):
        rf.sample(20, model=model, stepp=1)
    with pytest.raises(TypeError, match=r"no argument `drwas`; did you mean `draws`\?"):
        rf.sample(20, model=model, drwas=1)
    with pytest.raises(TypeError, match=r"no argument `tunee`; did you mean `tune`\?"):
        rf.sample(20, model=model, tunee=1)
    with pytest.raises(TypeError, match="no argument `qqq`; help"):
        rf.sample(20, model=model, qqq=1)
