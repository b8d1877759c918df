"""Sums, products and powers of covariance functions, and the columns that they use."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import rufous as rf
from gp.formulas import value
from rufous.gp import cov

X = np.linspace(0, 2, 4)[:, None]
K = value(cov.ExpQuad(1, 0.5)(X))
M = np.arange(16.0).reshape(4, 4)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (cov.ExpQuad(1, 0.5) + 2, K + 2),
        (2 + cov.ExpQuad(1, 0.5), K + 2),
        (np.float64(3) * cov.ExpQuad(1, 0.5), 3 * K),
        (cov.ExpQuad(1, 0.5) * 3, 3 * K),
        (M + cov.ExpQuad(1, 0.5), K + M),
        (cov.ExpQuad(1, 0.5) * M, K * M),
        (pt.constant(M) * cov.ExpQuad(1, 0.5), K * M),
        (cov.ExpQuad(1, 0.5) * np.arange(4.0), K * np.arange(4.0)),
        (pytensor.shared(2.0) * cov.ExpQuad(1, 0.5), 2 * K),
        (cov.ExpQuad(1, 0.5) ** 2, K**2),
        (cov.ExpQuad(1, 0.5) ** np.array([[2]]), K**2),
        (cov.ExpQuad(1, 0.5) ** pytensor.shared(2.0), K**2),
        (sum([cov.ExpQuad(1, 0.5), cov.ExpQuad(1, 0.5)]), 2 * K),
        (cov.Constant(2) * 3 + 1, np.full((4, 4), 7.0)),
        (cov.Constant(2) * cov.ExpQuad(1, 0.5) + cov.WhiteNoise(1), 2 * K + np.eye(4)),
    ],
)
def test_algebra(function, expected) -> None:
    np.testing.assert_allclose(value(function(X)), expected, rtol=1e-12)
    np.testing.assert_allclose(value(function(X, diag=True)), np.diag(expected), rtol=1e-12)


def test_sums_of_sums_are_one_sum() -> None:
    total = cov.ExpQuad(1, 1) + cov.Linear(1, 0) + cov.Constant(1)
    assert [type(f).__name__ for f in total.factor_list] == ["ExpQuad", "Linear", "Constant"]


def test_columns_of_a_combination() -> None:
    both = cov.ExpQuad(3, 1, active_dims=[2]) * cov.Linear(3, 0, active_dims=[0])
    assert (both.input_dim, both.n_dims, both.active_dims.tolist()) == (3, 2, [0, 2])
    assert cov.ExpQuad(3, 1, active_dims=1).active_dims.tolist() == [1]


def test_spectral_density_of_multiples_and_sums() -> None:
    omega = np.array([[0.5], [1.0]])
    one = value(cov.ExpQuad(1, 0.5).power_spectral_density(omega))
    two = value(cov.Matern52(1, 2.0).power_spectral_density(omega))
    mixed = 2 * cov.ExpQuad(1, 0.5) * cov.Constant(3) + cov.Matern52(1, 2.0) * 0.5
    np.testing.assert_allclose(value(mixed.power_spectral_density(omega)), 6 * one + 0.5 * two)


@pytest.mark.parametrize(
    "function",
    [
        cov.ExpQuad(1, 1) * cov.ExpQuad(1, 1),
        cov.ExpQuad(1, 1) ** 2,
        cov.ExpQuad(1, 1) + 2,
        cov.ExpQuad(1, 1) * np.ones((3, 3)),
        cov.Linear(1, 0),
        cov.Periodic(1, 1, ls=1),
        cov.Constant(1),
    ],
)
def test_spectral_densities_that_are_not_known(function) -> None:
    with pytest.raises(NotImplementedError, match="power spectral density"):
        function.power_spectral_density(np.ones((2, 1)))


def bad_calls():
    E = cov.ExpQuad
    x2 = np.ones((4, 2))
    return {
        "no length scale": (
            lambda: E(1),
            "only one of `ls` and `ls_inv` must be given, got neither",
        ),
        "two length scales": (lambda: E(1, 1, ls_inv=1), "got both"),
        "negative scale": (lambda: E(1, -1.0), "`ls` > 0 must hold, got -1.0"),
        "three scales": (
            lambda: E(2, [1, 2, 3]),
            r"each of the 2 active dimensions, got shape \(3,\)",
        ),
        "input_dim": (lambda: E(0, 1), "`input_dim` must be the number of columns"),
        "columns": (lambda: E(1, 1, active_dims=[2]), "`active_dims` must lie between 0 and"),
        "bools": (lambda: E(2, 1, active_dims=[True, False]), "must be a list of columns"),
        "vector": (lambda: E(1, 1)(np.ones(4)), r"got shape \(4,\); a vector becomes a column"),
        "few columns": (lambda: E(3, 1)(x2), "needs column 2 of `X`, which has 2"),
        "not finite": (lambda: E(1, 1)([[1.0], [np.nan]]), r"got nan at \(1, 0\)"),
        "text": (lambda: E(1, 1)([["a"]]), "`X` must hold real numbers"),
        "diag and Xs": (lambda: E(1, 1)(X, X, diag=True), "leave `Xs` out"),
        "three axes": (lambda: np.ones((2, 2, 2)) + E(1, 1), "cannot combine"),
        "text factor": (lambda: E(1, 1) + "a", "must hold real numbers"),
        "sizes": (lambda: (E(1, 1) * np.ones((3, 3)))(X), r"of shape \(3, 3\) does not fit"),
        "dims": (lambda: E(1, 1) + E(2, 1), r"the same input_dim, got \[1, 2\]"),
        "power of": (lambda: E(1, 1) ** E(1, 1), "by a scalar value, got another"),
        "power": (
            lambda: E(1, 1) ** np.ones((2, 2)),
            "can only be exponentiated by a scalar value",
        ),
        "negative power": (lambda: E(1, 1) ** -1, "must not be negative, got -1"),
        "period": (lambda: cov.Periodic(1, 0, ls=1), "`period` > 0 must hold"),
        "tau": (lambda: cov.Circular(1, 1, tau=3), "`tau` >= 4 must hold, got 3"),
        "circular columns": (lambda: cov.Circular(2, 1), "exactly one active column, got 2"),
        "c": (lambda: cov.Linear(2, [1, 2, 3]), "each of the 2 active dimensions"),
        "constant": (lambda: cov.Constant(-1), "`c` >= 0 must hold"),
        "noise": (lambda: cov.WhiteNoise([1, 2])(X), "for each of the 4 points, got shape"),
        "coregion": (lambda: cov.Coregion(1), "exactly one of .* got none of them"),
        "coregion W": (lambda: cov.Coregion(1, W=np.ones((2, 1))), "got W"),
        "coregion all": (
            lambda: cov.Coregion(1, W=np.ones((2, 1)), kappa=[1, 1], B=np.eye(2)),
            "got W, kappa, B",
        ),
        "coregion shapes": (lambda: cov.Coregion(1, W=np.ones((2, 1)), kappa=[1]), r"\(2, 1\) and"),
        "coregion B": (lambda: cov.Coregion(1, B=np.ones((2, 1))), "must be a square matrix"),
        "coregion columns": (lambda: cov.Coregion(2, B=np.eye(2)), "exactly one active column"),
        "outputs": (lambda: cov.Coregion(1, B=np.eye(2))([[0], [2]]), "from 0 to 1, got 2.0"),
        "kron": (lambda: cov.Kron([2.0]), "must be covariance functions"),
        "empty kron": (lambda: cov.Kron([]), "at least one"),
        "gibbs": (lambda: cov.Gibbs(2, lambda x: x), "one active column, got 2"),
        "gibbs text": (lambda: cov.Gibbs(1, "f"), "must be a function, got 'f'"),
        "warped": (lambda: cov.WarpedInput(1, "k", lambda x: x), "must be a covariance function"),
        "warp": (lambda: cov.WarpedInput(1, E(1, 1), "f"), "`warp_func` of WarpedInput must be a"),
        "wrapped": (lambda: cov.WrappedPeriodic(cov.Linear(1, 0), 1), "must be a stationary"),
        "scaled": (lambda: cov.ScaledCov(1, E(1, 1), None), "`scaling_func` of ScaledCov must be"),
        "scales": (
            lambda: cov.ScaledCov(1, E(1, 1), lambda x: np.ones(3))(X),
            r"one number for each point, shape \(4,\), got shape \(3,\)",
        ),
        "omega": (lambda: E(2, 1).power_spectral_density(np.ones((3, 1))), r"shape \(n, 2\)"),
    }


@pytest.mark.parametrize("name", bad_calls())
def test_what_cannot_be_is_refused_with_the_way_out(name) -> None:
    call, message = bad_calls()[name]
    with pytest.raises((rf.RufousError, ValueError), match=message):
        call()


@pytest.mark.parametrize("name", ["kron", "gibbs text", "warped", "warp", "wrapped", "scaled"])
def test_objects_of_another_kind_are_type_errors(name) -> None:
    with pytest.raises(TypeError):
        bad_calls()[name][0]()


def test_columns_that_are_left_out_are_named() -> None:
    with pytest.warns(rf.RufousWarning, match=r"only \[0\] are used. Write input_dim=2"):
        cov.ExpQuad(1, 1)(np.ones((4, 2)))
