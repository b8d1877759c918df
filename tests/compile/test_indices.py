from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest

from rufous.compile.compile_model import compile
from rufous.compile.indices import check_indices, find_indices
from rufous.distributions import Normal
from rufous.errors import ShapeError
from rufous.model.data import Data
from rufous.model.model import Model
from rufous.model.variables import Deterministic, Potential


def test_a_fixed_index_outside_is_refused_before_anything_is_compiled():
    with pytest.raises(ShapeError, match="index 3 is out of range for effect, which has length 3"):
        with Model() as model:
            effect = Normal("effect", 0, 1, shape=3)
            Potential("pull", effect[np.array([0, 3, 1])].sum())
        compile(model)


def test_indices_inside_expressions_are_found():
    x = pt.dvector("x")
    graph = pt.exp(x[np.array([0, 3])]).sum() + x[1]
    uses = find_indices([graph], [x])
    assert sorted(int(np.max(use.index.data)) for use in uses) == [1, 3]
    with pytest.raises(ShapeError, match="index 3 is out of range for x, which has length 2"):
        check_indices(uses, {x: pt.constant(np.zeros(2), name="x")})


def test_an_index_computed_from_data():
    with Model() as model:
        county = Data("county", [1, 2, 3])
        effect = Normal("effect", 0, 1, shape=3)
        Potential("pull", effect[county - 1].sum())
    compiled = compile(model)
    with pytest.raises(ShapeError, match="index -4 is out of range for effect"):
        compiled.bind({"county": [1, 2, -3]})


def test_the_axis_is_named():
    with pytest.raises(ShapeError, match=r"index -4 is out of range for effect.* on axis 1"):
        with Model() as model:
            effect = Normal("effect", 0, 1, shape=(2, 3))
            Deterministic("column", effect[:, np.array([0, -4])])
        compile(model)


@pytest.mark.parametrize(
    "index",
    [
        np.array([0, 1, 2]),
        np.array([-3, -1]),
        np.array([True, False, True]),
        slice(0, 10),
        2,
        np.zeros(0, dtype=int),
    ],
)
def test_indices_that_fit(index):
    with Model() as model:
        effect = Normal("effect", 0, 1, shape=3)
        Potential("pull", effect[index].sum())
    uses = find_indices(list(model.logdensity_terms().values()), model.value_vars)
    check_indices(uses, {})


def test_an_index_that_moves_with_the_position_is_left_alone():
    with Model() as model:
        effect = Normal("effect", 0, 1, shape=3)
        Potential("pull", effect[(effect[0] > 0).astype("int64")])
    uses = find_indices(list(model.logdensity_terms().values()), model.value_vars)
    assert [int(use.index.data) for use in uses] == [0]
