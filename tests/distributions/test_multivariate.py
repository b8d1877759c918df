"""Distributions of vectors and arrays: density, draws, support, shapes, refusals."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from scipy import stats

import rufous.distributions as rd
from contracts.graph_tools import density_at, density_graph, draw, evaluate
from rufous.errors import SettingsError, ShapeError
from rufous.model.model import Model
from rufous.model.registry import default_transform, support_point

COV = np.array([[4.0, 1.0, 0.0], [1.0, 9.0, -2.0], [0.0, -2.0, 3.0]])
CHOL = np.linalg.cholesky(COV)
MU = np.array([1.0, -2.0, 3.0])
WAYS = {
    "cov": {"cov": COV},
    "tau": {"tau": np.linalg.inv(COV)},
    "chol": {"chol": CHOL},
    "upper": {"chol": CHOL.T, "lower": False},
}
N_DRAWS = 3000
# The gradient of a Cholesky factor holds an op with a graph of its own, to be put in its place.
INLINED = Mode(linker="py", optimizer=RewriteDatabaseQuery(include=["inline_ofg"]))
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


def start(rv):
    point = support_point(rv.owner.op, rv, *rv.owner.op.dist_params(rv.owner))
    return np.broadcast_to(evaluate(pt.as_tensor(point)), rv.type.shape)


def total_in_unconstrained_space(rv, position):
    """Sum density times Jacobian over a grid of two-dimensional positions."""
    transform = default_transform(rv.owner.op, rv)
    parameters = rv.owner.op.dist_params(rv.owner)
    value = transform.backward(pt.constant(position), *parameters)
    jacobian = transform.log_jac_det(pt.constant(position), *parameters)
    return evaluate(pt.exp(density_graph(rv, value) + jacobian)).sum()


def square_grid(half_width, n):
    axis = np.linspace(-half_width, half_width, n)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return grid, (axis[1] - axis[0]) ** 2


@each_way
def test_mv_normal_density_is_that_of_scipy(way):
    values = np.random.default_rng(1).normal(size=(5, 2, 3)) * 5
    wanted = stats.multivariate_normal(MU, COV).logpdf(values)
    np.testing.assert_allclose(density_at(rd.MvNormal.dist(MU, **way), values), wanted, rtol=1e-12)
    got = density_at(rd.MvNormal.dist(MU, **way), values[0, 0])
    assert got.shape == ()
    assert got == pytest.approx(wanted[0, 0], rel=1e-12)


@each_way
def test_mv_normal_takes_batches_of_means_and_matrices(way):
    matrices = {k: np.stack([v, 4 * v]) if np.ndim(v) == 2 else v for k, v in way.items()}
    means = np.stack([MU, MU + 1, MU - 1])[:, None]
    rv = rd.MvNormal.dist(means, **matrices)
    assert rv.type.shape == (3, 2, 3)
    values = np.random.default_rng(2).normal(size=(3, 2, 3))
    wanted = np.empty((3, 2))
    for i, j in np.ndindex(3, 2):
        one = {k: v if k == "lower" else v[j] for k, v in matrices.items()}
        wanted[i, j] = density_at(rd.MvNormal.dist(means[i, 0], **one), values[i, j])
    np.testing.assert_allclose(density_at(rv, values), wanted, rtol=1e-12)
    assert draw(rv).shape == (3, 2, 3)
    assert draw(rd.MvNormal.dist(means, **matrices, shape=(4, 3, 2, 3))).shape == (4, 3, 2, 3)


@each_way
def test_mv_normal_draws_are_whitened_by_the_factor(way):
    draws = draw(rd.MvNormal.dist(MU, **way, size=N_DRAWS))
    white = np.linalg.solve(CHOL, (draws - MU).T)
    for i, row in enumerate(white):
        assert stats.kstest(row, "norm").pvalue > 1e-4
        for other in white[:i]:
            assert abs(np.corrcoef(row, other)[0, 1]) < 5 / np.sqrt(N_DRAWS)


@each_way
def test_mv_normal_gradient_is_that_of_finite_differences(way):
    name = "chol" if "chol" in way else next(iter(way))
    at = [np.asarray(way[name]), MU.copy(), MU + 0.7]
    inputs = [pt.matrix("matrix", shape=(3, 3)), *pt.vectors("mu", "value")]
    rv = rd.MvNormal.dist(inputs[1], **{**way, name: inputs[0]})
    density = density_graph(rv, inputs[2])
    gradients = pytensor.grad(density, inputs)
    function = pytensor.function(inputs, [density, *gradients], mode=INLINED)
    direction = [np.random.default_rng(3).normal(size=np.shape(point)) for point in at]
    direction[0] = direction[0] + direction[0].T if name != "chol" else direction[0] * (at[0] != 0)
    slope = sum((g * d).sum() for g, d in zip(function(*at)[1:], direction, strict=True))
    step = 1e-6
    ahead, behind = (
        function(*[p + sign * step * d for p, d in zip(at, direction, strict=True)])[0]
        for sign in (1, -1)
    )
    assert slope == pytest.approx((ahead - behind) / (2 * step), rel=1e-6)


def test_mv_normal_of_integers():
    exact = density_at(rd.MvNormal.dist([0.0, 0.0], [[100.0, 0.0], [0.0, 100.0]]), [3.0, 4.0])
    for mu in (0, [0, 0], False):
        cov = np.array([[100, 0], [0, 100]], dtype=np.int8)
        assert density_at(rd.MvNormal.dist(mu, cov), [3.0, 4.0]) == exact


def test_matrix_that_is_not_positive_definite_gives_minus_infinity():
    bad = np.array([[1.0, 2.0], [2.0, 1.0]])
    for name in ("cov", "tau", "chol"):
        matrix = pt.matrix("matrix", shape=(2, 2))
        rv = rd.MvNormal.dist([0, 0], **{name: matrix})
        at = np.diag([1.0, -1.0]) if name == "chol" else bad
        assert evaluate(density_graph(rv, pt.constant([0.0, 0.0])), {matrix: at}) == -np.inf


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({}, SettingsError, "either `cov` or `tau` or `chol`"),
        ({"cov": COV, "chol": CHOL}, SettingsError, "got both"),
        ({"cov": [[1.0, 2.0], [2.0, 1.0]]}, SettingsError, "smallest eigenvalue is -1"),
        ({"tau": [[1.0, 2.0], [2.0, 1.0]]}, SettingsError, "`tau` must be positive definite"),
        ({"cov": [[1.0, 2.0], [0.0, 1.0]]}, SettingsError, "symmetric"),
        ({"cov": [1.0, 2.0]}, ShapeError, "square"),
        ({"cov": [[1.0, 2.0]]}, ShapeError, "square"),
        ({"chol": COV}, SettingsError, "lower=False"),
        ({"chol": -CHOL}, SettingsError, "positive diagonal"),
        ({"chol": CHOL, "lower": "yes"}, SettingsError, "`lower`"),
        ({"mu": [1, 2], "cov": COV}, ShapeError, "length 2 on its last axis, the matrix 3"),
    ],
)
def test_mv_normal_refusals(arguments, error, text):
    with pytest.raises(error, match=text):
        rd.MvNormal.dist(**arguments)


def test_dirichlet_density_is_that_of_scipy():
    rng = np.random.default_rng(4)
    a = np.array([1, 2, 100])
    values = rng.dirichlet(a, 6)
    wanted = [stats.dirichlet(a).logpdf(value) for value in values]
    got = density_at(rd.Dirichlet.dist(a), values)
    np.testing.assert_allclose(got, wanted, rtol=1e-11)
    batch = density_at(rd.Dirichlet.dist([a, a + 1]), values.reshape(3, 2, 3))
    np.testing.assert_allclose(batch[:, 0], wanted[::2], rtol=1e-11)


def test_dirichlet_integrates_to_one():
    grid, cell = square_grid(40, 401)
    total = total_in_unconstrained_space(rd.Dirichlet.dist([2, 3, 1]), grid) * cell
    assert total == pytest.approx(1, abs=1e-9)


def test_dirichlet_edges_and_outside():
    rv = rd.Dirichlet.dist([1, 1, 1])
    assert density_at(rv, [0.0, 0.25, 0.75]) == pytest.approx(np.log(2))
    for outside in ([-0.1, 0.35, 0.75], [0.2, 0.2, 0.2], [np.nan, 0.5, 0.5]):
        assert density_at(rv, outside) == -np.inf
    assert density_at(rd.Dirichlet.dist([2, 1, 1]), [0.0, 0.25, 0.75]) == -np.inf


def test_dirichlet_draws_have_beta_margins():
    a = np.array([1, 2, 4])
    draws = draw(rd.Dirichlet.dist(a, size=N_DRAWS))
    np.testing.assert_allclose(draws.sum(axis=-1), 1)
    for i in range(3):
        assert stats.kstest(draws[:, i], stats.beta(a[i], 7 - a[i]).cdf).pvalue > 1e-4
    batch = rd.Dirichlet.dist([a, 2 * a], shape=(5, 2, 3))
    assert draw(batch).shape == (5, 2, 3)


@pytest.mark.parametrize(
    ("a", "error", "text"),
    [(1, ShapeError, "axis"), ([1, -1], SettingsError, "`a` > 0"), (["x"], SettingsError, "`a`")],
)
def test_dirichlet_refusals(a, error, text):
    with pytest.raises(error, match=text):
        rd.Dirichlet.dist(a)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4)])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_zero_sum_normal_is_normal_in_the_subspace(shape, axes):
    if axes > len(shape):
        with pytest.raises(ShapeError, match="only"):
            rd.ZeroSumNormal.dist(2, axes, shape=shape)
        return
    rv = rd.ZeroSumNormal.dist(sigma=2, n_zerosum_axes=axes, shape=shape)
    assert rv.type.shape == shape
    values = draw(rv)
    for axis in range(-axes, 0):
        np.testing.assert_allclose(values.sum(axis=axis), 0, atol=1e-13)
    support = shape[-axes:]
    dimension = np.prod(np.array(support) - 1)
    squared = (values**2).sum(axis=tuple(range(-axes, 0)))
    wanted = -0.5 * squared / 4 - dimension * (np.log(2) + 0.5 * np.log(2 * np.pi))
    got = density_at(rv, values)
    assert got.shape == shape[:-axes]
    np.testing.assert_allclose(got, wanted, rtol=1e-12)
    assert (density_at(rv, values + 1) == -np.inf).all()


def test_zero_sum_normal_integrates_to_one():
    grid, cell = square_grid(20, 201)
    rv = rd.ZeroSumNormal.dist(sigma=2, shape=3)
    assert total_in_unconstrained_space(rv, grid) * cell == pytest.approx(1, abs=1e-12)
    rv = rd.ZeroSumNormal.dist(sigma=1.5, n_zerosum_axes=2, shape=(3, 2))
    folded = grid.reshape(-1, 2, 1)
    assert total_in_unconstrained_space(rv, folded) * cell == pytest.approx(1, abs=1e-12)


def test_zero_sum_normal_draws_are_normal_in_every_direction():
    draws = draw(rd.ZeroSumNormal.dist(sigma=3, shape=(N_DRAWS, 4)))
    for direction in ([1, -1, 0, 0], [1, 1, -2, 0], [1, 1, 1, -3]):
        unit = np.array(direction) / np.linalg.norm(direction)
        assert stats.kstest(draws @ unit / 3, "norm").pvalue > 1e-4


def test_zero_sum_normal_scales_by_batch():
    rv = rd.ZeroSumNormal.dist(sigma=[[1.0], [100.0]], support_shape=5)
    assert rv.type.shape == (2, 5)
    spread = draw(rv).std(axis=-1)
    assert spread[1] > 10 * spread[0]
    assert draw(rd.ZeroSumNormal.dist(sigma=[[1.0], [2.0]], shape=(3, 2, 5))).shape == (3, 2, 5)


def test_zero_sum_normal_takes_its_shape_from_dims_and_data():
    coords = {"row": ["a", "b"], "group": [1, 2, 3]}
    y = np.array([[1.0, -1.0, 0.0], [2.0, 0.0, -2.0]])
    with Model(coords=coords) as model:
        x = rd.ZeroSumNormal("x", dims=("row", "group"))
        z = rd.ZeroSumNormal("z", sigma=rd.HalfNormal("s", 1), n_zerosum_axes=2, shape=(2, 3))
        rd.ZeroSumNormal("y", 2, observed=y)
    assert model.shape_of(x) == (2, 3)
    assert model.shape_of(z) == (2, 3)
    shapes = {name: value.shape for name, value in model.initial_point().items()}
    assert shapes == {"x_zerosum__": (2, 2), "z_zerosum__": (1, 2), "s_log__": ()}


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({}, ShapeError, "support_shape="),
        ({"n_zerosum_axes": 0, "shape": 3}, SettingsError, "at least 1"),
        ({"n_zerosum_axes": 1.5, "shape": 3}, SettingsError, "whole"),
        ({"n_zerosum_axes": 2, "shape": 3}, ShapeError, "only 1"),
        ({"n_zerosum_axes": 2, "support_shape": 3}, ShapeError, "one length per axis"),
        ({"sigma": [1.0, 2.0], "shape": 2}, ShapeError, "length one"),
        ({"sigma": -1, "shape": 2}, SettingsError, "`sigma` > 0"),
        ({"support_shape": 2, "shape": 3}, ShapeError, "length 2"),
    ],
)
def test_zero_sum_normal_refusals(arguments, error, text):
    with pytest.raises(error, match=text):
        rd.ZeroSumNormal.dist(**arguments)


@pytest.mark.parametrize(
    "rv",
    [
        rd.MvNormal.dist(MU, COV, shape=(2, 3)),
        rd.MvNormal.dist(MU, chol=CHOL),
        rd.MvNormal.dist(MU, tau=COV),
        rd.Dirichlet.dist([[1, 2, 3], [2, 2, 2]]),
        rd.Dirichlet.dist([1, 2, 3], shape=(4, 3)),
        rd.ZeroSumNormal.dist(2, shape=(2, 4)),
    ],
    ids=str,
)
def test_support_point_lies_inside_the_support(rv):
    assert np.isfinite(density_at(rv, start(rv))).all()


def test_value_variables_have_the_names_of_their_transforms():
    with Model() as model:
        rd.MvNormal("m", MU, COV)
        rd.Dirichlet("d", [1, 2, 3])
        rd.ZeroSumNormal("z", shape=3)
    assert [value.name for value in model.value_vars] == ["m", "d_simplex__", "z_zerosum__"]
    assert [value.type.shape for value in model.value_vars] == [(3,), (2,), (2,)]
