"""Seeds of every kind become one number."""

from __future__ import annotations

import numpy as np
import pytest

from rufous.sampling.seeds import resolve_seed


def test_small_integers_are_taken_as_they_are():
    for seed in (0, 1, 2**63 - 1, np.int64(7), np.uint32(7), np.array(7)):
        assert resolve_seed(seed) == int(seed)


@pytest.mark.parametrize(
    "seed",
    [2**63, 2**64, 2**128 + 5, [1, 2], (1, 2), np.array([1, 2]), np.random.SeedSequence(5)],
)
def test_others_are_hashed_reproducibly(seed):
    number = resolve_seed(seed)
    assert 0 <= number < 2**63
    assert resolve_seed(seed) == number


def test_different_seeds_give_different_numbers():
    seeds = [[1], [1, 2], [2, 1], 2**63, 2**63 + 1, np.random.SeedSequence(5)]
    assert len({resolve_seed(seed) for seed in seeds}) == len(seeds)


def test_a_generator_moves_on():
    generator = np.random.default_rng(1)
    first, second = resolve_seed(generator), resolve_seed(generator)
    assert first != second
    assert resolve_seed(np.random.default_rng(1)) == first


def test_none_is_fresh_every_time():
    assert resolve_seed(None) != resolve_seed(None)
