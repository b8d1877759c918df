"""Invertible and even functions of single numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.scalar.basic as ps
import pytensor.scalar.math as pm
import pytensor.tensor as pt
from pytensor.graph.basic import Apply

from rufous.derived.law import Law, log_difference, log_of_rest, snapped, whole_number
from rufous.derived.walk import elementwise_rule, law_of, name_of, random_inputs, refuse
from rufous.transforms import constant_value

__all__ = ["Inverse", "Mapped", "one_random"]

Function = Callable[[Any], Any]


@dataclass(frozen=True)
class Inverse:
    """How to get back from a value.

    Parameters
    ----------
    function : callable
        The inverse.
    slope : callable
        Log of the absolute derivative of the inverse.
    low, high : float, default infinite
        Ends of the values that the function takes.
    increasing : bool or TensorVariable
        Whether it increases.
    """

    function: Function
    slope: Function
    low: float = -np.inf
    high: float = np.inf
    increasing: Any = True

    def inside(self, value: Any) -> Any:
        """Return where a value is between the ends; None where it always is."""
        conditions = []
        if np.isfinite(self.low):
            conditions.append(pt.gt(value, self.low))
        if np.isfinite(self.high):
            conditions.append(pt.lt(value, self.high))
        if not conditions:
            return None
        return conditions[0] if len(conditions) == 1 else conditions[0] & conditions[1]

    def safe(self, value: Any) -> Any:
        """Replace values outside by one inside, so that their derivatives are finite."""
        inside = self.inside(value)
        if inside is None:
            return value
        if np.isfinite(self.low) and np.isfinite(self.high):
            some = 0.5 * (self.low + self.high)
        else:
            some = self.low + 1.0 if np.isfinite(self.low) else self.high - 1.0
        return pt.switch(inside, value, some)


class Mapped(Law):
    """An invertible function of another law.

    Parameters
    ----------
    inner : Law
        What is mapped.
    inverse : Inverse
        The way back.
    forward : callable
        The function itself, for quantiles.
    """

    def __init__(self, inner: Law, inverse: Inverse, forward: Function) -> None:
        self.inner, self.inverse, self.forward = inner, inverse, forward
        self.support, self.discrete = inner.support, inner.discrete

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the argument."""
        return self.inner.shape()

    def logdensity(self, value: Any) -> Any:
        """Take the density at the inverse, times its slope."""
        value = pt.cast(value, "float64")
        safe = self.inverse.safe(value)
        argument = self.inverse.function(safe)
        if self.discrete:
            density = whole_number(self.inner, argument)
        else:
            slope = self.inverse.slope(safe) + pt.zeros_like(argument)
            density = self.inner.logdensity(argument) + self._total(slope, pt.sum)
        inside = self.inverse.inside(value)
        if inside is None:
            return density
        return pt.switch(self._total(inside, pt.all), density, -np.inf)

    def _total(self, graph: Any, reduce: Callable[..., Any]) -> Any:
        return reduce(graph, axis=tuple(range(-self.support, 0))) if self.support else graph

    def logcdf(self, value: Any) -> Any:
        """Take that of the argument, or of the rest where the function decreases."""
        return self._cumulative(value, self.inner.logcdf, self.inner.from_)

    def below(self, value: Any) -> Any:
        """Take that of the argument, or of the rest where the function decreases."""
        if not self.discrete:
            return self.logcdf(value)
        return self._cumulative(value, self.inner.below, self.inner.logccdf)

    def logccdf(self, value: Any) -> Any:
        """Take that of the argument, or the other side where the function decreases."""
        return self._cumulative(value, self.inner.logccdf, self.inner.below, ends=(0.0, -np.inf))

    def _cumulative(
        self,
        value: Any,
        rising: Function,
        falling: Function,
        ends: tuple[float, float] = (-np.inf, 0.0),
    ) -> Any:
        value = pt.cast(value, "float64")
        argument = self.inverse.function(self.inverse.safe(value))
        if self.discrete:
            argument = snapped(argument)
        increasing = self.inverse.increasing
        if increasing is True:
            result = rising(argument)
        elif increasing is False:
            result = falling(argument)
        else:
            result = pt.switch(increasing, rising(argument), falling(argument))
        if np.isfinite(self.inverse.low):
            result = pt.switch(pt.gt(value, self.inverse.low), result, ends[0])
        if np.isfinite(self.inverse.high):
            result = pt.switch(pt.lt(value, self.inverse.high), result, ends[1])
        return result

    def icdf(self, probability: Any) -> Any:
        """Map the quantile of the argument."""
        increasing = self.inverse.increasing
        if increasing is True:
            return self.forward(self.inner.icdf(probability))
        if self.discrete:
            return super().icdf(probability)
        where = 1.0 - probability
        if increasing is not False:
            where = pt.switch(increasing, probability, where)
        return self.forward(self.inner.icdf(where))


class Even(Law):
    """A function of the absolute value of another law.

    Parameters
    ----------
    inner : Law
        What is mapped.
    root : callable
        The argument that is not negative.
    slope : callable
        Log of the derivative of `root`.
    low : float, default 0
        The least value.
    """

    def __init__(self, inner: Law, root: Function, slope: Function, low: float = 0.0) -> None:
        self.inner, self.root, self.slope, self.low = inner, root, slope, low
        self.discrete = inner.discrete

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the argument."""
        return self.inner.shape()

    def logdensity(self, value: Any) -> Any:
        """Add the densities of both roots."""
        value = pt.cast(value, "float64")
        valid = pt.ge(value, self.low)
        safe = pt.switch(valid, value, self.low + 1.0)
        root = self.root(safe)
        if self.discrete:
            both = pt.logaddexp(whole_number(self.inner, root), whole_number(self.inner, -root))
            density = pt.switch(pt.eq(root, 0.0), whole_number(self.inner, root), both)
        else:
            both = pt.logaddexp(self.inner.logdensity(root), self.inner.logdensity(-root))
            density = both + self.slope(safe)
        return pt.switch(valid, density, -np.inf)

    def logcdf(self, value: Any) -> Any:
        """Take the probability between both roots."""
        value = pt.cast(value, "float64")
        root = self.root(pt.maximum(value, self.low))
        between = log_difference(self.inner.logcdf(root), self.inner.below(-root))
        return pt.switch(pt.ge(value, self.low), between, -np.inf)


class Reciprocal(Law):
    """One over another law."""

    def __init__(self, inner: Law) -> None:
        self.inner = inner

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the argument."""
        return self.inner.shape()

    def logdensity(self, value: Any) -> Any:
        """Take the density at the reciprocal, times its slope."""
        value = pt.cast(value, "float64")
        safe = pt.switch(pt.eq(value, 0.0), 1.0, value)
        density = self.inner.logdensity(1.0 / safe) - 2.0 * pt.log(pt.abs(safe))
        return pt.switch(pt.eq(value, 0.0), -np.inf, density)

    def logcdf(self, value: Any) -> Any:
        """Count the negative arguments, and for a positive value those above its reciprocal."""
        value = pt.cast(value, "float64")
        safe = pt.switch(pt.eq(value, 0.0), 1.0, value)
        negative, at = self.inner.logcdf(pt.zeros_like(value)), self.inner.logcdf(1.0 / safe)
        right = pt.logaddexp(negative, log_of_rest(at))
        left = log_difference(negative, pt.minimum(at, negative))
        return pt.switch(pt.gt(value, 0.0), right, pt.switch(pt.eq(value, 0.0), negative, left))


def one_random(node: Apply) -> int:
    """Return which input is random, and refuse several, or one that stretches to the others."""
    random = random_inputs(node)
    if len(random) != 1:
        names = " and ".join(_shown(node.inputs[i]) for i in random)
        refuse(node, f"{name_of(node)} combines {len(random)} random variables ({names})")
    [i] = random
    if node.inputs[i].type.broadcastable != node.outputs[0].type.broadcastable:
        refuse(
            node,
            f"{name_of(node)} stretches {_shown(node.inputs[i])}, so that one draw appears several "
            "times; give it the full shape",
        )
    return i


def _shown(variable: Any) -> str:
    while variable.name is None and variable.owner is not None:
        if hasattr(variable.owner.op, "ndim_supp"):
            return str(variable.owner.op.name)
        variable = variable.owner.inputs[0]
    return str(variable.name)


def continuous(node: Apply, i: int) -> Law:
    """Return the law of an input that must be of real numbers."""
    law = law_of(node.inputs[i])
    if law.discrete:
        refuse(node, f"{name_of(node)} is applied to a discrete variable")
    return law


def single_real(node: Apply, i: int) -> Law:
    """Return the law of an input that must be of single real numbers."""
    continuous(node, i)
    return single(node, i)


def single(node: Apply, i: int) -> Law:
    """Return the law of an input that must be of single numbers, not of vectors."""
    law = law_of(node.inputs[i])
    if law.support:
        refuse(node, f"{name_of(node)} is applied to a multivariate variable")
    return law


def apply_to(node: Apply, i: int) -> Function:
    """Return the function that a node is of its random input."""

    def forward(argument: Any) -> Any:
        return node.op(*(argument if k == i else each for k, each in enumerate(node.inputs)))

    return forward


_HALF_LOG_PI = 0.5 * np.log(np.pi)
_INVERSES: dict[type, Inverse] = {
    ps.Exp: Inverse(pt.log, lambda v: -pt.log(v), low=0.0),
    ps.Log: Inverse(pt.exp, lambda v: v),
    ps.Expm1: Inverse(pt.log1p, lambda v: -pt.log1p(v), low=-1.0),
    ps.Log1p: Inverse(pt.expm1, lambda v: v),
    ps.Exp2: Inverse(pt.log2, lambda v: -pt.log(v) - np.log(np.log(2.0)), low=0.0),
    ps.Log2: Inverse(pt.exp2, lambda v: v * np.log(2.0) + np.log(np.log(2.0))),
    ps.Log10: Inverse(lambda v: 10.0**v, lambda v: v * np.log(10.0) + np.log(np.log(10.0))),
    ps.Sqrt: Inverse(pt.sqr, lambda v: pt.log(2.0 * v), low=0.0),
    ps.Sinh: Inverse(pt.arcsinh, lambda v: -0.5 * pt.log1p(v * v)),
    ps.ArcSinh: Inverse(pt.sinh, lambda v: pt.log(pt.cosh(v))),
    ps.Tanh: Inverse(pt.arctanh, lambda v: -pt.log1p(-v * v), low=-1.0, high=1.0),
    ps.ArcTanh: Inverse(pt.tanh, lambda v: -2.0 * pt.log(pt.cosh(v))),
    ps.ArcTan: Inverse(
        pt.tan, lambda v: -2.0 * pt.log(pt.abs(pt.cos(v))), low=-0.5 * np.pi, high=0.5 * np.pi
    ),
    ps.ArcSin: Inverse(pt.sin, lambda v: pt.log(pt.cos(v)), low=-0.5 * np.pi, high=0.5 * np.pi),
    ps.ArcCos: Inverse(pt.cos, lambda v: pt.log(pt.sin(v)), low=0.0, high=np.pi, increasing=False),
    ps.ArcCosh: Inverse(pt.cosh, lambda v: pt.log(pt.sinh(v)), low=0.0),
    pm.Erfinv: Inverse(pt.erf, lambda v: np.log(2.0) - _HALF_LOG_PI - v * v),
    pm.Erfcinv: Inverse(pt.erfc, lambda v: np.log(2.0) - _HALF_LOG_PI - v * v, increasing=False),
    pm.Sigmoid: Inverse(
        lambda v: pt.log(v) - pt.log1p(-v), lambda v: -pt.log(v) - pt.log1p(-v), low=0.0, high=1.0
    ),
    pm.Softplus: Inverse(lambda v: v + pt.log1mexp(-v), lambda v: -pt.log1mexp(-v), low=0.0),
    pm.Erf: Inverse(
        pt.erfinv, lambda v: _HALF_LOG_PI - np.log(2.0) + pt.erfinv(v) ** 2, low=-1.0, high=1.0
    ),
    pm.Erfc: Inverse(
        pt.erfcinv,
        lambda v: _HALF_LOG_PI - np.log(2.0) + pt.erfcinv(v) ** 2,
        low=0.0,
        high=2.0,
        increasing=False,
    ),
}


@elementwise_rule(*_INVERSES)
def _(scalar_op: Any, node: Apply) -> Law:
    i = one_random(node)
    return Mapped(continuous(node, i), _INVERSES[type(scalar_op)], apply_to(node, i))


@elementwise_rule(ps.Identity)
def _(scalar_op: Any, node: Apply) -> Law:
    return law_of(node.inputs[one_random(node)])


@elementwise_rule(ps.Cast)
def _(scalar_op: Any, node: Apply) -> Law:
    law = law_of(node.inputs[one_random(node)])
    if not law.discrete and not node.outputs[0].dtype.startswith("float"):
        refuse(node, f"a cast to {node.outputs[0].dtype} cuts off digits; write floor or round")
    return law


@elementwise_rule(ps.Add)
def _(scalar_op: Any, node: Apply) -> Law:
    i = one_random(node)
    others = [each for k, each in enumerate(node.inputs) if k != i]
    shift = others[0] if len(others) == 1 else pt.add(*others)
    return Mapped(law_of(node.inputs[i]), _affine(shift=shift), apply_to(node, i))


@elementwise_rule(ps.Sub)
def _(scalar_op: Any, node: Apply) -> Law:
    i = one_random(node)
    if i == 0:
        return Mapped(law_of(node.inputs[0]), _affine(shift=-node.inputs[1]), apply_to(node, 0))
    inverse = Inverse(lambda v: node.inputs[0] - v, _zero, increasing=False)
    return Mapped(law_of(node.inputs[1]), inverse, apply_to(node, 1))


@elementwise_rule(ps.Neg)
def _(scalar_op: Any, node: Apply) -> Law:
    inverse = Inverse(lambda v: -v, _zero, increasing=False)
    return Mapped(law_of(node.inputs[one_random(node)]), inverse, apply_to(node, 0))


@elementwise_rule(ps.Mul)
def _(scalar_op: Any, node: Apply) -> Law:
    i = one_random(node)
    others = [each for k, each in enumerate(node.inputs) if k != i]
    factor = others[0] if len(others) == 1 else pt.mul(*others)
    return Mapped(law_of(node.inputs[i]), _affine(factor=factor), apply_to(node, i))


@elementwise_rule(ps.TrueDiv)
def _(scalar_op: Any, node: Apply) -> Law:
    i = one_random(node)
    if i == 0:
        inverse = _affine(factor=pt.reciprocal(pt.cast(node.inputs[1], "float64")))
        return Mapped(law_of(node.inputs[0]), inverse, apply_to(node, 0))
    turned = Reciprocal(single_real(node, 1))
    factor = node.inputs[0]
    return Mapped(turned, _affine(factor=factor), lambda v: factor * v)


@elementwise_rule(ps.Reciprocal)
def _(scalar_op: Any, node: Apply) -> Law:
    return Reciprocal(single_real(node, one_random(node)))


def _zero(value: Any) -> Any:
    return pt.zeros_like(value)


def _affine(factor: Any = None, shift: Any = None) -> Inverse:
    if factor is None:
        return Inverse(lambda v: v - shift, _zero)
    constant = constant_value(factor)
    increasing: Any = pt.gt(factor, 0)
    if constant is not None and ((constant > 0).all() or (constant < 0).all()):
        increasing = bool((constant > 0).all())
    return Inverse(
        lambda v: v / factor,
        lambda v: -pt.log(pt.abs(pt.cast(factor, "float64"))) + pt.zeros_like(v),
        increasing=increasing,
    )


@elementwise_rule(ps.Abs)
def _(scalar_op: Any, node: Apply) -> Law:
    return Even(single(node, one_random(node)), lambda v: v, _zero)


@elementwise_rule(ps.Cosh)
def _(scalar_op: Any, node: Apply) -> Law:
    law = single_real(node, one_random(node))
    return Even(law, pt.arccosh, lambda v: -0.5 * pt.log(v * v - 1.0), low=1.0)


@elementwise_rule(ps.Sqr)
def _(scalar_op: Any, node: Apply) -> Law:
    return _even_power(single_real(node, one_random(node)), 2.0)


def _even_power(law: Law, power: float) -> Law:
    def slope(value: Any) -> Any:
        return (1.0 / power - 1.0) * pt.log(value) - np.log(power)

    return Even(law, lambda v: v ** (1.0 / power), slope)


@elementwise_rule(ps.Pow)
def _(scalar_op: Any, node: Apply) -> Law:
    i = one_random(node)
    law, other = single_real(node, i), node.inputs[1 - i]
    if i == 1:
        rate = pt.log(pt.cast(other, "float64"))
        inverse = Inverse(
            lambda v: pt.log(v) / rate,
            lambda v: -pt.log(v) - pt.log(pt.abs(rate)),
            low=0.0,
            increasing=pt.gt(rate, 0.0),
        )
        return Mapped(law, inverse, apply_to(node, 1))
    constant = constant_value(other)
    if constant is None or np.unique(constant).size != 1 or not constant.flat[0]:
        refuse(node, "the exponent of a power must be one number, known and not zero")
    exponent = float(constant.flat[0])
    powered = _power(law, abs(exponent))
    return powered if exponent > 0 else Reciprocal(powered)


def _power(law: Law, power: float) -> Law:
    if power == 1.0:
        return law
    if power % 2.0 == 0.0:
        return _even_power(law, power)

    def slope(value: Any) -> Any:
        return (1.0 / power - 1.0) * pt.log(pt.abs(value)) - np.log(power)

    if power % 2.0 == 1.0:
        inverse = Inverse(
            lambda v: pt.switch(pt.lt(v, 0.0), -1.0, 1.0) * pt.abs(v) ** (1.0 / power), slope
        )
    else:
        inverse = Inverse(lambda v: v ** (1.0 / power), slope, low=0.0)
    return Mapped(law, inverse, lambda v: v**power)
