"""Simulation-based calibration: where what made the data ranks among the draws given the data.

Parameters are drawn from the prior, data given them, and draws given the data. Whatever the model,
the parameters then rank uniformly among independent draws. A sampler, or a rule that ends its
warm-up, that prefers some draws makes them rank too high, too low, or too near the middle.

References: Talts, Betancourt, Simpson, Vehtari and Gelman (2018), arXiv:1804.06788. That functions
of the data, such as the log density, should be ranked too: Modrak et al. (2023), Bayesian Analysis.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import chisquare, kstest

import rufous as rf
from rufous.results import get_group
from statistical.exact_targets import posterior
from statistical.monte_carlo import Array, effective_draws

LEVEL = 0.01
BINS = 20


@dataclass(frozen=True)
class Ranks:
    """Ranks of many simulations.

    Parameters
    ----------
    names : list of str
        What was ranked: every element of the free variables, and the log density.
    ranks : ndarray, shape (simulations, quantities)
        Between 0 and 1, by a random number within the step of its rank.
    kept : ndarray, shape (simulations,)
        How many draws it was ranked among.
    tuning_steps : ndarray, shape (simulations,)
        How long the warm-up was.
    """

    names: list[str]
    ranks: Array
    kept: Array
    tuning_steps: Array


def simulate(build: Callable[[], rf.Model], simulations: int, draws: int, seed: int) -> Ranks:
    """Rank what the prior gives among draws with every default of the sampler."""
    model = build()
    free = [str(variable.name) for variable in model.free_RVs]
    compiled = rf.compile(model)
    prior = rf.sample_prior_predictive(simulations, model=model, random_seed=seed)
    truths = posterior({"posterior": get_group(prior, "prior")}, tuple(free))[0]
    data = np.asarray(get_group(prior, "prior_predictive")["y"])[0]
    rng = np.random.default_rng(seed)
    rows, kept, steps = [], [], []
    for index in range(simulations):
        bound = compiled.bind({"data": data[index]})
        values = {name: np.asarray(get_group(prior, "prior")[name])[0, index] for name in free}
        position = bound.position_from(values, np.random.SeedSequence(seed))
        truth = np.append(truths[index], bound.logp_dlogp(position)[0])
        with warnings.catch_warnings():
            # Some data sets are hard; leaving them out would be wrong.
            warnings.simplefilter("ignore", rf.errors.RufousWarning)
            idata = rf.sample(bound, draws, random_seed=seed + 1 + index, quiet=True)
        lp = np.asarray(get_group(idata, "sample_stats")["lp"])[..., None]
        thinned = nearly_independent(np.concatenate([posterior(idata, tuple(free)), lp], axis=2))
        below = (thinned < truth).sum(axis=0)
        rows.append((below + rng.uniform(size=len(truth))) / (len(thinned) + 1))
        kept.append(len(thinned))
        steps.append(get_group(idata, "posterior").attrs["tuning_steps"])
    return Ranks(names(model, free), np.array(rows), np.array(kept), np.array(steps))


def names(model: rf.Model, free: list[str]) -> list[str]:
    """Name each element of the free variables, and the log density."""
    shapes = {name: np.shape(model[name].eval()) for name in free}
    elements = [
        f"{name}{list(index) if index else ''}"
        for name, shape in shapes.items()
        for index in np.ndindex(shape)
    ]
    return [*elements, "log density"]


def nearly_independent(draws: Array) -> Array:
    """Keep so many draws that the slowest quantity is worth as many; shape (kept, quantities)."""
    total = draws.shape[0] * draws.shape[1]
    slowest = effective_draws(np.concatenate([draws, (draws - draws.mean(axis=(0, 1))) ** 2], 2))
    step = max(1, int(np.ceil(total / max(slowest.min(), 1.0))))
    return draws[:, step - 1 :: step].reshape(-1, draws.shape[2])


def complaints(names: list[str], ranks: Array, level: float = LEVEL) -> list[str]:
    """Say which ranks are not uniform; nothing if they may all be.

    Each quantity is tested for the shape of its distribution, by its largest distance from the
    uniform one, and for its 20 bins by their chi-squared; Holm's correction over all tests keeps
    the level for all together.
    """
    tests = []
    for name, column in zip(names, ranks.T, strict=True):
        counts = np.histogram(column, bins=BINS, range=(0, 1))[0]
        tests.append((float(kstest(column, "uniform").pvalue), f"{name}, by distance"))
        tests.append((float(chisquare(counts).pvalue), f"{name}, by bins"))
    said = []
    for place, (p, name) in enumerate(sorted(tests)):
        if p > level / (len(tests) - place):
            break
        said.append(f"{name}: p = {p:.1e}")
    return said
