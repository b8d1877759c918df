from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest

from compile.small_models import GROUP, X, Y, regression, regression_logp
from rufous.compile import numba as numba_route
from rufous.compile.compile_model import compile
from rufous.distributions import HalfNormal, Normal, ZeroSumNormal
from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.model.data import Data
from rufous.model.model import Model
from rufous.model.variables import Deterministic

POSITION = np.array([0.3, -0.2, 0.1])


@pytest.fixture
def no_compiling(monkeypatch):
    def refuse(*arguments):
        raise AssertionError("bind must not compile")

    monkeypatch.setattr(numba_route, "_compile", refuse)


def test_other_numbers(compiled, no_compiling):
    bound = compiled.bind({"y": Y + 1.0})
    expected = regression_logp(POSITION, X, GROUP, Y + 1.0)
    np.testing.assert_allclose(bound.logp_dlogp(POSITION)[0], expected)
    assert bound.observed_data["observed"][0].tolist() == (Y + 1.0).tolist()


def test_the_first_one_keeps_its_data(compiled, no_compiling):
    before = compiled.logp_dlogp(POSITION)[0]
    compiled.bind({"y": Y + 1.0})
    assert compiled.logp_dlogp(POSITION)[0] == before


def test_other_lengths(compiled, no_compiling):
    x, group, y = np.ones((5, 2)), np.array([0, 0, 1, 1, 0]), np.arange(5.0)
    bound = compiled.bind({"x": x, "group_of_row": group, "y": y})
    expected = regression_logp(POSITION, x, group, y)
    np.testing.assert_allclose(bound.logp_dlogp(POSITION)[0], expected)
    assert bound.stored["mu"].shape == (5,)
    assert bound.target.num_values == bound.stored.size == 2 + 1 + 5 + 1 + 5
    values = bound.expand(POSITION)
    assert values["rows"] == 5
    np.testing.assert_allclose(values["mu"], POSITION[group] + 1.0)
    assert bound.coords["row"].tolist() == [0, 1, 2, 3, 4]


def test_binding_twice_starts_from_the_last_data(compiled, no_compiling):
    bound = compiled.bind({"y": Y + 1.0}).bind({"x": X + 1.0})
    expected = regression_logp(POSITION, X + 1.0, GROUP, Y + 1.0)
    np.testing.assert_allclose(bound.logp_dlogp(POSITION)[0], expected)


def test_labels(compiled):
    bound = compiled.bind({}, coords={"row": ["p", "q", "r"]})
    assert bound.coords["row"].tolist() == ["p", "q", "r"]
    with pytest.raises(ShapeError, match="3 labels"):
        bound.bind({"x": np.ones((2, 2)), "group_of_row": [0, 1], "y": [1.0, 2.0]})


def test_arrays_of_the_right_kind_are_not_copied(compiled):
    y = np.array([5.0, 6.0, 7.0])
    bound = compiled.bind({"x": np.asfortranarray(X), "y": y})
    expected = regression_logp(POSITION, X, GROUP, y)
    np.testing.assert_allclose(bound.logp_dlogp(POSITION)[0], expected)


@pytest.mark.parametrize(
    ("data", "coords", "error", "message"),
    [
        ({"z": Y}, None, UnknownNameError, "no data variable named 'z'"),
        ({"observed": Y}, None, UnknownNameError, "observed through the data variable 'y'"),
        ({"effect": [1.0, 2.0]}, None, UnknownNameError, "no data variable named 'effect'"),
        ({"y": Y[:2]}, None, ShapeError, "dim 'row' has length 3 in data 'x' and 2 in data 'y'"),
        ({"y": [[1.0, 2.0, 3.0]]}, None, ShapeError, r"1 axes in the model, got shape \(1, 3\)"),
        ({"y": np.zeros(0)}, None, ShapeError, "must not be empty"),
        ({"y": ["a", "b", "c"]}, None, ModelError, "must hold real numbers"),
        ({"y": [1.0, np.nan, 2.0]}, None, NotImplementedError, "missing"),
        ({"group_of_row": [0.5, 1.0, 0.0]}, None, ShapeError, "int64 in the model, got float64"),
        ({"group_of_row": [0, 1, 2]}, None, ShapeError, "index 2 is out of range for effect"),
        ({"group_of_row": [0, 1, -3]}, None, ShapeError, "indices run from 0 to 1"),
        ({}, {"column": [0]}, UnknownNameError, "no dim named 'column'"),
        ({}, {"row": ["p", "q"]}, ShapeError, "2 in the new labels of 'row'"),
    ],
)
def test_refusals(compiled, data, coords, error, message):
    with pytest.raises(error, match=message):
        compiled.bind(data, coords)


def test_data_without_dims():
    with Model() as model:
        x = Data("x", [1.0, 2.0, 3.0])
        y = Data("y", [1.0, 2.0, 3.0])
        slope = Normal("slope", 0, 1)
        Normal("observed", x * slope, 1.0, observed=y)
    compiled = compile(model)
    assert compiled.bind({"x": np.ones(4), "y": np.ones(4)}).observed_data["observed"][0].size == 4
    with pytest.raises(ShapeError, match="'observed'"):
        compiled.bind({"x": np.ones(4)})


def test_a_shape_that_follows_a_dim():
    with Model() as model:
        Data("x", [1.0, 2.0, 3.0], dims="row")
        scale = Normal("scale", 0, 1)
        Deterministic("level", pt.full(model.dim_lengths["row"], 2.0) * scale, dims="row")
    compiled = compile(model)
    bound = compiled.bind({"x": np.ones(5)})
    assert bound.stored["level"].shape == (5,)
    assert bound.expand([1.5])["level"].tolist() == [3.0] * 5


def as_long_as_the_data():
    with Model() as model:
        x = Data("x", [1.0, 2.0, 3.0])
        Normal("effect", 0, 1, shape=x.shape)
        HalfNormal("sigma", 1)
    return model


def test_a_parameter_as_long_as_the_data():
    bound = compile(as_long_as_the_data(), evaluator="native").bind({"x": np.ones(4)})
    assert bound.unconstrained["effect"].shape == bound.stored["effect"].shape == (4,)
    assert bound.initial_point().shape == (5,)
    position = np.array([1.0, 2.0, 3.0, 4.0, 0.0])
    assert bound.logp_dlogp(position)[1][:4].tolist() == [-1.0, -2.0, -3.0, -4.0]


def test_a_parameter_as_long_as_a_dim():
    with Model(coords={"group": ["a", "b", "c"]}) as model:
        group = Data("group_of_row", [0, 1, 2])
        effect = Normal("effect", 0, 1, dims="group")
        shift = ZeroSumNormal("shift", 1.0, dims="group")
        Normal("observed", (effect + shift)[group], 1.0, observed=Data("y", [1.0, 2.0, 3.0]))
    compiled = compile(model, evaluator="native")
    labels = ["a", "b", "c", "d", "e"]
    data = {"group_of_row": [4, 0, 3, 1], "y": np.ones(4)}
    bound = compiled.bind(data, coords={"group": labels})
    assert (compiled.dim, bound.dim) == (3 + 2, 5 + 4)
    assert bound.coords["group"].tolist() == labels
    again = compile(model, evaluator="native").bind(data, coords={"group": labels})
    position = np.linspace(-1, 1, 9)
    assert bound.logp_dlogp(position)[0] == again.logp_dlogp(position)[0]
    assert bound.expand(position)["shift"].sum() == pytest.approx(0.0)


def test_numba_keeps_the_number_of_parameters():
    compiled = compile(as_long_as_the_data(), evaluator="numba")
    with pytest.raises(ShapeError, match="'effect' would have shape"):
        compiled.bind({"x": np.ones(4)})
    compiled = compile(regression(), evaluator="numba")
    with pytest.raises(ShapeError, match="number of parameters would change"):
        compiled.bind({}, {"group": ["a", "b", "c"]})


def test_a_fixed_array_cannot_be_exchanged():
    with Model() as model:
        Normal("observed", Normal("mu", 0, 1), 1.0, observed=Y)
    with pytest.raises(UnknownNameError, match=r'observed=Data\("observed_data", ...\)'):
        compile(model).bind({"observed": Y})
