"""Copies of models, and models with constant data."""

import copy

import numpy as np
import pytest

import rufous as rf


def model_with_everything():
    with rf.Model("top", coords={"g": ["a", "b", "c"]}) as model:
        x = rf.Data("x", [1.0, 2.0, 3.0], dims="g")
        mu = rf.Normal("mu", 0, 5, initval=0.3)
        tau = rf.HalfNormal("tau", 1)
        u = rf.Uniform("u", -tau, tau, dims="g")
        with rf.Model("sub"):
            rf.Normal("b", mu, 1)
        eta = rf.Deterministic("eta", mu + u * x, dims="g")
        rf.Potential("soft", -(mu**2))
        rf.Normal("y", eta, tau, observed=[0.0, 1.0, 2.0], dims="g", total_size=30)
        rf.Poisson("n", 3, dims="g")
    return model


@pytest.mark.parametrize(
    "make", [rf.clone_model, lambda m: m.copy(), copy.copy, copy.deepcopy, rf.freeze_dims_and_data]
)
def test_a_copy_has_the_same_density_and_names(make):
    model = model_with_everything()
    new = make(model)
    assert list(new.named_vars) == list(model.named_vars)
    assert new.named_vars_to_dims == model.named_vars_to_dims
    assert new.coords == model.coords
    assert [v.name for v in new.value_vars] == [v.name for v in model.value_vars]
    point = model.initial_point()
    assert {k: v.tolist() for k, v in new.initial_point().items()} == {
        k: v.tolist() for k, v in point.items()
    }
    assert new.point_logps(point) == pytest.approx(model.point_logps(point), rel=1e-13)
    assert str(new) == str(model)
    assert not set(new.named_vars.values()) & set(model.named_vars.values())


def test_data_and_dims_of_a_copy_are_its_own():
    model = model_with_everything()
    new = model.copy()
    with new:
        rf.set_data({"x": [5.0, 6.0]}, coords={"g": ["d", "e"]})
        assert new.shape_of("n") == (2,)
    assert model.shape_of("n") == (3,)
    np.testing.assert_array_equal(model["x"].get_value(), [1.0, 2.0, 3.0])


def test_generators_of_a_copy_are_its_own():
    model = model_with_everything()
    rngs = [model["mu"].owner.inputs[0], model.copy()["mu"].owner.inputs[0]]
    assert rngs[0] is not rngs[1]


def test_frozen_data_keep_their_value():
    frozen = rf.freeze_dims_and_data(model_with_everything())
    assert frozen["eta"].type.shape == (3,)
    assert frozen.constant_arrays()["top::x"][0].tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(rf.ModelError, match="x"):
        rf.set_data({"x": [1.0, 2.0, 4.0]}, model=frozen)
    twice = rf.freeze_dims_and_data(frozen)
    assert list(twice.named_vars) == list(frozen.named_vars)


def test_only_some_are_frozen():
    model = model_with_everything()
    frozen = rf.freeze_dims_and_data(model, dims=[], data="top::x")
    assert frozen.data_vars == []
    with pytest.raises(rf.UnknownNameError, match="`dims` has 'h'"):
        rf.freeze_dims_and_data(model, dims=["h"])


def test_a_nested_model_is_not_copied_alone():
    with rf.Model():
        x = rf.Normal("x", 0, 1)
        with rf.Model("sub") as sub:
            rf.Normal("y", x, 1)
    with pytest.raises(rf.ModelError, match="'sub' is nested in another one"):
        sub.copy()


def test_a_model_of_its_own_inside_another():
    with rf.Model() as outer, rf.Model(model=None) as inner:
        rf.Normal("x", 0, 1)
    assert outer.named_vars == {}
    with rf.Model("sub", model=outer) as sub:
        rf.Normal("x", 0, 1)
    assert list(outer.named_vars) == ["sub::x"] and sub.root is outer
    assert list(inner.named_vars) == ["x"]
