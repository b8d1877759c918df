"""Shapes of parameters, shape, dims and observed: agreement, or one clear error."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import rufous as rf
from rufous.model.registration import requested_shape
from rufous.model.shapes import resize


@pytest.fixture
def model():
    with rf.Model(coords={"school": list("abc"), "year": [1, 2]}) as model:
        yield model


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ({}, ()),
        ({"shape": 4}, (4,)),
        ({"shape": np.int64(4)}, (4,)),
        ({"shape": (2, 3)}, (2, 3)),
        ({"shape": [2, 3]}, (2, 3)),
        ({"dims": "school"}, (3,)),
        ({"dims": ("year", "school")}, (2, 3)),
        ({"dims": ("year", None), "shape": (2, 5)}, (2, 5)),
        ({"mu": np.zeros(3), "dims": "school"}, (3,)),
        ({"mu": np.zeros(3), "dims": ("year", "school")}, (2, 3)),
        ({"mu": np.zeros((2, 1)), "dims": ("year", "school")}, (2, 3)),
        ({"mu": np.zeros((2, 1)), "sigma": np.ones(3)}, (2, 3)),
        ({"mu": np.zeros(3), "dims": ("year", None)}, (2, 3)),
        ({"observed": np.zeros(5)}, (5,)),
        ({"observed": np.zeros((2, 3)), "dims": ("year", "school")}, (2, 3)),
        ({"mu": np.zeros(1), "observed": np.zeros(5)}, (5,)),
        ({"observed": 0.5}, ()),
    ],
)
def test_what_is_asked_decides_the_shape(model, arguments, shape):
    assert model.shape_of(rf.Normal("x", **arguments)) == shape


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"shape": 4, "dims": "school"},
            r"'x' has length 4 on axis 0 by shape=4, but dim 'school' has length 3",
        ),
        (
            {"observed": np.zeros(4), "dims": "school"},
            r"'x' has length 4 on axis 0 by observed data, but dim 'school' has length 3",
        ),
        (
            {"observed": np.zeros(4), "shape": 3},
            r"'x' has length 3 on axis 0 by shape=3, but observed data has length 4",
        ),
        (
            {"mu": np.zeros(4), "dims": "school"},
            r"'x' has length 3 on axis 0 by dim 'school', but its parameters have length 4",
        ),
        (
            {"mu": np.zeros(4), "shape": 3},
            r"'x' has length 3 on axis 0 by shape=3, but its parameters have length 4",
        ),
        (
            {"mu": np.zeros(3), "observed": np.zeros(1)},
            r"'x' has length 1 on axis 0 by observed data, but its parameters have length 3",
        ),
        (
            {"mu": np.zeros(3), "observed": 1.0},
            r"parameters of 'x' give it shape \(3,\).*1 axes against 0",
        ),
        (
            {"mu": np.zeros((2, 3)), "dims": "school"},
            r"parameters of 'x' give it shape \(2, 3\).*2 axes against 1",
        ),
        (
            {"dims": ("school", "year"), "shape": 3},
            r"'x' has shape=3 but dims \('school', 'year'\): the number of axes differs",
        ),
        (
            {"dims": ("school", "year"), "observed": np.zeros(3)},
            r"'x' has observed data of shape \(3,\) but dims .*number of axes differs",
        ),
        ({"shape": 0}, r"shape of 'x' must have lengths of at least 1"),
        ({"shape": (2, -1)}, r"shape of 'x' must have lengths of at least 1"),
        ({"shape": 1.5}, r"shape of 'x' must be an integer"),
        ({"shape": True}, r"shape of 'x' must be an integer"),
        ({"shape": "ab"}, r"shape of 'x' must be an integer"),
        ({"observed": []}, r"observed data of 'x' is empty"),
        ({"observed": np.zeros((3, 0))}, r"observed data of 'x' is empty"),
        ({"dims": ("school", None)}, r"length of axis 1 of 'x' is not given"),
    ],
)
def test_a_mismatch_names_the_variable_and_both_lengths(model, arguments, text):
    with pytest.raises(rf.ShapeError, match=text):
        rf.Normal("x", **arguments)
    assert "x" not in model


def test_an_unknown_dim_is_named_with_the_likely_one(model):
    with pytest.raises(rf.UnknownNameError, match=r"'scool'; did you mean 'school'\?.*add_coord"):
        rf.Normal("x", 0, 1, dims="scool")


def test_observed_data_introduce_new_dims(model):
    rf.Normal("y", 0, 1, observed=np.zeros(7), dims="obs")
    assert model.dim_length("obs") == 7


def test_the_support_does_not_stretch(model):
    with pytest.raises(rf.ShapeError, match=r"by dim 'school', but its support has length 2"):
        rf.MvNormal("x", np.zeros(2), cov=np.eye(2), dims="school")
    assert model.shape_of(rf.MvNormal("y", np.zeros(2), cov=np.eye(2), dims=("school", None))) == (
        3,
        2,
    )


def test_parameters_that_do_not_fit_together(model):
    x = rf.Data("x", np.zeros(4))
    z = rf.Normal("z", 0, 1, dims="school")
    with pytest.raises(rf.ShapeError, match=r"parameters of 'y' do not fit together.*3 and 4"):
        rf.Normal("y", z + x, 1)
    with pytest.raises(
        rf.ShapeError, match=r"parameters of 'w' do not fit together.*\(4,\), \(3,\)"
    ):
        rf.Normal("w", x, pt.exp(z))


def test_an_observed_variable_follows_its_parameters_to_new_data(model):
    x = rf.Data("x", np.zeros(4))
    rf.Normal("y", rf.Normal("a", 0, 1) + x, 1, observed=np.zeros(4))
    rf.set_data({"x": np.zeros(2)})
    assert model.shape_of("y") == (2,)


def test_an_observed_variable_without_structure_follows_its_dim(model):
    y = rf.Data("y_data", np.zeros(4), dims="obs")
    rf.Normal("y", 0, 1, observed=y, dims="obs")
    rf.Normal("w", 0, 1, observed=y)
    rf.set_data({"y_data": np.zeros(2)})
    assert model.shape_of("y") == (2,)
    assert model.shape_of("w") == (2,)


def test_the_requested_shape_for_distributions_that_need_it(model):
    assert requested_shape("x") is None
    assert requested_shape("x", shape=(2, 3)) == (2, 3)
    assert requested_shape("x", observed=np.zeros(4)) == (4,)
    [length] = requested_shape("x", dims="school")
    assert int(length.get_value()) == 3


@pytest.mark.parametrize(
    "rv",
    [
        lambda: rf.Normal.dist(np.zeros(3), 1.0),
        lambda: rf.Normal.dist(0, np.ones((2, 1, 3))),
        lambda: rf.Dirichlet.dist(np.ones(4)),
        lambda: rf.MvNormal.dist(np.zeros(3), np.eye(3)),
        lambda: rf.Categorical.dist(np.ones((3, 5)) / 5),
    ],
)
@pytest.mark.parametrize("symbolic", [False, True])
def test_a_resized_variable_is_the_one_that_its_op_would_make(rv, symbolic) -> None:
    rv = rv()
    op, node = rv.owner.op, rv.owner
    length = pytensor.shared(np.int64(2)) if symbolic else 2
    batch = (length, *rv.type.shape[: rv.ndim - op.ndim_supp])
    resized = resize(rv, (*batch, *rv.type.shape[rv.ndim - op.ndim_supp :]))
    size = [pt.as_tensor(n, dtype="int64") for n in batch]
    expected = op.make_node(op.rng_param(node), size, *op.dist_params(node))
    assert resized.type == expected.outputs[1].type
    assert [i.type for i in resized.owner.inputs] == [i.type for i in expected.inputs]
    assert resized.owner.op == expected.op
    assert resized.owner.outputs[0].type == expected.outputs[0].type
    assert resized.eval().shape == (2, *rv.type.shape)
