"""Indices that come from data, checked before any native code uses them.

Native code reads memory at an index without looking. An index outside its array would give wrong
numbers or end the process, so each is compared with the length of its axis when data are bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pytensor.graph.traversal import ancestors
from pytensor.tensor import subtensor

from rufous._typing import Array
from rufous.errors import ShapeError
from rufous.model.evaluate import Evaluator
from rufous.model.replace import Replacer

if TYPE_CHECKING:
    from pytensor.graph.basic import Apply, Variable
    from pytensor.tensor.variable import TensorVariable

__all__ = ["IndexUse", "check_indices", "find_indices"]

_READS = (subtensor.Subtensor, subtensor.AdvancedSubtensor)
_WRITES = (subtensor.IncSubtensor, subtensor.AdvancedIncSubtensor)


@dataclass(frozen=True, eq=False)
class IndexUse:
    """One integer index into one axis of one array.

    Parameters
    ----------
    array : TensorVariable
        What is indexed.
    axis : int
        The axis.
    index : Variable
        The index, a graph of data alone.
    """

    array: TensorVariable
    axis: int
    index: Variable


def find_indices(graphs: Sequence[Variable], position: Iterable[Variable]) -> list[IndexUse]:
    """List the indices of graphs that do not depend on the position.

    Parameters
    ----------
    graphs : sequence of Variable
        Before rewriting, so that names are those of the model.
    position : iterable of Variable
        The inputs whose values are not known.

    Returns
    -------
    list of IndexUse
    """
    nodes = {variable.owner: None for variable in ancestors(graphs) if variable.owner is not None}
    uses = [use for node in nodes for use in _uses(node)]
    moving = _dependents([use.index for use in uses], set(position))
    return [use for use in uses if use.index not in moving]


def check_indices(uses: Sequence[IndexUse], values: Mapping[Variable, Variable]) -> None:
    """Compare indices with the lengths of what they index.

    Parameters
    ----------
    uses : sequence of IndexUse
        From :func:`find_indices`.
    values : mapping of Variable to Variable
        Constants in the place of the data and of the position.

    Raises
    ------
    ShapeError
        Names the array, the axis, its length and the index outside it.
    """
    replace = Replacer(dict(values))
    evaluator = Evaluator()
    for use in uses:
        array, index = replace([use.array, use.index])
        length = evaluator.shape(array)[use.axis]
        outside = _outside(np.asarray(evaluator.value(index)), length)
        if outside is not None:
            raise ShapeError(
                f"index {outside} is out of range for {use.array.name or 'an expression'}, which "
                f"has length {length} on axis {use.axis}; indices run from 0 to {length - 1}"
            )


def _uses(node: Apply) -> Iterator[IndexUse]:
    """Take a node apart, if it is one that indexes."""
    if isinstance(node.op, _READS):
        array, *variables = node.inputs
    elif isinstance(node.op, _WRITES):
        array, _, *variables = node.inputs
    elif type(node.op).__name__ == "AdvancedSubtensor1":  # gone in newer versions of PyTensor
        array, index = node.inputs
        yield IndexUse(array, 0, index)
        return
    else:
        return
    axis = 0
    for index in subtensor.indices_from_subtensor(variables, node.op.idx_list):
        if isinstance(index, slice):
            axis += 1
        elif getattr(index.type, "dtype", None) == "bool":
            axis += index.type.ndim
        else:
            yield IndexUse(array, axis, index)
            axis += 1


def _dependents(graphs: Sequence[Variable], sources: set[Variable]) -> set[Variable]:
    return {graph for graph in graphs if sources.intersection(ancestors([graph]))}


def _outside(index: Array, length: int) -> int | None:
    """Return an element of `index` that points outside, or None."""
    flat = index.astype(np.int64).ravel()
    for extreme in (int(flat.max(axis=0, initial=0)), int(flat.min(axis=0, initial=0))):
        if not -length <= extreme < length:
            return extreme
    return None
