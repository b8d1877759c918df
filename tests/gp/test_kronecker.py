"""Processes on a grid: against the dense matrices of all points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import rufous as rf
from gp.formulas import value
from rufous.gp import cov

SPACE, TIME = np.linspace(0, 1, 4)[:, None], np.linspace(0, 2, 3)[:, None]
GRID = rf.math.cartesian(SPACE, TIME)
Y = np.random.default_rng(8).normal(size=12)
NEW = np.array([[0.1, 0.5], [0.7, 1.9]])
COVS = [cov.ExpQuad(1, 0.5), cov.Matern52(1, 1.0)]
MEAN = rf.gp.mean.Linear([0.3, -0.2], 0.5)


def k(a, b):
    return value(COVS[0](a[:, :1], b[:, :1])) * value(COVS[1](a[:, 1:], b[:, 1:]))


def line(a):
    return a @ [0.3, -0.2] + 0.5


def marginal():
    with rf.Model() as model:
        gp = rf.gp.MarginalKron(mean_func=MEAN, cov_funcs=COVS)
        gp.marginal_likelihood("y", [SPACE, TIME], Y, sigma=0.3)
    return model, gp


def test_the_likelihood_is_that_of_the_dense_matrix() -> None:
    model, _ = marginal()
    expected = multivariate_normal(line(GRID), k(GRID, GRID) + 0.09 * np.eye(12)).logpdf(Y)
    assert model.point_logps({})["y"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("pred_noise", [False, True])
def test_predictions_are_the_closed_form(pred_noise) -> None:
    model, gp = marginal()
    inverse = np.linalg.inv(k(GRID, GRID) + 0.09 * np.eye(12))
    cross = k(NEW, GRID)
    extra = 0.09 if pred_noise else 0.0
    covariance = k(NEW, NEW) - cross @ inverse @ cross.T + extra * np.eye(2)
    with model:
        mean, found = gp.predict(NEW, pred_noise=pred_noise)
        _, variances = gp.predict(NEW, pred_noise=pred_noise, diag=True)
        joint = gp.conditional("joint", NEW, pred_noise=pred_noise)
        gp.conditional("each", NEW, pred_noise=pred_noise, diag=True)
    np.testing.assert_allclose(mean, line(NEW) + cross @ inverse @ (Y - line(GRID)), rtol=1e-9)
    np.testing.assert_allclose(found, covariance, atol=1e-10)
    np.testing.assert_allclose(variances, np.diag(covariance), atol=1e-10)
    mu, chol = (value(each) for each in joint.owner.op.dist_params(joint.owner))
    np.testing.assert_allclose(mu, mean, rtol=1e-12)
    np.testing.assert_allclose(chol @ chol.T, covariance, atol=2e-6)


def test_latent_values_have_the_covariance_of_the_grid() -> None:
    with rf.Model() as model:
        gp = rf.gp.LatentKron(mean_func=MEAN, cov_funcs=COVS)
        f = gp.prior("f", [SPACE, TIME])
        new = gp.conditional("new", NEW)
        white = np.arange(12) / 10
        point = {"f_rotated_": white}
        [values] = rf.gp.util.replace_with_values([f], point)
        mu, chol = rf.gp.util.replace_with_values(new.owner.op.dist_params(new.owner), point)
    factors = [
        np.linalg.cholesky(value(c(x)) + 1e-6 * np.eye(len(x)))
        for c, x in zip(COVS, (SPACE, TIME), strict=True)
    ]
    np.testing.assert_allclose(values, line(GRID) + np.kron(*factors) @ white, rtol=1e-10)
    product = np.kron(*factors)
    dense = product @ product.T
    cross = k(NEW, GRID)
    expected = line(NEW) + cross @ np.linalg.solve(dense, values - line(GRID))
    np.testing.assert_allclose(mu, expected, rtol=1e-7)
    covariance = k(NEW, NEW) - cross @ np.linalg.solve(dense, cross.T) + 1e-6 * np.eye(2)
    np.testing.assert_allclose(chol @ chol.T, covariance, atol=1e-8)
    assert [v.name for v in model.deterministics] == ["f"]


def test_latent_runs_natively() -> None:
    with rf.Model() as model:
        ls = rf.Gamma("ls", 2, 1)
        f = rf.gp.LatentKron(cov_funcs=[cov.ExpQuad(1, ls), COVS[1]]).prior("f", [SPACE, TIME])
        rf.Normal("y", f, 1.0, observed=Y)
    assert rf.compile(model).evaluator == "native"


def test_the_grid_may_be_data() -> None:
    def write(space, time):
        with rf.Model() as model:
            Xs = [rf.Data("space", space), rf.Data("time", time)]
            y = rf.Data("y_data", np.resize(Y, len(space) * len(time)))
            gp = rf.gp.MarginalKron(mean_func=MEAN, cov_funcs=COVS)
            gp.marginal_likelihood("y", Xs, y, sigma=0.3)
            rf.gp.LatentKron(cov_funcs=COVS).prior("f", Xs)
        return model

    model, other = write(SPACE, TIME), write(SPACE[:3], TIME)
    expected = multivariate_normal(line(GRID), k(GRID, GRID) + 0.09 * np.eye(12)).logpdf(Y)
    point = {"f_rotated_": np.zeros(12)}
    assert model.point_logps(point)["y"] == pytest.approx(expected, rel=1e-9)
    rf.set_data({"space": SPACE[:3], "y_data": Y[:9]}, model=model)
    point = {"f_rotated_": np.zeros(9)}
    assert model.point_logps(point) == pytest.approx(other.point_logps(point))
    assert model.shape_of(model["f"]) == (9,)


def test_sampling_finds_the_posterior_of_a_grid() -> None:
    with rf.Model() as model:
        sigma = rf.HalfNormal("sigma", 1)
        gp = rf.gp.MarginalKron(cov_funcs=COVS)
        gp.marginal_likelihood("y", [SPACE, TIME], Y, sigma=sigma)
    options = {"quiet": True, "compute_convergence_checks": False}
    idata = rf.sample(model, 500, chains=2, random_seed=3, progressbar=False, **options)
    draws = idata.posterior["sigma"].values
    grid = np.linspace(1e-3, 4, 2000)
    dense = k(GRID, GRID)
    density = np.exp(
        [multivariate_normal(None, dense + s**2 * np.eye(12)).logpdf(Y) - s**2 / 2 for s in grid]
    )
    mean = (grid * density).sum() / density.sum()
    spread = np.sqrt((grid**2 * density).sum() / density.sum() - mean**2)
    effective = 200  # of 1000 draws, so this is a bound
    assert abs(draws.mean() - mean) < 5 * spread / np.sqrt(effective)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rf.gp.LatentKron(cov_funcs=COVS[0]), "must be a list of covariance functions"),
        (lambda: rf.gp.LatentKron(cov_funcs=[1, 2]), "factors of Kron must be covariance"),
        (lambda: rf.gp.LatentKron(cov_funcs=COVS).prior("f", GRID), "a list of 2 arrays"),
        (lambda: rf.gp.LatentKron(cov_funcs=COVS).conditional("f", NEW), r"first, by prior\(...\)"),
        (lambda: marginal()[1].predict(NEW[:, :1]), r"has 1 column\(s\), but `X` has 2"),
        (lambda: marginal()[1] + marginal()[1], "Kronecker-structured processes not implemented"),
        (
            lambda: rf.gp.MarginalKron(cov_funcs=COVS).marginal_likelihood(
                "y", [SPACE, TIME], Y[:5], 1
            ),
            "MarginalKron 'y': the grid has 12 points, but `y` has 5",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, message) -> None:
    with pytest.raises(rf.RufousError, match=message):
        call()
