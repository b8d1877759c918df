"""Log likelihood, log prior and deterministics at each draw."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats as st

import rufous as rf
from rufous.errors import ModelError, SettingsError, ShapeError, UnknownNameError
from rufous.results import get_group, group_names


@pytest.fixture
def model():
    with rf.Model(coords={"row": list("abc"), "pair": ["p", "q"]}) as model:
        x = rf.Data("x", [0.0, 1.0, 2.0], dims="row")
        slope = rf.Normal("slope", 0, 2)
        sigma = rf.HalfNormal("sigma", 1)
        mean = rf.Deterministic("mean", slope * x, dims="row")
        rf.Normal("y", mean, sigma, observed=[1.0, 2.0, 4.0], dims="row")
        rf.MvNormal("z", slope * np.ones(2), cov=np.eye(2), observed=np.ones((3, 2)))
        rf.Poisson("n", rf.math.exp(slope), observed=2)
    return model


@pytest.fixture
def draws():
    rng = np.random.default_rng(0)
    return {"slope": rng.normal(size=(2, 5)), "sigma": rng.uniform(0.5, 2, size=(2, 5))}


def test_log_likelihood_is_that_of_scipy(model, draws):
    found = rf.compute_log_likelihood(draws, model=model, extend_inferencedata=False)
    slope, sigma = draws["slope"][..., None], draws["sigma"][..., None]
    expected = st.norm.logpdf([1.0, 2.0, 4.0], slope * [0.0, 1.0, 2.0], sigma)
    np.testing.assert_allclose(found["y"], expected, rtol=1e-12)
    assert found["y"].dims == ("chain", "draw", "row")
    assert found["y"]["row"].values.tolist() == list("abc")
    both = st.norm.logpdf(1.0, draws["slope"], 1.0) * 2
    np.testing.assert_allclose(found["z"], both[..., None].repeat(3, -1), rtol=1e-12)
    np.testing.assert_allclose(found["n"], st.poisson.logpmf(2, np.exp(draws["slope"])), rtol=1e-9)


def test_log_prior_has_no_jacobian(model, draws):
    found = rf.compute_log_prior(draws, model=model, extend_inferencedata=False)
    np.testing.assert_allclose(found["slope"], st.norm.logpdf(draws["slope"], 0, 2))
    np.testing.assert_allclose(found["sigma"], st.halfnorm.logpdf(draws["sigma"]))


def test_deterministics_follow_the_present_data(model, draws):
    with model:
        rf.set_data({"x": [1.0, 1.0, 1.0]})
        found = rf.compute_deterministics(draws)
        both = rf.compute_deterministics(draws, merge_dataset=True)
    np.testing.assert_array_equal(found["mean"], draws["slope"][..., None].repeat(3, -1))
    assert list(found.data_vars) == ["mean"]
    assert set(both.data_vars) == {"slope", "sigma", "mean"}


def test_a_result_of_sample_is_extended(model):
    idata = rf.sample(model, 1000, chains=2, random_seed=1, quiet=True)
    with model:
        same = rf.compute_log_likelihood(idata, var_names="y")
        rf.compute_log_prior(idata)
    assert same is idata
    assert {"log_likelihood", "log_prior"} <= set(group_names(idata))
    group = get_group(idata, "log_likelihood")
    assert list(group.data_vars) == ["y"]
    assert group["y"].shape == (2, 1000, 3)
    first = {name: get_group(idata, "posterior")[name].values[0, 0] for name in ("slope", "sigma")}
    compiled = rf.compile(model)
    position = np.array([first["slope"], np.log(first["sigma"])])
    np.testing.assert_allclose(group["y"][0, 0], compiled.log_likelihood(position)["y"])


@pytest.mark.parametrize(
    ("changed", "options", "error", "message"),
    [
        ({"sigma": None}, {}, ModelError, "lack the free variable 'sigma'"),
        ({"slope": np.zeros((2, 5, 3))}, {}, ShapeError, "'slope' has shape"),
        ({}, {"var_names": "slope"}, UnknownNameError, "no observed variable"),
        ({}, {"var_names": []}, ModelError, "var_names is empty"),
        ({}, {"extend_inferencedata": True}, SettingsError, "extend_inferencedata=False"),
    ],
)
def test_what_is_wrong_is_said(model, draws, changed, options, error, message):
    given = {name: value for name, value in (draws | changed).items() if value is not None}
    options = {"extend_inferencedata": False, "model": model} | options
    with pytest.raises(error, match=message):
        rf.compute_log_likelihood(given, **options)


def test_nothing_to_compute():
    with rf.Model() as model:
        rf.Normal("x", 0, 1)
    with pytest.raises(ModelError, match="no observed variable"):
        rf.compute_log_likelihood({"x": np.zeros((1, 1))}, model=model, extend_inferencedata=False)
    with pytest.raises(ModelError, match="no deterministic"):
        rf.compute_deterministics({"x": np.zeros((1, 1))}, model=model)
