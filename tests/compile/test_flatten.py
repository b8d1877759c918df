"""Flat graphs are evaluated with PyTensor's Python linker: nothing is compiled here."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest

from compile.small_models import GROUP, X, Y, finite_differences, regression, regression_logp
from rufous.compile.checks import raise_to_nan
from rufous.compile.flatten import bindable_dims, flatten
from rufous.distributions import Dirichlet, HalfNormal, MvNormal, Normal, Uniform, ZeroSumNormal
from rufous.model.model import Model
from rufous.model.python_linker import run
from rufous.model.variables import Potential


def evaluate(flat, graphs, position, data=None):
    parts = flat.unconstrained.unravel(position)
    inputs = {
        variable: parts[spec.name]
        for spec, variable in zip(flat.unconstrained, flat.position, strict=True)
    }
    inputs |= {flat.data[name]: value for name, value in (data or {}).items()}
    return run(list(graphs), inputs)


def test_the_flat_function_is_the_log_density():
    flat = flatten(regression(), ["effect", "sigma", "mu", "rows", "above"])
    data = {"x": X, "group_of_row": GROUP, "y": Y, "dim:row": np.array(3)}
    position = np.array([0.4, -0.3, 0.2])
    value, *gradient = evaluate(flat, [flat.logdensity, *flat.gradient], position, data)

    def reference(at):
        return regression_logp(at, X, GROUP, Y)

    np.testing.assert_allclose(value, reference(position))
    np.testing.assert_allclose(
        np.concatenate([np.ravel(part) for part in gradient]),
        finite_differences(reference, position),
        atol=1e-6,
    )
    stored = dict(
        zip(flat.stored, evaluate(flat, flat.stored.values(), position, data), strict=True)
    )
    np.testing.assert_allclose(stored["sigma"], np.exp(0.2))
    assert stored["rows"] == 3


def transforms() -> Model:
    with Model() as model:
        sigma = HalfNormal("sigma", 2)
        low = Normal("low", 0, 1)
        Uniform("between", low, low + 2.0, shape=2)
        weights = Dirichlet("weights", np.ones(3))
        ZeroSumNormal("balanced", sigma, shape=4)
        MvNormal("pair", np.zeros(2), chol=np.array([[1.0, 0.0], [0.5, 2.0]]))
        Potential("mix", (weights * np.arange(3.0)).sum())
    return model


@pytest.mark.parametrize("seed", range(3))
def test_gradient_through_every_transform(seed):
    model = transforms()
    flat = flatten(model, [variable.name for variable in model.free_RVs])
    position = np.random.default_rng(seed).normal(size=flat.unconstrained.size)

    def value(at):
        return float(evaluate(flat, [flat.logdensity], at)[0])

    reference = model.compile_logp()(flat.unconstrained.unravel(position))
    np.testing.assert_allclose(value(position), reference, rtol=1e-12)
    gradient = np.concatenate([np.ravel(g) for g in evaluate(flat, flat.gradient, position)])
    np.testing.assert_allclose(gradient, finite_differences(value, position), atol=1e-5)


def test_only_lengths_that_data_alone_have_stay_symbolic():
    model = regression()
    assert bindable_dims(model) == {"row"}
    flat = flatten(model, ["mu"])
    assert set(flat.data) == {"x", "group_of_row", "y", "dim:row"}


def test_a_variable_without_influence_has_gradient_zero():
    from rufous.distributions import Flat

    with Model() as model:
        Flat("free", shape=2)
        Normal("x", 0, 1)
    flat = flatten(model, ["x"])
    assert evaluate(flat, flat.gradient, np.ones(3))[0].tolist() == [0.0, 0.0]


def test_models_are_not_changed():
    model = regression()
    before = {name: str(term) for name, term in model.logdensity_terms().items()}
    flatten(model, ["mu"])
    assert {name: str(term) for name, term in model.logdensity_terms().items()} == before


def test_nested_checks_become_nan():
    from pytensor.raise_op import Assert

    x = pt.dscalar("x")
    inner = Assert("positive")(x, pt.gt(x, 0))
    outer = Assert("small")(inner * 2, pt.lt(inner, 10), pt.lt(x, 20))
    checked = raise_to_nan(outer + 1.0)
    assert [float(run([checked], {x: np.array(at)})[0]) for at in (1.0, -1.0, 15.0)] == [
        3.0,
        pytest.approx(np.nan, nan_ok=True),
        pytest.approx(np.nan, nan_ok=True),
    ]
