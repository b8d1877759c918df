"""The functions that a distribution registers."""

import numpy as np
import pytensor.tensor as pt
import pytest
from pytensor.tensor.random.op import RandomVariable

from rufous.errors import UnsupportedError
from rufous.model.registry import (
    Constraint,
    apply_constraints,
    constraints,
    default_transform,
    logdensity,
    support_point,
)


class StrangeRV(RandomVariable):
    name = "strange"
    signature = "()->()"
    dtype = "float64"


STRANGE = StrangeRV()


def test_a_missing_log_density_says_how_to_register_one():
    with pytest.raises(UnsupportedError, match=r"log density of strange is not known.*register"):
        logdensity(STRANGE, pt.constant(0.0), pt.constant(1.0))


def test_a_missing_support_point_says_to_give_initval():
    with pytest.raises(UnsupportedError, match="give initval="):
        support_point(STRANGE, pt.constant(0.0), pt.constant(1.0))


def test_without_registration_there_is_neither_transform_nor_constraint():
    assert default_transform(STRANGE, pt.constant(0.0)) is None
    assert constraints(STRANGE, pt.constant(0.0), pt.constant(1.0)) == []


def test_a_failed_constraint_makes_its_elements_minus_infinity():
    sigma = pt.constant([1.0, -1.0])
    graph = apply_constraints(pt.constant([0.5, 0.5]), [Constraint(sigma > 0, "sigma > 0")])
    np.testing.assert_array_equal(graph.eval(mode="FAST_COMPILE"), [0.5, -np.inf])
