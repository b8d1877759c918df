"""Random generators keyed by name."""

import numpy as np
import pytest

import rufous as rf
from rufous.model.seeds import generator, seed_sequence


def test_generators_depend_on_seed_and_name_only():
    first = generator(seed_sequence(1), "x").normal(size=3)
    np.testing.assert_array_equal(first, generator(seed_sequence(1), "x").normal(size=3))
    assert not np.array_equal(first, generator(seed_sequence(1), "y").normal(size=3))
    assert not np.array_equal(first, generator(seed_sequence(2), "x").normal(size=3))


def test_every_kind_of_seed():
    assert seed_sequence([1, 2]).entropy == [1, 2]
    assert seed_sequence(None).entropy != seed_sequence(None).entropy
    sequence = np.random.SeedSequence(3)
    assert seed_sequence(sequence) is sequence
    rng = np.random.default_rng(1)
    assert seed_sequence(rng).entropy != seed_sequence(rng).entropy


@pytest.mark.parametrize("seed", [-1, 1.5, "a", True])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(rf.SettingsError, match="non-negative integer"):
        seed_sequence(seed)
