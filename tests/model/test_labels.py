"""Dims and labels that data bring along."""

import numpy as np
import pandas as pd
import xarray as xr

import rufous as rf


def test_those_of_pandas():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=[10, 20])
    with rf.Model() as model:
        rf.Data("x", frame, dims=("row", "column"), infer_dims_and_coords=True)
        series = pd.Series([5.0, 6.0], index=pd.Index(["p", "q"], name="place"))
        rf.Data("y", series, infer_dims_and_coords=True)
        rf.Data("z", series, dims="other", coords={"other": [1, 2]}, infer_dims_and_coords=True)
    assert model.coords == {
        "row": (10, 20),
        "column": ("a", "b"),
        "place": ("p", "q"),
        "other": (1, 2),
    }
    assert model.named_vars_to_dims["y"] == ("place",)


def test_those_of_xarray():
    array = xr.DataArray(np.ones((2, 3)), dims=("u", "v"), coords={"u": ["k", "l"]})
    with rf.Model() as model:
        rf.Data("x", array, infer_dims_and_coords=True)
    assert model.coords == {"u": ("k", "l"), "v": None}
    assert model.named_vars_to_dims["x"] == ("u", "v")


def test_arrays_have_none():
    with rf.Model() as model:
        rf.Data("x", np.ones(3), infer_dims_and_coords=True)
    assert model.coords == {} and "x" not in model.named_vars_to_dims
