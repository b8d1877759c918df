"""Numbers that are clipped, rounded, compared, or the largest of several."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.scalar.basic as ps
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.tensor.math import Max

from rufous.derived.elementwise import Mapped, apply_to, one_random, single
from rufous.derived.law import Drawn, Law, log_difference, log_of_rest, spread
from rufous.derived.walk import (
    check_apart,
    elementwise_rule,
    name_of,
    op_rule,
    random_inputs,
    refuse,
)

__all__: list[str] = []


class Clipped(Law):
    """Numbers beyond an end count as that end."""

    def __init__(self, inner: Law, lower: Any, upper: Any) -> None:
        self.inner, self.lower, self.upper = inner, lower, upper
        self.discrete = inner.discrete

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the argument."""
        return self.inner.shape()

    def logdensity(self, value: Any) -> Any:
        """Give an end the probability of all numbers beyond."""
        density = self.inner.logdensity(value)
        if self.lower is not None:
            density = pt.switch(pt.eq(value, self.lower), self.inner.logcdf(self.lower), density)
            density = pt.switch(pt.lt(value, self.lower), -np.inf, density)
        if self.upper is not None:
            above = self.inner.from_(self.upper)
            density = pt.switch(pt.eq(value, self.upper), above, density)
            density = pt.switch(pt.gt(value, self.upper), -np.inf, density)
        return density

    def logcdf(self, value: Any) -> Any:
        """Take that of the numbers, between the ends."""
        result = self.inner.logcdf(value)
        if self.lower is not None:
            result = pt.switch(pt.lt(value, self.lower), -np.inf, result)
        if self.upper is not None:
            result = pt.switch(pt.ge(value, self.upper), 0.0, result)
        return result

    def icdf(self, probability: Any) -> Any:
        """Clip the quantile."""
        quantile = self.inner.icdf(probability)
        if self.lower is not None:
            quantile = pt.maximum(quantile, self.lower)
        return quantile if self.upper is None else pt.minimum(quantile, self.upper)


@elementwise_rule(ps.Clip)
def _(scalar_op: Any, node: Apply) -> Law:
    if one_random(node) != 0:
        refuse(node, "an end of clip is random")
    return Clipped(single(node, 0), node.inputs[1], node.inputs[2])


@elementwise_rule(ps.Maximum, ps.Minimum)
def _(scalar_op: Any, node: Apply) -> Law:
    largest = isinstance(scalar_op, ps.Maximum)
    random = random_inputs(node)
    if len(random) == 2:
        check_apart(node, list(node.inputs))
        return LargestOf([single(node, i) for i in (0, 1)], smallest=not largest)
    i = one_random(node)
    end = node.inputs[1 - i]
    return Clipped(single(node, i), end if largest else None, None if largest else end)


class LargestOf(Law):
    """The largest (or smallest) of independent numbers, element by element."""

    def __init__(self, parts: list[Law], *, smallest: bool = False) -> None:
        self.parts, self.smallest = parts, smallest
        self.discrete = all(part.discrete for part in parts)

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the first; all have the same."""
        return self.parts[0].shape()

    def logdensity(self, value: Any) -> Any:
        """Let each be the one that is there, and the others not beyond."""
        if self.discrete:
            return log_difference(self.logcdf(value), self.below(value))
        first, second = self.parts
        one, two = (self._not_beyond(part.logcdf(value)) for part in self.parts)
        return pt.logaddexp(first.logdensity(value) + two, second.logdensity(value) + one)

    def _not_beyond(self, log_probability: Any) -> Any:
        return log_of_rest(log_probability) if self.smallest else log_probability

    def logcdf(self, value: Any) -> Any:
        """Multiply the probabilities."""
        return self._joint([part.logcdf(value) for part in self.parts])

    def below(self, value: Any) -> Any:
        """Multiply the probabilities."""
        return self._joint([part.below(value) for part in self.parts])

    def _joint(self, log_probabilities: list[Any]) -> Any:
        return self._not_beyond(pt.add(*map(self._not_beyond, log_probabilities)))


class LargestAlong(Law):
    """The largest of independent numbers along some axes.

    Parameters
    ----------
    inner : Law
        The numbers.
    axes : tuple of int
        Along which.
    """

    def __init__(self, inner: Law, axes: tuple[int, ...]) -> None:
        self.inner, self.axes = inner, axes
        self.discrete = inner.discrete

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the other axes."""
        return tuple(n for i, n in enumerate(self.inner.shape()) if i not in self.axes)

    def _spread(self, value: Any) -> Any:
        lengths = self.inner.shape()
        axes = tuple(axis - len(lengths) for axis in self.axes)
        wide = pt.expand_dims(value, axes)
        return spread(wide, wide, lengths)

    def _total(self, numbers: Any, reduce: Any) -> Any:
        return reduce(numbers, axis=tuple(a - len(self.inner.shape()) for a in self.axes))

    def logdensity(self, value: Any) -> Any:
        """Let each be the one that is there, and the others less."""
        if self.discrete:
            return log_difference(self.logcdf(value), self.below(value))
        wide = self._spread(value)
        each, total = self.inner.logcdf(wide), self.logcdf(value)
        ratio = self.inner.logdensity(wide) - pt.switch(pt.isinf(each), 0.0, each)
        largest = total + self._total(ratio, pt.logsumexp)
        return pt.switch(pt.isinf(total), -np.inf, largest)

    def logcdf(self, value: Any) -> Any:
        """Multiply the probabilities."""
        return self._total(self.inner.logcdf(self._spread(value)), pt.sum)

    def below(self, value: Any) -> Any:
        """Multiply the probabilities."""
        return self._total(self.inner.below(self._spread(value)), pt.sum)

    def icdf(self, probability: Any) -> Any:
        """Take the root of the probability, where all numbers have the same law."""
        if not _same_everywhere(self.inner):
            return super().icdf(probability)
        lengths = [self.inner.shape()[axis] for axis in self.axes]
        count = pt.prod(pt.stack([pt.cast(n, "float64") for n in lengths]))
        return self.inner.icdf(probability ** (1.0 / count))


def _same_everywhere(law: Law) -> bool:
    if isinstance(law, Mapped):
        return False
    return isinstance(law, Drawn) and all(all(p.type.broadcastable) for p in law.parameters)


@op_rule.register(Max)
def _(op: Max, node: Apply) -> Law:
    law = single(node, 0)
    ndim = node.inputs[0].type.ndim
    axes = tuple(range(ndim)) if op.axis is None else tuple(op.axis)
    return LargestAlong(law, axes)


class Rounded(Law):
    """Whole numbers that stand for intervals of another law.

    Parameters
    ----------
    inner : Law
        The numbers that are rounded.
    ends : callable
        Lower and upper end of the interval that a whole number stands for.
    forward : callable
        The rounding.
    """

    discrete = True

    def __init__(self, inner: Law, ends: Any, forward: Any) -> None:
        self.inner, self.ends, self.forward = inner, ends, forward

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the argument."""
        return self.inner.shape()

    def logdensity(self, value: Any) -> Any:
        """Take the probability of the interval."""
        value = pt.cast(value, "float64")
        low, high = self.ends(value)
        probability = log_difference(self.inner.logcdf(high), self.inner.logcdf(low))
        return pt.switch(pt.eq(value, pt.floor(value)), probability, -np.inf)

    def logcdf(self, value: Any) -> Any:
        """Take that of the upper end."""
        return self.inner.logcdf(self.ends(pt.floor(pt.cast(value, "float64")))[1])

    def icdf(self, probability: Any) -> Any:
        """Round the quantile."""
        return self.forward(self.inner.icdf(probability))


_ENDS = {
    ps.Floor: lambda k: (k, k + 1.0),
    ps.Ceil: lambda k: (k - 1.0, k),
    ps.RoundHalfToEven: lambda k: (k - 0.5, k + 0.5),
    ps.RoundHalfAwayFromZero: lambda k: (k - 0.5, k + 0.5),
    ps.Trunc: lambda k: (
        pt.switch(pt.gt(k, 0.0), k, k - 1.0),
        pt.switch(pt.lt(k, 0.0), k, k + 1.0),
    ),
}


@elementwise_rule(*_ENDS)
def _(scalar_op: Any, node: Apply) -> Law:
    i = one_random(node)
    law = single(node, i)
    if isinstance(law, Drawn) and law.discrete:
        return law
    if law.discrete:
        refuse(node, f"{name_of(node)} rounds a discrete expression")
    return Rounded(law, _ENDS[type(scalar_op)], apply_to(node, i))


class Compared(Law):
    """Whether a number is on one side of another.

    Parameters
    ----------
    log_true : TensorVariable
        Log probability that it is.
    shape : tuple
        Lengths.
    """

    discrete = True

    def __init__(self, log_true: Any, shape: tuple[Any, ...]) -> None:
        self.log_true, self._shape = log_true, shape

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths."""
        return self._shape

    def logdensity(self, value: Any) -> Any:
        """Take the probability of what came, -inf for anything but 0 and 1."""
        either = pt.switch(pt.eq(value, 1), self.log_true, log_of_rest(self.log_true))
        return pt.switch(pt.eq(value, 0) | pt.eq(value, 1), either, -np.inf)

    def logcdf(self, value: Any) -> Any:
        """Step at 0 and at 1."""
        lower = pt.switch(pt.ge(value, 0), log_of_rest(self.log_true), -np.inf)
        return pt.switch(pt.ge(value, 1), 0.0, lower)


_MIRRORED = {ps.GT: ps.LT, ps.LT: ps.GT, ps.GE: ps.LE, ps.LE: ps.GE}


@elementwise_rule(*_MIRRORED)
def _(scalar_op: Any, node: Apply) -> Law:
    i = one_random(node)
    law, other = single(node, i), node.inputs[1 - i]
    kind = type(scalar_op) if i == 0 else _MIRRORED[type(scalar_op)]
    at_most = law.logcdf(other) if kind in (ps.GT, ps.LE) else law.below(other)
    return Compared(at_most if kind in (ps.LT, ps.LE) else log_of_rest(at_most), law.shape())


@elementwise_rule(ps.EQ, ps.NEQ)
def _(scalar_op: Any, node: Apply) -> Law:
    i = one_random(node)
    law = single(node, i)
    if not law.discrete:
        refuse(node, f"{name_of(node)} compares a continuous variable, which never is equal")
    equal = law.logdensity(node.inputs[1 - i])
    return Compared(equal if isinstance(scalar_op, ps.EQ) else log_of_rest(equal), law.shape())


@elementwise_rule(ps.Invert)
def _(scalar_op: Any, node: Apply) -> Law:
    law = single(node, one_random(node))
    if node.outputs[0].dtype != "bool":
        refuse(node, "the bits of a number are inverted")
    return Compared(law.logdensity(pt.constant(0)), law.shape())
