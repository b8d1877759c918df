"""`compile` and `sample` take a model of PyMC as it is."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

import rufous
from rufous.errors import ModelError, ShapeError, UnknownNameError, UnsupportedError


def schools():
    with pm.Model(coords={"school": list("abcdefgh")}) as model:
        s = pm.Data("s", np.full(8, 10.0), dims="school")
        mu, tau = pm.Normal("mu", 0, 5), pm.HalfCauchy("tau", 5)
        z = pm.Normal("z", 0, 1, dims="school")
        theta = pm.Deterministic("theta", mu + tau * z, dims="school")
        pm.Potential("soft", -0.01 * mu**2)
        pm.Normal("y", theta, s, observed=np.arange(8.0), dims="school")
    return model


def test_names_dims_and_data_are_carried_over():
    compiled = rufous.compile(schools())
    assert compiled.evaluator == "native"
    assert [spec.name for spec in compiled.unconstrained] == ["mu", "tau_log__", "z"]
    assert [spec.name for spec in compiled.stored] == ["mu", "tau", "z", "theta"]
    assert compiled.stored["theta"].dims == ("school",)
    assert compiled.coords["school"].tolist() == list("abcdefgh")
    assert compiled.observed_data["y"][0].tolist() == list(range(8))
    assert compiled.constant_data["s"][1] == ("school",)


def test_log_density_and_stored_values_are_those_of_pymc():
    model = schools()
    compiled = rufous.compile(model)
    position = np.linspace(-1, 1, compiled.dim)
    point = compiled.unconstrained.unravel(position)
    value, gradient = compiled.logp_dlogp(position)
    mode = "FAST_COMPILE"
    np.testing.assert_allclose(value, model.compile_logp(mode=mode)(point), rtol=1e-12)
    np.testing.assert_allclose(gradient, model.compile_dlogp(mode=mode)(point), rtol=1e-10)
    [theta] = model.replace_rvs_by_values([model["theta"]])
    function = model.compile_fn(theta, inputs=model.value_vars, mode=mode, on_unused_input="ignore")
    expected = function(point)
    np.testing.assert_allclose(compiled.expand(position)["theta"], expected)
    total = sum(part.sum() for part in compiled.log_likelihood(position).values())
    observed = model.compile_logp(vars=model["y"], mode=mode)(point)
    np.testing.assert_allclose(total, observed, rtol=1e-12)


def test_starting_points():
    model = schools()
    compiled = rufous.compile(model)
    theirs = model.initial_point(0)
    ours = compiled.unconstrained.unravel(compiled.initial_point())
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[name], value)
    moved = compiled.position_from({"tau": 2.0, "z": np.ones(8)})
    assert compiled.unconstrained.unravel(moved)["tau_log__"] == pytest.approx(np.log(2.0))
    with pytest.raises(UnknownNameError, match="'sigma'"):
        compiled.position_from({"sigma": 2.0})
    with pytest.raises(ModelError, match="'tau'"):
        compiled.position_from({"tau": 0.0})
    with pytest.raises(ShapeError, match="tau_log__"):
        compiled.position_from({"tau_log__": [0.0, 1.0]})


def test_random_starts_follow_the_seed():
    with pm.Model() as model:
        pm.Normal("x", 0, 1, shape=3, initval="prior")
    compiled = rufous.compile(model)
    one, two, three = (compiled.initial_point(seed) for seed in (1, 1, 2))
    assert np.array_equal(one, two) and not np.array_equal(one, three)


def test_other_data():
    compiled = rufous.compile(schools())
    bound = compiled.bind({"s": np.full(8, 20.0)})
    again = schools()
    again.set_data("s", np.full(8, 20.0))
    position = np.linspace(-1, 1, compiled.dim)
    assert bound.logp_dlogp(position)[0] == rufous.compile(again).logp_dlogp(position)[0]


@pytest.mark.filterwarnings("ignore")
def test_sampling():
    idata = rufous.sample(
        schools(), 200, tune=200, chains=2, random_seed=1, progressbar=False, quiet=True
    )
    assert idata.posterior["theta"].dims == ("chain", "draw", "school")
    assert idata.posterior.attrs["evaluator"] == "native"


@pytest.mark.filterwarnings("ignore")
def test_an_operation_that_is_missing_falls_back():
    with pm.Model() as model:
        a = pm.HalfNormal("a", 1)
        singular = pt.linalg.svd(np.eye(2) + a, compute_uv=False)
        pm.Potential("odd", pt.log(singular).sum())
    with pytest.raises(UnsupportedError, match=r"SVD \(of odd\)"):
        rufous.compile(model, evaluator="native")
    compiled = rufous.compile(model)
    assert compiled.evaluator == "numba"
    assert "SVD" in compiled.explain()
    assert "SVD" in compiled.source.attrs()["evaluator_reason"]
    assert np.isfinite(compiled.logp_dlogp([0.1])[0])


def test_discrete_variables_are_refused():
    with pm.Model() as model:
        pm.Poisson("n", 3)
    with pytest.raises(UnsupportedError, match="'n' has discrete values"):
        rufous.compile(model)


def test_pymc_is_not_imported_for_others():
    code = "import sys, rufous; rufous.Model(); assert 'pymc' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
