"""Models in which chains from poor starts are known to get stuck.

None sets an initial value. Each comes with values near its mass, which only the reference run
starts from. Data are made up, but for the pelts of the predators and their prey.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt

import rufous as rf

__all__ = ["MODELS", "StuckModel"]

# Thousands of pelts of hares and lynxes that the Hudson's Bay Company bought in 1900 to 1920.
HARES = (
    "30 47.2 70.2 77.4 36.3 20.6 18.1 21.4 22 25.4 27.1 40.3 57 76.6 52.3 19.5 11.2 7.6 14.6 16.2 "
    "24.7"
)
LYNXES = "4 6.1 9.8 35.2 59.4 41.7 19 13 8.3 9.1 7.4 8 12.3 19.5 45.7 51.1 29.7 15.8 9.7 10.1 8.6"


@dataclass(frozen=True)
class StuckModel:
    """A model, and where its mass is.

    Parameters
    ----------
    build : callable
        Returns the model.
    inside : mapping of str to array_like
        Values of free variables in its mass.
    """

    build: Callable[[], rf.Model]
    inside: Mapping[str, Any]


def scan(step: Callable[..., Any], **arguments: Any) -> Any:
    """Scan, whether or not this PyTensor can leave out the updates, of which there are none."""
    if "return_updates" in inspect.signature(pytensor.scan).parameters:
        return pytensor.scan(step, return_updates=False, **arguments)
    return pytensor.scan(step, **arguments)[0]


def lotka_volterra(steps_per_year: int = 5) -> rf.Model:
    """Follow predators and prey, by Runge-Kutta steps of the logarithms of their numbers.

    A side mode has twice the frequency; elsewhere the density is rough.
    """
    pelts = np.array([HARES.split(), LYNXES.split()], dtype=float).T
    length = 1 / steps_per_year

    def slope(state: Any, theta: Any) -> Any:
        prey, predators = pt.exp(state[0]), pt.exp(state[1])
        return pt.stack([theta[0] - theta[1] * predators, theta[3] * prey - theta[2]])

    def step(state: Any, theta: Any) -> Any:
        first = slope(state, theta)
        second = slope(state + length / 2 * first, theta)
        third = slope(state + length / 2 * second, theta)
        fourth = slope(state + length * third, theta)
        return state + length / 6 * (first + 2 * second + 2 * third + fourth)

    with rf.Model() as model:
        center = np.array([1.0, 0.05, 1.0, 0.05])
        theta = rf.TruncatedNormal("theta", mu=center, sigma=center / 2, lower=0, shape=4)
        initial = rf.LogNormal("initial", np.log(10), 1, shape=2)
        sigma = rf.LogNormal("sigma", -1, 1, shape=2)
        path = scan(
            step,
            outputs_info=[pt.log(initial)],
            non_sequences=[theta],
            n_steps=(len(pelts) - 1) * steps_per_year,
        )
        rf.LogNormal("first", pt.log(initial), sigma, observed=pelts[0])
        rf.LogNormal("later", path[steps_per_year - 1 :: steps_per_year], sigma, observed=pelts[1:])
    return model


def gp_marginal(size: int = 40) -> rf.Model:
    """Fit a Gaussian process of unknown length scale, amplitude and noise.

    All that varies may be noise, or a trend: side modes of small mass.
    """
    x = np.linspace(0, 10, size)
    y = np.sin(x) + 0.2 * np.random.default_rng(2).normal(size=size)
    squares = (x[:, None] - x) ** 2
    with rf.Model() as model:
        scale = rf.LogNormal("length_scale", 0, 2)
        amplitude = rf.HalfNormal("amplitude", 2)
        noise = rf.HalfNormal("noise", 2)
        smooth = amplitude**2 * pt.exp(-0.5 * squares / scale**2)
        covariance = smooth + (noise**2 + 1e-6) * np.eye(size)
        rf.MvNormal("y", mu=np.zeros(size), cov=covariance, observed=y)
    return model


def gp_latent(size: int = 25) -> rf.Model:
    """Fit counts whose log rates are such a process, drawn along with its parameters."""
    x = np.linspace(0, 10, size)
    counts = np.random.default_rng(3).poisson(np.exp(1.5 + 1.5 * np.sin(x)))
    squares = (x[:, None] - x) ** 2
    with rf.Model() as model:
        scale = rf.InverseGamma("length_scale", 5, 5)
        amplitude = rf.HalfNormal("amplitude", 2)
        mean = rf.Normal("mean", 0, 2)
        white = rf.Normal("white", 0, 1, shape=size)
        covariance = amplitude**2 * pt.exp(-0.5 * squares / scale**2) + 1e-6 * np.eye(size)
        rate = pt.exp(mean + pt.dot(pt.linalg.cholesky(covariance), white))
        rf.Poisson("y", rate, observed=counts)
    return model


def hidden_markov(size: int = 200) -> rf.Model:
    """Tell two states that are left rarely, ordered by the means of what they emit.

    They differ more in their spreads than in their means, so that chains may have them the wrong
    way around, with a gap of nearly nothing.
    """
    rng = np.random.default_rng(4)
    state = np.logical_xor.accumulate(rng.uniform(size=size) < 0.1).astype(int)
    y = rng.normal(np.where(state, 1.5, 0.0), np.where(state, 2.0, 0.4))
    with rf.Model() as model:
        stay = rf.Beta("stay", 2, 2, shape=2)
        low = rf.Normal("low", 0, 5)
        gap = rf.HalfNormal("gap", 5)
        sigma = rf.HalfNormal("sigma", 3, shape=2)
        means = pt.stack([low, low + gap])
        emission = rf.logp(rf.Normal.dist(means, sigma), y[:, None])
        moves = pt.log(pt.stack([stay[0], 1 - stay[0], 1 - stay[1], stay[1]]).reshape((2, 2)))
        forward = scan(
            lambda now, before, moves: pt.logsumexp(before[:, None] + moves, axis=0) + now,
            sequences=[emission[1:]],
            outputs_info=[emission[0] - np.log(2)],
            non_sequences=[moves],
        )
        rf.Potential("likelihood", pt.logsumexp(forward[-1]))
    return model


def item_response(people: int = 150, items: int = 15) -> rf.Model:
    """Explain answers by the ability of people, and by how hard and telling questions are.

    A question that chains have got the wrong way around, as if the able failed, stays so.
    """
    rng = np.random.default_rng(5)
    ability, difficulty = rng.normal(size=people), rng.normal(size=items)
    telling = np.exp(0.5 * rng.normal(size=items))
    logit = telling * (ability[:, None] - difficulty)
    answers = (rng.uniform(size=(people, items)) < 1 / (1 + np.exp(-logit))).astype(int)
    with rf.Model() as model:
        ability = rf.Normal("ability", 0, 1, shape=people)
        telling = rf.Normal("telling", 1, 0.5, shape=items)
        difficulty = rf.Normal("difficulty", 0, 2, shape=items)
        rf.Bernoulli("y", logit_p=telling * (ability[:, None] - difficulty), observed=answers)
    return model


#: By name.
MODELS = {
    "lotka_volterra": StuckModel(
        lotka_volterra,
        {
            "theta": [0.55, 0.028, 0.8, 0.024],
            "initial": [34.0, 5.9],
            "sigma": [0.25, 0.25],
        },
    ),
    "gp_marginal": StuckModel(gp_marginal, {"length_scale": 1.7, "amplitude": 0.9, "noise": 0.2}),
    "gp_latent": StuckModel(gp_latent, {"length_scale": 1.7, "amplitude": 1.2, "mean": 1.5}),
    "hidden_markov": StuckModel(
        hidden_markov, {"stay": [0.9, 0.9], "low": 0.0, "gap": 1.5, "sigma": [0.4, 2.0]}
    ),
    "item_response": StuckModel(item_response, {"telling": np.ones(15)}),
}
