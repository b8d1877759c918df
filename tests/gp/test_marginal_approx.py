"""Gaussian processes seen through inducing points: against dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import rufous as rf
from gp.formulas import value
from rufous.gp import cov
from rufous.gp.low_rank import LowRankMvNormal

RNG = np.random.default_rng(6)
X = np.sort(RNG.uniform(0, 5, 15))[:, None]
Y = np.sin(X[:, 0]) + 0.1 * RNG.normal(size=15)
XU = np.linspace(0, 5, 6)[:, None]
NEW = np.array([[0.5], [2.0], [6.0]])
APPROXIMATIONS = pytest.mark.parametrize("approx", ["VFE", "FITC", "DTC"])


def k(a, b):
    return np.exp(-0.5 * (a - b.T) ** 2)


def dense(approx):
    """Return the covariance of the observations and what is taken off the log density."""
    kuu = k(XU, XU) + 1e-6 * np.eye(6)
    q = k(X, XU) @ np.linalg.solve(kuu, k(XU, X))
    left = 1.0 - np.diag(q)
    if approx == "FITC":
        return q + np.diag(left + 0.04), 0.0
    return q + 0.04 * np.eye(15), left.sum() / 0.08 if approx == "VFE" else 0.0


def make(approx, Xu=XU, **changed):
    with rf.Model() as model:
        ls, sigma = rf.InverseGamma("ls", 5, 5), rf.HalfNormal("sigma", 1)
        gp = rf.gp.MarginalApprox(approx, cov_func=cov.ExpQuad(1, ls))
        gp.marginal_likelihood("y", **{"X": X, "Xu": Xu, "y": Y, "sigma": sigma} | changed)
    return model, gp


AT = {"ls_log__": 0.0, "sigma_log__": np.log(0.2)}
POINT = {"ls": 1.0, "sigma": 0.2}


@APPROXIMATIONS
def test_the_log_likelihood_is_that_of_the_dense_matrix(approx) -> None:
    model, _ = make(approx)
    covariance, penalty = dense(approx)
    expected = multivariate_normal(np.zeros(15), covariance).logpdf(Y) - penalty
    assert model.point_logps(AT)["y"] == pytest.approx(expected, rel=1e-8)


@APPROXIMATIONS
def test_predictions_are_those_of_the_dense_matrices(approx) -> None:
    model, gp = make(approx)
    observed = dense(approx)[0]
    kuu = k(XU, XU) + 1e-6 * np.eye(6)
    q = k(NEW, XU) @ np.linalg.solve(kuu, k(XU, X))
    mean = q @ np.linalg.solve(observed, Y)
    covariance = k(NEW, NEW) - q @ np.linalg.solve(observed, q.T)
    with model:
        found = gp.predict(NEW, point=POINT)
        variances = gp.predict(NEW, point=POINT, diag=True, pred_noise=True)
        new = gp.conditional("new", NEW, given={"sigma": 0.2})
    np.testing.assert_allclose(found[0], mean, atol=1e-7)
    np.testing.assert_allclose(found[1], covariance + 1e-6 * np.eye(3), atol=1e-7)
    np.testing.assert_allclose(variances[1], np.diag(covariance) + 0.04, atol=1e-7)
    assert model.shape_of(new) == (3,)


@APPROXIMATIONS
def test_all_points_inducing_is_the_exact_process(approx) -> None:
    model, gp = make(approx, Xu=X)
    with rf.Model() as exact:
        marginal = rf.gp.Marginal(cov_func=cov.ExpQuad(1, 1.0))
        marginal.marginal_likelihood("y", X, Y, 0.2)
        expected = marginal.predict(NEW)
    with model:
        found = gp.predict(NEW, point=POINT)
    assert model.point_logps(AT)["y"] == pytest.approx(exact.point_logps({})["y"], rel=1e-3)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-3)
    np.testing.assert_allclose(found[1], expected[1], atol=1e-3)


@APPROXIMATIONS
def test_the_native_evaluator_takes_it_and_its_gradient_is_right(approx) -> None:
    compiled = rf.compile(make(approx)[0])
    assert compiled.evaluator == "native"
    at = np.array([0.1, -1.5])
    _, gradient = compiled.logp_dlogp(at)
    for i, step in enumerate(np.eye(2) * 1e-5):
        up, down = compiled.logp_dlogp(at + step)[0], compiled.logp_dlogp(at - step)[0]
        assert gradient[i] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-5)


def test_the_free_energy_is_a_lower_bound() -> None:
    with rf.Model() as exact:
        rf.gp.Marginal(cov_func=cov.ExpQuad(1, 1.0)).marginal_likelihood("y", X, Y, 0.2)
    whole = exact.point_logps({})["y"]
    bounds = [make("VFE", Xu=X[::step])[0].point_logps(AT)["y"] for step in (5, 3, 2)]
    assert bounds[0] < bounds[1] < bounds[2] < whole


def test_draws_have_the_covariance_of_the_approximation() -> None:
    factors, variance = RNG.normal(size=(2, 4)), np.array([0.1, 0.2, 0.3, 0.4])
    rv = LowRankMvNormal.dist(np.arange(4.0), factors, variance)
    draws = rf.draw(rv, draws=20_000, random_seed=1)
    expected = factors.T @ factors + np.diag(variance)
    np.testing.assert_allclose(draws.mean(axis=0), np.arange(4.0), atol=0.1)
    np.testing.assert_allclose(np.cov(draws.T), expected, atol=0.05 * expected.max())
    batch = LowRankMvNormal.dist(np.arange(4.0), np.stack([factors, 2 * factors]), variance)
    density = value(rf.logp(batch, np.zeros((2, 4))))
    for i in (0, 1):
        matrix = (1 + i) ** 2 * factors.T @ factors + np.diag(variance)
        exact = multivariate_normal(np.arange(4.0), matrix).logpdf(np.zeros(4))
        assert density[i] == pytest.approx(exact, rel=1e-10)


def test_sums() -> None:
    with rf.Model():
        one, two = (rf.gp.MarginalApprox("FITC", cov_func=cov.ExpQuad(1, ls)) for ls in (0.5, 2))
        total = one + two
        total.marginal_likelihood("y", X, XU, Y, 0.2)
        parts = [each.predict(NEW, given={"gp": total})[0] for each in (one, two)]
        whole, _ = total.predict(NEW)
    np.testing.assert_allclose(parts[0] + parts[1], whole, rtol=1e-8)
    with pytest.raises(TypeError, match="with different approximations, VFE and DTC"):
        rf.gp.MarginalApprox() + rf.gp.MarginalApprox("DTC")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rf.gp.MarginalApprox("vfe"), "`approx` must be one of VFE, FITC, DTC, got 'vfe'"),
        (lambda: make("VFE", sigma=0), "MarginalApprox 'y': `sigma` > 0 must hold, got 0"),
        (lambda: make("VFE", Xu=XU[:, 0]), r"`Xu` must have two axes"),
        (lambda: make("VFE", y=Y[:4]), "`X` has 15 rows, but `y` has 4 values"),
        (lambda: make("VFE", jitter="a"), "`jitter` must be a number"),
    ],
)
def test_what_cannot_be_is_refused(call, message) -> None:
    with pytest.raises(rf.RufousError, match=message):
        call()


@pytest.mark.filterwarnings("ignore::rufous.errors.RufousWarning")  # short runs
def test_it_samples_and_draws_its_observations() -> None:
    model, gp = make("VFE")
    idata = rf.sample(
        model, draws=50, tune=150, chains=2, random_seed=1, progressbar=False, quiet=True
    )
    with model:
        gp.conditional("new", NEW)
        drawn = rf.sample_posterior_predictive(idata, var_names=["new", "y"], random_seed=2)
    assert np.asarray(drawn.posterior_predictive["new"]).shape == (2, 50, 3)
    assert np.asarray(drawn.posterior_predictive["y"]).shape == (2, 50, 15)
