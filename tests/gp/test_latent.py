"""Gaussian processes whose function values are variables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import rufous as rf
from gp.formulas import value
from rufous.gp import cov

X = np.linspace(0, 3, 6)[:, None]
NEW = np.array([[0.3], [1.7]])
K = value(cov.Matern52(1, 0.8)(X)) + 1e-6 * np.eye(6)
F = np.sin(X[:, 0])


def make(**options):
    with rf.Model(coords={"point": range(6)}) as model:
        gp = rf.gp.Latent(cov_func=cov.Matern52(1, 0.8), mean_func=rf.gp.mean.Constant(0.5))
        f = gp.prior("f", X, **options)
    return model, gp, f


def test_the_values_follow_from_standard_normal_variables() -> None:
    model, _, f = make()
    assert [v.name for v in model.free_RVs] == ["f_rotated_"]
    assert [v.name for v in model.deterministics] == ["f"]
    white = np.arange(6) / 3
    with model:
        [found] = rf.gp.util.replace_with_values([f], {"f_rotated_": white})
    np.testing.assert_allclose(found, 0.5 + np.linalg.cholesky(K) @ white, rtol=1e-10)


def test_without_reparametrisation_the_values_are_normal() -> None:
    model, _, _ = make(reparameterize=False)
    assert [v.name for v in model.free_RVs] == ["f"]
    expected = multivariate_normal(np.full(6, 0.5), K).logpdf(F)
    assert model.point_logps({"f": F})["f"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("reparameterize", [True, False])
def test_several_outputs(reparameterize) -> None:
    model, gp, f = make(n_outputs=3, reparameterize=reparameterize)
    with model:
        new = gp.conditional("new", NEW)
    assert model.shape_of(f) == (3, 6)
    assert model.shape_of(new) == (3, 2)
    draws = rf.draw(f, draws=400, random_seed=3)
    spread = draws.reshape(-1, 6).std(axis=0)
    assert draws.shape == (400, 3, 6)
    np.testing.assert_allclose(spread, 1.0, atol=5 / np.sqrt(2 * 1200))


@pytest.mark.parametrize("reparameterize", [True, False])
def test_dims(reparameterize) -> None:
    model, _, _ = make(dims="point", reparameterize=reparameterize)
    assert model.named_vars_to_dims["f"] == ("point",)


def test_the_conditional_is_the_closed_form() -> None:
    model, gp, _ = make()
    with model:
        given = gp.conditional("given", NEW, given={"X": X, "f": F})
        later = gp.conditional("later", NEW)
    mean, chol = (value(each) for each in given.owner.op.dist_params(given.owner))
    cross = value(cov.Matern52(1, 0.8)(NEW, X))
    weights = np.linalg.solve(K, np.c_[F - 0.5, cross.T])
    np.testing.assert_allclose(mean, 0.5 + cross @ weights[:, 0], rtol=1e-9)
    covariance = value(cov.Matern52(1, 0.8)(NEW)) - cross @ weights[:, 1:]
    np.testing.assert_allclose(chol @ chol.T, covariance + 1e-6 * np.eye(2), atol=1e-10)
    # The factor of the prior is used again, not computed a second time.
    assert gp._factor_for(gp, lambda: None, 1e-6, True) is gp._factor[0]
    assert model.shape_of(later) == (2,)


def test_a_term_of_a_sum() -> None:
    with rf.Model():
        one, two = (rf.gp.Latent(cov_func=cov.ExpQuad(1, ls)) for ls in (0.5, 2.0))
        total = one + two
        f = total.prior("f", X)
        part = one.conditional("part", NEW, given={"X": X, "f": F, "gp": total})
        same = one.conditional("same", NEW, given={"gp": total})
    mean = value(part.owner.op.dist_params(part.owner)[0])
    k = value(cov.ExpQuad(1, 0.5)(X)) + value(cov.ExpQuad(1, 2.0)(X)) + 1e-6 * np.eye(6)
    cross = value(cov.ExpQuad(1, 0.5)(NEW, X))
    np.testing.assert_allclose(mean, cross @ np.linalg.solve(k, F), rtol=1e-7)
    assert f.type.ndim == same.type.ndim == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: make(n_outputs=0), "Latent 'f': `n_outputs` must be a whole number from 1"),
        (lambda: make(sigma=2.0), "Normal 'f_rotated_'"),
        (lambda: make()[1].predict(NEW), "has no predict"),
        (lambda: make()[1].marginal_likelihood("y", X), "has no marginal_likelihood"),
        (lambda: rf.gp.Latent().conditional("f", NEW), "does not know `X`"),
        (lambda: make()[1].conditional("g", NEW, given={"f": F[:3]}), "6 rows, but `f` has 3"),
    ],
)
def test_what_cannot_be_is_refused(call, message) -> None:
    with pytest.raises(rf.RufousError, match=message):
        call()


@pytest.mark.filterwarnings("ignore::rufous.errors.RufousWarning")  # short runs
def test_it_samples_natively() -> None:
    with rf.Model() as model:
        ls = rf.Gamma("ls", 2, 1)
        gp = rf.gp.Latent(cov_func=cov.Matern52(1, ls))
        f = gp.prior("f", X)
        rf.Bernoulli("y", logit_p=f, observed=[0, 1, 1, 1, 0, 0])
    assert rf.compile(model).evaluator == "native"
    idata = rf.sample(
        model, draws=100, tune=200, chains=2, random_seed=1, progressbar=False, quiet=True
    )
    with model:
        gp.conditional("new", NEW)
        new = rf.sample_posterior_predictive(idata, var_names=["new"], random_seed=2)
    assert np.asarray(idata.posterior["f"]).shape == (2, 100, 6)
    draws = np.asarray(new.posterior_predictive["new"])
    assert draws.shape == (2, 100, 2)
    # Draws go with the values beside them: the neighbour explains most of the variance.
    near = np.asarray(idata.posterior["f"])[..., 3].ravel()
    assert np.corrcoef(near, draws[..., 1].ravel())[0, 1] > 0.7
