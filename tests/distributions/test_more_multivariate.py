"""Vectors of counts, matrices, grids and maps: density, draws, refusals."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from scipy import sparse, special, stats

import rufous.distributions as rd
from contracts.graph_tools import density_at, density_graph, draw, evaluate
from rufous.errors import SettingsError, ShapeError
from rufous.model.model import Model
from rufous.model.registry import default_transform

N_DRAWS = 3000
INLINED = Mode(linker="py", optimizer=RewriteDatabaseQuery(include=["inline_ofg"]))
COV = np.array([[4.0, 1.0], [1.0, 3.0]])
OTHER = np.array([[2.0, 0.3, 0.0], [0.3, 1.0, -0.2], [0.0, -0.2, 1.5]])
P = np.array([0.2, 0.5, 0.3])
CHAIN = np.array([[0, 1, 0, 0], [1, 0, 1, 1], [0, 1, 0, 0], [0, 1, 0, 0]])


def all_counts(n):
    return np.array([[i, j, n - i - j] for i in range(n + 1) for j in range(n + 1 - i)])


def test_multinomial():
    rv = rd.Multinomial.dist(5, P)
    values = all_counts(5)
    got = density_at(rv, values)
    np.testing.assert_allclose(got, stats.multinomial(5, P).logpmf(values), rtol=1e-10)
    outside = [[5, 1, 0], [-1, 3, 3], [1, 1, 1]]
    assert (density_at(rv, outside) == -np.inf).all()
    draws = draw(rd.Multinomial.dist(5, P, size=N_DRAWS))
    assert (draws.sum(axis=-1) == 5).all()
    np.testing.assert_allclose(draws.mean(axis=0), 5 * P, atol=5 * np.sqrt(1.25 / N_DRAWS))
    both = rd.Multinomial.dist([2, 5], P)
    assert both.type.shape == (2, 3)
    assert draw(both).sum(axis=-1).tolist() == [2, 5]
    zero = rd.Multinomial.dist(2, [0.0, 0.5, 0.5])
    np.testing.assert_allclose(density_at(zero, [[0, 1, 1], [1, 1, 0]]), [np.log(0.5), -np.inf])


def test_dirichlet_multinomial():
    a = np.array([0.5, 2.0, 3.0])
    rv = rd.DirichletMultinomial.dist(6, a)
    values = all_counts(6)
    got = density_at(rv, values)
    np.testing.assert_allclose(got, stats.dirichlet_multinomial(a, 6).logpmf(values), rtol=1e-10)
    assert np.exp(got).sum() == pytest.approx(1, abs=1e-12)
    assert density_at(rv, [7, 0, 0]) == -np.inf
    draws = draw(rd.DirichletMultinomial.dist(6, a, size=N_DRAWS))
    frozen = stats.dirichlet_multinomial(a, 6)
    np.testing.assert_allclose(draws.mean(axis=0), frozen.mean(), atol=0.15)
    np.testing.assert_allclose(np.cov(draws.T), frozen.cov(), atol=0.3)
    tiny = draw(rd.DirichletMultinomial.dist(6, [1e-4, 1e-4, 1e-4], size=50))
    assert (tiny.max(axis=-1) == 6).mean() > 0.9


def test_ordered_multinomial():
    cuts = np.array([-1.0, 0.5])
    edges = special.expit(cuts - 0.3)
    shares = np.diff([0, *edges, 1])
    rv = rd.OrderedMultinomial.dist(0.3, cuts, 5)
    values = all_counts(5)
    wanted = stats.multinomial(5, shares).logpmf(values)
    np.testing.assert_allclose(density_at(rv, values), wanted, rtol=1e-10)
    with Model() as model:
        rd.OrderedMultinomial("y", eta=[0.0, 1.0], cutpoints=cuts, n=5, observed=[[2, 2, 1]] * 2)
    assert [v.name for v in model.deterministics] == ["y_probs"]
    assert model.shape_of("y_probs") == (2, 3)
    free = pt.vector("cuts", shape=(2,))
    bad = density_graph(rd.OrderedMultinomial.dist(0, free, 5), pt.constant([1, 1, 3]))
    assert evaluate(bad, {free: cuts[::-1].copy()}) == -np.inf


@pytest.mark.parametrize("name", ["scale", "Sigma", "tau", "chol"])
def test_mv_student_t(name):
    ways = {"tau": np.linalg.inv(COV), "chol": np.linalg.cholesky(COV)}
    mu = np.array([1.0, -2.0])
    arguments = {"nu": 5, "mu": mu, name: ways.get(name, COV)}
    values = np.random.default_rng(1).normal(size=(4, 3, 2)) * 3
    wanted = stats.multivariate_t(mu, COV, df=5).logpdf(values)
    np.testing.assert_allclose(
        density_at(rd.MvStudentT.dist(**arguments), values), wanted, rtol=1e-10
    )
    draws = draw(rd.MvStudentT.dist(**arguments, size=N_DRAWS))
    for i in range(2):
        one = stats.t(5, mu[i], np.sqrt(COV[i, i]))
        assert stats.kstest(draws[:, i], one.cdf).pvalue > 1e-4


def test_wishart():
    matrices = stats.wishart(6, OTHER).rvs(4, random_state=1)
    wanted = [stats.wishart(6, OTHER).logpdf(each) for each in matrices]
    for way in ({"V": OTHER}, {"scale_chol": np.linalg.cholesky(OTHER)}):
        rv = rd.Wishart.dist(6, **way)
        np.testing.assert_allclose(density_at(rv, matrices), wanted, rtol=1e-10)
    assert density_at(rd.Wishart.dist(6, OTHER), -np.eye(3)) == -np.inf
    draws = draw(rd.Wishart.dist(6, OTHER, size=N_DRAWS))
    np.testing.assert_allclose(draws.mean(axis=0), 6 * OTHER, atol=0.6)
    assert stats.kstest(draws[:, 0, 0] / OTHER[0, 0], stats.chi2(6).cdf).pvalue > 1e-4
    with Model() as model:
        x = rd.Wishart("x", nu=4, V=np.eye(3))
    assert [v.name for v in model.value_vars] == ["x_cholesky-cov__"]
    assert model.shape_of(x) == (3, 3)
    start = model.initial_point()["x_cholesky-cov__"]
    np.testing.assert_allclose(start, [np.log(2), 0, np.log(2), 0, 0, np.log(2)], atol=1e-14)


def test_wishart_of_one_row_integrates_to_one_in_unconstrained_space():
    rv = rd.Wishart.dist(3, [[2.0]])
    grid = np.linspace(-15, 8, 4001)[:, None]
    transform = default_transform(rv.owner.op, rv)
    density = density_graph(rv, transform.backward(pt.constant(grid)))
    total = np.exp(evaluate(density + transform.log_jac_det(pt.constant(grid))))
    assert np.trapezoid(total, grid[:, 0]) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("chols", [False, True])
def test_matrix_normal(chols):
    mu = np.arange(6.0).reshape(2, 3)
    arguments = {"rowcov": COV, "colcov": OTHER}
    if chols:
        arguments = {"rowchol": np.linalg.cholesky(COV), "colchol": np.linalg.cholesky(OTHER)}
    values = np.random.default_rng(2).normal(size=(4, 2, 3))
    wanted = stats.matrix_normal(mu, COV, OTHER).logpdf(values)
    np.testing.assert_allclose(density_at(rd.MatrixNormal.dist(mu, **arguments), values), wanted)
    draws = draw(rd.MatrixNormal.dist(mu, **arguments, size=N_DRAWS))
    flat = (draws - mu).reshape(N_DRAWS, -1)
    np.testing.assert_allclose(np.cov(flat.T), np.kron(COV, OTHER), atol=0.8)
    same = rd.MatrixNormal.dist(0, **arguments)
    assert same.type.shape == (2, 3)


@pytest.mark.parametrize("way", ["covs", "chols", "evds"])
def test_kronecker_normal(way):
    sigma = 0.5
    given = {
        "covs": [COV, OTHER],
        "chols": [np.linalg.cholesky(COV), np.linalg.cholesky(OTHER)],
        "evds": [np.linalg.eigh(COV), np.linalg.eigh(OTHER)],
    }[way]
    full = np.kron(COV, OTHER) + sigma**2 * np.eye(6)
    mu = np.arange(6.0)
    values = np.random.default_rng(3).normal(size=(4, 6)) * 3
    wanted = stats.multivariate_normal(mu, full).logpdf(values)
    arguments = {"mu": mu, way: given, "sigma": sigma}
    np.testing.assert_allclose(density_at(rd.KroneckerNormal.dist(**arguments), values), wanted)
    draws = draw(rd.KroneckerNormal.dist(**arguments, size=N_DRAWS))
    white = np.linalg.solve(np.linalg.cholesky(full), (draws - mu).T)
    for row in white:
        assert stats.kstest(row, "norm").pvalue > 1e-4


def test_stick_breaking_weights():
    alpha = 2.5
    rv = rd.StickBreakingWeights.dist(alpha, 3)
    assert rv.type.shape == (4,)
    shares = np.array([0.3, 0.6, 0.2])
    left = np.cumprod([1.0, *(1 - shares)])
    value = np.append(shares * left[:3], left[3])
    wanted = stats.beta(1, alpha).logpdf(shares).sum() - np.log(left[:3]).sum()
    assert density_at(rv, value) == pytest.approx(wanted, rel=1e-12)
    assert density_at(rv, value + 0.1) == -np.inf
    draws = draw(rd.StickBreakingWeights.dist(alpha, 3, size=N_DRAWS))
    np.testing.assert_allclose(draws.sum(axis=-1), 1, rtol=1e-12)
    assert stats.kstest(draws[:, 0], stats.beta(1, alpha).cdf).pvalue > 1e-4
    second = draws[:, 1] / (1 - draws[:, 0])
    assert stats.kstest(second, stats.beta(1, alpha).cdf).pvalue > 1e-4
    with Model() as model:
        rd.StickBreakingWeights("w", alpha=[1.0, 2.0], K=3)
    assert model.shape_of("w") == (2, 4)
    assert np.isfinite(list(model.point_logps().values())).all()


def test_conditional_autoregression():
    alpha, tau = 0.7, 2.0
    degrees = CHAIN.sum(axis=0)
    precision = tau * (np.diag(degrees) - alpha * CHAIN)
    mu = np.arange(4.0)
    values = np.random.default_rng(4).normal(size=(5, 4))
    # Up to the constant that the documentation states.
    wanted = stats.multivariate_normal(mu, np.linalg.inv(precision)).logpdf(values)
    wanted = wanted - 0.5 * np.log(degrees / (2 * np.pi)).sum()
    for weights in (CHAIN, sparse.csr_matrix(CHAIN), CHAIN.tolist()):
        rv = rd.CAR.dist(mu, weights, alpha, tau)
        np.testing.assert_allclose(density_at(rv, values), wanted, rtol=1e-12)
    batch = rd.CAR.dist(mu, CHAIN, [0.1, 0.7], [1.0, 2.0])
    assert batch.type.shape == (2, 4)
    assert density_at(batch, values[:2])[1] == pytest.approx(wanted[1], rel=1e-12)
    draws = draw(rd.CAR.dist(mu, CHAIN, alpha, tau, size=N_DRAWS))
    white = np.linalg.cholesky(precision).T @ (draws - mu).T
    for row in white:
        assert stats.kstest(row, "norm").pvalue > 1e-4
    symbolic = pt.matrix("W", shape=(4, 4))
    graph = density_graph(rd.CAR.dist(mu, symbolic, alpha, tau), pt.constant(values[0]))
    at = CHAIN.astype(float)
    assert evaluate(graph, {symbolic: at}) == pytest.approx(wanted[0], rel=1e-10)
    at[0, 1] = 0
    assert evaluate(graph, {symbolic: at}) == -np.inf


def test_intrinsic_conditional_autoregression():
    value = np.array([0.1, -0.4, 0.7, 0.2])
    pairs = np.array([[0, 1], [1, 2], [1, 3]])
    differences = value[pairs[:, 0]] - value[pairs[:, 1]]
    wanted = -0.5 * np.sum(differences**2) / 4 + stats.norm(0, 0.04).logpdf(value.sum())
    rv = rd.ICAR.dist(CHAIN, sigma=2, zero_sum_stdev=0.01)
    assert density_at(rv, value) == pytest.approx(wanted, rel=1e-12)
    draws = draw(rd.ICAR.dist(CHAIN, sigma=2, zero_sum_stdev=0.01, size=N_DRAWS))
    assert stats.kstest(draws.mean(axis=-1), stats.norm(0, 0.01).cdf).pvalue > 1e-4
    assert stats.kstest(draws[:, 0] - draws[:, 1], stats.norm(0, 2).cdf).pvalue > 1e-4
    split = np.kron(np.eye(2), [[0, 1], [1, 0]])
    with pytest.raises(SettingsError, match="falls into parts"):
        draw(rd.ICAR.dist(split))


@pytest.mark.parametrize(
    "rv",
    [
        lambda x: rd.MvStudentT.dist(x, mu=[0, 1], scale=COV * pt.exp(0.1 * x)),
        lambda x: rd.KroneckerNormal.dist([0, 1], covs=[COV * pt.exp(0.1 * x)], sigma=0.1),
        lambda x: rd.CAR.dist([0, 1], [[0, 1], [1, 0]], 0.1 * x, x),
        lambda x: rd.ICAR.dist(np.array([[0, 1], [1, 0]]), x, 0.1),
        lambda x: rd.StickBreakingWeights.dist(x, 1),
        lambda x: rd.DirichletMultinomial.dist(3, [x, 2 * x]),
    ],
    ids=["student", "kronecker", "car", "icar", "sticks", "counts"],
)
def test_gradients_are_those_of_finite_differences(rv):
    x = pt.scalar("x")
    made = rv(x)
    value = np.array([1, 2]) if made.dtype == "int64" else np.array([0.3, 0.7])
    density = density_graph(made, pt.constant(value))
    function = pytensor.function([x], [density, pytensor.grad(density, x)], mode=INLINED)
    slope = (function(3 + 1e-6)[0] - function(3 - 1e-6)[0]) / 2e-6
    assert function(3.0)[1] == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: rd.Multinomial.dist(-1, P), SettingsError, "`n` >= 0"),
        (lambda: rd.Multinomial.dist(1, [0.5, 0.6]), SettingsError, "sum to 1"),
        (lambda: rd.Multinomial.dist(1, 0.5), ShapeError, "axis of categories"),
        (lambda: rd.DirichletMultinomial.dist(1, [1, -1]), SettingsError, "`a` > 0"),
        (lambda: rd.OrderedMultinomial.dist(0, [1, 0], 3), SettingsError, "`cutpoints` must incr"),
        (lambda: rd.MvStudentT.dist(1, mu=0), SettingsError, "give either `Sigma` or `scale`"),
        (lambda: rd.MvStudentT.dist(-1, scale=COV), SettingsError, "`nu` > 0"),
        (lambda: rd.Wishart.dist(1, OTHER), SettingsError, "`nu` > p - 1"),
        (lambda: rd.Wishart.dist(5), SettingsError, "`V` or `scale_chol`"),
        (lambda: rd.Wishart.dist(5, -OTHER), SettingsError, "`V` must be positive definite"),
        (
            lambda: rd.Wishart.dist(5, scale_chol=OTHER),
            SettingsError,
            "`scale_chol` must be lower triangular; transpose",
        ),
        (lambda: rd.MatrixNormal.dist(0, COV), SettingsError, "`colcov` or `colchol`"),
        (lambda: rd.MatrixNormal.dist(np.zeros((3, 3)), COV, colcov=OTHER), ShapeError, "`mu`"),
        (lambda: rd.KroneckerNormal.dist(0), SettingsError, "`covs` or `chols` or `evds`"),
        (lambda: rd.KroneckerNormal.dist(0, covs=[]), SettingsError, "one item for each axis"),
        (lambda: rd.KroneckerNormal.dist([0, 1], covs=[OTHER]), ShapeError, "length 2"),
        (lambda: rd.KroneckerNormal.dist(0, covs=[COV], sigma=-1), SettingsError, "`sigma` >= 0"),
        (lambda: rd.StickBreakingWeights.dist(1, 0), SettingsError, "`K`"),
        (lambda: rd.StickBreakingWeights.dist(-1, 3), SettingsError, "`alpha` > 0"),
        (lambda: rd.CAR.dist(0, CHAIN, 1, 1), SettingsError, "-1 < `alpha` < 1"),
        (lambda: rd.CAR.dist(0, CHAIN, 0.5, 0), SettingsError, "`tau` > 0"),
        (lambda: rd.CAR.dist(0, np.triu(CHAIN), 0.5, 1), SettingsError, "symmetric"),
        (lambda: rd.CAR.dist([0, 1], CHAIN, 0.5, 1), ShapeError, "length 2"),
        (lambda: rd.CAR.dist(0, [[0, 0], [0, 0]], 0.5, 1), SettingsError, "no neighbours"),
        (lambda: rd.ICAR.dist(2 * CHAIN), SettingsError, "must hold 1 for neighbours"),
        (lambda: rd.ICAR.dist(CHAIN, -1), SettingsError, "`sigma` > 0"),
        (lambda: rd.ICAR.dist(CHAIN[:2]), ShapeError, "square"),
    ],
)
def test_refusals(make, error, text):
    with pytest.raises(error, match=text):
        make()


def test_starts_and_shapes_in_a_model():
    with Model(coords={"place": range(4), "kind": list("abc")}) as model:
        rd.CAR("car", mu=0, W=CHAIN, alpha=0.5, tau=1, dims="place")
        rd.ICAR("icar", W=CHAIN, dims="place")
        rd.Multinomial("multinomial", n=10, p=P, dims="kind")
        rd.DirichletMultinomial("counts", n=[3, 4], a=[1, 1, 1])
        rd.MatrixNormal("matrix", 0, rowcov=COV, colcov=OTHER)
        rd.KroneckerNormal("grid", 0, covs=[COV, OTHER])
        rd.MvStudentT("student", nu=3, scale=OTHER, dims="kind")
    assert np.isfinite(list(model.point_logps().values())).all()
    point = model.initial_point()
    assert point["multinomial"].tolist() == [2, 5, 3]
    assert point["counts"].sum(axis=-1).tolist() == [3, 4]
