"""Gaussian processes with normal noise: against SciPy and the closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import rufous as rf
from gp.formulas import value
from rufous.gp import cov

RNG = np.random.default_rng(5)
X = np.sort(RNG.uniform(0, 5, 12))[:, None]
Y = np.sin(X[:, 0]) + 0.1 * RNG.normal(size=12)
NEW = np.array([[-0.5], [2.0], [4.5], [9.0]])
JITTER = 1e-6


def kernel(a, b, ls=1.1, eta=0.9):
    return eta**2 * np.exp(-0.5 * ((a - b.T) / ls) ** 2)


def line(a):
    return 0.3 * a[:, 0] + 0.2


def model_of(X=X, Y=Y, noise=None, **options):
    """Return a model with its process; the parameters are ls, eta and sigma."""
    with rf.Model() as model:
        ls, eta = rf.InverseGamma("ls", 5, 5), rf.HalfNormal("eta", 1)
        sigma = rf.HalfNormal("sigma", 1)
        gp = rf.gp.Marginal(
            cov_func=eta**2 * cov.ExpQuad(1, ls), mean_func=rf.gp.mean.Linear([0.3], 0.2)
        )
        gp.marginal_likelihood("y", X, Y, sigma if noise is None else noise, **options)
    return model, gp


POINT = {"ls": 1.1, "eta": 0.9, "sigma": 0.2}


def exact(pred_noise=False, sigma2=0.04):
    """Condition with inverses, which the package never does."""
    inverse = np.linalg.inv(kernel(X, X) + (sigma2 + JITTER) * np.eye(12))
    cross = kernel(NEW, X)
    mean = line(NEW) + cross @ inverse @ (Y - line(X))
    covariance = kernel(NEW, NEW) - cross @ inverse @ cross.T
    return mean, covariance + (sigma2 if pred_noise else 0.0) * np.eye(4)


def test_the_log_likelihood_is_that_of_scipy() -> None:
    model, _ = model_of()
    expected = multivariate_normal(line(X), kernel(X, X) + (0.04 + JITTER) * np.eye(12)).logpdf(Y)
    at = {"ls_log__": np.log(1.1), "eta_log__": np.log(0.9), "sigma_log__": np.log(0.2)}
    assert model.point_logps(at)["y"] == pytest.approx(expected, rel=1e-10)


def test_the_native_evaluator_takes_it_and_its_gradient_is_right() -> None:
    compiled = rf.compile(model_of()[0])
    assert compiled.evaluator == "native"
    at = np.array([0.1, -0.2, -1.5])
    _, gradient = compiled.logp_dlogp(at)
    for k, step in enumerate(np.eye(3) * 1e-5):
        up, down = compiled.logp_dlogp(at + step)[0], compiled.logp_dlogp(at - step)[0]
        assert gradient[k] == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("pred_noise", [False, True])
def test_predictions_are_the_closed_form(pred_noise) -> None:
    model, gp = model_of()
    mean, covariance = exact(pred_noise)
    with model:
        found = gp.predict(NEW, point=POINT, pred_noise=pred_noise)
        variances = gp.predict(NEW, point=POINT, pred_noise=pred_noise, diag=True)
    np.testing.assert_allclose(found[0], mean, rtol=1e-9)
    extra = 0.0 if pred_noise else JITTER
    np.testing.assert_allclose(found[1], covariance + extra * np.eye(4), atol=1e-10)
    np.testing.assert_allclose(variances[1], np.diag(covariance), atol=1e-10)


def test_the_conditional_is_the_closed_form_and_draws_from_it() -> None:
    mean, covariance = exact()
    with rf.Model() as model:
        gp = rf.gp.Marginal(
            cov_func=0.81 * cov.ExpQuad(1, 1.1), mean_func=rf.gp.mean.Linear([0.3], 0.2)
        )
        gp.marginal_likelihood("y", X, Y, 0.2)
        new = gp.conditional("new", NEW)
        noisy = gp.conditional("noisy", NEW, pred_noise=True)
    mu, chol = (value(each) for each in new.owner.op.dist_params(new.owner))
    np.testing.assert_allclose(mu, mean, rtol=1e-9)
    np.testing.assert_allclose(chol @ chol.T, covariance + JITTER * np.eye(4), atol=1e-10)
    draws = rf.draw(noisy, draws=2000, random_seed=1)
    spread = np.sqrt(np.diag(exact(True)[1]))
    assert np.abs((draws.mean(axis=0) - mean) / spread * np.sqrt(2000)).max() < 5
    assert model.shape_of(new) == (4,)


def test_noise_of_each_point_and_with_a_covariance() -> None:
    each = np.linspace(0.1, 0.4, 12)
    _, gp = model_of(noise=each)
    rough = cov.WhiteNoise(0.2) + 0.01 * cov.Matern12(1, 0.3)
    for noise, matrix in (
        (each, np.diag(each**2)),
        (rough, value(rough(X))),
    ):
        model, gp = model_of(noise=noise)
        expected = multivariate_normal(line(X), kernel(X, X) + matrix + JITTER * np.eye(12))
        at = {"ls_log__": np.log(1.1), "eta_log__": np.log(0.9), "sigma_log__": 0.0}
        assert model.point_logps(at)["y"] == pytest.approx(expected.logpdf(Y), rel=1e-9)
        with model:
            mean, _ = gp.predict(NEW, point=POINT)
        assert mean.shape == (4,)


def test_a_term_of_a_sum_is_found_from_what_the_sum_observed() -> None:
    with rf.Model():
        trend = rf.gp.Marginal(cov_func=cov.ExpQuad(1, 2.0), mean_func=rf.gp.mean.Constant(0.5))
        rough = rf.gp.Marginal(cov_func=0.3 * cov.Matern32(1, 0.3))
        total = trend + rough
        total.marginal_likelihood("y", X, Y, 0.1)
        whole = {"X": X, "y": Y, "sigma": 0.1, "gp": total}
        mean, variance = trend.predict(NEW, given=whole, diag=True)
        short = trend.predict(NEW, given={"gp": total}, diag=True)
        other, _ = rough.predict(NEW, given={"gp": total})
        both, _ = total.predict(NEW)
    k = value(cov.ExpQuad(1, 2.0)(X)) + 0.3 * value(cov.Matern32(1, 0.3)(X))
    inverse = np.linalg.inv(k + (0.01 + JITTER) * np.eye(12))
    cross = kernel(NEW, X, 2.0, 1.0)
    np.testing.assert_allclose(mean, 0.5 + cross @ inverse @ (Y - 0.5), rtol=1e-8)
    np.testing.assert_allclose(variance, 1.0 - np.sum((cross @ inverse) * cross, axis=1), atol=1e-9)
    np.testing.assert_array_equal(short[0], mean)
    np.testing.assert_allclose(mean + other, both, rtol=1e-8)


def test_data_of_a_model_may_change() -> None:
    with rf.Model() as model:
        x, y = rf.Data("x", X), rf.Data("y_data", Y)
        ls = rf.InverseGamma("ls", 5, 5)
        gp = rf.gp.Marginal(cov_func=cov.ExpQuad(1, ls))
        gp.marginal_likelihood("y", x, y, 0.2)
        new = rf.Data("new", NEW)
        gp.conditional("f", new)
    before = model.point_logps({"ls_log__": 0.0, "f": np.zeros(4)})["y"]
    rf.set_data({"x": X[:5], "y_data": Y[:5], "new": NEW[:2]}, model=model)
    after = model.point_logps({"ls_log__": 0.0, "f": np.zeros(2)})["y"]
    expected = multivariate_normal(
        np.zeros(5), kernel(X[:5], X[:5], 1.0, 1.0) + (0.04 + JITTER) * np.eye(5)
    )
    assert before != after
    assert after == pytest.approx(expected.logpdf(Y[:5]), rel=1e-9)
    assert model.shape_of("f") == (2,)


class Frame:
    """Stands for the table of a library: what NumPy can read."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype=dtype)


@pytest.mark.parametrize("kind", ["list", "integers", "float32", "table", "pandas", "xarray"])
def test_inputs_of_any_kind(kind) -> None:
    X = np.arange(4)[:, None]
    if kind == "pandas":
        table = pytest.importorskip("pandas").DataFrame({"x": X[:, 0]})
    elif kind == "xarray":
        table = pytest.importorskip("xarray").DataArray(X, dims=("row", "column"))
    else:
        table = {
            "list": X.tolist(),
            "integers": X.astype(np.int8),
            "float32": X.astype(np.float32),
            "table": Frame(X),
        }[kind]
    with rf.Model():
        gp = rf.gp.Marginal(cov_func=cov.ExpQuad(1, 1))
        gp.marginal_likelihood("y", table, [0, 1, 0, 1], 1)
        mean, _ = gp.predict(table)
    weights = np.linalg.solve(kernel(X, X, 1, 1) + (1 + JITTER) * np.eye(4), [0, 1, 0, 1])
    np.testing.assert_allclose(mean, kernel(X, X, 1, 1) @ weights, rtol=1e-10)


def bad_calls():
    def fit(**changed):
        options = {"cov_func": cov.ExpQuad(1, 1)}
        options |= {k: v for k, v in changed.items() if k.endswith("func")}
        rest = {k: v for k, v in changed.items() if not k.endswith("func")}
        with rf.Model():
            gp = rf.gp.Marginal(**options)
            gp.marginal_likelihood("y", **{"X": X, "y": Y, "sigma": 0.1} | rest)
        return gp

    def predict(*args, **options):
        model, gp = model_of()
        with model:
            gp.predict(*args, **options)

    return {
        "rows": (lambda: fit(y=Y[:5]), "Marginal 'y': `X` has 12 rows, but `y` has 5 values"),
        "vector": (lambda: fit(X=X[:, 0]), "Marginal 'y': `X` must have two axes"),
        "column": (lambda: fit(y=Y[:, None]), r"`y` must be a vector .* got shape \(12, 1\)"),
        "sigma": (lambda: fit(sigma=-1), "Marginal 'y': `sigma` >= 0 must hold, got -1"),
        "no sigma": (lambda: fit(sigma=None), "`sigma` is missing"),
        "jitter": (lambda: fit(jitter=-1), "`jitter` must be a number that is not negative"),
        "mean": (lambda: fit(mean_func=2.0), "`mean_func` of Marginal must be a mean function"),
        "cov": (lambda: fit(cov_func=2.0), "`cov_func` of Marginal must be a covariance function"),
        "option": (lambda: fit(dimz="a"), "there is no argument `dimz`; did you mean `dims`"),
        "prior": (lambda: rf.gp.Marginal().prior("f", X), "has no prior: its function is integ"),
        "first": (lambda: rf.gp.Marginal().predict(X), "does not know `X`: put the process into"),
        "no point": (lambda: predict(NEW), "values for eta, ls, sigma must be included"),
        "missing": (lambda: predict(NEW, {"ls": 1, "eta": 1}), "values for sigma must be included"),
        "unknown": (lambda: predict(NEW, POINT | {"lz": 1}), "'lz', which is no variable"),
        "draws": (lambda: predict(NEW, POINT | {"ls": [1, 2]}), r"'ls' in `point` has shape"),
        "columns": (lambda: predict(np.ones((3, 2)), POINT), r"has 2 column\(s\), but `X` has 1"),
        "given": (lambda: predict(NEW, POINT, given={"f": 1}), "keys out of X, y, sigma, gp"),
        "given gp": (lambda: predict(NEW, POINT, given={"gp": 1}), r"`given\['gp'\]` must be the"),
    }  # fmt: skip


@pytest.mark.parametrize("name", bad_calls())
def test_what_cannot_be_is_refused_with_the_way_out(name) -> None:
    call, message = bad_calls()[name]
    with pytest.raises(rf.RufousError, match=message):
        call()


def test_kinds_of_errors_are_those_of_python() -> None:
    with pytest.raises(TypeError, match="Cannot add different GP types"):
        rf.gp.Marginal() + rf.gp.Latent()
    with pytest.raises(TypeError):
        rf.gp.Marginal(cov_func="a")
    with pytest.raises(AttributeError, match="has no `y` yet"):
        _ = rf.gp.Marginal().y
    assert not hasattr(rf.gp.Marginal(), "no_such_thing")


@pytest.mark.filterwarnings("ignore::rufous.errors.RufousWarning")  # short runs
def test_it_samples_and_predicts_out_of_sample() -> None:
    model, gp = model_of()
    idata = rf.sample(
        model, draws=100, tune=200, chains=2, random_seed=1, progressbar=False, quiet=True
    )
    with model:
        gp.conditional("f", NEW)
        new = rf.sample_posterior_predictive(idata, var_names=["f"], random_seed=2)
        mean, variance = gp.predict(NEW, idata.posterior.mean(("chain", "draw")), diag=True)
    draws = np.asarray(new.posterior_predictive["f"]).reshape(-1, 4)
    assert draws.shape == (200, 4)
    inside = slice(1, 3)  # points between the observations
    assert np.abs(draws.mean(axis=0) - np.sin(NEW[:, 0]))[inside].max() < 0.3
    assert np.abs(mean - np.sin(NEW[:, 0]))[inside].max() < 0.3
    assert variance.min() > 0
