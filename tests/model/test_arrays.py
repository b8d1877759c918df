"""Conversion of whatever users hold to arrays and tensors."""

import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytensor.tensor as pt
import pytest

import rufous as rf
from rufous.model import arrays
from rufous.model.arrays import as_float, as_value, to_array
from rufous.model.python_linker import run


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.float32([1.5, 2]), "float64"),
        (np.float16([1.5]), "float64"),
        ([1, 2], "int64"),
        (np.int8([1]), "int64"),
        (np.uint64([2**63]), "float64"),
        ([True, False], "bool"),
        (pd.Series([1, 2], dtype="Int64"), "int64"),
        (pd.Series([0.5, 2], dtype="Float64"), "float64"),
        (pd.Series([True, False], dtype="boolean"), "bool"),
        (pd.DataFrame({"a": [1.0], "b": [2]}), "float64"),
        (np.ma.masked_array([1.0, 2.0], mask=[False, False]), "float64"),
    ],
)
def test_numbers_become_float64_integers_or_booleans(value, dtype):
    array = to_array(value, "x")
    assert array.dtype == dtype
    np.testing.assert_array_equal(array, np.asarray(value).astype(dtype))


def test_the_array_is_a_copy():
    values = np.zeros(3)
    to_array(values, "x")[0] = 1.0
    assert values[0] == 0.0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["a", "b"], "text, not numbers|real numbers"),
        (pd.Series(["a", "b"]), "factorize"),
        ([1.0, None], "1 missing"),
        (np.ma.masked_array([1.0, 2.0], mask=[True, False]), "masked"),
        ([[1.0], [1.0, 2.0]], "rectangular"),
        (np.array([1j]), "real numbers"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "real numbers"),
        ([object()], "real numbers"),
    ],
)
def test_anything_else_is_refused_with_the_way_out(value, text):
    with pytest.raises(rf.ModelError, match=f"x .*({text})"):
        to_array(value, "x")


@pytest.mark.parametrize(
    "value",
    [
        [1, None, 3],
        np.ma.masked_array([1, 2, 3], mask=[False, True, False]),
        pd.Series([1, None, 3], dtype="Int64"),
        pd.DataFrame({"a": [1, pd.NA, 3]})["a"],
        [True, None, True],
    ],
)
def test_missing_values_become_nan_where_they_are_allowed(value):
    array = to_array(value, "x", missing=True)
    assert array.dtype == "float64"
    assert np.isnan(array).tolist() == [False, True, False]


class Column:
    """An array of another package: it knows how to become one of NumPy."""

    def __array__(self, dtype=None, copy=None):
        return np.array([1.0, 2.0])


def test_arrays_of_other_packages_meet_tensors(monkeypatch):
    monkeypatch.setattr(arrays, "_FOREIGN", {"columns": ("Column",)})
    monkeypatch.setitem(sys.modules, "columns", SimpleNamespace(Column=Column))
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1, shape=2)
        assert model.shape_of(x * Column()) == (2,)
        assert model.shape_of(Column() - x) == (2,)
        assert rf.Data("d", Column()).get_value().tolist() == [1.0, 2.0]
        assert model.shape_of(rf.Normal("y", Column(), 1)) == (2,)


def test_python_integers_do_not_become_small_integers():
    assert as_value(100).dtype == "int64"
    assert as_value([100, 100]).dtype == "int64"
    assert as_float(3).dtype == "float64"


def test_float32_tensors_are_widened():
    assert as_value(pt.constant(np.float32(1.5))).dtype == "float64"
    assert as_value(pt.fvector()).dtype == "float64"
    assert as_float(pt.lvector()).dtype == "float64"


def test_lists_of_variables_are_stacked():
    assert as_float([pt.constant(1.0), 2]).type.shape == (2,)


def test_complex_numbers_are_refused():
    with pytest.raises(rf.ModelError, match="must be real"):
        as_value(pt.zvector(), "x")


SERIES = pd.Series([1.0, 2.0, 3.0])
FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})


@pytest.mark.parametrize(
    "operation",
    [
        lambda s, x: s * x,
        lambda s, x: x * s,
        lambda s, x: s - x,
        lambda s, x: x / s,
        lambda s, x: s**x,
        lambda s, x: (s > x) * 1.0,
    ],
)
def test_series_and_variables_meet_on_either_side(operation):
    with rf.Model():
        x = rf.Normal("x", 0, 1, shape=3)
    [value] = run([operation(SERIES, x)], {x: np.array([1.0, 2.0, 4.0])})
    expected = operation(SERIES.to_numpy(), np.array([1.0, 2.0, 4.0]))
    np.testing.assert_allclose(value, expected)


def test_data_frames_and_expressions_meet_on_either_side():
    with rf.Model():
        x = rf.Normal("x", 0, 1, shape=2)
    for graph in (FRAME * (x + 1), (x + 1) * FRAME):
        [value] = run([graph], {x: np.array([0.0, 1.0])})
        np.testing.assert_array_equal(value, [[1.0, 6.0], [2.0, 8.0]])


def test_the_product_of_a_data_frame_and_a_vector():
    with rf.Model():
        x = rf.Normal("x", 0, 1, shape=2)
    for graph in (rf.math.dot(FRAME, x), FRAME.to_numpy() @ x):
        np.testing.assert_array_equal(run([graph], {x: np.array([1.0, 2.0])})[0], [7.0, 10.0])


def test_a_series_of_float32_does_not_narrow_the_model():
    with rf.Model():
        x = rf.Normal("x", 0, 1, shape=3)
    assert (SERIES.astype("float32") * x).dtype == "float64"


def test_a_series_of_text_is_refused_in_arithmetic():
    with rf.Model():
        x = rf.Normal("x", 0, 1, shape=2)
    with pytest.raises(rf.ModelError, match=r"Series town.*factorize"):
        pd.Series(["a", "b"], name="town") * x


def test_an_array_of_variables_names_the_function_to_use():
    with rf.Model():
        x = rf.Normal("x", 0, 1, shape=2)
        product = np.dot(np.eye(2), x)
        with pytest.raises(rf.ModelError, match=r"Deterministic 'r' is an array of.*math\.dot"):
            rf.Deterministic("r", product)
        with pytest.raises(rf.SettingsError, match=r"`mu` is an array of variables.*math\.dot"):
            rf.Normal("y", product, 1)
