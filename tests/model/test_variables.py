"""Deterministics and potentials."""

import numpy as np
import pandas as pd
import pytensor.tensor as pt
import pytest

import rufous as rf


def test_a_deterministic_is_a_variable_of_the_model():
    with rf.Model(coords={"a": [1, 2]}) as model:
        x = rf.Normal("x", 0, 1, dims="a")
        d = rf.Deterministic("d", 2 * x, dims="a")
    assert model["d"] is d
    assert model.deterministics == [d]
    assert model.unobserved_RVs == [x, d]
    assert model.named_vars_to_dims["d"] == ("a",)


def test_a_deterministic_leaves_the_expression_alone():
    with rf.Model():
        x = rf.Normal("x", 0, 1)
        expression = x + 1
        rf.Deterministic("d", expression)
        rf.Deterministic("e", expression)
    assert expression.name is None
    assert x.name == "x"


def test_numbers_and_pandas_objects_are_expressions_too():
    with rf.Model() as model:
        rf.Deterministic("d", pd.Series([1.0, 2.0]))
        rf.Potential("p", 3)
    assert model["d"].dtype == "float64"
    assert model["p"].dtype == "float64"
    assert float(model.compile_logp()({})) == 3.0


@pytest.mark.parametrize("kind", [rf.Deterministic, rf.Potential])
def test_dims_must_have_the_lengths_of_the_expression(kind):
    with rf.Model(coords={"a": [1, 2]}) as model:
        x = rf.Normal("x", 0, 1, shape=3)
        with pytest.raises(rf.ShapeError, match=r"'d' has length 3 on axis 0, but dim 'a' .* 2"):
            kind("d", x, dims="a")
        with pytest.raises(rf.ShapeError, match=r"'d' has shape \(3,\), but dims \('a', 'a2'\)"):
            kind("d", x, dims=("a", "a2"))
        with pytest.raises(rf.UnknownNameError, match="no dim named 'q'"):
            kind("d", x, dims="q")
        assert "d" not in model


@pytest.mark.parametrize(
    "write",
    [
        lambda x: rf.Normal("y", x, 1),
        lambda x: rf.Potential("y", x + 1),
    ],
)
def test_a_variable_without_a_name_cannot_be_used(write):
    with rf.Model():
        x = rf.Normal.dist(0, 1)
        with pytest.raises(rf.ModelError, match=r"'y' depends on .* made with \.dist\(\)"):
            write(x)


def test_a_deterministic_of_a_variable_without_a_name_cannot_be_sampled():
    with rf.Model() as model:
        rf.Normal("x", 0, 1)
        rf.Deterministic("y", rf.Normal.dist(0, 1) + 1)
    with pytest.raises(rf.ModelError, match=r"'y' depends on .* made with \.dist\(\)"):
        rf.compile(model)


@pytest.mark.parametrize(
    "write",
    [lambda x: rf.Normal("y", x, 1), lambda x: rf.Deterministic("y", x + rf.Normal("z", 0, 1))],
)
def test_a_symbolic_input_has_no_value(write):
    with (
        rf.Model(),
        pytest.raises(rf.ModelError, match=r"'y' depends on the symbolic input q"),
    ):
        write(pt.dscalar("q"))


def test_nothing_is_no_expression():
    with rf.Model(), pytest.raises(rf.ModelError, match="Deterministic 'd' is missing: got None"):
        rf.Deterministic("d", None)


def test_a_variable_of_another_model_cannot_be_used():
    with rf.Model():
        x = rf.Normal("x", 0, 1)
    with rf.Model(), pytest.raises(rf.ModelError, match="'y' depends on a random variable 'x'"):
        rf.Normal("y", x, 1)


def test_a_potential_is_summed():
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1, shape=2)
        rf.Potential("p", -x)
    terms = model.point_logps({"x": np.array([1.0, 2.0])})
    assert terms["p"] == -3.0
