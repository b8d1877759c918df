"""Distributions made of others: mixtures, censored, truncated and custom ones."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats
from scipy.special import logsumexp

import rufous.distributions as rd
from contracts.graph_tools import AS_WRITTEN, density_at, density_graph, draw, evaluate
from rufous.derived.density import logcdf
from rufous.errors import SettingsError, ShapeError, UnsupportedError
from rufous.model.model import Model

N_DRAWS = 3000
W, MU, SIGMA = np.array([0.25, 0.75]), np.array([-2.0, 3.0]), np.array([1.0, 0.5])
VALUES = np.array([-30.0, -2.0, 0.0, 2.5, 40.0])


def mixed(values):
    return logsumexp(np.log(W) + stats.norm(MU, SIGMA).logpdf(values[..., None]), axis=-1)


WAYS = {
    "normal": lambda **o: rd.NormalMixture.dist(W, MU, SIGMA, **o),
    "precision": lambda **o: rd.NormalMixture.dist(W, MU, tau=SIGMA**-2, **o),
    "one": lambda **o: rd.Mixture.dist(W, rd.Normal.dist(MU, SIGMA), **o),
    "several": lambda **o: rd.Mixture.dist(
        W, [rd.Normal.dist(MU[0], SIGMA[0]), rd.Normal.dist(MU[1], SIGMA[1])], **o
    ),
    "list of one": lambda **o: rd.Mixture.dist(W, [rd.Normal.dist(MU, SIGMA)], **o),
    "nested": lambda **o: rd.Mixture.dist(
        [1.0, 0.0], [rd.NormalMixture.dist(W, MU, SIGMA), rd.Normal.dist()], **o
    ),
}
each_way = pytest.mark.parametrize("make", WAYS.values(), ids=WAYS.keys())


@each_way
def test_mixture_density_cdf_and_draws(make):
    np.testing.assert_allclose(density_at(make(), VALUES), mixed(VALUES), rtol=1e-12)
    wanted = np.log((W * stats.norm(MU, SIGMA).cdf(VALUES[1:, None])).sum(axis=-1))
    got = evaluate(logcdf(make(), VALUES[1:]))
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12)
    draws = draw(make(size=N_DRAWS))
    grid = lambda x: (W * stats.norm(MU, SIGMA).cdf(x[:, None])).sum(axis=-1)  # noqa: E731
    assert stats.kstest(draws, grid).pvalue > 1e-4


@each_way
def test_mixture_shapes(make):
    assert make().type.shape == ()
    assert make(shape=(4, 3)).type.shape == (4, 3)
    assert draw(make(shape=(4, 3))).shape == (4, 3)
    with Model(coords={"row": range(4)}) as model:
        w = rd.Dirichlet("w", [1.0, 1.0])
        x = rd.NormalMixture("x", w, MU, SIGMA, dims="row")
        rd.NormalMixture("y", w, MU, SIGMA, observed=VALUES)
    assert model.shape_of(x) == (4,)
    assert np.isfinite(list(model.point_logps().values())).all()


def test_mixture_of_rows_and_vectors():
    w = np.array([[0.5, 0.5], [0.1, 0.9], [1.0, 0.0]])
    rv = rd.NormalMixture.dist(w, MU, SIGMA)
    assert rv.type.shape == (3,)
    got = density_at(rv, [1.0, 1.0, 1.0])
    with np.errstate(divide="ignore"):
        wanted = logsumexp(np.log(w) + stats.norm(MU, SIGMA).logpdf(1.0), axis=-1)
    np.testing.assert_allclose(got, wanted, rtol=1e-12)
    means = np.array([[0.0, 0.0], [3.0, 3.0]])
    vectors = rd.Mixture.dist(W, rd.MvNormal.dist(means, np.eye(2)))
    assert vectors.type.shape == (2,)
    at = np.array([[0.5, 0.5], [3.0, 2.0], [9.0, -9.0]])
    by_part = [stats.multivariate_normal(mean, np.eye(2)).logpdf(at) for mean in means]
    wanted = logsumexp(np.log(W) + np.stack(by_part, axis=-1), axis=-1)
    np.testing.assert_allclose(density_at(vectors, at), wanted, rtol=1e-12)
    listed = rd.Mixture.dist(W, [rd.MvNormal.dist(mean, np.eye(2)) for mean in means])
    np.testing.assert_allclose(density_at(listed, at), wanted, rtol=1e-12)
    for each in (vectors, listed):
        many = draw(rd.Mixture.dist(*_arguments(each, W, means), shape=(5, 2)))
        assert many.shape == (5, 2)


def _arguments(rv, w, means):
    if rv.owner.op.stacked:
        return w, rd.MvNormal.dist(means, np.eye(2))
    return w, [rd.MvNormal.dist(mean, np.eye(2)) for mean in means]


def test_mixture_gradient_is_that_of_finite_differences():
    w, mu = pt.vector("w", shape=(2,)), pt.vector("mu", shape=(2,))
    rv = rd.NormalMixture.dist(w, mu, SIGMA)
    density = density_graph(rv, pt.constant(VALUES[1:4])).sum()
    function = pytensor.function([w, mu], [density, pytensor.grad(density, mu)], mode=AS_WRITTEN)
    gradient = function(W, MU)[1]
    for i, step in enumerate(np.eye(2) * 1e-6):
        slope = (function(W, MU + step)[0] - function(W, MU - step)[0]) / 2e-6
        assert gradient[i] == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_free_mixtures_get_the_transform_that_all_share():
    with Model() as model:
        rd.Mixture("a", W, rd.Gamma.dist([2.0, 3.0], 1.0))
        rd.Mixture("b", W, [rd.Uniform.dist(0, 1), rd.Uniform.dist(0, 1)])
        rd.Mixture("c", W, [rd.Uniform.dist(0, 1), rd.Uniform.dist(0, 2)])
        rd.Mixture("d", W, [rd.HalfNormal.dist(), rd.Normal.dist()])
        rd.Mixture("e", W, rd.Poisson.dist([2.0, 9.0]))
    names = [v.name for v in model.value_vars]
    assert names == ["a_log__", "b_interval__", "c", "d", "e"]
    assert model["e"].dtype == "int64"
    assert np.isfinite(list(model.point_logps().values())).all()


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: rd.NormalMixture.dist([0.5, 0.6], MU), SettingsError, "sum to 1"),
        (lambda: rd.NormalMixture.dist(0.5, MU), ShapeError, "axis of components"),
        (lambda: rd.NormalMixture.dist(W, [1, 2, 3]), ShapeError, "2 weights, but there are 3"),
        (lambda: rd.NormalMixture.dist(W, 0.0), ShapeError, "without an axis"),
        (lambda: rd.Mixture.dist(W, []), SettingsError, "at least one"),
        (lambda: rd.Mixture.dist(W, [1.0, 2.0]), SettingsError, "made with .dist"),
        (
            lambda: rd.Mixture.dist(W, [rd.Normal.dist(), rd.Dirichlet.dist([1, 1])]),
            ShapeError,
            "all be distributions",
        ),
        (lambda: rd.Censored.dist(1.0), SettingsError, "made with .dist"),
        (lambda: rd.Censored.dist(rd.Normal.dist(), 2, 1), SettingsError, "`lower` <= `upper`"),
        (lambda: rd.Truncated.dist(rd.Gamma.dist(1, 1), 2, 1), SettingsError, "`lower` <= `upper`"),
        (lambda: rd.Censored.dist(rd.Dirichlet.dist([1, 1])), SettingsError, "single numbers"),
        (lambda: rd.Truncated.dist(rd.Normal.dist(), 0, 1, 0), SettingsError, "max_n_steps"),
        (lambda: rd.CustomDist.dist(1, logp=3), SettingsError, "`logp` must be a function"),
        (
            lambda: rd.CustomDist.dist(1, 2, logp=len, signature="()->()"),
            SettingsError,
            "one group for each",
        ),
    ],
)
def test_refusals(make, error, text):
    with pytest.raises(error, match=text):
        make()


def test_censored_density_and_draws():
    rv = rd.Censored.dist(rd.Normal.dist(1, 2), lower=-1, upper=3)
    normal = stats.norm(1, 2)
    got = density_at(rv, [-1.0, 0.0, 3.0, -1.5, 3.5])
    wanted = [normal.logcdf(-1), normal.logpdf(0), normal.logsf(3), -np.inf, -np.inf]
    np.testing.assert_allclose(got, wanted, rtol=1e-12)
    draws = draw(rd.Censored.dist(rd.Normal.dist(1, 2), lower=-1, upper=3, size=N_DRAWS))
    share = np.mean(draws == 3)
    assert abs(share - normal.sf(3)) < 5 * np.sqrt(0.25 / N_DRAWS)
    assert (draws.min(), draws.max()) == (-1, 3)
    one_sided = rd.Censored.dist(rd.Normal.dist(0, 1), upper=30)
    assert density_at(one_sided, 30.0) == pytest.approx(stats.norm.logsf(30), rel=1e-10)


def test_censored_counts():
    rv = rd.Censored.dist(rd.Poisson.dist(4), lower=2, upper=6)
    poisson = stats.poisson(4)
    got = density_at(rv, [1, 2, 4, 6, 7])
    wanted = [-np.inf, poisson.logcdf(2), poisson.logpmf(4), poisson.logsf(5), -np.inf]
    np.testing.assert_allclose(got, wanted, rtol=1e-10)
    assert np.exp(density_at(rv, np.arange(10))).sum() == pytest.approx(1, abs=1e-12)


def test_truncated_density_and_draws():
    gamma = stats.gamma(3, scale=0.5)
    arguments = (rd.Gamma.dist(3, 2), 1, 2.5)
    total = gamma.cdf(2.5) - gamma.cdf(1)
    got = density_at(rd.Truncated.dist(*arguments), [1.5, 0.9, 2.6])
    wanted = [gamma.logpdf(1.5) - np.log(total), -np.inf, -np.inf]
    np.testing.assert_allclose(got, wanted, rtol=1e-10)
    draws = draw(rd.Truncated.dist(*arguments, size=N_DRAWS))
    assert stats.kstest(draws, lambda x: (gamma.cdf(x) - gamma.cdf(1)) / total).pvalue > 1e-4
    at = np.array([1.2, 2.0])
    cdf = evaluate(logcdf(rd.Truncated.dist(*arguments), at))
    np.testing.assert_allclose(np.exp(cdf), (gamma.cdf(at) - gamma.cdf(1)) / total, rtol=1e-10)


def test_truncated_counts_include_both_ends():
    rv = rd.Truncated.dist(rd.Poisson.dist(4), lower=2, upper=6)
    assert np.exp(density_at(rv, np.arange(10))).sum() == pytest.approx(1, abs=1e-12)
    draws = draw(rd.Truncated.dist(rd.Poisson.dist(4), lower=2, upper=6, size=500))
    assert set(draws.tolist()) == {2, 3, 4, 5, 6}
    zero = rd.Truncated.dist(rd.Poisson.dist(4), lower=1)
    wanted = stats.poisson(4).logpmf(3) - np.log1p(-np.exp(-4))
    assert density_at(zero, 3) == pytest.approx(wanted, rel=1e-12)


def test_truncated_far_out_is_drawn_by_the_quantile_function():
    draws = draw(rd.Truncated.dist(rd.Exponential.dist(1), lower=12, size=500))
    assert stats.kstest(draws - 12, stats.expon().cdf).pvalue > 1e-4
    with pytest.raises(SettingsError, match="max_n_steps"):
        draw(rd.Truncated.dist(rd.SkewNormal.dist(), lower=60, max_n_steps=30))


def test_truncated_normal_has_an_op_of_its_own_and_all_stay_inside_the_support():
    with Model() as model:
        rd.Truncated("a", rd.Normal.dist(0, 1), lower=0)
        rd.Truncated("b", rd.Gamma.dist(2, 1), upper=3)
        rd.Truncated("c", rd.Beta.dist(2, 2), lower=0.25)
        rd.Truncated("d", rd.Poisson.dist(3), lower=1)
    names = [v.name for v in model.value_vars]
    assert names == ["a_interval__", "b_interval__", "c_interval__", "d"]
    assert model["a"].owner.op.name == "truncated_normal"
    far = {"a_interval__": 0.0, "b_interval__": 30.0, "c_interval__": 30.0, "d": 1}
    for sign in (-1, 1):
        point = {k: np.asarray(sign * v if k != "d" else v) for k, v in far.items()}
        assert np.isfinite(list(model.point_logps(point).values())).all()


def test_custom_log_density_and_draws():
    def logp(value, mu, sigma):
        return -0.5 * ((value - mu) / sigma) ** 2 - pt.log(sigma) - 0.5 * np.log(2 * np.pi)

    def random(mu, sigma, rng, size):
        return rng.normal(mu, sigma, size)

    functions = {"logp": logp, "random": random}
    got = density_at(rd.CustomDist.dist(1, 2, **functions), VALUES)
    np.testing.assert_allclose(got, stats.norm(1, 2).logpdf(VALUES), rtol=1e-12)
    draws = draw(rd.CustomDist.dist(1, 2, **functions, size=N_DRAWS))
    assert stats.kstest(draws, stats.norm(1, 2).cdf).pvalue > 1e-4
    with Model() as model:
        sigma = rd.HalfNormal("sigma")
        x = rd.CustomDist("x", [0.0, 1.0], sigma, **functions)
        rd.CustomDist("y", x, 1.0, **functions, observed=[0.3, 0.4])
    assert [v.name for v in model.value_vars] == ["sigma_log__", "x"]
    assert model.shape_of(x) == (2,)
    assert np.isfinite(list(model.point_logps().values())).all()


def test_custom_vectors_by_signature():
    def logp(value, mu):
        return -pt.sum((value - mu) ** 2, axis=-1)

    for how in ({"signature": "(n)->(n)"}, {"ndim_supp": 1, "ndims_params": [1]}):
        rv = rd.CustomDist.dist(np.zeros((4, 3)), logp=logp, **how)
        assert rv.type.shape == (4, 3)
        assert density_at(rv, np.ones((4, 3))).tolist() == [-3.0] * 4


def test_custom_graph_of_another_distribution():
    def dist(lam, size):
        return rd.Exponential.dist(lam, size=size)

    rv = rd.CustomDist.dist(2.0, dist=dist)
    at = np.array([0.5, 1.0])
    np.testing.assert_allclose(density_at(rv, at), stats.expon(scale=0.5).logpdf(at), rtol=1e-12)
    draws = draw(rd.CustomDist.dist(2.0, dist=dist, size=N_DRAWS))
    assert stats.kstest(draws, stats.expon(scale=0.5).cdf).pvalue > 1e-4
    np.testing.assert_array_equal(draws, draw(rd.CustomDist.dist(2.0, dist=dist, size=N_DRAWS)))
    with Model() as model:
        x = rd.CustomDist("x", [1.0, 2.0], dist=dist, shape=(3, 2))
    assert model.shape_of(x) == (3, 2)
    np.testing.assert_allclose(model.initial_point()["x"], [[1.0, 0.5]] * 3)


def test_custom_without_what_is_needed():
    rv = rd.CustomDist.dist(1.0)
    with pytest.raises(UnsupportedError, match="`logp=`"):
        density_at(rv, 1.0)
    with pytest.raises(UnsupportedError, match="`random=`"):
        draw(rv)
    with pytest.raises(SettingsError, match="either `dist` or `random`"):
        rd.CustomDist.dist(1.0, dist=lambda mu, size: rd.Normal.dist(mu), random=np.add)
    with pytest.raises(UnsupportedError, match="the op Sin has no rule"):
        density_at(rd.CustomDist.dist(1.0, dist=lambda mu, size: pt.sin(rd.Normal.dist(mu))), 1.0)
