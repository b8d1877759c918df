"""Draws from targets of which everything is known."""

from __future__ import annotations

import functools
import gc
import warnings
from typing import Any

import pytest

import rufous as rf
from statistical.exact_targets import Target, all_targets, posterior
from statistical.gates import Verdict, judge
from statistical.marginals import Marginals
from statistical.monte_carlo import Array
from statistical.summaries import summary, verdict

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
# Sampling takes about three times the memory of what it draws.
_MOST_NUMBERS_IN_A_RUN = 50_000_000


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
    draws = posterior(idata, target.names)
    # Results refer to themselves in a circle: several of them would wait to be thrown away.
    del idata
    gc.collect()
    return draws


def number_of_parts(factor: int, draws: int, dim: int) -> int:
    """Say into how many runs to split one that would not fit into memory.

    Each has a warm-up of its own, which asks more of the sampler than one long run does.
    """
    return factor if 4 * factor * draws * dim > _MOST_NUMBERS_IN_A_RUN else 1


def check(name: str, option: str, draws: int) -> None:
    target, marginals = TARGETS[name], known(name)

    def run(factor: int, seed: int) -> Verdict:
        parts = number_of_parts(factor, draws, marginals.dim)
        seeds = range(seed, seed + parts)
        length = factor * draws // parts
        return verdict(
            [summary(sample(target, length, s, OPTIONS[option]), marginals) for s in seeds],
            marginals,
        )

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
