"""Posteriors of posteriordb: one function each, of the package to write it with and of the data."""

from __future__ import annotations

import inspect

import numpy as np
import pytensor
import pytensor.tensor as pt

# Arguments of `sample` that a posterior needs. With the default step size, one transition in some
# thousands diverges at small values of tau: with every sampler of this kind.
SAMPLE_KWARGS = {"eight_schools_noncentered": {"target_accept": 0.95}}


def column(data, name):
    """Return data as real numbers."""
    return np.asarray(data[name], dtype=float)


def scan(step, **arguments):
    """Scan, whether or not this PyTensor can leave out the updates, of which there are none."""
    if "return_updates" in inspect.signature(pytensor.scan).parameters:
        return pytensor.scan(step, return_updates=False, **arguments)
    return pytensor.scan(step, **arguments)[0]


def eight_schools_noncentered(package, data):
    """Effects of coaching, with a common mean and spread."""
    with package.Model() as model:
        mu = package.Normal("mu", 0, 5)
        tau = package.HalfCauchy("tau", 5)
        trans = package.Normal("theta_trans", 0, 1, shape=data["J"])
        theta = package.Deterministic("theta", mu + tau * trans)
        package.Normal("y", theta, column(data, "sigma"), observed=column(data, "y"))
    return model


def arK(package, data):
    """Autoregression of order K, given the first K values."""
    order, series = data["K"], column(data, "y")
    past = np.stack([series[order - lag : -lag] for lag in range(1, order + 1)], axis=1)
    with package.Model() as model:
        alpha = package.Normal("alpha", 0, 10)
        beta = package.Normal("beta", 0, 10, shape=order)
        sigma = package.HalfCauchy("sigma", 2.5)
        package.Normal("y", alpha + pt.dot(past, beta), sigma, observed=series[order:])
    return model


def garch11(package, data):
    """Variance that follows the last value and the last variance, and is stationary."""
    y = column(data, "y")
    with package.Model() as model:
        mu = package.Flat("mu")
        alpha0 = package.HalfFlat("alpha0")
        alpha1 = package.Uniform("alpha1", 0, 1)
        beta1 = package.Uniform("beta1", 0, 1 - alpha1)
        # The two are uniform over a triangle: take off the density along its shorter lines.
        package.Potential("triangle", pt.log1p(-alpha1))
        shocks = alpha0 + alpha1 * (pt.as_tensor(y[:-1]) - mu) ** 2
        first = pt.constant(float(data["sigma1"]) ** 2, dtype="float64")
        later = scan(
            lambda shock, variance, beta: shock + beta * variance,
            sequences=[shocks],
            outputs_info=[first],
            non_sequences=[beta1],
        )
        variance = pt.concatenate([first[None], later])
        package.Normal("y", mu, pt.sqrt(variance), observed=y)
    return model


def sblrc_blr(package, data):
    """Regression on predictors that go together."""
    with package.Model() as model:
        beta = package.Normal("beta", 0, 10, shape=data["D"])
        sigma = package.HalfNormal("sigma", 10)
        package.Normal("y", pt.dot(column(data, "X"), beta), sigma, observed=column(data, "y"))
    return model


def with_interaction(package, first, second, outcome, *, half_cauchy):
    """Regress on two predictors and their product, as they come."""
    predictors = np.stack([np.ones_like(first), first, second, first * second], axis=1)
    with package.Model() as model:
        beta = package.Flat("beta", shape=4)
        sigma = package.HalfCauchy("sigma", 2.5) if half_cauchy else package.HalfFlat("sigma")
        package.Normal("y", pt.dot(predictors, beta), sigma, observed=outcome)
    return model


def kidscore_interaction(package, data):
    """Test scores of children."""
    high_school, iq = column(data, "mom_hs"), column(data, "mom_iq")
    score = column(data, "kid_score")
    return with_interaction(package, high_school, iq, score, half_cauchy=True)


def logearn_interaction(package, data):
    """Earnings by height and sex."""
    height, male = column(data, "height"), column(data, "male")
    earnings = np.log(column(data, "earn"))
    return with_interaction(package, height, male, earnings, half_cauchy=False)


def mesquite(package, data):
    """Weight of bushes: coefficients of very different sizes."""
    names = ("diam1", "diam2", "canopy_height", "total_height", "density", "group")
    predictors = np.stack([np.ones(data["N"]), *(column(data, name) for name in names)], axis=1)
    with package.Model() as model:
        beta = package.Flat("beta", shape=7)
        sigma = package.HalfFlat("sigma")
        package.Normal("y", pt.dot(predictors, beta), sigma, observed=column(data, "weight"))
    return model


def dogs(package, data):
    """Dogs that learn to avoid a shock, by how often each did and did not."""
    shocked = np.asarray(data["y"], dtype=int)
    before = np.cumsum(shocked, axis=1) - shocked
    avoided = np.arange(data["n_trials"]) - before
    with package.Model() as model:
        beta = package.Normal("beta", 0, 100, shape=3)
        logit = beta[0] + beta[1] * avoided + beta[2] * before
        package.Bernoulli("y", logit_p=logit, observed=shocked)
    return model
