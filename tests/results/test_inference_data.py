"""Both generations of containers are made, extended and read alike."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from results.made_up_run import OLD_ARVIZ, run
from rufous.errors import SettingsError, ShapeError, UnknownNameError
from rufous.results import GroupSpec, extend, get_group, group_names, has_group, to_inference_data


def test_the_container_is_that_of_the_installed_arviz() -> None:
    _, idata = run()
    assert type(idata).__name__ == ("InferenceData" if OLD_ARVIZ else "DataTree")


def test_current_arviz_is_not_imported() -> None:
    code = (
        "import sys, numpy as np\n"
        "from rufous.results import GroupSpec, to_inference_data\n"
        "assert 'xarray' not in sys.modules\n"
        "to_inference_data({'posterior': GroupSpec({'x': np.zeros((2, 3))})})\n"
        f"assert ('arviz' in sys.modules) is {OLD_ARVIZ}\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_extend_adds_in_place_and_replaces() -> None:
    _, idata = run()
    before = get_group(idata, "posterior")
    draws = {"y": np.zeros((4, 50, 3))}
    same = extend(idata, {"posterior_predictive": GroupSpec(draws, dims={"y": ("school",)})})
    assert same is idata
    assert get_group(idata, "posterior").equals(before)
    again = {"y": np.ones((4, 50, 2))}
    extend(idata, {"posterior_predictive": GroupSpec(again, dims={"y": ("school",)})})
    predictive = get_group(idata, "posterior_predictive")
    assert predictive["y"].dims == ("chain", "draw", "school")
    assert (predictive["y"] == 1).all()
    assert group_names(idata).count("posterior_predictive") == 1


def test_a_dim_may_have_another_length_in_predictions() -> None:
    _, idata = run()
    spec = GroupSpec({"y": np.zeros((4, 50, 2))}, dims={"y": ("school",)})
    extend(idata, {"predictions": spec}, coords={"school": ["Di", "Eva"]})
    assert get_group(idata, "predictions")["school"].values.tolist() == ["Di", "Eva"]
    assert get_group(idata, "posterior").sizes["school"] == 3


def test_get_group_names_what_there_is() -> None:
    _, idata = run()
    assert has_group(idata, "posterior")
    assert not has_group(idata, "prior")
    with pytest.raises(UnknownNameError, match="no group named 'prior'; there are: posterior"):
        get_group(idata, "prior")


def test_coords_of_the_group_win_over_common_ones() -> None:
    spec = GroupSpec({"x": np.zeros((2, 3))}, coords={"chain": [4, 7]})
    idata = to_inference_data({"prior": spec}, coords={"chain": [0, 1]})
    assert get_group(idata, "prior")["chain"].values.tolist() == [4, 7]


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        (("a", "b"), "U"),
        ((1, 2), "i"),
        ((1, 2.5), "f"),
        ((True, False), "b"),
        ((1, "a"), "O"),
        (((1, "a"), (2, "b")), "O"),
        (np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[ns]"), "M"),
        (range(5, 7), "i"),
    ],
)
def test_labels_stay_what_they_are(labels, dtype) -> None:
    spec = GroupSpec({"x": np.zeros(2)}, dims={"x": ("d",)}, sample_dims=())
    idata = to_inference_data({"constant_data": spec}, coords={"d": labels})
    values = get_group(idata, "constant_data")["d"].values
    assert values.dtype.kind == dtype
    assert list(values) == list(labels)


def test_wrong_number_of_labels() -> None:
    spec = GroupSpec({"x": np.zeros((1, 2, 3))}, dims={"x": ("d",)})
    with pytest.raises(ShapeError, match="'d' has length 3, but there are 2 labels"):
        to_inference_data({"prior": spec}, coords={"d": ["a", "b"]})


def test_one_dim_of_two_lengths() -> None:
    spec = GroupSpec(
        {"x": np.zeros((1, 2, 3)), "y": np.zeros((1, 2, 4))}, dims={"x": ("d",), "y": ("d",)}
    )
    with pytest.raises(ShapeError, match="length 3 in variable 'x' and 4 in 'y'"):
        to_inference_data({"prior": spec})


@pytest.mark.parametrize("dims", [("a", "b"), ("a", "a")])
def test_dims_that_do_not_fit(dims) -> None:
    shape = (1, 2, 3) if dims == ("a", "b") else (1, 2, 3, 3)
    with pytest.raises(ShapeError, match="variable 'x' has"):
        to_inference_data({"prior": GroupSpec({"x": np.zeros(shape)}, dims={"x": dims})})


def test_a_variable_named_like_a_dim_keeps_its_name() -> None:
    spec = GroupSpec({"x": np.zeros(2)}, dims={"x": ("x",)}, sample_dims=())
    group = get_group(
        to_inference_data({"constant_data": spec}, coords={"x": ["a", "b"]}), "constant_data"
    )
    assert list(group.data_vars) == ["x"]
    assert group["x"].dims == ("x_dim",)
    assert group["x_dim"].values.tolist() == ["a", "b"]


def test_a_variable_named_like_an_unnamed_axis_keeps_its_name() -> None:
    spec = GroupSpec({"x": np.zeros((1, 2, 3)), "x_dim_0": np.zeros((1, 2))})
    group = get_group(to_inference_data({"prior": spec}), "prior")
    assert set(group.data_vars) == {"x", "x_dim_0"}
    assert group["x"].dims == ("chain", "draw", "x_dim_0_dim")


def test_a_variable_named_like_a_sample_dim_is_refused() -> None:
    with pytest.raises(ShapeError, match="variable 'draw' has the name of an axis of the results"):
        to_inference_data({"prior": GroupSpec({"draw": np.zeros((1, 2))})})


def test_empty_axes_are_legal() -> None:
    spec = GroupSpec({"x": np.zeros((2, 3, 0))}, dims={"x": ("d",)})
    idata = to_inference_data({"prior": spec}, coords={"d": ()})
    assert get_group(idata, "prior").sizes["d"] == 0


def test_what_is_no_result_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"`idata` must be the result of a run.* got int"):
        group_names(3)
