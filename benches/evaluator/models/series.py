"""Time series: autoregressions, random walks, volatility, state space, loops."""

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt

from benches.evaluator.models.registry import model


def scan(fn, **kwargs):
    """Return the outputs of a loop."""
    return pytensor.scan(fn, return_updates=False, **kwargs)


@model
def ar1_latent(rng):
    z = pm.AR(
        "z",
        rho=[pm.Uniform("rho", -1, 1)],
        sigma=pm.HalfNormal("s"),
        init_dist=pm.Normal.dist(),
        shape=40,
    )
    pm.Poisson("y", pt.exp(z), observed=rng.poisson(1, 40))


@model
def ar3_observed(rng):
    rho = pm.Normal("rho", 0, 0.5, shape=3)
    pm.AR(
        "y",
        rho,
        sigma=pm.HalfNormal("s"),
        init_dist=pm.Normal.dist(0, 5),
        observed=rng.normal(size=60),
    )


@model
def ar_batched(rng):
    rho = pm.Normal("rho", 0, 0.5, shape=(3, 2))
    pm.AR("y", rho, sigma=1.0, init_dist=pm.Normal.dist(0, 5), observed=rng.normal(size=(3, 30)))


@model
def ar_written_out(rng):
    y = rng.normal(size=50)
    mu = pm.Normal("c") + pm.Normal("r1") * y[1:-1] + pm.Normal("r2") * y[:-2]
    pm.Normal("y", mu, pm.HalfNormal("s"), observed=y[2:])


@model
def random_walk_with_drift(rng):
    z = pm.GaussianRandomWalk(
        "z",
        mu=pm.Normal("drift"),
        sigma=pm.HalfNormal("s"),
        init_dist=pm.Normal.dist(0, 10),
        steps=30,
    )
    pm.Normal("y", z, 1.0, observed=rng.normal(size=31))


@model
def random_walk_from_steps(rng):
    steps = pm.Normal("steps", shape=50)
    level = pm.Deterministic("level", pt.cumsum(steps) * pm.HalfNormal("s"))
    pm.StudentT("y", nu=4, mu=level, sigma=1, observed=rng.normal(size=50))


@model
def mv_random_walk(rng):
    chol = np.linalg.cholesky(np.eye(2) + 0.3)
    z = pm.MvGaussianRandomWalk(
        "z",
        mu=np.zeros(2),
        chol=chol,
        init_dist=pm.MvNormal.dist(np.zeros(2), np.eye(2)),
        shape=(20, 2),
    )
    pm.Normal("y", z, 1.0, observed=rng.normal(size=(20, 2)))


@model
def student_random_walk(rng):
    z = pm.RandomWalk(
        "z",
        innovation_dist=pm.StudentT.dist(nu=4, mu=0, sigma=1),
        init_dist=pm.Normal.dist(),
        shape=30,
    )
    pm.Normal("y", z, 1, observed=rng.normal(size=30))


@model
def garch(rng):
    pm.GARCH11(
        "y", omega=pm.HalfNormal("omega"), alpha_1=pm.Beta("alpha", 2, 5),
        beta_1=pm.Beta("beta", 2, 5), initial_vol=1.0, observed=rng.normal(size=60),
    )  # fmt: skip


@model
def stochastic_volatility(rng):
    s = pm.Exponential("s", 10)
    h = pm.GaussianRandomWalk("h", sigma=s, init_dist=pm.Normal.dist(0, 1), shape=80)
    pm.StudentT("r", nu=pm.Exponential("nu", 0.1), lam=pt.exp(-2 * h), observed=rng.normal(size=80))


@model
def euler_maruyama(rng):
    theta = pm.Normal("theta")
    pm.EulerMaruyama(
        "y", dt=0.1, sde_fn=lambda x, a: (a * x, 1.0), sde_pars=(theta,),
        init_dist=pm.Normal.dist(0, 5), observed=rng.normal(size=40),
    )  # fmt: skip


@model
def moving_average(rng):
    y = rng.normal(size=50)
    theta, s = pm.Uniform("theta", -1, 1), pm.HalfNormal("s")
    errors = scan(
        lambda y_t, e, th: y_t - th * e,
        sequences=[y],
        outputs_info=[pt.zeros(())],
        non_sequences=[theta],
    )
    pm.Potential("likelihood", pm.logp(pm.Normal.dist(0, s), errors).sum())


@model
def local_level_kalman(rng):
    q, r = pm.HalfNormal("q"), pm.HalfNormal("r")

    def step(y, mean, variance, q, r):
        predicted = variance + q
        gain = predicted / (predicted + r)
        residual = y - mean
        lp = -0.5 * (pt.log(2 * np.pi * (predicted + r)) + residual**2 / (predicted + r))
        return mean + gain * residual, (1 - gain) * predicted, lp

    start = [pt.zeros(()), pt.ones(()), None]
    _, _, lp = scan(step, sequences=[rng.normal(size=40)], outputs_info=start, non_sequences=[q, r])
    pm.Potential("likelihood", lp.sum())


@model
def matrix_kalman(rng):
    q = pm.HalfNormal("q", shape=2)
    a, c = np.array([[1.0, 1.0], [0, 1.0]]), np.array([[1.0, 0.0]])

    def step(y, m, p, q):
        m, p = a @ m, a @ p @ a.T + pt.diag(q)
        s = (c @ p @ c.T)[0, 0] + 1.0
        k = (p @ c.T)[:, 0] / s
        v = y - (c @ m)[0]
        return m + k * v, p - pt.outer(k, k) * s, -0.5 * (pt.log(s) + v**2 / s)

    start = [pt.zeros(2), pt.eye(2), None]
    *_, lp = scan(step, sequences=[rng.normal(size=25)], outputs_info=start, non_sequences=[q])
    pm.Potential("likelihood", lp.sum())


@model
def exponential_smoothing(rng):
    y = rng.normal(size=40)
    alpha, beta = pm.Beta("alpha", 2, 2), pm.Beta("beta", 2, 2)

    def step(y_t, level, trend, a, b):
        new = a * y_t + (1 - a) * (level + trend)
        return new, b * (new - level) + (1 - b) * trend

    level, trend = scan(
        step,
        sequences=[y],
        outputs_info=[pm.Normal("l0"), pm.Normal("t0")],
        non_sequences=[alpha, beta],
    )
    pm.Normal("y", (level + trend)[:-1], pm.HalfNormal("s"), observed=y[1:])


@model
def vector_autoregression(rng):
    y = rng.normal(size=(50, 3))
    lag = pm.Normal("lag", 0, 0.5, shape=(2, 3, 3))
    mu = pm.Normal("c", shape=3) + pt.dot(y[1:-1], lag[0]) + pt.dot(y[:-2], lag[1])
    chol, _, _ = pm.LKJCholeskyCov("chol", n=3, eta=1, sd_dist=pm.HalfNormal.dist(1.0))
    pm.MvNormal("y", mu, chol=chol, observed=y[2:])


@model
def seasonal(rng):
    t = np.arange(72)
    month = pm.ZeroSumNormal("month", 1.0, shape=12)
    trend = pm.Normal("a") + pm.Normal("b") * t / 72
    pm.Normal("y", trend + month[t % 12], pm.HalfNormal("s"), observed=rng.normal(size=72))


@model
def fourier_trend_with_change_points(rng):
    t = np.linspace(0, 1, 60)
    places = np.linspace(0, 0.8, 5)
    step = (t[:, None] > places).astype(float)
    delta = pm.Laplace("delta", 0, 0.1, shape=5)
    growth = pm.Normal("k") + step @ delta
    offset = pm.Normal("m") + step @ (-places * delta)
    waves = np.stack([f(2 * np.pi * n * t) for n in (1, 2, 3) for f in (np.sin, np.cos)], axis=1)
    mu = growth * t + offset + waves @ pm.Normal("waves", shape=6)
    pm.Normal("y", mu, pm.HalfNormal("s"), observed=rng.normal(size=60))


@model
def epidemic(rng):
    beta, gamma = pm.LogNormal("beta", -1, 0.5), pm.LogNormal("gamma", -2, 0.5)

    def step(s, i, b, g):
        new = b * s * i / 100.0
        return s - new, i + new - g * i

    _, infected = scan(
        step,
        outputs_info=[pt.as_tensor(np.float64(99)), pt.as_tensor(np.float64(1))],
        non_sequences=[beta, gamma],
        n_steps=30,
    )
    pm.NegativeBinomial("y", mu=infected, alpha=pm.Exponential("a", 1), observed=rng.poisson(5, 30))


@model
def hidden_markov(rng):
    y = rng.normal(size=40)
    p = pm.Dirichlet("p", np.ones((3, 3)))
    mu = pm.Normal("mu", [-1, 0, 1], 1, shape=3)
    emission = pm.logp(pm.Normal.dist(mu, 1.0), y[:, None])

    def step(e, prev, log_p):
        return pt.logsumexp(prev[:, None] + log_p, axis=0) + e

    forward = scan(
        step,
        sequences=[emission[1:]],
        outputs_info=[emission[0] - np.log(3)],
        non_sequences=[pt.log(p)],
    )
    pm.Potential("likelihood", pt.logsumexp(forward[-1]))


@model
def runge_kutta(rng):
    w, damp = pm.LogNormal("w", 0, 0.3), pm.HalfNormal("damp")

    def slope(x, w, damp):
        return pt.stack([x[1], -(w**2) * x[0] - damp * x[1]])

    def step(x, w, damp):
        k1 = slope(x, w, damp)
        k2 = slope(x + 0.05 * k1, w, damp)
        return x + 0.1 * k2

    path = scan(
        step, outputs_info=[pt.as_tensor(np.array([1.0, 0.0]))], non_sequences=[w, damp], n_steps=40
    )
    pm.Normal("y", path[:, 0], pm.HalfNormal("s"), observed=rng.normal(size=40))


@model
def two_lags_in_a_loop(rng):
    a = pm.Normal("a", 0, 0.5, shape=2)
    path = scan(
        lambda e, one, two, a: a[0] * one + a[1] * two + e,
        sequences=[pm.Normal("e", shape=30)],
        outputs_info=[{"initial": pt.zeros(2), "taps": [-1, -2]}],
        non_sequences=[a],
    )
    pm.Normal("y", path, 1.0, observed=rng.normal(size=30))
