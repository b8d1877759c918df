"""Entries of arrays: at a fixed index those of other variables, at a random one a mixture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.tensor.basic import Join, MakeVector, ScalarFromTensor
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.subtensor import AdvancedSubtensor, Subtensor

from rufous.derived.law import Drawn, Law
from rufous.derived.mixtures import Mixed
from rufous.derived.structure import joined_parts
from rufous.derived.walk import (
    check_apart,
    law_of,
    name_of,
    op_rule,
    random_inputs,
    refuse,
    sources,
)
from rufous.model.python_linker import run

__all__: list[str] = []

Move = Callable[[Any], Any]
# Not every version of PyTensor has an op of its own for one index array.
_AdvancedSubtensor1 = getattr(pt.subtensor, "AdvancedSubtensor1", AdvancedSubtensor)


@op_rule.register(Subtensor)
@op_rule.register(AdvancedSubtensor)
@op_rule.register(_AdvancedSubtensor1)
def _(op: Any, node: Apply) -> Law:
    random = random_inputs(node)
    if random == [0]:
        if not isinstance(op, Subtensor):
            _check_no_repeats(node)
        return law_of(moved(node, node.inputs[0], lambda x: op(x, *node.inputs[1:])))
    return _at_random(node, random)


def _check_no_repeats(node: Apply) -> None:
    """Refuse an index array that takes an entry twice, as both would be the same draw."""
    shape = law_of(node.inputs[0]).shape()
    known = all(isinstance(n, int) for n in shape)
    if not known or not all(isinstance(each, Constant) for each in node.inputs[1:]):
        refuse(node, "an index array may take the same entry twice; use one that is known")
    places = pt.constant(np.arange(np.prod(shape)).reshape(shape))
    [taken] = run([node.op(places, *node.inputs[1:])])
    if np.unique(taken).size < taken.size:
        refuse(node, "an index array takes the same entry twice, so that one draw appears twice")


def _at_random(node: Apply, random: list[int]) -> Law:
    """Return the law of an array at a random index: a mixture of its entries."""
    if random != [0, 1] or len(node.inputs) != 2:
        refuse(node, f"{name_of(node)} has a random index in an array that is not random")
    base, index = node.inputs
    check_apart(node, [base, index])
    while isinstance(index.owner.op, ScalarFromTensor):
        index = index.owner.inputs[0]
    if index.type.ndim:
        refuse(node, "a random index must be a single number")
    law = law_of(index)
    if not law.discrete:
        refuse(node, "the index is a continuous variable")
    parts = [law_of(entry) for entry in _entries(node, base)]
    weights = [law.logdensity(pt.constant(k, dtype="int64")) for k in range(len(parts))]
    return Mixed(weights, parts)


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


def moved(node: Apply, variable: Variable, move: Move) -> Any:
    """Write elements of an expression of random variables as expressions of elements of these.

    Parameters
    ----------
    node : Apply
        The node that takes the elements, for messages.
    variable : TensorVariable
        The expression.
    move : callable
        Takes the elements of an array of the shape of the expression.
    """
    if isinstance(variable.owner.op, RandomVariable):
        return _moved_draw(node, variable, move)
    if isinstance(variable.owner.op, Elemwise):
        shape = law_of(variable).shape()
        return variable.owner.op(
            *(
                moved(node, each, move) if sources(each) else move(pt.broadcast_to(each, shape))
                for each in variable.owner.inputs
            )
        )
    refuse(node, f"elements are taken of {name_of(variable.owner)}")


def _moved_draw(node: Apply, rv: Variable, move: Move) -> Any:
    draw, op = rv.owner, rv.owner.op
    if op.ndim_supp or any(op.ndims_params):
        refuse(node, f"elements are taken of the vectors of {op.name}")
    shape = Drawn(draw).shape()
    parameters = [move(pt.broadcast_to(p, shape)) for p in op.dist_params(draw)]
    taken = op.make_node(op.rng_param(draw), None, *parameters).outputs[1]
    taken.name = rv.name
    return taken
