"""From a symbolic function to the rewritten graph that code is generated from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pytensor.compile.aliasing import add_supervisor_to_fgraph
from pytensor.compile.io import In
from pytensor.compile.mode import Mode
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.traversal import ancestors
from pytensor.tensor.variable import TensorConstant

from rufous._typing import Array
from rufous.compile.scan_constants import take_out_of_scans

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["DataSlot", "Lowered", "lower"]

#: Constants with more elements become inputs; smaller ones stay in the code, where the compiler
#: can work with them. Numbers of parameters of a distribution fall below, data above.
MAX_INLINE_SIZE = 8


@dataclass(frozen=True, eq=False)
class DataSlot:
    """An array that native code reads from outside.

    Parameters
    ----------
    dtype : numpy.dtype
        Type of the elements.
    ndim : int
        Number of axes.
    name : str or None
        Name of the data input; None for a constant of the graph.
    constant : ndarray or None
        The array, when it is a constant of the graph.
    """

    dtype: np.dtype[np.generic]
    ndim: int
    name: str | None = None
    constant: Array | None = None

    def array(self, values: Mapping[str, Array]) -> Array:
        """Pick the array of this slot in the form that native code expects."""
        array = self.constant if self.name is None else values[self.name]
        return np.asarray(array, dtype=self.dtype, order="C")


@dataclass(frozen=True, eq=False)
class Lowered:
    """A rewritten graph: inputs are the position variables, then one per slot.

    Parameters
    ----------
    graph : FunctionGraph
        Rewritten for the target, in-place operations included; it writes into no input.
    slots : tuple of DataSlot
        What the inputs after the position are.
    """

    graph: FunctionGraph
    slots: tuple[DataSlot, ...]


def lower(
    position: Sequence[TensorVariable],
    data: Mapping[str, TensorVariable],
    outputs: Sequence[TensorVariable],
    mode: Mode,
) -> Lowered:
    """Rewrite a function and turn the arrays in it into inputs.

    Parameters
    ----------
    position : sequence of TensorVariable
        Inputs that every call gives.
    data : mapping of str to TensorVariable
        Inputs behind the call; those that `outputs` do not use are left out.
    outputs : sequence of TensorVariable
        The function.
    mode : Mode
        Its rewrites are applied.

    Returns
    -------
    Lowered

    Notes
    -----
    Constants are lifted after rewriting: what depends on constants alone has been computed by
    then (for example the log factorials of observed counts), and code for other numbers of the
    same shapes is the same code, so that the cache on disk holds one copy for all of them.
    """
    needed = set(ancestors(outputs, blockers=list(data.values())))
    used = {name: variable for name, variable in data.items() if variable in needed}
    graph = FunctionGraph([*position, *used.values()], list(outputs), clone=True)
    # The position belongs to the caller and data are shared by all chains: never write into them.
    add_supervisor_to_fgraph(
        graph,
        [In(variable, borrow=True, mutable=False) for variable in graph.inputs],
        accept_inplace=True,
    )
    mode.optimizer.rewrite(graph)
    take_out_of_scans(graph, MAX_INLINE_SIZE)
    named = [
        DataSlot(np.dtype(variable.type.dtype), variable.type.ndim, name=name)
        for name, variable in used.items()
    ]
    return Lowered(graph, (*named, *_lift_constants(graph)))


def _lift_constants(graph: FunctionGraph) -> list[DataSlot]:
    """Replace constants of more than a few elements by new inputs."""
    slots = []
    for constant in _array_constants(graph):
        array = np.ascontiguousarray(constant.data)
        if array.size > MAX_INLINE_SIZE:
            variable = constant.type()
            graph.add_input(variable)
            slots.append(DataSlot(array.dtype, array.ndim, constant=array))
        elif not constant.data.flags.c_contiguous:
            # Numba cannot store code that holds a strided constant.
            variable = type(constant)(constant.type, array)
        else:
            continue
        graph.replace(constant, variable, reason="lift_constant", import_missing=True)
    return slots


def _array_constants(graph: FunctionGraph) -> list[TensorConstant]:
    """List them in the order of their use, so that equal graphs give equal code."""
    found: dict[TensorConstant, None] = {}
    for variables in [*(node.inputs for node in graph.toposort()), graph.outputs]:
        for variable in variables:
            if isinstance(variable, TensorConstant) and variable.type.ndim:
                found[variable] = None
    return list(found)
