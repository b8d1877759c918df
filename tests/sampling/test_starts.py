"""Where the chains start."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from rufous.errors import ShapeError, UnknownNameError
from rufous.sampling.starts import starting_positions
from targets import compiled

MODEL = compiled(variables=["a", "b"], initial_point=[1.0, 2.0])


def options(chains=3, seed=1):
    return SimpleNamespace(chains=chains, seed=seed, init="jitter", warm_start=None)


def starts(initvals, chains=3):
    return starting_positions(MODEL, initvals, options(chains)).tolist()


def test_the_usual_start():
    assert starts(None) == starts({}) == [[1.0, 2.0]] * 3


def test_one_dict_for_all_chains():
    assert starts({"a": 5.0}) == [[5.0, 2.0]] * 3


@pytest.mark.parametrize("kind", [list, tuple])
def test_one_dict_for_each_chain(kind):
    assert starts(kind([{"a": 5.0}, None, {"b": 7, "a": 3}])) == [[5, 2], [1, 2], [3, 7]]


def test_wrong_names_and_shapes_are_refused():
    with pytest.raises(UnknownNameError, match="no variable named 'c'; there are: a, b"):
        starts({"c": 1.0})
    with pytest.raises(ShapeError, match="value of 'b' has shape"):
        starts([None, None, {"b": [1.0]}])


def test_random_starts_depend_on_seed_and_chain_only(monkeypatch):
    class Source:
        def initial_point(self, seed):
            return np.random.default_rng(seed).normal(size=2)

    model = compiled()
    object.__setattr__(model, "source", Source())
    few = starting_positions(model, None, options(2))
    many = starting_positions(model, None, options(5))
    np.testing.assert_array_equal(many[:2], few)
    assert len(np.unique(many)) == 10
    assert not np.array_equal(starting_positions(model, None, options(2, seed=2)), few)
