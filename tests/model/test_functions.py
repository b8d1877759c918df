"""The log density as a Python function."""

import numpy as np
import pytest

import rufous as rf


@pytest.fixture
def function():
    with rf.Model() as model:
        rf.Normal("x", 0, 1)
        rf.Normal("z", 0, 1, shape=2)
    return model.compile_logp()


def test_it_names_what_it_needs(function):
    assert function.names == ("x", "z")


@pytest.mark.parametrize(
    ("point", "error", "text"),
    [
        ({"x": 0.0}, rf.UnknownNameError, "lacks 'z'"),
        ({"x": 0.0, "z": [0, 0], "q": 1}, rf.UnknownNameError, "no value 'q'; there are: x, z"),
        ({"x": 0.0, "z": [0, 0, 0]}, rf.ShapeError, r"'z' has shape \(3,\), expected \(2,\)"),
        (3, rf.ModelError, r"a dict of values by name \(x, z\), got 3"),
        ({"x": "a", "z": [0, 0]}, rf.ModelError, "value 'x' must hold real numbers"),
        ({"x": [0.0], "z": [0, 0]}, rf.ShapeError, r"'x' has shape \(1,\), expected \(\)"),
    ],
)
def test_a_bad_point_is_refused(function, point, error, text):
    with pytest.raises(error, match=text):
        function(point)


def test_stabilised_as_the_compiled_one():
    with rf.Model() as model:
        a = rf.Normal("a", 0, 1)
        rf.Bernoulli("y", logit_p=a, observed=[1, 0])
    at = model.compile_logp("y")
    assert at({"a": 800.0}) == -800.0
    assert np.isfinite(model.compile_dlogp()({"a": 800.0})).all()
