"""Sequences in time: density, draws, lengths, refusals."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from scipy import stats

import rufous.distributions as rd
from contracts.graph_tools import density_at, density_graph, draw
from rufous.errors import SettingsError, ShapeError
from rufous.model.model import Model

N_DRAWS = 3000
X = np.array([0.5, 0.7, -0.3, 1.1, 2.0])
START = rd.Normal.dist(0.0, 1.0)


def test_random_walk_density():
    rv = rd.GaussianRandomWalk.dist(0.1, 2.0, init_dist=rd.Normal.dist(0, 3), steps=4)
    assert rv.type.shape == (5,)
    wanted = stats.norm(0, 3).logpdf(X[0]) + stats.norm(0.1, 2).logpdf(np.diff(X)).sum()
    assert density_at(rv, X) == pytest.approx(wanted, rel=1e-12)
    general = rd.RandomWalk.dist(rd.Normal.dist(0, 3), rd.Laplace.dist(0, 2), shape=5)
    wanted = stats.norm(0, 3).logpdf(X[0]) + stats.laplace(0, 2).logpdf(np.diff(X)).sum()
    assert density_at(general, X) == pytest.approx(wanted, rel=1e-12)


def test_random_walks_of_a_batch():
    sigma = np.array([1.0, 2.0, 3.0])
    arguments = {"mu": 0, "sigma": sigma, "init_dist": rd.Normal.dist(0, 1)}
    rv = rd.GaussianRandomWalk.dist(**arguments, steps=4)
    assert rv.type.shape == (3, 5)
    values = np.stack([X, 2 * X, -X])
    wanted = stats.norm.logpdf(values[:, 0])
    wanted = wanted + stats.norm(0, sigma[:, None]).logpdf(np.diff(values, axis=1)).sum(axis=1)
    np.testing.assert_allclose(density_at(rv, values), wanted, rtol=1e-12)
    draws = draw(rd.GaussianRandomWalk.dist(**arguments, shape=(N_DRAWS, 3, 5)))
    np.testing.assert_allclose(np.diff(draws, axis=-1).std(axis=(0, 2)), sigma, rtol=0.05)
    assert stats.kstest(draws[:, 1, 0], "norm").pvalue > 1e-4


def test_random_walk_of_vectors():
    cov = np.array([[1.0, 0.5], [0.5, 2.0]])
    start = rd.MvNormal.dist([0, 0], np.eye(2))
    rv = rd.MvGaussianRandomWalk.dist([0.1, 0.2], cov=cov, init_dist=start, steps=3)
    assert rv.type.shape == (4, 2)
    values = np.random.default_rng(1).normal(size=(4, 2))
    wanted = stats.multivariate_normal([0, 0]).logpdf(values[0])
    wanted += stats.multivariate_normal([0.1, 0.2], cov).logpdf(np.diff(values, axis=0)).sum()
    assert density_at(rv, values) == pytest.approx(wanted, rel=1e-12)
    many = rd.MvGaussianRandomWalk.dist([0.1, 0.2], cov=cov, init_dist=start, shape=(N_DRAWS, 4, 2))
    steps = np.diff(draw(many), axis=-2).reshape(-1, 2)
    np.testing.assert_allclose(np.cov(steps.T), cov, atol=0.1)


def ar_by_hand(x, rho, sigma, constant):
    order = len(rho) - constant
    slopes = rho[constant:]
    total = 0.0
    for t in range(order, len(x)):
        expected = (rho[0] if constant else 0.0) + slopes @ x[t - order : t][::-1]
        total += stats.norm(expected, sigma).logpdf(x[t])
    return total + stats.norm(0, 10).logpdf(x[:order]).sum()


@pytest.mark.parametrize("constant", [False, True])
def test_autoregressive_density(constant):
    rho = np.array([0.3, 0.5, -0.2])
    rv = rd.AR.dist(rho, 2.0, init_dist=rd.Normal.dist(0, 10), constant=constant, shape=5)
    assert density_at(rv, X) == pytest.approx(ar_by_hand(X, rho, 2.0, int(constant)), rel=1e-12)
    order = 3 - constant
    vector = rd.MvNormal.dist(np.zeros(order), 100 * np.eye(order))
    other = rd.AR.dist(rho, tau=0.25, init_dist=vector, constant=constant, steps=5 - order)
    assert density_at(other, X) == pytest.approx(density_at(rv, X), rel=1e-12)


def test_autoregressive_batch_and_draws():
    rho = np.array([[0.5], [-0.8]])
    rv = rd.AR.dist(rho, [1.0, 2.0], init_dist=rd.Normal.dist(0, 10), shape=(2, 5))
    values = np.stack([X, -X])
    wanted = [ar_by_hand(v, r, s, 0) for v, r, s in zip(values, rho, (1.0, 2.0), strict=True)]
    np.testing.assert_allclose(density_at(rv, values), wanted, rtol=1e-12)
    draws = draw(rd.AR.dist([1.0, 0.5], 2.0, init_dist=START, constant=True, shape=(N_DRAWS, 20)))
    last = stats.norm(2, 2 / np.sqrt(1 - 0.25))
    assert stats.kstest(draws[:, -1], last.cdf).pvalue > 1e-4
    residuals = draws[:, -1] - 1 - 0.5 * draws[:, -2]
    assert stats.kstest(residuals, stats.norm(0, 2).cdf).pvalue > 1e-4


def test_garch_density_gradient_and_draws():
    omega, alpha, beta, initial = 0.5, 0.2, 0.3, 1.5
    variance = [initial**2]
    for x in X[:-1]:
        variance.append(omega + alpha * x**2 + beta * variance[-1])
    wanted = stats.norm(0, np.sqrt(variance)).logpdf(X).sum()
    rv = rd.GARCH11.dist(omega, alpha, beta, initial, steps=4)
    inputs = pt.scalars("omega", "alpha", "beta", "initial")
    symbolic = density_graph(rd.GARCH11.dist(*inputs, steps=4), pt.constant(X))
    outputs = [symbolic, *pytensor.grad(symbolic, inputs)]
    function = pytensor.function(inputs, outputs, mode=Mode(linker="py", optimizer="fast_compile"))
    at = np.array([omega, alpha, beta, initial])
    got = function(*at)
    assert got[0] == pytest.approx(wanted, rel=1e-12)
    for i, step in enumerate(np.eye(4) * 1e-6):
        slope = (function(*(at + step))[0] - function(*(at - step))[0]) / 2e-6
        assert got[1 + i] == pytest.approx(slope, rel=1e-6, abs=1e-8)
    draws = draw(rd.GARCH11.dist(omega, alpha, beta, initial, shape=(N_DRAWS, 3)))
    assert stats.kstest(draws[:, 0], stats.norm(0, initial).cdf).pvalue > 1e-4
    scaled = draws[:, 1] / np.sqrt(omega + alpha * draws[:, 0] ** 2 + beta * initial**2)
    assert stats.kstest(scaled, "norm").pvalue > 1e-4
    assert rv.type.shape == (5,)


def pull(x, rate):
    return -rate * x, 0.5


def test_euler_maruyama_density_and_draws():
    arguments = {"dt": 0.1, "sde_fn": pull, "sde_pars": [2], "init_dist": START}
    rv = rd.EulerMaruyama.dist(**arguments, steps=4)
    scale = np.sqrt(0.1) * 0.5
    wanted = stats.norm.logpdf(X[0]) + stats.norm(0.8 * X[:-1], scale).logpdf(X[1:]).sum()
    assert density_at(rv, X) == pytest.approx(wanted, rel=1e-12)
    draws = draw(rd.EulerMaruyama.dist(**arguments, shape=(N_DRAWS, 3)))
    residuals = (draws[:, 2] - 0.8 * draws[:, 1]) / scale
    assert stats.kstest(residuals, "norm").pvalue > 1e-4
    batch = rd.EulerMaruyama.dist(0.1, pull, [np.array([1.0, 2.0])], init_dist=START, shape=(2, 5))
    assert density_at(batch, np.stack([X, X]))[1] == pytest.approx(wanted, rel=1e-12)
    assert draw(batch).shape == (2, 5)


def test_lengths_come_from_dims_data_and_shape():
    with Model(coords={"time": range(6), "place": ["a", "b"]}) as model:
        a = rd.GaussianRandomWalk("a", init_dist=START, dims="time")
        b = rd.GaussianRandomWalk("b", sigma=[1.0, 2.0], init_dist=START, dims=("place", "time"))
        c = rd.AR("c", [0.1, 0.2], init_dist=START, dims="time")
        rd.GARCH11("d", 1, 0.1, 0.2, 1, observed=X)
        e = rd.EulerMaruyama("e", 0.1, pull, [1.0], init_dist=START, shape=7)
        f = rd.MvGaussianRandomWalk("f", [0, 0], chol=np.eye(2), dims=("time", "place"))
        g = rd.GaussianRandomWalk("g", steps=3)
    shapes = [model.shape_of(v) for v in (a, b, c, e, f, g)]
    assert shapes == [(6,), (2, 6), (6,), (7,), (6, 2), (4,)]
    assert all("__" not in v.name for v in model.value_vars)
    assert np.isfinite(list(model.point_logps().values())).all()


def test_starts_follow_the_drift():
    with Model() as model:
        rd.GaussianRandomWalk("a", mu=2, init_dist=rd.Normal.dist(1, 1), shape=4)
        rd.AR("b", [0.1, 0.2], init_dist=rd.Normal.dist(3, 1), shape=4)
    point = model.initial_point()
    np.testing.assert_allclose(point["a"], [1, 3, 5, 7])
    np.testing.assert_allclose(point["b"], [3, 3, 3, 3])


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: rd.GaussianRandomWalk.dist(), ShapeError, "number of steps is not given"),
        (lambda: rd.GaussianRandomWalk.dist(sigma=-1, steps=3), SettingsError, "`sigma` > 0"),
        (lambda: rd.GaussianRandomWalk.dist(steps=2.5), SettingsError, "whole"),
        (lambda: rd.GaussianRandomWalk.dist(steps=2, shape=5), ShapeError, "length 3"),
        (lambda: rd.RandomWalk.dist(START, 1.0, steps=2), SettingsError, "made with .dist"),
        (
            lambda: rd.RandomWalk.dist(START, rd.MvNormal.dist([0, 0], np.eye(2)), steps=2),
            SettingsError,
            "both be distributions of numbers",
        ),
        (lambda: rd.AR.dist([0.1], init_dist=START), ShapeError, "number of steps is not given"),
        (lambda: rd.AR.dist([0.1], constant=True, steps=3), ShapeError, "at least one coefficient"),
        (lambda: rd.AR.dist([0.1, 0.2, 0.3], shape=2), ShapeError, "start alone has length 3"),
        (lambda: rd.AR.dist(pt.vector("rho"), shape=5), ShapeError, "ar_order="),
        (lambda: rd.GARCH11.dist(-1, 0.1, 0.1, 1, steps=3), SettingsError, "`omega` > 0"),
        (lambda: rd.GARCH11.dist(1, -0.1, 0.1, 1, steps=3), SettingsError, "`alpha_1` >= 0"),
        (lambda: rd.EulerMaruyama.dist(0, pull, [1.0], steps=3), SettingsError, "`dt` > 0"),
        (lambda: rd.EulerMaruyama.dist(1, 3, [1.0], steps=3), SettingsError, "`sde_fn`"),
        (lambda: rd.EulerMaruyama.dist(1, pull, 1.0, steps=3), SettingsError, "`sde_pars`"),
        (
            lambda: density_at(rd.EulerMaruyama.dist(1, pull, [1, 2], steps=4), X),
            SettingsError,
            "each of `sde_pars`",
        ),
    ],
)
def test_refusals(make, error, text):
    with pytest.raises(error, match=text):
        make()
