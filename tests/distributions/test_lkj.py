"""Correlation and covariance matrices by their Cholesky factors."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy import special, stats

import rufous.distributions as rd
from contracts.graph_tools import density_at, density_graph, draw, evaluate
from rufous.errors import SettingsError, ShapeError
from rufous.model.model import Model
from rufous.model.registry import default_transform

N_DRAWS = 3000


def packed(matrix):
    return matrix[np.tril_indices(len(matrix))]


def volume_of_correlations(eta, n):
    """Integrate det(R)**(eta - 1) by the independent partial correlations of a vine."""
    total = 1.0
    for k in range(1, n):
        shape = eta + (n - 1 - k) / 2
        total *= (2 ** (2 * shape - 1) * special.beta(shape, shape)) ** (n - k)
    return total


@pytest.mark.parametrize(("eta", "n"), [(1, 2), (1, 3), (2.5, 4), (0.5, 3)])
def test_density_of_correlations(eta, n):
    rv = rd.LKJCorr.dist(n=n, eta=eta)
    for factor in draw(rd.LKJCorr.dist(n=n, eta=2, size=3)):
        correlation = factor @ factor.T
        # From the correlations below the diagonal to the elements of the factor there.
        jacobian = np.sum(np.arange(n - 1, -1, -1) * np.log(np.diag(factor)))
        wanted = (eta - 1) * np.linalg.slogdet(correlation)[1] + jacobian
        wanted -= np.log(volume_of_correlations(eta, n))
        assert density_at(rv, factor) == pytest.approx(wanted, abs=1e-10)


def test_density_of_one_correlation_integrates_to_one():
    rv = rd.LKJCorr.dist(n=2, eta=3)
    grid = np.linspace(-50, 50, 20001)[:, None]
    transform = default_transform(rv.owner.op, rv)
    factor = transform.backward(pt.constant(grid))
    density = density_graph(rv, factor) + transform.log_jac_det(pt.constant(grid))
    assert np.trapezoid(np.exp(evaluate(density)), grid[:, 0]) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("n", [2, 4])
def test_draws_of_correlations_are_beta(n):
    eta = 1.5
    factors = draw(rd.LKJCorr.dist(n=n, eta=eta, size=N_DRAWS))
    correlations = factors @ np.swapaxes(factors, -1, -2)
    shape = eta + n / 2 - 1
    for i, j in zip(*np.tril_indices(n, -1), strict=True):
        assert (
            stats.kstest(correlations[:, i, j], stats.beta(shape, shape, -1, 2).cdf).pvalue > 1e-4
        )


def test_density_of_covariances_is_that_of_its_parts():
    n, eta = 3, 2.0
    sd = rd.HalfNormal.dist([1.0, 2.0, 3.0])
    rv = rd.LKJCholeskyCov.dist(eta=eta, n=n, sd_dist=sd, compute_corr=False)
    factor = np.array([[2.0, 0, 0], [0.5, 1.0, 0], [-1.0, 0.3, 1.5]])
    stds = np.linalg.norm(factor, axis=1)
    unit = factor / stds[:, None]
    wanted = stats.halfnorm(scale=[1, 2, 3]).logpdf(stds).sum()
    wanted += density_at(rd.LKJCorr.dist(n=n, eta=eta), unit)
    wanted += np.sum(np.log(np.diag(unit)) - np.arange(n) * np.log(stds))
    assert density_at(rv, packed(factor)) == pytest.approx(wanted, abs=1e-10)
    batch = np.stack([packed(factor), packed(2 * factor)])
    both = density_at(rd.LKJCholeskyCov.dist(2, n, sd, compute_corr=False, shape=(2, 6)), batch)
    assert both.shape == (2,)
    assert both[0] == pytest.approx(wanted, abs=1e-10)
    negative = packed(factor * [[-1], [1], [1]])
    assert density_at(rv, negative) == -np.inf


def test_draws_of_covariances():
    arguments = {"eta": 2, "n": 3, "sd_dist": rd.Exponential.dist(2), "size": N_DRAWS}
    draws = draw(rd.LKJCholeskyCov.dist(**arguments, compute_corr=False))
    assert draws.shape == (N_DRAWS, 6)
    lengths = np.sqrt(draws[:, 1] ** 2 + draws[:, 2] ** 2)
    assert stats.kstest(lengths, stats.expon(scale=0.5).cdf).pvalue > 1e-4
    assert stats.kstest(draws[:, 1] / lengths, stats.beta(2.5, 2.5, -1, 2).cdf).pvalue > 1e-4
    _, corr, _ = rd.LKJCholeskyCov.dist(**arguments)
    np.testing.assert_allclose(evaluate(corr)[:, [0, 1, 2], [0, 1, 2]], 1, rtol=1e-14)


@pytest.mark.parametrize("sd", [{}, {"shape": 3}], ids=["one", "each"])
def test_model_starts_without_hand_set_values(sd):
    with Model() as model:
        chol, corr, stds = rd.LKJCholeskyCov(
            "chol", eta=2, n=3, sd_dist=rd.Exponential.dist(scale=2, **sd)
        )
        rd.LKJCorr("other", n=3, eta=1)
        only = rd.LKJCholeskyCov("only", 2, 3, rd.HalfNormal.dist(), compute_corr=False)
    assert [v.name for v in model.value_vars] == [
        "chol_cholesky-cov-packed__",
        "other_cholesky_corr__",
        "only_cholesky-cov-packed__",
    ]
    assert [v.name for v in model.deterministics] == ["chol_corr", "chol_stds"]
    shapes = [model.shape_of(v) for v in (chol, corr, stds, only)]
    assert shapes == [(3, 3), (3, 3), (3,), (6,)]
    assert np.isfinite(list(model.point_logps().values())).all()
    start = model.initial_point()["chol_cholesky-cov-packed__"]
    np.testing.assert_allclose(start, [np.log(2), 0, np.log(2), 0, 0, np.log(2)])


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"eta": -1, "n": 3}, SettingsError, "`eta` > 0"),
        ({"eta": 1, "n": 1}, SettingsError, "at least 2"),
        ({"eta": 1, "n": 2.5}, SettingsError, "whole"),
        ({"eta": 1, "n": 3, "sd_dist": 2.0}, SettingsError, "made with .dist"),
        ({"eta": 1, "n": 3, "sd_dist": rd.HalfNormal.dist(shape=4)}, ShapeError, "length 4"),
    ],
)
def test_refusals(arguments, error, text):
    with pytest.raises(error, match=text):
        rd.LKJCholeskyCov.dist(**{"sd_dist": rd.HalfNormal.dist(), **arguments})
    if "sd_dist" not in arguments:
        with pytest.raises(error, match=text):
            rd.LKJCorr.dist(**arguments)


def test_a_variable_of_the_model_is_no_part():
    with Model():
        sigma = rd.HalfNormal("sigma")
        with pytest.raises(SettingsError, match="'sigma' is a variable already"):
            rd.LKJCholeskyCov("chol", eta=1, n=2, sd_dist=sigma)
