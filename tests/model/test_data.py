"""Data and set_data."""

import numpy as np
import pandas as pd
import pytest

import rufous as rf


def test_data_are_registered_with_their_dims():
    with rf.Model(coords={"year": [1, 2]}) as model:
        x = rf.Data("x", pd.DataFrame({"a": [1, 2], "b": [3, 4]}), dims=("year", "column"))
    assert model.data_vars == [x]
    assert model["x"] is x
    assert model.named_vars_to_dims["x"] == ("year", "column")
    assert model.dim_length("column") == 2
    assert x.dtype == "int64"


def test_data_bring_their_coords():
    with rf.Model() as model:
        rf.Data("x", [1.0, 2.0], dims="year", coords={"year": [2020, 2021]})
    assert model.coords == {"year": (2020, 2021)}


def test_float32_data_become_float64():
    with rf.Model():
        x = rf.Data("x", np.float32([0.1, 0.2]))
    assert x.dtype == "float64"


@pytest.mark.parametrize(
    ("value", "dims", "error", "text"),
    [
        ([], None, rf.ShapeError, "Data 'x' is empty"),
        (
            [1.0, 2.0],
            "year",
            rf.ShapeError,
            r"Data 'x' has length 2 on axis 0, but dim 'year' .* 3",
        ),
        ([1.0, 2.0], ("a", "b"), rf.ShapeError, "Data 'x' has shape .* give one dim per axis"),
        (["a"], None, rf.ModelError, "Data 'x'.*factorize"),
    ],
)
def test_bad_data_are_refused_where_they_are_written(value, dims, error, text):
    with rf.Model(coords={"year": [1, 2, 3]}) as model:
        with pytest.raises(error, match=text):
            rf.Data("x", value, dims=dims)
        assert "x" not in model


def test_a_column_without_dim_stretches():
    with rf.Model() as model:
        x = rf.Data("x", np.ones((4, 1)))
        b = rf.Normal("b", 0, 1, shape=3)
        rf.Normal("y", x * b, 1)
        assert model.shape_of("y") == (4, 3)
        with pytest.raises(rf.ShapeError, match="written with length 1 and stretches"):
            rf.set_data({"x": np.ones((4, 2))})


def test_new_lengths_need_new_labels_only_where_there_are_labels():
    with rf.Model(coords={"year": [1, 2]}) as model:
        rf.Data("x", [1.0, 2.0], dims="year")
        rf.Data("z", [1.0, 2.0], dims="row")
        with pytest.raises(
            rf.ShapeError, match=r"'year' has 2 labels.*coords=\{'year': range\(3\)\}"
        ):
            rf.set_data({"x": [1.0, 2.0, 3.0]})
        assert model.shape_of("x") == (2,)
        rf.set_data({"x": [1.0, 2.0, 3.0], "z": [0.0]}, coords={"year": [5, 6, 7]})
    assert model.coords == {"year": (5, 6, 7), "row": None}
    assert (model.shape_of("x"), model.shape_of("z")) == ((3,), (1,))


def test_set_data_is_all_or_nothing():
    with rf.Model() as model:
        rf.Data("x", [1.0, 2.0])
        rf.Data("z", [1.0, 2.0])
        with pytest.raises(rf.ShapeError, match=r"new value of Data 'z' .* must have 1 axes"):
            rf.set_data({"x": [5.0], "z": [[1.0]]})
    np.testing.assert_array_equal(model["x"].get_value(), [1.0, 2.0])


@pytest.mark.parametrize(
    ("new", "coords", "error", "text"),
    [
        ({"q": [1.0]}, {}, rf.UnknownNameError, "no Data named 'q'; there are: x, n"),
        ({"m": 1.0}, {}, rf.ModelError, "'m' is not Data and cannot be exchanged"),
        ({"x": []}, {}, rf.ShapeError, "'x' is empty"),
        ({"n": [0.5, 1.0]}, {}, rf.ModelError, "'n' has dtype float64.*int64 and would lose"),
        ({}, {"q": [1]}, rf.UnknownNameError, "no dim named 'q'"),
        ({"x": [1.0]}, {"row": [1, 2]}, rf.ShapeError, "'row' would get length 1 by 'x' but 2 by"),
        (
            {"x": [1.0], "n": [1, 2]},
            {},
            rf.ShapeError,
            "'row' would get length 2 by 'n' but 1 by 'x'",
        ),
        ([1.0], {}, rf.ModelError, "must be a dict"),
    ],
)
def test_bad_exchanges_are_refused(new, coords, error, text):
    with rf.Model() as model:
        rf.Data("x", [1.0, 2.0], dims="row")
        rf.Data("n", [1, 2], dims="row")
        rf.Normal("m", 0, 1)
    with pytest.raises(error, match=text):
        rf.set_data(new, model, coords=coords)


def test_integers_may_replace_floats():
    with rf.Model() as model:
        rf.Data("x", [0.5, 2.0])
        rf.set_data({"x": [1, 2]})
    assert model["x"].get_value().dtype == "float64"


def test_the_log_density_follows_new_data():
    with rf.Model() as model:
        x = rf.Data("x", [0.0, 0.0])
        y = rf.Data("y_data", [0.0, 0.0])
        rf.Normal("y", x, 1, observed=y)
    at = model.compile_logp()
    before = float(at({}))
    model.set_data("x", [1.0, 1.0])
    assert float(at({})) == pytest.approx(before - 1.0)


def test_an_incomplete_exchange_is_refused_before_the_log_density():
    with rf.Model() as model:
        x = rf.Data("x", [0.0, 0.0])
        rf.Normal("y", x, 1, observed=[0.0, 0.0])
        rf.set_data({"x": [0.0, 0.0, 0.0]})
    with pytest.raises(rf.ShapeError, match=r"'y' have shape \(2,\).*now give shape \(3,\)"):
        model.logp()


def test_dims_are_checked_before_the_log_density():
    with rf.Model() as model:
        x = rf.Data("x", [0.0, 0.0], dims="row")
        rf.Data("w", [0.0, 0.0], dims="row")
        rf.Normal("y", x, 1)
        rf.set_data({"x": [0.0]})
    with pytest.raises(rf.ShapeError, match=r"'w' has length 2 on axis 0, but dim 'row' now"):
        model.logp()


def test_constant_data_are_those_not_observed():
    with rf.Model() as model:
        rf.Data("x", [1.0], dims="row")
        rf.Normal("y", 0, 1, observed=rf.Data("d", [2.0]))
    assert list(model.constant_arrays()) == ["x"]
    assert model.constant_arrays()["x"][1] == ("row",)
    assert list(model.observed_arrays()) == ["y"]
