"""Further time series: loops, state space, volatility, differenced and seasonal models."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from benches.evaluator.models.registry import model
from benches.evaluator.models.series import scan


@model
def garch_written_out(rng):
    y = rng.normal(size=30)
    omega, alpha = pm.HalfNormal("omega"), pm.Uniform("alpha", 0, 0.5)
    beta, start = pm.Uniform("beta", 0, 0.5), pm.HalfNormal("start")
    sigma = scan(
        lambda before, s, omega, alpha, beta: pt.sqrt(omega + alpha * before**2 + beta * s**2),
        sequences=[pt.as_tensor(y[:-1])],
        outputs_info=[start],
        non_sequences=[omega, alpha, beta],
    )
    pm.Normal("y", 0, pt.concatenate([start[None], sigma]), observed=y)


@model
def egarch(rng):
    y = rng.normal(size=30)
    parts = [pm.Normal(k, 0, 0.3) for k in "wagb"]

    def step(before, log_variance, w, a, g, b):
        z = before / pt.exp(0.5 * log_variance)
        return w + a * (pt.abs(z) - np.sqrt(2 / np.pi)) + g * z + b * log_variance

    h = scan(
        step,
        sequences=[pt.as_tensor(y[:-1])],
        outputs_info=[pt.zeros(())],
        non_sequences=parts,
    )
    pm.Normal("y", 0, pt.exp(0.5 * h), observed=y[1:])


@model
def arma_one_one(rng):
    y = rng.normal(size=40)
    phi, theta, mu = pm.Uniform("phi", -1, 1), pm.Uniform("theta", -1, 1), pm.Normal("mu")

    def step(now, before, error, phi, theta, mu):
        return now - (mu + phi * before + theta * error)

    errors = scan(
        step,
        sequences=[{"input": pt.as_tensor(y), "taps": [0, -1]}],
        outputs_info=[pt.zeros(())],
        non_sequences=[phi, theta, mu],
    )
    pm.Potential("likelihood", pm.logp(pm.Normal.dist(0, pm.HalfNormal("s")), errors).sum())


@model
def holt_winters(rng):
    y = rng.normal(size=24) + np.tile([0, 1, 0, -1], 6)
    shares = [pm.Beta(k, 2, 2) for k in "abc"]

    def step(now, level, trend, season, a, b, c):
        forecast = level + trend + season[0]
        new_level = a * (now - season[0]) + (1 - a) * (level + trend)
        new_trend = b * (new_level - level) + (1 - b) * trend
        last = c * (now - level - trend) + (1 - c) * season[0]
        return new_level, new_trend, pt.concatenate([season[1:], last[None]]), forecast

    start = pm.Normal("start", shape=4)
    *_, forecast = scan(
        step,
        sequences=[pt.as_tensor(y)],
        outputs_info=[pm.Normal("level"), pm.Normal("trend"), start, None],
        non_sequences=shares,
    )
    pm.Normal("y", forecast, pm.HalfNormal("s"), observed=y)


@model
def predator_prey_steps(rng):
    rates = [pm.LogNormal(k, -1, 0.3) for k in "abcd"]

    def step(x, y, a, b, c, d):
        return x + 0.1 * (a * x - b * x * y), y + 0.1 * (c * x * y - d * y)

    x, y = scan(
        step,
        outputs_info=[pm.LogNormal("x0"), pm.LogNormal("y0")],
        non_sequences=rates,
        n_steps=25,
    )
    pm.LogNormal("prey", pt.log(pt.maximum(x, 1e-6)), 0.3, observed=rng.lognormal(size=25))
    pm.LogNormal("pred", pt.log(pt.maximum(y, 1e-6)), 0.3, observed=rng.lognormal(size=25))


@model
def sir_with_matrix(rng):
    beta, gamma = pm.LogNormal("beta", -1, 0.3), pm.LogNormal("gamma", -2, 0.3)

    def step(state, beta, gamma):
        infected = beta * state[0] * state[1]
        recovered = gamma * state[1]
        return state + pt.stack([-infected, infected - recovered, recovered])

    states = scan(
        step,
        outputs_info=[pt.as_tensor([0.97, 0.03, 0.0])],
        non_sequences=[beta, gamma],
        n_steps=20,
    )
    pm.Poisson("cases", 200 * states[:, 1], observed=rng.poisson(10, 20))


@model
def kalman_with_regression(rng):
    y, x = rng.normal(size=25), rng.normal(size=25)
    b, q, r = pm.Normal("b"), pm.HalfNormal("q"), pm.HalfNormal("r")

    def step(now, mean, variance, q, r):
        variance = variance + q**2
        total = variance + r**2
        gain = variance / total
        error = now - mean
        log = -0.5 * (pt.log(2 * np.pi * total) + error**2 / total)
        return mean + gain * error, (1 - gain) * variance, log

    *_, logs = scan(
        step,
        sequences=[y - b * x],
        outputs_info=[pt.zeros(()), pt.as_tensor(np.float64(10.0)), None],
        non_sequences=[q, r],
    )
    pm.Potential("likelihood", logs.sum())


@model
def var_two_lags(rng):
    y = rng.normal(size=(30, 3))
    a1, a2 = pm.Normal("a1", 0, 0.3, shape=(3, 3)), pm.Normal("a2", 0, 0.3, shape=(3, 3))
    chol, _, _ = pm.LKJCholeskyCov("chol", n=3, eta=2, sd_dist=pm.HalfNormal.dist(1))
    pm.MvNormal("y", y[1:-1] @ a1.T + y[:-2] @ a2.T, chol=chol, observed=y[2:])


@model
def autoregression_by_windows(rng):
    z = pm.Normal("z", shape=30)
    index = np.arange(3)[None, :] + np.arange(27)[:, None]
    mu = z[index] @ pm.Normal("rho", 0, 0.3, shape=3)
    pm.Potential("process", pm.logp(pm.Normal.dist(mu, pm.HalfNormal("s")), z[3:]).sum())
    pm.Normal("y", z, 0.5, observed=rng.normal(size=30))


@model
def differenced_series(rng):
    z = pm.Normal("z", shape=25)
    pm.Potential("smooth", -0.5 * pt.sum(pt.diff(z, n=2) ** 2) / pm.HalfNormal("s") ** 2)
    pm.Poisson("y", pt.exp(z), observed=rng.poisson(1, 25))


@model
def geometric_adstock(rng):
    spend = rng.gamma(2, 1, 40)
    decay, lags = pm.Beta("decay", 2, 2), np.arange(8)
    weights = decay**lags / pt.sum(decay**lags)
    padded = np.concatenate([np.zeros(7), spend])
    stocks = pt.as_tensor(padded[np.arange(40)[:, None] + 7 - lags]) @ weights
    response = 1 - pt.exp(-pm.HalfNormal("lam") * stocks)
    pm.Normal("y", pm.Normal("a") + pm.HalfNormal("b") * response, 1, observed=rng.normal(size=40))


@model
def adstock_by_convolution(rng):
    spend = rng.gamma(2, 1, 40)
    decay = pm.Beta("decay", 2, 2)
    stock = pt.signal.convolve1d(pt.as_tensor(spend), decay ** np.arange(6), mode="full")[:40]
    pm.Normal("y", pm.HalfNormal("b") * stock, pm.HalfNormal("s"), observed=rng.normal(size=40))


@model
def piecewise_trend(rng):
    t = np.linspace(0, 1, 50)
    knots = np.linspace(0.1, 0.8, 6)
    after = (t[:, None] > knots).astype(float)
    k, m, delta = pm.Normal("k"), pm.Normal("m"), pm.Laplace("delta", 0, 0.1, shape=6)
    trend = (k + after @ delta) * t + m + after @ (-knots * delta)
    pm.Normal("y", trend, pm.HalfNormal("s"), observed=rng.normal(size=50))


@model
def stochastic_volatility_with_leverage(rng):
    h = pm.AR("h", [0.0, pm.Uniform("phi", 0, 1)], sigma=pm.HalfNormal("s"), constant=True,
              init_dist=pm.Normal.dist(), shape=30)  # fmt: skip
    rho = pm.Uniform("rho", -1, 1)
    shock = h[1:] - h[:-1]
    sd = pt.exp(h[:-1] / 2)
    pm.Normal("y", rho * sd * shock, sd * pt.sqrt(1 - rho**2), observed=rng.normal(size=29))


@model
def multivariate_walk_with_factor(rng):
    chol, _, _ = pm.LKJCholeskyCov("chol", n=2, eta=1, sd_dist=pm.Exponential.dist(1))
    z = pm.MvGaussianRandomWalk(
        "z", mu=np.zeros(2), chol=chol, init_dist=pm.MvNormal.dist(np.zeros(2), np.eye(2)), steps=14
    )
    pm.Normal("y", z @ pm.Normal("load", shape=(2, 4)), 1.0, observed=rng.normal(size=(15, 4)))


@model
def changing_coefficients(rng):
    x = rng.normal(size=(30, 2))
    steps = pm.Normal("steps", shape=(30, 2)) * pm.HalfNormal("s", shape=2)
    pm.Normal("y", (x * pt.cumsum(steps, axis=0)).sum(axis=1), 0.5, observed=rng.normal(size=30))


@model
def hawkes(rng):
    times = np.sort(rng.uniform(0, 10, 20))
    mu, a, b = pm.HalfNormal("mu"), pm.Beta("a", 2, 2), pm.HalfNormal("b") + 0.1
    gaps = times[:, None] - times
    kernel = pt.switch(gaps > 0, a * b * pt.exp(-b * np.where(gaps > 0, gaps, 0.0)), 0.0)
    compensator = mu * 10 + a * (1 - pt.exp(-b * (10 - times))).sum()
    pm.Potential("likelihood", pt.log(mu + kernel.sum(axis=1)).sum() - compensator)


@model
def continuous_time_chain(rng):
    q = pm.HalfNormal("q", shape=(3, 3)) * (1 - np.eye(3))
    generator = q - pt.diag(q.sum(axis=1))
    moves = pt.linalg.expm(generator * 0.7)
    before, after = rng.integers(0, 3, 40), rng.integers(0, 3, 40)
    pm.Potential("likelihood", pt.log(moves[before, after]).sum())
