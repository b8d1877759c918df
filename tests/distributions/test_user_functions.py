"""What users write themselves: simulators, and custom distributions."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest

import rufous as rf
from rufous.errors import SettingsError, ShapeError, UnsupportedError


def normal(rng, mu, sigma, size):
    return rng.normal(mu, sigma, size=size)


def steps(rng, rate, size):
    """Write a simulator for one set of parameters, as simulators of systems are."""
    assert np.ndim(rate) == 0
    x = 0.0
    for _ in range(4):
        x += float(rate) + 1e-3 * rng.normal()
    return np.asarray(x)


@pytest.fixture
def model():
    with rf.Model() as model:
        mu, sigma = rf.Normal("mu", 2, 0.1), rf.HalfNormal("sigma", 1)
        rf.Simulator("free", steps, mu)
        rf.Simulator("y", normal, mu, sigma, sum_stat="sort", epsilon=0.1, observed=np.arange(5.0))
    return model


def test_declared_as_in_pymc(model):
    assert model["y"].owner.op.name == "Simulator_y"
    assert [rv.name for rv in model.observed_RVs] == ["y"]
    assert model["y"].type.shape == (5,)
    assert model["free"].type.ndim == 0
    assert rf.Simulator.dist(normal, 0.0, 1.0).owner.op.name == "Simulator"


def test_prior_predictive_draws(model):
    idata = rf.sample_prior_predictive(300, model=model, random_seed=1)
    free, mu = idata["prior"]["free"].values[0], idata["prior"]["mu"].values[0]
    np.testing.assert_allclose(free, 4 * mu, atol=0.02)
    y = idata["prior_predictive"]["y"].values[0]
    assert y.shape == (300, 5)
    sigma = idata["prior"]["sigma"].values[0]
    z = (y - mu[:, None]) / sigma[:, None]
    assert abs(z.mean()) < 5 / np.sqrt(z.size) and abs(z.std() - 1) < 5 / np.sqrt(2 * z.size)


def test_posterior_predictive_draws(model):
    prior = rf.sample_prior_predictive(40, model=model, random_seed=1)
    drawn = rf.sample_posterior_predictive(
        prior["prior"], model=model, var_names=["y"], random_seed=2
    )
    mu = prior["prior"]["mu"].values[0]
    y = drawn["posterior_predictive"]["y"].values[0]
    assert y.shape == (40, 5)
    assert np.corrcoef(y.mean(axis=1), mu).shape == (2, 2)


def test_starts_at_the_mean_of_some_simulations(model):
    point = model.initial_point()
    assert point["free"] == pytest.approx(8, abs=0.01)
    assert np.array_equal(point["free"], model.initial_point()["free"])


def test_vectors(model):
    def walk(rng, loc, size):
        return loc + rng.normal(size=np.shape(loc) if size is None else (*size, len(loc)))

    rv = rf.Simulator.dist(walk, np.zeros(3), signature="(n)->(n)")
    assert rf.draw(rv, draws=4, random_seed=1).shape == (4, 3)
    rv = rf.Simulator.dist(walk, np.zeros(3), ndim_supp=1, ndims_params=[1])
    assert rf.draw(rv, random_seed=1).shape == (3,)


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.compile_logp(),
        lambda model: rf.compile(model),
        lambda model: rf.sample(model, 10, progressbar=False),
        lambda model: rf.logp(model["y"], 1.0),
    ],
)
def test_the_density_is_refused_with_the_way_out(model, ask):
    with pytest.raises(UnsupportedError, match=r"Simulator_.*sample_smc.*CustomDist\(logp="):
        ask(model)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"distance": "no"}, "The distance metric no is not implemented.*gaussian"),
        ({"sum_stat": "no"}, "The summary statistic no is not implemented.*identity"),
        ({"params": (1.0,)}, "Cannot pass both unnamed parameters and `params`"),
        ({"epsilon": -1}, "`epsilon` > 0"),
        ({"ndims_params": [0]}, "one number for each of the 2"),
        ({"fn": 3}, "`fn`"),
    ],
)
def test_bad_arguments(options, message):
    fn = options.pop("fn", normal)
    with pytest.raises(SettingsError, match=message):
        rf.Simulator.dist(fn, 0.0, 1.0, **options)


def test_a_function_that_ignores_size():
    rv = rf.Simulator.dist(lambda rng, mu, size: rng.normal(mu), 0.0, shape=7)
    with pytest.raises(ShapeError, match=r"Simulator.*size=\(7,\)"):
        rf.draw(rv)


def test_custom_draws_are_made_for_each_draw():
    def random(mu, cov, rng=None, size=None):
        return rng.multivariate_normal(mu, cov, size=size)

    def product(p, size):
        return rf.Normal.dist(p[0] * p[1], 1e-3, size=size)

    with rf.Model() as model:
        p = rf.Normal("p", 0, 1, shape=2)
        rf.CustomDist("w", p, 1e-6 * np.eye(2), random=random, signature="(n),(n,n)->(n)")
        rf.CustomDist("y", p, dist=product, signature="(2)->()", observed=np.zeros(4))
    idata = rf.sample_prior_predictive(30, model=model, random_seed=1)
    p, w = idata["prior"]["p"].values[0], idata["prior"]["w"].values[0]
    np.testing.assert_allclose(w, p, atol=0.01)
    y = idata["prior_predictive"]["y"].values[0]
    np.testing.assert_allclose(y, np.repeat(p.prod(axis=1)[:, None], 4, axis=1), atol=0.01)


def test_parameters_that_a_graph_uses_up_are_no_batch():
    def vector(mu, size):
        return rf.MvNormal.dist(mu, np.eye(2), size=size)

    def product(p, size):
        return rf.Normal.dist(p[0] * p[1], 1e-3, size=size)

    assert rf.draw(rf.CustomDist.dist(np.zeros(2), dist=vector), 3).shape == (3, 2)
    assert rf.draw(rf.CustomDist.dist(np.zeros(2), dist=vector, shape=(4, 2))).shape == (4, 2)
    rv = rf.CustomDist.dist(np.array([2.0, 3.0]), dist=product, shape=5)
    np.testing.assert_allclose(rf.draw(rv, random_seed=1), 6.0, atol=0.01)
    assert rf.logp(rv, np.full(5, 6.0)).type.shape == (5,)
    each = rf.CustomDist.dist(np.zeros(2), dist=lambda mu, size: rf.Normal.dist(mu, 1, size=size))
    assert rf.draw(each).shape == (2,)
    assert rf.CustomDist.dist(0.0, logp=lambda value, mu: -value, class_name="mine").owner.op.name


def test_a_mixture_is_discrete_or_continuous():
    with pytest.raises(SettingsError, match=r"all discrete or all continuous.*HurdleGamma"):
        rf.Mixture.dist([0.5, 0.5], [rf.DiracDelta.dist(0), rf.Gamma.dist(2, 1)])


def test_draws_of_a_graph_do_not_depend_on_others():
    def dist(mu, size):
        return pt.exp(rf.Normal.dist(mu, 1, size=size)) + rf.Normal.dist(0, 1, size=size)

    with rf.Model() as model:
        rf.Normal("a", 0, 1)
        rf.CustomDist("b", 0.0, dist=dist)
        rf.CustomDist("c", 0.0, dist=dist)
    every = rf.sample_prior_predictive(4, model, random_seed=1, return_inferencedata=False)
    alone = rf.sample_prior_predictive(4, model, ["c"], 1, return_inferencedata=False)
    np.testing.assert_array_equal(every["c"], alone["c"])
    assert not np.array_equal(every["b"], every["c"])
