from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest
from pytensor.raise_op import Assert

from rufous.distributions import HalfNormal, Normal
from rufous.model.data import Data
from rufous.model.explain import explain
from rufous.model.model import Model
from rufous.model.variables import Potential


def explanation(model, position, data=None):
    point = model.unconstrained_layout().unravel(np.asarray(position, float))
    return explain(model, point, data)


def scale() -> Model:
    with Model() as model:
        sigma = Normal("sigma", 0, 1, shape=3)
        Normal("y", 0.0, sigma, observed=[1.0, 2.0, 3.0])
    return model


def test_the_constraint_and_the_values():
    assert explanation(scale(), [1.0, -0.5, -2.0]) == (
        "the log density of 'y' is -inf: the constraint sigma > 0 fails, "
        "the value is -0.5 at [1], -2 at [2]"
    )


def test_many_values_are_cut_short():
    with Model() as model:
        sigma = Normal("sigma", 0, 1, shape=10)
        Normal("y", 0.0, sigma, observed=np.ones(10))
    assert explanation(model, -np.ones(10)).endswith(
        "the value is -1 at [0], -1 at [1], -1 at [2] and 7 more"
    )


def test_a_value_outside_the_support():
    with Model() as model:
        Normal("x", 0, 1)
        HalfNormal("y", 1.0, observed=[1.0, -1.0])
    text = explanation(model, [0.0])
    assert text.startswith("the log density of 'y' is -inf: its value is [ 1. -1.]")


def test_a_potential():
    with Model() as model:
        x = Normal("x", 0, 1)
        Potential("wall", pt.switch(x < 1, 0.0, -np.inf))
    assert explanation(model, [2.0]) == "the log density of 'wall' is -inf, where 'x' is 2"


def test_a_gradient_that_is_not_finite():
    with Model() as model:
        x = Normal("x", 0, 1, shape=2)
        Potential("root", pt.sqrt(x).sum())
    assert explanation(model, [1.0, 0.0]) == (
        "the derivative of the log density of 'root' with respect to 'x' is inf at [1], "
        "where 'x' is [1. 0.]"
    )


def test_an_operation_that_raises():
    with Model() as model:
        x = Normal("x", 0, 1)
        Potential("checked", Assert("x must be positive")(x, x > 0))
    assert explanation(model, [-1.0]) == (
        "the log density of 'checked' cannot be computed: x must be positive"
    )


def test_nothing_wrong():
    assert explanation(scale(), [1.0, 1.0, 1.0]) == (
        "no problems found: the log density and its gradient are finite here"
    )


def test_bound_data_are_used_not_those_of_the_model():
    with Model() as model:
        width = Data("width", 1.0)
        Normal("x", 0, width)
    text = explanation(model, [0.0], {width: pt.constant(-2.0)})
    assert text == (
        "the log density of 'x' is -inf: the constraint sigma > 0 fails, the value is -2"
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_position_that_is_not_finite(bad):
    assert "'sigma'" in explanation(scale(), [bad, 1.0, 1.0])
