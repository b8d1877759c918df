"""Dims, labels and lengths."""

import numpy as np
import pandas as pd
import pytest

import rufous as rf
from rufous.model.dims import labels_of, normalize_dims


def test_coords_are_tuples_of_labels():
    model = rf.Model(coords={"a": range(2), "b": np.array(["x", "y"]), "c": pd.Index([1.5, 2.5])})
    assert model.coords == {"a": (0, 1), "b": ("x", "y"), "c": (1.5, 2.5)}
    assert {dim: model.dim_length(dim) for dim in model.coords} == {"a": 2, "b": 2, "c": 2}


def test_dates_keep_their_type():
    labels = labels_of("day", np.array(["2020-01-01"], dtype="datetime64[D]"))
    assert labels == (np.datetime64("2020-01-01"),)


def test_a_dim_may_have_a_length_only():
    model = rf.Model()
    model.add_coord("row", length=3)
    assert model.coords == {"row": None}
    assert model.dim_length("row") == 3


def test_the_same_coord_may_be_given_again():
    model = rf.Model(coords={"a": ["x", "y"]})
    model.add_coord("a", ["x", "y"])
    with pytest.raises(rf.ModelError, match="'a' exists already"):
        model.add_coord("a", ["x", "z"])


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        ("abc", rf.ModelError, "ordered sequence"),
        ({"a", "b"}, rf.ModelError, "ordered sequence"),
        ({"a": 1}, rf.ModelError, "ordered sequence"),
        (3, rf.ModelError, "ordered sequence"),
        (np.zeros((2, 2)), rf.ModelError, "one axis"),
        ([], rf.ShapeError, "empty"),
    ],
)
def test_labels_that_are_no_sequence_are_refused(values, error, text):
    with pytest.raises(error, match=f"'school'.*{text}"):
        rf.Model(coords={"school": values})


def test_coords_must_be_a_dict():
    with pytest.raises(rf.ModelError, match="must be a dict of dim to labels, got list"):
        rf.Model(coords=["school"])


@pytest.mark.parametrize("length", [0, -1, 1.5, True, "3"])
def test_lengths_must_be_positive_integers(length):
    with pytest.raises(rf.ShapeError, match="'row' must be a positive integer"):
        rf.Model().add_coord("row", length=length)


def test_a_dim_needs_labels_or_a_length():
    with pytest.raises(rf.ModelError, match="neither labels nor length"):
        rf.Model().add_coord("row")


def test_labels_and_length_must_agree():
    with pytest.raises(rf.ShapeError, match="2 labels but length=3"):
        rf.Model().add_coord("row", ["a", "b"], length=3)


@pytest.mark.parametrize("name", ["chain", "draw", "", 3])
def test_dims_need_names_that_results_can_hold(name):
    with pytest.raises(rf.ModelError, match="name"):
        rf.Model(coords={name: [1, 2]})


def test_dims_are_a_name_or_a_tuple():
    assert normalize_dims("a", "x") == ("a",)
    assert normalize_dims(["a", None], "x") == ("a", None)
    assert normalize_dims(None, "x") is None
    with pytest.raises(rf.ModelError, match=r"dims of 'x' must be a name or a tuple of names"):
        normalize_dims(3, "x")
    with pytest.raises(rf.ModelError, match=r"dims of 'x' repeat a name"):
        normalize_dims(("a", "a"), "x")


def test_set_dim_needs_labels_where_there_are_some():
    model = rf.Model(coords={"a": ["x", "y"]})
    with pytest.raises(rf.ShapeError, match=r"'a' has 2 labels.*pass the new labels too"):
        model.set_dim("a", 3)
    with pytest.raises(rf.ShapeError, match="length 3 and 2 labels"):
        model.set_dim("a", 3, ["x", "y"])
    with pytest.raises(rf.ShapeError, match="must be a positive integer, got 0"):
        model.set_dim("a", 0)
    model.set_dim("a", 3, ["x", "y", "z"])
    assert model.coords["a"] == ("x", "y", "z")
    with pytest.raises(rf.UnknownNameError, match="no dim named 'b'"):
        model.set_dim("b", 3)


def test_a_variable_along_a_dim_follows_its_length():
    with rf.Model() as model:
        model.add_coord("row", length=2)
        rf.Normal("x", 0, 1, dims="row")
    assert model.shape_of("x") == (2,)
    model.set_dim("row", 5)
    assert model.shape_of("x") == (5,)


def test_a_length_may_follow_data():
    with rf.Model() as model:
        x = rf.Data("x", [1.0, 2.0, 3.0])
        model.add_coord("row", length=x.shape[0])
        model.add_coords({"fixed": None}, lengths={"fixed": 2})
        b = rf.Normal("b", 0, 1, dims="row")
        rf.Deterministic("bx", b * x, dims="row")
        rf.Normal("y", b, 1, observed=rf.Data("y_data", np.zeros(3)), dims="row")
    assert model.shape_of("b") == (3,) and model.dim_length("row") == 3
    rf.set_data({"x": [1.0, 2.0], "y_data": [0.0, 0.0]}, model=model)
    assert model.shape_of("b") == (2,) and model.initial_point()["b"].shape == (2,)
    copy = model.copy()
    rf.set_data({"x": [1.0], "y_data": [0.0]}, model=copy)
    assert copy.shape_of("bx") == (1,) and model.shape_of("bx") == (2,)
    compiled = rf.compile(model)
    assert compiled.dim == 2
    assert compiled.logp_dlogp(np.zeros(2))[0] == pytest.approx(4 * -0.5 * np.log(2 * np.pi))
    with pytest.raises(rf.ShapeError, match=r"length 2 of dim 'row' follows data"):
        model.set_dim("row", 5)
    with model:
        idata = rf.sample_prior_predictive(10, random_seed=1)
    assert idata["prior"]["b"].dims == ("chain", "draw", "row")


def test_lengths_that_cannot_be_followed():
    with rf.Model() as model:
        x = rf.Data("x", [1.0, 2.0, 3.0])
        for label, length, text in (
            ([1, 2, 3], x.shape[0], "leave one of them out"),
            (None, x, "must be one whole number"),
        ):
            with pytest.raises(rf.ModelError, match=text):
                model.add_coord("row", label, length=length)
        model.add_coord("row", length=x.shape[0])
        with pytest.raises(rf.ModelError, match="'row' exists already with length 3"):
            model.add_coord("row", length=x.shape[0])
