"""Draws from targets of which everything is known."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
import pytest

import rufous as rf
from statistical.exact_targets import Target, all_targets, posterior
from statistical.gates import Verdict, independent_tests, judge, largest_distance
from statistical.marginals import QUANTITIES, Marginals
from statistical.monte_carlo import Array, effective_draws, z_scores

pytestmark = pytest.mark.timeout(7200)

TARGETS = {target.name: target for target in all_targets()}
OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "pooled": {"adaptation": "pooled"},
    "pooled-low-rank": {"adaptation": "pooled", "metric": "low_rank"},
    "pooled-dense": {"adaptation": "pooled", "metric": "dense"},
    "nutpie": {"adaptation": "nutpie"},
    "nutpie-low-rank": {"adaptation": "nutpie", "metric": "low_rank"},
    "stan": {"adaptation": "stan"},
    "local-steps": {"local_steps": True},
    "pathfinder": {"init": "pathfinder"},
}
LARGE = {"normal-100", "normal-1000", "rotated-normal-100", "mirrored-normal-1000"}
# Small targets by every option, and large ones, but for the dearest, by the defaults.
SHORT = [
    (name, option)
    for name in TARGETS
    for option in OPTIONS
    if name not in LARGE or (option == "default" and name != "mirrored-normal-1000")
]
_COORDINATES_AT_A_TIME = 50


@functools.cache
def built(name: str) -> Any:
    """Compile a target once."""
    target = TARGETS[name].build()
    return rf.compile(target) if isinstance(target, rf.Model) else target


@functools.cache
def known(name: str) -> Marginals:
    """Compute what is known of a target once."""
    return TARGETS[name].marginals()


def sample(target: Target, draws: int, seed: int, options: dict[str, Any]) -> Array:
    with warnings.catch_warnings():
        # Walls diverge, and what converged badly shows below.
        warnings.simplefilter("ignore", rf.errors.RufousWarning)
        idata = rf.sample(
            built(target.name),
            draws,
            chains=4,
            random_seed=seed,
            quiet=True,
            target_accept=target.target_accept,
            **options,
        )
    return posterior(idata, target.names)


def verdict(draws: Array, marginals: Marginals) -> Verdict:
    """Compare draws with what is marginals."""
    z = np.empty((len(QUANTITIES), marginals.dim))
    truths = marginals.truths().reshape(z.shape)
    slowest = np.inf
    for start in range(0, marginals.dim, _COORDINATES_AT_A_TIME):
        columns = slice(start, start + _COORDINATES_AT_A_TIME)
        values = marginals.quantities(draws, columns)
        z[:, columns] = z_scores(values, truths[:, columns].ravel()).reshape(len(QUANTITIES), -1)
        slowest = min(slowest, effective_draws(values).min())
    step = int(np.ceil(draws.shape[0] * draws.shape[1] / slowest))
    thinned = draws[:, ::step]
    flat = np.sort(marginals.cdf(thinned.reshape(-1, marginals.dim)), axis=0)
    ranks = (np.arange(len(flat))[:, None] + 0.5) / len(flat)
    distance = float(np.abs(flat - ranks).max() + 0.5 / len(flat))
    few = draws[:, :: max(1, draws.shape[1] // 250)]
    return Verdict(
        z=z.ravel(),
        names=[
            f"{quantity} of coordinate {i}" for quantity in QUANTITIES for i in range(marginals.dim)
        ],
        independent=independent_tests(marginals.quantities(few)),
        distance=distance,
        limit=largest_distance(marginals.dim, len(flat)),
    )


def check(name: str, option: str, draws: int) -> None:
    def run(factor: int, seed: int) -> Verdict:
        return verdict(sample(TARGETS[name], factor * draws, seed, OPTIONS[option]), known(name))

    judge(run)


@pytest.mark.statistical
@pytest.mark.parametrize(("name", "option"), SHORT)
def test_draws_are_right(name, option):
    check(name, option, draws=1000 if name in LARGE else 2500)


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("name", "option"),
    # A dense metric is for tens of coordinates.
    [
        (name, option)
        for name in TARGETS
        for option in OPTIONS
        if option != "pooled-dense" or not name.endswith("1000")
    ],
)
def test_many_draws_are_right(name, option):
    check(name, option, draws=10_000)
