"""Missing observations are imputed."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import rufous as rf

pytestmark = pytest.mark.filterwarnings("ignore::rufous.errors.ImputationWarning")
NAN = np.nan


def logp(x, mu=0.0, sigma=1.0):
    return stats.norm.logpdf(x, mu, sigma).sum()


@pytest.mark.parametrize(
    "observed",
    [
        [1.0, NAN, 2.0],
        [1.0, None, 2.0],
        np.ma.masked_array([1.0, 5.0, 2.0], mask=[False, True, False]),
        pd.Series([1.0, None, 2.0], index=[7, 8, 9]),
        pd.Series([1, None, 2], dtype="Int64"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: rf.Data("data", x)])
def test_names_values_and_density(observed, wrap):
    with rf.Model(coords={"row": ["a", "b", "c"]}) as model:
        mu = rf.Normal("mu", 0, 1)
        x = rf.Normal("x", mu * np.arange(3.0), 1, observed=wrap(observed), dims="row")
        rf.Normal("after", x, 1, observed=np.zeros(3))
    assert [v.name for v in model.free_RVs] == ["mu", "x_unobserved"]
    assert [v.name for v in model.observed_RVs] == ["x_observed", "after"]
    assert model.deterministics == [x] and model["x"] is x
    assert model.named_vars_to_dims["x"] == ("row",)
    at = {"mu": 0.5, "x_unobserved": [3.0]}
    terms = model.point_logps(at)
    assert terms["x_unobserved"] == pytest.approx(logp(3.0, 0.5))
    assert terms["x_observed"] == pytest.approx(logp([1.0, 2.0], [0.0, 1.0]))
    assert terms["after"] == pytest.approx(logp([1.0, 3.0, 2.0]))
    np.testing.assert_array_equal(model.eval("x", at), [1.0, 3.0, 2.0])
    np.testing.assert_array_equal(model.observed_arrays()["x_observed"][0], [1.0, 2.0])
    compiled = rf.compile(model)
    assert compiled.evaluator == "native"
    assert compiled.logp_dlogp([0.5, 3.0])[0] == pytest.approx(sum(terms.values()))


def test_a_warning_says_what_becomes_of_them():
    with rf.Model(), pytest.warns(rf.ImputationWarning, match=r"'x' has 1 .*'x_unobserved'"):
        rf.Normal("x", 0, 1, observed=[1.0, NAN])


@pytest.mark.parametrize("mu", [0.5, [0.5, 1.0, 1.5], [[0.5], [1.0]], np.arange(6.0).reshape(2, 3)])
@pytest.mark.parametrize("random", [False, True])
def test_parameters_that_stretch(mu, random):
    data = np.array([[1.0, NAN, 2.0], [NAN, NAN, 3.0]])
    with rf.Model() as model:
        shift = rf.Normal("shift", 0, 1) if random else 0.0
        rf.Normal("x", np.asarray(mu) + shift, 2.0, observed=data)
    at = {"x_unobserved": [1.0, 2.0, 3.0]} | ({"shift": 0.0} if random else {})
    where, whole = np.isnan(data), np.broadcast_to(mu, data.shape)
    terms = model.point_logps(at)
    assert terms["x_unobserved"] == pytest.approx(logp([1, 2, 3], whole[where], 2.0))
    assert terms["x_observed"] == pytest.approx(logp(data[~where], whole[~where], 2.0))
    expected = data.copy()
    expected[where] = [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(model.eval("x", at), expected)


def test_transforms_and_starts_are_those_of_the_missing():
    with rf.Model() as model:
        rf.HalfNormal("x", 1, observed=[1.0, NAN, NAN], initval=[9.0, 2.0, 3.0])
        rf.Exponential("y", 1, observed=[1.0, NAN], initval=0.5, default_transform=None)
    start = model.initial_point()
    np.testing.assert_allclose(start["x_unobserved_log__"], np.log([2.0, 3.0]))
    assert start["y_unobserved"] == [0.5]


def test_discrete_data_stay_whole():
    with rf.Model() as model:
        rf.Poisson("x", 3.0, observed=[1, None, 2])
        rf.Poisson("y", 3.0, observed=rf.Data("d", [1.0, NAN]))
    for name in ("x", "y"):
        assert model[f"{name}_unobserved"].dtype == model[name].dtype == "int64"
        assert model.rvs_to_values[model[f"{name}_observed"]].dtype == "int64"
    with rf.Model(), pytest.raises(rf.ModelError, match=r"'z' must be integers.*got 0\.5"):
        rf.Poisson("z", 3.0, observed=[0.5, NAN])


def test_whole_vectors():
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 1, shape=2)
        rf.MvNormal("x", mu, np.eye(2), observed=[[1.0, 2.0], [NAN, NAN], [3.0, 4.0]])
    at = {"mu": [0.5, 1.0], "x_unobserved": [[5.0, 6.0]]}
    terms = model.point_logps(at)
    assert terms["x_unobserved"] == pytest.approx(logp([5.0, 6.0], [0.5, 1.0]))
    np.testing.assert_array_equal(model.eval("x", at)[1], [5.0, 6.0])


def test_parts_of_vectors():
    cov = np.array([[1.0, 0.8], [0.8, 2.0]])
    with rf.Model() as model:
        rf.MvNormal("x", [0.5, 1.0], cov, observed=[[1.0, NAN], [2.0, 3.0]])
    at = {"x_unobserved": [4.0]}
    expected = stats.multivariate_normal.logpdf([[1.0, 4.0], [2.0, 3.0]], [0.5, 1.0], cov).sum()
    assert sum(model.point_logps(at).values()) == pytest.approx(expected)
    assert model.initial_point()["x_unobserved"] == [1.0]
    assert rf.compile(model).logp_dlogp([4.0])[0] == pytest.approx(expected)
    draws = rf.draw(model["x_unobserved"], draws=4000, random_seed=1)
    assert draws.shape == (4000, 1)
    assert abs(draws.mean() - 1.0) < 0.1 and abs(draws.var() - 2.0) < 0.2
    with pytest.raises(rf.UnsupportedError, match="one part cannot be drawn"):
        rf.draw(model["x_observed"])
    with rf.Model() as model:
        mu = rf.Normal("mu", [0.0, 9.0], 1)
        rf.MvNormal("x", mu, np.eye(2), observed=[[1.0, NAN], [2.0, NAN], [1.0, 2.0]])
    mu_draws, x_draws = rf.draw([mu, model["x_unobserved"]], draws=500, random_seed=1)
    assert x_draws.shape == (500, 2)
    assert abs((x_draws - mu_draws[:, 1:]).mean()) < 0.15
    with rf.Model(), pytest.raises(rf.ModelError, match="'w' are missing inside its vectors"):
        rf.Dirichlet("w", [1.0, 1.0, 1.0], observed=[[0.2, NAN, 0.3]])


def test_a_random_walk_with_a_gap():
    with rf.Model() as model:
        rf.GaussianRandomWalk(
            "x", 0.0, 1.0, init_dist=rf.Normal.dist(0, 1), observed=[1.0, NAN, 3.0]
        )
    total = sum(model.point_logps({"x_unobserved": [2.5]}).values())
    assert total == pytest.approx(logp([1.0, 1.5, 0.5]))


def test_what_is_refused():
    with rf.Model(), pytest.raises(rf.ModelError, match="all observed data of 'x' are missing"):
        rf.Normal("x", 0, 1, observed=[NAN, NAN])
    with rf.Model(), pytest.raises(rf.ModelError, match="'x' has total_size= and missing data"):
        rf.Normal("x", 0, 1, observed=[1.0, NAN], total_size=10)


def line_with_data(y):
    with rf.Model(coords={"row": np.arange(len(y))}) as model:
        x = rf.Data("x", np.arange(float(len(y))), dims="row")
        slope = rf.Normal("slope", 0, 1)
        rf.Normal("y", slope * x, 0.1, observed=rf.Data("y_data", y, dims="row"), dims="row")
    return model


def test_the_missing_follow_set_data():
    model = line_with_data([0.0, NAN, 2.0])
    rf.set_data(
        {"x": [1.0, 2.0], "y_data": [NAN, 5.0]}, model=model, coords={"row": ["new 1", "new 2"]}
    )
    at = {"slope": 1.0, "y_unobserved": [7.0]}
    np.testing.assert_array_equal(model.eval("y", at), [7.0, 5.0])
    assert model.point_logps(at)["y_observed"] == pytest.approx(logp(5.0, 2.0, 0.1))
    copy = model.copy()
    rf.set_data({"y_data": [5.0, NAN]}, model=copy)
    np.testing.assert_array_equal(copy.eval("y", at), [5.0, 7.0])
    np.testing.assert_array_equal(model.eval("y", at), [7.0, 5.0])


def test_predictions_for_other_rows():
    model = line_with_data([0.0, NAN, 2.0])
    trace = {"slope": np.full((1, 50), 2.0), "y_unobserved": np.full((1, 50, 1), 9.0)}
    with model:
        here = rf.sample_posterior_predictive(trace, var_names=["y"], random_seed=1)
        np.testing.assert_array_equal(here["posterior_predictive"]["y"][..., 1], 9.0)
        rf.set_data({"x": [10.0, 20.0], "y_data": [0.0, 0.0]}, coords={"row": ["p", "q"]})
        new = rf.sample_posterior_predictive(
            {"slope": trace["slope"]}, var_names=["y"], predictions=True, random_seed=1
        )
    means = new["predictions"]["y"].mean(("chain", "draw"))
    np.testing.assert_allclose(means, [20.0, 40.0], atol=0.2)


def test_a_compiled_model_keeps_its_missing():
    compiled = rf.compile(line_with_data([0.0, NAN, 2.0]))
    bound = compiled.bind({"y_data": [1.0, NAN, 3.0]})
    expected = logp([1.0, 3.0], [0.0, 2.0], 0.1) + logp(4.0, 1.0, 0.1) + logp(1.0)
    assert bound.logp_dlogp([1.0, 4.0])[0] == pytest.approx(expected)
    with pytest.raises(rf.ShapeError, match="other observations of 'y' are missing"):
        compiled.bind({"y_data": [NAN, 1.0, 3.0]})


def test_the_posterior_of_the_missing_is_their_distribution():
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 10)
        rf.Normal("x", mu, 1, observed=[1.0, 3.0, NAN])
    idata = rf.sample(model, draws=2000, chains=2, random_seed=3, progressbar=False, quiet=True)
    found = idata.posterior["x"].values[..., 2].ravel()
    # mu given the data has mean 2 and variance 1/2, nearly; the missing one adds 1.
    assert abs(found.mean() - 2) < 0.15 and abs(found.std() - np.sqrt(1.5)) < 0.1
