"""Transforms and value variables."""

import pytest

import rufous as rf
from rufous.distributions import transforms


def names(model):
    return [value.name for value in model.value_vars]


def test_value_variables_are_named_after_the_transform():
    with rf.Model() as model:
        rf.Normal("n", 0, 1)
        rf.HalfNormal("h", 1)
        rf.Beta("b", 1, 1)
        rf.Uniform("u", 0, 1)
        rf.Dirichlet("d", [1, 1, 1])
        rf.ZeroSumNormal("z", 1, shape=3)
        rf.Normal("o", 0, 1, shape=2, transform=transforms.ordered)
    assert names(model) == [
        "n", "h_log__", "b_logodds__", "u_interval__", "d_simplex__", "z_zerosum__", "o_ordered__",
    ]  # fmt: skip
    assert model.value_shapes()["d_simplex__"] == (2,)
    assert model.value_shapes()["z_zerosum__"] == (2,)
    assert model.unconstrained_layout().size == 10


def test_transform_none_means_no_transform():
    with rf.Model() as model:
        rf.HalfNormal("h", 1, transform=None)
        rf.HalfNormal("g", 1, default_transform=None)
    assert names(model) == ["h", "g"]


def test_a_transform_comes_after_that_of_the_distribution():
    with rf.Model() as model:
        h = rf.HalfNormal("h", 1, shape=2, transform=transforms.ordered)
        g = rf.HalfNormal("g", 1, shape=2, transform=transforms.log, default_transform=None)
    assert names(model) == ["h_chain__", "g_log__"]
    assert model.rvs_to_transforms[h] is not None
    assert model.rvs_to_transforms[g] is transforms.log


def test_what_is_no_transform_is_refused():
    with rf.Model(), pytest.raises(rf.ModelError, match="transform of 'x' must be a Transform"):
        rf.Normal("x", 0, 1, transform="log")


def test_discrete_variables_have_no_transform():
    with rf.Model() as model:
        with pytest.raises(rf.ModelError, match="'k' is discrete and cannot be transformed"):
            rf.Poisson("k", 1.0, transform=transforms.log)
        rf.Poisson("k", 1.0)
    assert names(model) == ["k"]
    assert model.value_vars[0].dtype == "int64"
