"""Mixtures written with a random switch or a random index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor.scalar.basic as ps
import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Variable
from pytensor.tensor.basic import Join, MakeVector
from pytensor.tensor.elemwise import DimShuffle

from rufous.derived.law import Law
from rufous.derived.structure import joined_parts, moved
from rufous.derived.walk import (
    check_apart,
    elementwise_rule,
    law_of,
    name_of,
    random_inputs,
    refuse,
    sources,
)

__all__ = ["indexed"]


class Mixed(Law):
    """One of several laws, chosen at random.

    Parameters
    ----------
    log_weights : list of TensorVariable
        Log probability of each.
    parts : list of Law
        The laws, of the same support.
    """

    def __init__(self, log_weights: list[Any], parts: list[Law]) -> None:
        self.log_weights, self.parts = log_weights, parts
        self.support = parts[0].support
        self.discrete = all(part.discrete for part in parts)

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the first; all have the same."""
        return next(part.shape() for part in self.parts if not isinstance(part, Fixed))

    def logdensity(self, value: Any) -> Any:
        """Add the weighted densities."""
        return self._total([part.logdensity(value) for part in self.parts])

    def logcdf(self, value: Any) -> Any:
        """Add the weighted probabilities."""
        return self._total([part.logcdf(value) for part in self.parts])

    def _total(self, logs: list[Any]) -> Any:
        weighted = [w + each for w, each in zip(self.log_weights, logs, strict=True)]
        total = weighted[0]
        for each in weighted[1:]:
            total = pt.logaddexp(total, each)
        return total


class Fixed(Law):
    """A number that is not random, as a part of a discrete mixture."""

    discrete = True

    def __init__(self, number: Any) -> None:
        self.number = number

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the number."""
        return tuple(self.number.shape)

    def logdensity(self, value: Any) -> Any:
        """Put all probability on the number."""
        return pt.switch(pt.eq(value, self.number), 0.0, -np.inf)

    def logcdf(self, value: Any) -> Any:
        """Step at the number."""
        return pt.switch(pt.ge(value, self.number), 0.0, -np.inf)


class Chosen(Law):
    """One of two laws, by a condition that is not random."""

    def __init__(self, condition: Any, parts: list[Law]) -> None:
        self.condition, self.parts = condition, parts
        self.discrete = all(part.discrete for part in parts)

    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of the first."""
        return next(part.shape() for part in self.parts if not isinstance(part, Fixed))

    def logdensity(self, value: Any) -> Any:
        """Take that of the one that is chosen."""
        return pt.switch(self.condition, *(part.logdensity(value) for part in self.parts))

    def logcdf(self, value: Any) -> Any:
        """Take that of the one that is chosen."""
        return pt.switch(self.condition, *(part.logcdf(value) for part in self.parts))

    def icdf(self, probability: Any) -> Any:
        """Take that of the one that is chosen."""
        return pt.switch(self.condition, *(part.icdf(probability) for part in self.parts))


@elementwise_rule(ps.Switch)
def _(scalar_op: Any, node: Apply) -> Law:
    condition, *branches = node.inputs
    random = random_inputs(node)
    check_apart(node, [node.inputs[i] for i in random])
    parts = [_branch(node, each, i + 1 in random) for i, each in enumerate(branches)]
    if all(isinstance(part, Fixed) for part in parts):
        refuse(node, "a random switch between numbers that are not random has no rule")
    if len({part.discrete for part in parts}) > 1:
        refuse(node, "switch mixes numbers with probabilities and numbers with densities")
    if 0 not in random:
        return Chosen(condition, parts)
    law = law_of(condition)
    if not law.discrete:
        refuse(node, "the condition of switch is a continuous variable")
    if condition.type.broadcastable != node.outputs[0].type.broadcastable:
        refuse(node, "the random condition of switch stretches to several numbers")
    log_false = law.logdensity(pt.constant(0))
    return Mixed([pt.log1mexp(log_false), log_false], parts)


def _branch(node: Apply, variable: Variable, is_random: bool) -> Law:
    if not is_random:
        return Fixed(variable)
    if variable.type.broadcastable != node.outputs[0].type.broadcastable:
        refuse(node, "a random branch of switch stretches to several numbers")
    law = law_of(variable)
    if law.support:
        refuse(node, "a branch of switch is a multivariate variable")
    return law


def indexed(node: Apply, random: list[int]) -> Law:
    """Return the law of an array at a random index: a mixture of its entries.

    Parameters
    ----------
    node : Apply
        The node that takes the entry.
    random : list of int
        Which inputs are random.
    """
    base = node.inputs[0]
    if 0 not in random or len(random) != 2 or len(node.inputs) != 2:
        refuse(node, f"{name_of(node)} has a random index in an array that is not random")
    check_apart(node, [base, node.inputs[1]])
    index = node.inputs[1]
    while (
        index.owner is not None
        and not sources(index) == {index}
        and index.type.ndim == 0
        and (len(index.owner.inputs) == 1)
    ):
        index = index.owner.inputs[0]
    if getattr(index.type, "ndim", 0) != 0:
        refuse(node, "a random index must be a single number")
    entries = _entries(node, base)
    law = law_of(index)
    if not law.discrete:
        refuse(node, "the index is a continuous variable")
    weights = [law.logdensity(pt.constant(k, dtype="int64")) for k in range(len(entries))]
    return Mixed(weights, [law_of(entry) for entry in entries])


def _entries(node: Apply, base: Variable) -> list[Any]:
    """Write the entries of an array along its first axis."""
    if isinstance(base.owner.op, MakeVector):
        return list(base.owner.inputs)
    if isinstance(base.owner.op, Join):
        axis, parts = joined_parts(base.owner)
        if axis == 0 and all(_is_new_axis(part) for part in parts):
            return [part.owner.inputs[0] for part in parts]
    length = base.type.shape[0]
    if length is None:
        refuse(node, "the number of entries under a random index is not known")
    return [moved(node, base, _taking(k)) for k in range(length)]


def _taking(k: int) -> Callable[[Any], Any]:
    return lambda array: array[k]


def _is_new_axis(part: Variable) -> bool:
    op = getattr(part.owner, "op", None)
    if not isinstance(op, DimShuffle):
        return False
    return tuple(op.new_order) == ("x", *range(part.owner.inputs[0].type.ndim))
