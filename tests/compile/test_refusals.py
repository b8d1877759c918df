from __future__ import annotations

import pytensor.tensor as pt
import pytest

from compile.small_models import regression
from rufous.compile.compile_model import compile
from rufous.distributions import Bernoulli, Normal, Poisson
from rufous.errors import ModelError, SettingsError, UnknownNameError, UnsupportedError
from rufous.model.model import Model
from rufous.model.variables import Potential


def test_no_model():
    with pytest.raises(ModelError, match="needs a model"):
        compile()


def test_nothing_free():
    with Model() as model:
        Normal("y", 0, 1, observed=[1.0, 2.0])
    with pytest.raises(ModelError, match="no free variables"):
        compile(model)


def test_empty_model():
    with pytest.raises(ModelError, match="no free variables"):
        compile(Model())


def test_discrete_variables_are_named():
    with Model() as model:
        Normal("x", 0, 1)
        Poisson("count", 3.0)
        Bernoulli("flag", 0.5)
    with pytest.raises(UnsupportedError, match=r"'count', 'flag'.*marginalise"):
        compile(model)


def test_operation_that_the_native_evaluator_lacks_is_named():
    with Model() as model:
        x = Normal("x", 0, 1)
        Potential("odd", pt.hyp2f1(2.0, 3.0, 4.0, pt.sigmoid(x)))
    with pytest.raises(UnsupportedError, match=r"Hyp2F1 \(of odd\) is not supported"):
        compile(model, evaluator="native")


@pytest.mark.parametrize("evaluator", ["Numba", "jax", "", None, 3])
def test_unknown_evaluator(evaluator):
    with pytest.raises(SettingsError, match='`evaluator` must be "auto" or "native" or "numba"'):
        compile(regression(), evaluator=evaluator)


@pytest.mark.parametrize(
    ("var_names", "error", "message"),
    [
        (["mu", "tau"], UnknownNameError, "'tau'"),
        (["observed"], UnknownNameError, "no free variable or deterministic"),
        (["sigma_log__"], UnknownNameError, "did you mean"),
        ("mu", SettingsError, r"write \['mu'\]"),
        ([], SettingsError, "is empty"),
    ],
)
def test_var_names(var_names, error, message):
    with pytest.raises(error, match=message):
        compile(regression(), var_names=var_names)


def test_a_variable_from_nowhere():
    import pytensor.tensor as pt

    from rufous.model.variables import Potential

    with pytest.raises((UnsupportedError, ModelError)), Model() as model:
        x = Normal("x", 0, 1)
        Potential("pull", x * pt.dscalar("stranger"))
        compile(model)


def test_an_operation_without_a_derivative():
    import pytensor.tensor as pt

    from rufous.model.variables import Potential

    with Model() as model:
        x = Normal("x", 0, 1, shape=3)
        Potential("bessel", pt.kv(x, 1.0).sum())
    with pytest.raises(RuntimeError, match="cannot be differentiated"):
        compile(model)


def test_a_position_that_is_no_numbers():
    with Model() as model:
        Normal("x", 0.0, 1.0)
    with pytest.raises(SettingsError, match="`position` must hold 1 real numbers, got 'a'"):
        compile(model).logp_dlogp("a")
