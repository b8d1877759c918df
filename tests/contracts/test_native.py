"""Every distribution runs in the native evaluator, with the gradient that PyTensor takes."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import rufous.distributions as rd
from contracts.distribution_cases import CONTINUOUS, PROPER
from contracts.graph_tools import AS_WRITTEN
from contracts.whole_models import MODELS
from rufous.compile.compile_model import compile
from rufous.model.model import Model

POSITIONS = np.linspace(-2.2, 2.4, 5)


def by_pytensor(model):
    """The log density and its gradient as PyTensor computes them, at a flat position."""
    values = model.value_vars
    total = pt.add(*[pt.sum(term) for term in model.logdensity_terms().values()])
    slopes = pytensor.grad(total, values, disconnected_inputs="ignore")
    function = pytensor.function(
        values, [total, *slopes], mode=AS_WRITTEN, on_unused_input="ignore"
    )
    layout = model.unconstrained_layout()

    def evaluate(position):
        parts = layout.unravel(position)
        with np.errstate(all="ignore"):
            value, *slopes = function(*(parts[v.name] for v in values))
        return float(value), np.concatenate([np.ravel(s) for s in slopes])

    return evaluate


def hold_beside(model):
    """Compare value and gradient of a model at a few positions; how many had a value."""
    compiled = compile(model, evaluator="native")
    reference = by_pytensor(model)
    rng = np.random.default_rng(1)
    counted = 0
    for shift in POSITIONS:
        position = shift + 0.3 * rng.normal(size=compiled.dim)
        value, gradient = compiled.logp_dlogp(position)
        expected, slopes = reference(position)
        assert np.isfinite(value) == np.isfinite(expected)
        if not np.isfinite(value):
            continue
        scale = max(1.0, np.abs(slopes).max())
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-10)
        np.testing.assert_allclose(gradient, slopes, rtol=1e-10, atol=1e-10 * scale)
        counted += 1
    return counted


def floating(case):
    """The parameters of a case that can be random variables."""
    return {
        name: float(value)
        for name, value in case.parameters.items()
        if name not in case.fixed and np.ndim(value) == 0 and not isinstance(value, str)
    }


@pytest.mark.parametrize("case", CONTINUOUS, ids=lambda case: case.name)
def test_free_variable_by_its_default_transform(case):
    """Constant parameters, and the Jacobian of the transform."""
    with Model() as model:
        case.distribution("x", **case.parameters)
    assert hold_beside(model) > 0


@pytest.mark.parametrize("case", PROPER, ids=lambda case: case.name)
def test_observed_variable_of_random_parameters(case):
    """Every real parameter is a free variable near its value; the gradient is theirs."""
    near = floating(case)
    if not near:
        return
    with Model() as model:
        parameters = {
            name: value * pt.exp(0.01 * rd.Normal(f"{name}_", 0.0, 1.0))
            for name, value in near.items()
        }
        inside = np.asarray(case.reference.ppf([0.2, 0.5, 0.7]), dtype=np.float64)
        observed = inside.astype(np.int64) if case.discrete else inside
        case.distribution("x", **{**case.parameters, **parameters}, observed=observed)
    assert hold_beside(model) > 0


@pytest.mark.parametrize("name", MODELS)
def test_whole_model(name):
    """Distributions with an axis of their own, modifiers and transforms."""
    with Model() as model:
        MODELS[name]()
    assert hold_beside(model) > 0
