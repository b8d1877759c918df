"""Covariance functions against their definitions, and as covariance functions."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

import rufous as rf
from gp.formulas import CASES, Case, inputs, matrix, value
from rufous.gp import cov
from rufous.model.python_linker import PYTHON_MODE, run

BY_NAME = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@BY_NAME
def test_values_are_those_of_the_formula(case: Case) -> None:
    X, Xs = inputs(case, 6, seed=1), inputs(case, 4, seed=2)
    np.testing.assert_allclose(
        value(case.function(X)), matrix(case.pair, X, X), rtol=1e-10, atol=1e-10
    )
    np.testing.assert_allclose(
        value(case.function(X, Xs)), matrix(case.pair, X, Xs), rtol=1e-10, atol=1e-10
    )


@BY_NAME
def test_variances_are_the_diagonal(case: Case) -> None:
    X = inputs(case, 6, seed=3)
    variances = value(case.function(X, diag=True))
    assert variances.shape == (6,)
    np.testing.assert_allclose(variances, np.diag(value(case.function(X))), rtol=1e-10, atol=1e-10)


@BY_NAME
@settings(max_examples=settings.default.max_examples // 5)  # for each of two dozen functions
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 8), double=st.booleans())
def test_matrices_are_symmetric_and_positive_semidefinite(
    case: Case, seed: int, rows: int, double: bool
) -> None:
    X = inputs(case, rows, seed)
    if double:  # points that coincide are the hard case
        X = np.concatenate([X, X])
    K = value(case.function(X))
    np.testing.assert_allclose(K, K.T, atol=1e-12)
    assert np.linalg.eigvalsh(K).min() > -1e-9 * max(1.0, np.abs(K).max())


SCALED = {
    "ExpQuad": lambda p: cov.ExpQuad(2, p),
    "RatQuad": lambda p: cov.RatQuad(2, alpha=p[0], ls=p),
    "Matern52": lambda p: cov.Matern52(2, p),
    "Matern32": lambda p: cov.Matern32(2, p),
    "Matern12": lambda p: cov.Matern12(2, p),
    "Exponential": lambda p: cov.Exponential(2, p),
    "Cosine": lambda p: cov.Cosine(2, p[1], active_dims=[0]),
    "Periodic": lambda p: cov.Periodic(2, period=p, ls=p),
    "WrappedPeriodic": lambda p: cov.WrappedPeriodic(cov.Matern52(2, p), period=p),
    "Circular": lambda p: cov.Circular(2, period=p[0], tau=4 + p[1], active_dims=[1]),
    "Linear": lambda p: cov.Linear(2, p),
    "Polynomial": lambda p: cov.Polynomial(2, p, 2, p[0]),
    "Constant": lambda p: cov.Constant(p[0]),
    "WhiteNoise": lambda p: cov.WhiteNoise(p[0]),
    "Coregion": lambda p: cov.Coregion(2, W=p[:, None] * pt.ones((1, 2)), kappa=p, active_dims=[0]),
    "ScaledCov": lambda p: cov.ScaledCov(2, cov.ExpQuad(2, p), lambda x, a: a * x[:, 0], args=p[0]),
    "WarpedInput": lambda p: cov.WarpedInput(2, cov.Matern52(2, 1), lambda x, a: a * x, args=[p]),
    "Gibbs": lambda p: cov.Gibbs(2, lambda x, a: a + x**2, args=p[1], active_dims=[0]),
    "algebra": lambda p: p[0] * cov.ExpQuad(2, p) ** p[1] + cov.Linear(2, p) * cov.Constant(p[1]),
}


@pytest.mark.parametrize("name", SCALED)
def test_gradients_are_finite_differences(name: str) -> None:
    rng = np.random.default_rng(4)
    X = rng.uniform(-1, 1, (5, 2))
    if name == "Coregion":
        X = np.round(np.abs(X))
    weights = rng.normal(size=(5, 5))
    p = pt.dvector("p")
    total = pt.sum(SCALED[name](p)(X) * weights)
    graphs = [total, pytensor.grad(total, p, disconnected_inputs="ignore")]
    both = pytensor.function([p], graphs, mode=PYTHON_MODE)
    at = np.array([0.9, 1.3])
    _, gradient = both(at)
    assert np.isfinite(gradient).all()
    for k, step in enumerate(np.eye(2) * 1e-5):
        expected = (both(at + step)[0] - both(at - step)[0]) / 2e-5
        assert gradient[k] == pytest.approx(expected, rel=1e-6, abs=1e-7)


def test_the_gradient_at_points_that_coincide_is_finite() -> None:
    X = pt.dmatrix("X")
    for name in ("ExpQuad", "RatQuad", "Matern52", "Matern32", "Matern12", "Exponential", "Cosine"):
        options = {"alpha": 1.0} if name == "RatQuad" else {}
        total = pt.sum(getattr(cov, name)(1, ls=0.5, **options)(X))
        gradient = pytensor.grad(total, X)
        points = np.array([[1.0], [1.0], [1.0]])
        [found] = run([gradient], {X: points})
        np.testing.assert_allclose(found, 0.0, atol=1e-9)


def test_white_noise_is_only_at_the_same_points() -> None:
    X = np.arange(3.0)[:, None]
    np.testing.assert_array_equal(value(cov.WhiteNoise(0.5)(X)), 0.25 * np.eye(3))
    np.testing.assert_array_equal(value(cov.WhiteNoise(0.5)(X, X)), np.zeros((3, 3)))
    np.testing.assert_array_equal(
        value(cov.WhiteNoise([1.0, 2.0, 3.0])(X)), np.diag([1.0, 4.0, 9.0])
    )
    np.testing.assert_array_equal(value(cov.WhiteNoise(2)(X, diag=True)), [4.0, 4.0, 4.0])


def test_whole_numbers_mean_real_numbers() -> None:
    small = cov.ExpQuad(1, np.int8(16))(np.array([[-100], [100]], dtype=np.int8))
    exact = cov.ExpQuad(1, 16.0)(np.array([[-100.0], [100.0]]))
    np.testing.assert_array_equal(value(small), value(exact))
    single = cov.Matern52(1, np.float32(0.5))(np.ones((2, 1), dtype=np.float32))
    assert single.dtype == "float64"


def test_wrapped_expquad_is_periodic() -> None:
    X = np.linspace(0, 5, 7)[:, None]
    np.testing.assert_allclose(
        value(cov.WrappedPeriodic(cov.ExpQuad(1, 0.6), period=1.3)(X)),
        value(cov.Periodic(1, period=1.3, ls=0.6)(X)),
        rtol=1e-12,
    )


def test_kron_is_the_kronecker_product_on_a_grid() -> None:
    a, b = np.arange(3.0)[:, None], np.arange(4.0)[:, None] / 3
    one, two = cov.ExpQuad(1, 1), cov.Matern32(1, 0.5)
    np.testing.assert_allclose(
        value(cov.Kron([one, two])(rf.math.cartesian(a, b))),
        np.kron(value(one(a)), value(two(b))),
        rtol=1e-12,
    )


def test_batches_of_inputs_give_batches_of_matrices() -> None:
    X = np.random.default_rng(1).normal(size=(3, 4, 2))
    for function in (cov.Matern52(2, [1.0, 2.0]), cov.Linear(2, 0.5), cov.Constant(2)):
        batch = value(function(X))
        assert batch.shape == (3, 4, 4)
        np.testing.assert_allclose(batch[1], value(function(X[1])), rtol=1e-12)


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize(
    "make",
    [
        lambda d: cov.ExpQuad(d, 0.8),
        lambda d: cov.RatQuad(d, alpha=3.0, ls=0.8),
        lambda d: cov.Matern52(d, 0.8),
        lambda d: cov.Matern32(d, 0.8),
    ],
    ids=["ExpQuad", "RatQuad", "Matern52", "Matern32"],
)
def test_the_spectral_density_is_the_fourier_transform(make, dims) -> None:
    """In one dimension a cosine transform, in two a Hankel transform (Bessel J0)."""
    function = make(dims)
    omega = np.array([0.0, 0.6, 1.7])
    distances = np.linspace(0, 60, 240_001)
    k = value(function.full_from_distance(distances / 0.8))
    if dims == 1:
        waves = [2 * k * np.cos(w * distances) for w in omega]
    else:
        from scipy.special import j0

        waves = [2 * np.pi * k * distances * j0(w * distances) for w in omega]
    expected = integrate.simpson(waves, x=distances)
    given_ = np.zeros((3, dims))
    given_[:, 0] = omega
    density = value(function.power_spectral_density(given_))
    np.testing.assert_allclose(density, expected, rtol=2e-4, atol=1e-6)


def test_spectral_densities_of_kinks_and_of_each_column() -> None:
    omega = np.array([[0.3, 1.0], [2.0, 0.1]])
    one = value(cov.Matern12(1, 0.8).power_spectral_density(omega[:, :1]))
    np.testing.assert_allclose(one, 2 * 0.8 / (1 + (0.8 * omega[:, 0]) ** 2), rtol=1e-12)
    half = value(cov.Exponential(1, 0.4).power_spectral_density(omega[:, :1]))
    np.testing.assert_allclose(half, one, rtol=1e-12)
    both = value(cov.ExpQuad(2, [0.5, 2.0]).power_spectral_density(omega))
    each = [
        value(cov.ExpQuad(1, ls).power_spectral_density(omega[:, k : k + 1]))
        for k, ls in enumerate((0.5, 2.0))
    ]
    np.testing.assert_allclose(both, each[0] * each[1], rtol=1e-12)


def test_the_fourier_series_of_periodic_is_periodic() -> None:
    function = cov.Periodic(1, period=2.0, ls=0.7)
    order, x = np.arange(20), np.linspace(0, 2, 9)[:, None]
    weights = value(function.power_spectral_density_approx(order))
    series = np.cos(np.pi * order * x) @ weights
    np.testing.assert_allclose(series, value(function(x, [[0.0]]))[:, 0], rtol=1e-12)
