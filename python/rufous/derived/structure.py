"""Arrays that are joined, rearranged or summed along an axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Variable
from pytensor.raise_op import CheckAndRaise
from pytensor.tensor.basic import Alloc, Join, MakeVector
from pytensor.tensor.elemwise import DimShuffle
from pytensor.tensor.extra_ops import CumOp
from pytensor.tensor.shape import Reshape, SpecifyShape

from rufous.derived.law import Law, spread
from rufous.derived.walk import (
    check_apart,
    law_of,
    name_of,
    op_rule,
    refuse,
    sources,
)

__all__ = ["joined_parts"]

Move = Callable[[Any], Any]


class Joined(Law):
    """Independent arrays side by side along one axis of the batch.

    Parameters
    ----------
    parts : sequence of Law
        Their laws.
    axis : int
        Counted from the front.
    """

    def __init__(self, parts: Sequence[Law], axis: int) -> None:
        self.parts, self.axis = list(parts), axis
        self.support = parts[0].support
        self.discrete = all(part.discrete for part in parts)

    def shape(self) -> tuple[Any, ...]:
        """Add up the lengths along the axis."""
        lengths = list(self.parts[0].shape())
        for part in self.parts[1:]:
            lengths[self.axis] = lengths[self.axis] + part.shape()[self.axis]
        return tuple(lengths)

    def logdensity(self, value: Any) -> Any:
        """Join the densities."""
        return self._each("logdensity", value)

    def logcdf(self, value: Any) -> Any:
        """Join the log cdfs."""
        return self._each("logcdf", value)

    def icdf(self, probability: Any) -> Any:
        """Join the quantiles."""
        return self._each("icdf", probability)

    def _each(self, method: str, value: Any) -> Any:
        found, start = [], 0
        after = len(self.shape()) - 1 - self.axis
        for part in self.parts:
            lengths = part.shape()
            stop = start + lengths[self.axis]
            piece = value[(..., slice(start, stop), *(slice(None),) * after)]
            found.append(spread(getattr(part, method)(piece), piece, lengths, self.support))
            start = stop
        return pt.concatenate(found, axis=self.support - 1 - after)


class Stacked(Law):
    """Independent single numbers as one vector."""

    def __init__(self, parts: Sequence[Law]) -> None:
        self.parts = list(parts)
        self.discrete = all(part.discrete for part in parts)

    def shape(self) -> tuple[Any, ...]:
        """Count the numbers."""
        return (len(self.parts),)

    def logdensity(self, value: Any) -> Any:
        """Stack the densities."""
        return pt.stack([part.logdensity(value[..., i]) for i, part in enumerate(self.parts)], -1)

    def logcdf(self, value: Any) -> Any:
        """Stack the log cdfs."""
        return pt.stack([part.logcdf(value[..., i]) for i, part in enumerate(self.parts)], -1)

    def icdf(self, probability: Any) -> Any:
        """Stack the quantiles."""
        return pt.stack([part.icdf(probability[..., i]) for i, part in enumerate(self.parts)], -1)


def joined_parts(node: Apply) -> tuple[int, list[Variable]]:
    """Return the axis and the arrays that a join joins, whatever the version of PyTensor."""
    if hasattr(node.op, "axis"):
        axis, parts = node.op.axis, node.inputs
    else:
        axis, parts = int(node.inputs[0].data), node.inputs[1:]
    return axis % node.outputs[0].type.ndim, list(parts)


def _laws(node: Apply, parts: list[Variable]) -> list[Law]:
    for part in parts:
        if not sources(part):
            refuse(node, f"{name_of(node)} joins random variables with numbers that are not random")
    check_apart(node, parts)
    laws = [law_of(part) for part in parts]
    if len({(law.support, law.discrete) for law in laws}) > 1:
        refuse(node, f"{name_of(node)} joins variables of different kinds")
    return laws


@op_rule.register(Join)
def _(op: Join, node: Apply) -> Law:
    axis, parts = joined_parts(node)
    laws = _laws(node, parts)
    if axis >= node.outputs[0].type.ndim - laws[0].support:
        refuse(node, f"{name_of(node)} joins parts of single vectors")
    return Joined(laws, axis)


@op_rule.register(MakeVector)
def _(op: MakeVector, node: Apply) -> Law:
    return Stacked(_laws(node, list(node.inputs)))


class Rearranged(Law):
    """The same numbers in another arrangement.

    Parameters
    ----------
    inner : Law
        The numbers.
    back : callable
        From the new arrangement of a value to the old one.
    forth : callable
        From the old arrangement of the batch to the new one.
    shape : tuple
        New lengths.
    """

    def __init__(self, inner: Law, back: Move, forth: Move, shape: tuple[Any, ...]) -> None:
        self.inner, self.back, self.forth, self._shape = inner, back, forth, shape
        self.support, self.discrete = inner.support, inner.discrete

    def shape(self) -> tuple[Any, ...]:
        """Return the new lengths."""
        return self._shape

    def logdensity(self, value: Any) -> Any:
        """Rearrange the density."""
        return self._moved(self.inner.logdensity, value, self.support)

    def logcdf(self, value: Any) -> Any:
        """Rearrange the log cdf."""
        return self._moved(self.inner.logcdf, value)

    def icdf(self, probability: Any) -> Any:
        """Rearrange the quantile."""
        return self._moved(self.inner.icdf, probability)

    def _moved(self, function: Move, value: Any, support: int = 0) -> Any:
        back = self.back(value)
        if self.forth is _same:
            return function(back)
        return self.forth(spread(function(back), back, self.inner.shape(), support))


@op_rule.register(DimShuffle)
def _(op: DimShuffle, node: Apply) -> Law:
    law = law_of(node.inputs[0])
    order, ndim = list(op.new_order), node.inputs[0].type.ndim
    if law.column is not None and order == [0]:
        return law.column
    kept = [axis for axis in order if axis != "x"]
    support = list(range(ndim - law.support, ndim))
    if order[len(order) - law.support :] != support:
        refuse(node, f"{name_of(node)} moves the axes of single vectors")
    lengths = law.shape()
    shape = tuple(1 if axis == "x" else lengths[axis] for axis in order)

    if not law.support and order == [*["x"] * (len(order) - ndim), *range(ndim)]:
        # Axes in front change nothing: numbers stretch to the right.
        return Rearranged(law, _same, _same, shape)
    new = [axis for axis, kind in enumerate(order) if kind == "x"]
    places = [kept.index(axis) if axis in kept else "x" for axis in range(ndim)]
    batch_order = order[: len(order) - law.support]
    return Rearranged(
        law,
        lambda value: value.squeeze(tuple(new)).dimshuffle(places),
        lambda batch: batch.dimshuffle(batch_order),
        shape,
    )


def _same(value: Any) -> Any:
    return value


@op_rule.register(Reshape)
def _(op: Reshape, node: Apply) -> Law:
    law = law_of(node.inputs[0])
    if law.support:
        refuse(node, f"{name_of(node)} takes single vectors apart")
    inner, static = law.shape(), node.outputs[0].type.shape
    lengths = [node.inputs[1][i] if n is None else n for i, n in enumerate(static)]

    def back(value: Any) -> Any:
        return value.reshape(inner, ndim=len(inner))

    return Rearranged(
        law, back, lambda batch: batch.reshape(lengths, ndim=len(lengths)), tuple(lengths)
    )


@op_rule.register(SpecifyShape)
@op_rule.register(CheckAndRaise)
def _(op: Any, node: Apply) -> Law:
    return law_of(node.inputs[0])


@op_rule.register(Alloc)
def _(op: Alloc, node: Apply) -> Law:
    refuse(node, "a broadcast shows one draw several times; give it the full shape")


class Summed(Law):
    """A running sum of independent steps along one axis."""

    def __init__(self, inner: Law, axis: int) -> None:
        self.inner, self.axis = inner, axis
        self.support, self.discrete = inner.support, inner.discrete

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the steps."""
        return self.inner.shape()

    def logdensity(self, value: Any) -> Any:
        """Take the density of the steps."""
        after = len(self.shape()) - 1 - self.axis
        first, later, earlier = (
            value[(..., part, *(slice(None),) * after)]
            for part in (slice(0, 1), slice(1, None), slice(None, -1))
        )
        return self.inner.logdensity(pt.concatenate([first, later - earlier], axis=-1 - after))


@op_rule.register(CumOp)
def _(op: CumOp, node: Apply) -> Law:
    law, ndim = law_of(node.inputs[0]), node.inputs[0].type.ndim
    if op.mode != "add":
        refuse(node, "a running product has no rule")
    if op.axis is None and ndim != 1:
        refuse(node, "a running sum over all axes has no rule; name the axis")
    axis = 0 if op.axis is None else int(op.axis) % ndim
    if axis >= ndim - law.support:
        refuse(node, "a running sum inside single vectors has no rule")
    return Summed(law, axis)
