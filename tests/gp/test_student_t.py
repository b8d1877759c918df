"""Student's t processes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, multivariate_t

import rufous as rf
from gp.formulas import value
from rufous.gp import cov

X, NEW = np.linspace(0, 3, 5)[:, None], np.array([[0.4], [2.2]])
F = np.array([0.3, 1.0, 0.2, -0.8, -0.5])
SCALE = cov.Matern52(1, 0.8)


def test_values_and_conditional_are_one_joint_distribution() -> None:
    with rf.Model() as model:
        gp = rf.gp.TP(scale_func=SCALE, nu=5, mean_func=rf.gp.mean.Constant(0.5))
        gp.prior("f", X, reparameterize=False)
        gp.conditional("new", NEW)
    new = np.array([0.9, -0.1])
    terms = model.point_logps({"f": F, "new": new})
    k = value(SCALE(np.concatenate([X, NEW]))) + 1e-6 * np.eye(7)
    joint = multivariate_t(np.full(7, 0.5), k, df=5).logpdf(np.concatenate([F, new]))
    alone = multivariate_t(np.full(5, 0.5), k[:5, :5], df=5).logpdf(F)
    assert terms["f"] == pytest.approx(alone, rel=1e-9)
    assert terms["f"] + terms["new"] == pytest.approx(joint, rel=1e-9)


def test_reparametrised_values_are_the_same_process_and_native() -> None:
    with rf.Model() as model:
        f = rf.gp.TP(scale_func=SCALE, nu=5).prior("f", X)
        rf.Normal("y", f, 1.0, observed=F)
    assert [v.name for v in model.free_RVs] == ["f_rotated_"]
    assert rf.compile(model).evaluator == "native"
    chol = np.linalg.cholesky(value(SCALE(X)) + 1e-6 * np.eye(5))
    white = np.linalg.solve(chol, F)
    density = model.point_logps({"f_rotated_": white})["f_rotated_"]
    expected = multivariate_t(np.zeros(5), chol @ chol.T, df=5).logpdf(F)
    assert density - np.log(np.diag(chol)).sum() == pytest.approx(expected, rel=1e-9)


def test_sampling_finds_the_posterior() -> None:
    with rf.Model() as model:
        eta = rf.HalfNormal("eta", 1)
        gp = rf.gp.TP(scale_func=eta**2 * SCALE, nu=5)
        rf.Normal("y", gp.prior("f", X), 0.3, observed=F)
    options = {"target_accept": 0.95, "compute_convergence_checks": False}
    idata = rf.sample(model, 2000, random_seed=3, progressbar=False, quiet=True, **options)
    draws = idata.posterior["eta"].values
    # Given its chi-squared mixing scale the process is Gaussian, so the rest is two sums.
    base = value(SCALE(X)) + 1e-6 * np.eye(5)
    etas, quantiles = np.linspace(0.01, 4, 400), (np.arange(400) + 0.5) / 400
    mixing = 5 / chi2(5).ppf(quantiles)
    values, vectors = np.linalg.eigh(base)
    variances = etas[:, None, None] ** 2 * mixing[:, None] * values + 0.09
    terms = -0.5 * ((F @ vectors) ** 2 / variances + np.log(variances)).sum(axis=-1)
    density = np.exp(terms).mean(axis=1) * np.exp(-0.5 * etas**2)
    mean = (etas * density).sum() / density.sum()
    spread = np.sqrt((etas**2 * density).sum() / density.sum() - mean**2)
    effective = 500  # of 8000 draws, so this is a bound
    assert abs(draws.mean() - mean) < 5 * spread / np.sqrt(effective)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rf.gp.TP(scale_func=SCALE), "requires a degrees of freedom parameter, `nu`"),
        (lambda: rf.gp.TP(scale_func=SCALE, nu=1), "`nu` > 1 must hold, got 1"),
        (lambda: rf.gp.TP(cov_func=SCALE, nu=3), "give `scale_func` instead of `cov_func`"),
        (lambda: rf.gp.TP(nu=3) + rf.gp.TP(nu=3), "aren't additive"),
    ],
)
def test_what_cannot_be_is_refused(call, message) -> None:
    with pytest.raises(rf.RufousError, match=message):
        call()
