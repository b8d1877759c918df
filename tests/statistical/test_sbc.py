"""Simulation-based calibration of the whole sampler, the rule that ends its warm-up included."""

from __future__ import annotations

import numpy as np
import pytest

from statistical.sbc import LEVEL, complaints, simulate
from statistical.sbc_models import MODELS

pytestmark = pytest.mark.timeout(7200)


def check(name: str, simulations: int) -> None:
    found = simulate(MODELS[name], simulations, draws=400, seed=1)
    assert complaints(found.names, found.ranks, LEVEL / len(MODELS)) == []
    # The rule was at work: warm-up ends when it may, not when it must.
    assert np.mean(found.tuning_steps < 600) > 0.9
    assert len(np.unique(found.tuning_steps)) > 1
    assert np.median(found.kept) >= 100


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", MODELS)
def test_the_posterior_is_calibrated(name):
    check(name, simulations=200)


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("wrong", "is_seen"), [((0.0, 1.0), False), ((0.35, 1.0), True), ((0.0, 0.75), True)]
)
def test_a_wrong_posterior_is_seen(wrong, is_seen):
    """Draws that are a third of a standard deviation off, or a quarter too narrow."""
    shift, scale = wrong
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(200, 1, 10))
    draws = shift + scale * rng.normal(size=(200, 100, 10))
    ranks = ((draws < truth).sum(axis=1) + rng.uniform(size=(200, 10))) / 101
    names = [f"x{i}" for i in range(10)]
    assert bool(complaints(names, ranks, LEVEL / len(MODELS))) == is_seen
