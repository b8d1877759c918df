"""Chains from poor starts end in the mass, or the run says that something is wrong.

The models set no initial values; `benches.stuck_chains` compares ways to sample on them.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from benches.stuck_chains.measure import Subject
from benches.stuck_chains.models import MODELS

import rufous as rf
from rufous.results import get_group
from statistical import densities

pytestmark = pytest.mark.timeout(7200)

STARTS = ("jitter", "prior")
# What is not reached yet, and why: docs/sampler/stuck-chains.md.
ALLOWED = {"item_response": 0.2, "lotka_volterra": 0.15}


@functools.cache
def subject(name: str) -> Subject:
    return Subject(name)


def check(name: str, init: str, seeds: Iterable[int], share: float = 0.0) -> None:
    runs = [subject(name).run("pooled", init, seed) for seed in seeds]
    assert [run for run in runs if run["stuck"] and not run["warned"]] == []
    stuck = [chain for run in runs for chain in run["stuck"]]
    assert len(stuck) <= share * 4 * len(runs)


@pytest.mark.statistical
@pytest.mark.parametrize("init", STARTS)
@pytest.mark.parametrize("name", [name for name in MODELS if name != "gp_latent"])
def test_no_chain_ends_stuck(name, init):
    check(name, init, range(1, 2 if name == "lotka_volterra" else 3))


@pytest.mark.exhaustive
@pytest.mark.parametrize("init", STARTS)
@pytest.mark.parametrize("name", MODELS)
def test_next_to_no_chain_of_many_ends_stuck(name, init):
    check(name, init, range(1, 21), share=ALLOWED.get(name, 0.01))


def two_modes(gap: float, weight: float, sd: float) -> Any:
    """Two normals in the plane, whose weights are as 1 to `weight`."""
    log_weight, precision = np.log(weight) - 2 * np.log(sd), 1 / sd**2

    def logdensity(x, gradient):
        away = x[0] - gap
        first = -0.5 * (x[0] ** 2 + x[1] ** 2)
        second = log_weight - 0.5 * precision * (away**2 + x[1] ** 2)
        top = max(first, second)
        value = top + np.log(np.exp(first - top) + np.exp(second - top))
        share = np.exp(second - value)
        gradient[0] = -(1 - share) * x[0] - share * precision * away
        gradient[1] = -(1 - share) * x[1] - share * precision * x[1]
        return value

    return densities.compiled(2, logdensity)


@pytest.mark.statistical
@pytest.mark.parametrize(("weight", "sd"), [(1.0, 1.0), (0.1, 1.0), (10.0, 1.0), (1.0, 0.3)])
def test_modes_with_mass_are_kept_and_warned_of(weight, sd):
    target = two_modes(30.0, weight, sd)
    starts = [{"x": [x, 0.0]} for x in (0.0, 0.0, 30.0, 30.0)]
    for seed in range(5):
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            idata = rf.sample(
                target, 300, initvals=starts, jitter=0.1, random_seed=seed, quiet=True
            )
        assert any("The chains disagree" in str(one.message) for one in given)
        posterior = get_group(idata, "posterior")
        ends = np.asarray(posterior["x"])[:, :, 0].mean(axis=1) > 15
        assert ends.tolist() == [False, False, True, True]
        assert not np.any(posterior.attrs["restarts"])
