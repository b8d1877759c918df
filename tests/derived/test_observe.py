"""Observing free variables and deterministics."""

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy import stats

import rufous as rf

NORMAL = stats.norm.logpdf


def line():
    with rf.Model(coords={"row": range(3)}) as model:
        x = rf.Data("x", [0.0, 1.0, 2.0], dims="row")
        slope = rf.Normal("slope", 0, 1)
        y = rf.Normal("y", slope * x, 1, dims="row")
        rf.Deterministic("twice", 2 * y, dims="row")
    return model


def test_a_free_variable_becomes_observed():
    model = line()
    seen = rf.observe(model, {"y": [0.1, 1.1, 2.1]})
    assert [v.name for v in seen.free_RVs] == ["slope"]
    assert [v.name for v in seen.observed_RVs] == ["y"]
    assert seen.named_vars_to_dims["y"] == ("row",)
    expected = NORMAL([0.1, 1.1, 2.1], [0.0, 1.0, 2.0]).sum()
    assert seen.point_logps({"slope": 1.0})["y"] == pytest.approx(expected)
    np.testing.assert_allclose(seen.eval("twice"), [0.2, 2.2, 4.2])
    assert len(model.free_RVs) == 2
    assert rf.compile(seen).dim == 1


def test_missing_observations_are_imputed():
    with pytest.warns(rf.ImputationWarning):
        seen = rf.observe(line(), {"y": [0.1, np.nan, 2.1]})
    assert [v.name for v in seen.free_RVs] == ["slope", "y_unobserved"]
    at = {"slope": 1.0, "y_unobserved": [5.0]}
    np.testing.assert_allclose(seen.eval("twice", at), [0.2, 10.0, 4.2])


def test_a_deterministic_takes_the_place_of_what_it_is_made_of():
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 1)
        z = rf.Normal("z", mu, 2, shape=2)
        rf.Deterministic("y", pt.exp(z))
    data = np.array([0.5, 3.0])
    seen = rf.observe(model, {"y": data})
    assert [v.name for v in seen.basic_RVs] == ["mu", "y"]
    expected = (NORMAL(np.log(data), 1.0, 2.0) - np.log(data)).sum()
    assert seen.point_logps({"mu": 1.0})["y"] == pytest.approx(expected)
    compiled = rf.compile(seen)
    assert compiled.evaluator == "native"
    assert compiled.logp_dlogp([1.0])[0] == pytest.approx(expected + NORMAL(1.0))
    draws = rf.draw([seen["mu"], seen["y"]], draws=300, random_seed=1)
    assert draws[1].shape == (300, 2)
    assert abs((np.log(draws[1]) - draws[0][:, None]).std() - 2) < 0.3
    idata = rf.sample_posterior_predictive({"mu": np.ones((2, 5))}, seen, random_seed=1)
    assert idata["posterior_predictive"]["y"].shape == (2, 5, 2)
    again = seen.copy()
    assert again.point_logps({"mu": 1.0})["y"] == pytest.approx(expected)


def test_a_deterministic_of_variables_without_a_name():
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 1)
        rf.Deterministic("y", pt.clip(rf.Normal.dist(mu, 1, shape=3), -1.0, 1.0))
    seen = rf.observe(model, {"y": [-1.0, 0.5, 1.0]})
    assert [v.name for v in seen.free_RVs] == ["mu"]
    normal = stats.norm(0.3, 1)
    expected = normal.logcdf(-1) + normal.logpdf(0.5) + normal.logsf(1)
    assert seen.point_logps({"mu": 0.3})["y"] == pytest.approx(expected)
    with pytest.raises(rf.RufousError):
        rf.compile(model)
    assert rf.draw(model["y"], draws=5).shape == (5, 3)


@pytest.mark.parametrize(
    ("what", "error", "text"),
    [
        ({"x": [1.0, 2.0, 3.0]}, rf.ModelError, "'x' is neither a random variable nor"),
        ({"q": 1.0}, rf.UnknownNameError, "observe: the model has no variable 'q'"),
        ({"y": [1.0]}, rf.ShapeError, r"'y' has shape \(3,\), its observations have shape \(1,\)"),
        ({"odd": 0.5}, rf.UnsupportedError, "the op Sin has no rule"),
        ({"sum": 0.5}, rf.UnsupportedError, "combines 2 random variables"),
        ({"shifted": 0.5}, rf.ModelError, "'slope' is what an observed deterministic .* and 'y'"),
    ],
)
def test_what_cannot_be_observed(what, error, text):
    with line() as model:
        rf.Deterministic("shifted", model["slope"] + 1)
        alone = rf.Normal("alone", 0, 1)
        rf.Deterministic("odd", pt.sin(rf.Normal("other", 0, 1)))
        rf.Deterministic("sum", alone + model["slope"])
    with pytest.raises(error, match=text):
        rf.observe(model, what)


def test_do_and_observe_together():
    seen = rf.observe(rf.do(line(), {"slope": 2.0}), {"y": [0.0, 2.0, 4.0]})
    assert seen.point_logps({})["y"] == pytest.approx(3 * NORMAL(0))


def test_custom_distributions_are_derived_from_their_graph():
    def dist(mu, size):
        return pt.exp(mu + rf.Normal.dist(0, 1, size=size))

    data = [0.5, 1.0, 2.0]
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 1)
        rf.CustomDist("y", mu, dist=dist, observed=data)
    expected = stats.lognorm(1, scale=np.exp(0.3)).logpdf(data).sum()
    assert model.point_logps({"mu": 0.3})["y"] == pytest.approx(expected)
    assert rf.compile(model).evaluator == "native"
