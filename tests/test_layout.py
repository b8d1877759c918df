"""The bijection between a dict of arrays and a flat vector."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rufous.errors import ShapeError, UnknownNameError
from rufous.layout import Layout, VariableSpec


@pytest.fixture
def layout():
    return Layout.from_shapes(
        {"mu": (), "theta": (2, 3), "k": (2,)},
        dims={"theta": ("a", None)},
        dtypes={"k": np.dtype("int64")},
    )


def test_variables_lie_one_after_the_other(layout):
    assert [spec.start for spec in layout] == [0, 1, 7]
    assert layout["theta"].slice == slice(1, 7)
    assert layout["theta"].dims == ("a", None)
    assert layout["k"].dims == (None,)
    assert (layout.size, len(layout), layout.names) == (9, 3, ("mu", "theta", "k"))
    assert "mu" in layout
    assert "nu" not in layout


def test_there_and_back(layout):
    values = {"mu": 0.5, "theta": np.arange(6.0).reshape(2, 3), "k": [3, 4]}
    vector = layout.ravel(values)
    np.testing.assert_array_equal(vector, [0.5, 0, 1, 2, 3, 4, 5, 3, 4])
    back = layout.unravel(vector)
    for name, value in values.items():
        np.testing.assert_array_equal(back[name], value)
    assert back["k"].dtype == "int64"


def test_batches_of_vectors(layout):
    vectors = np.random.default_rng(1).normal(size=(4, 5, 9))
    values = layout.unravel(vectors)
    assert values["theta"].shape == (4, 5, 2, 3)
    np.testing.assert_array_equal(values["theta"][3, 2].ravel(), vectors[3, 2, 1:7])


def test_float64_values_are_views(layout):
    vector = np.zeros(9)
    layout.unravel(vector)["theta"][0, 0] = 7.0
    assert vector[1] == 7.0


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=3),
        st.lists(st.integers(0, 3), max_size=3).map(tuple),
        max_size=5,
    )
)
def test_every_layout_is_a_bijection(shapes):
    layout = Layout.from_shapes(shapes)
    vector = np.arange(float(layout.size))
    np.testing.assert_array_equal(layout.ravel(layout.unravel(vector)), vector)


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        ({"mu": 0.0, "theta": np.zeros((2, 3))}, UnknownNameError, "no value was given for .*'k'"),
        (
            {"mu": 0.0, "theta": np.zeros((2, 3)), "k": [1, 2], "q": 0.0},
            UnknownNameError,
            "no variable named 'q'; there are: mu, theta, k",
        ),
        (
            {"mu": 0.0, "theta": np.zeros((3, 2)), "k": [1, 2]},
            ShapeError,
            r"'theta' has shape \(3, 2\), the variable \(2, 3\)",
        ),
        ({"mu": [0.0], "theta": np.zeros((2, 3)), "k": [1, 2]}, ShapeError, "'mu' has shape"),
    ],
)
def test_values_must_fit(layout, values, error, text):
    with pytest.raises(error, match=text):
        layout.ravel(values)


def test_vectors_must_have_the_length_of_the_layout(layout):
    with pytest.raises(ShapeError, match=r"must have length 9, got shape \(2, 8\)"):
        layout.unravel(np.zeros((2, 8)))


@pytest.mark.parametrize(
    ("specs", "text"),
    [
        ([VariableSpec("x", (2,), 0), VariableSpec("x", (1,), 2)], "two variables named 'x'"),
        ([VariableSpec("x", (2,), 0), VariableSpec("y", (1,), 3)], "'y' starts at 3"),
        ([VariableSpec("x", (2,), 0), VariableSpec("y", (1,), 1)], "'y' starts at 1"),
        ([VariableSpec("x", (2,), 0, ("a", "b"))], "'x' has shape"),
    ],
)
def test_a_layout_without_meaning_is_refused(specs, text):
    with pytest.raises(ShapeError, match=text):
        Layout(tuple(specs))


def test_an_empty_layout():
    layout = Layout(())
    assert layout.size == 0
    assert layout.ravel({}).shape == (0,)
    with pytest.raises(UnknownNameError, match="there are: none"):
        layout["x"]


def test_layouts_are_values(layout):
    assert pickle.loads(pickle.dumps(layout)) == layout
    assert hash(layout) == hash(Layout(layout.variables))
