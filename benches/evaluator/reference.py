"""Value and gradient as PyTensor itself computes them, by its Python linker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.compile.mode import Mode
from pytensor.graph.replace import clone_replace
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from pytensor.graph.rewriting.utils import rewrite_graph

from benches.evaluator.roundings import Drawn

__all__ = ["Reference", "outputs", "reference"]

Evaluation = tuple[float, NDArray[np.float64]]
Arrays = dict[str, NDArray[np.float64]]

T = TypeVar("T")

#: Rewritten as for any other backend, then computed by the ops' own Python. Fused operations run
#: element by element there, and some of them in single precision.
MODE = Mode(linker="py", optimizer=RewriteDatabaseQuery(include=["fast_run"], exclude=["fusion"]))


class Reference(Generic[T]):
    """A function of a position that PyTensor computes, with its roundings as they are or drawn.

    Parameters
    ----------
    function : Function
        Compiled by PyTensor's Python linker.
    named : callable
        Gives its outputs their form; asked with None where there are none: a check failed, or a
        factorisation.
    """

    def __init__(self, function: Any, named: Callable[[list[Any] | None], T]) -> None:
        self.function = function
        self.random: Drawn | None = None
        self.named = named

    def __call__(self, position: NDArray[np.float64]) -> T:
        """Evaluate."""
        return self._run(self.function, position)

    def drawn(self, position: NDArray[np.float64]) -> T:
        """Evaluate with every rounding drawn anew."""
        if self.random is None:
            self.random = Drawn(self.function, 0)
        return self._run(self.random, position)

    def _run(self, function: Any, position: NDArray[np.float64]) -> T:
        try:
            with np.errstate(all="ignore"):
                return self.named(function(position))
        except Exception:  # whatever an op of somebody else raises
            return self.named(None)


def reference(
    logdensity: Any, values: Sequence[Any], shapes: Sequence[tuple[int, ...]]
) -> Reference[Evaluation]:
    """Compile the log density of a graph and its gradient with PyTensor.

    Parameters
    ----------
    logdensity : TensorVariable
        The log density, in terms of the value variables.
    values : sequence of TensorVariable
        The value variables in the order of the position.
    shapes : sequence of tuple of int
        Their shapes.

    Returns
    -------
    Reference
        From a position to the log density and its gradient.
    """
    position, parts = from_position(values, shapes)
    (total,) = clone_replace([pt.cast(logdensity, "float64")], parts, rebuild_strict=False)
    total = rewrite_graph(total, include=("canonicalize", "stabilize"), clone=False)
    gradient = pytensor.grad(total, position, disconnected_inputs="ignore")
    both = pytensor.function([position], [total, gradient], mode=MODE, on_unused_input="ignore")

    def named(found: list[Any] | None) -> Evaluation:
        if found is None:  # no log density here
            return float("nan"), np.full(sum(int(np.prod(shape)) for shape in shapes), np.nan)
        return float(found[0]), np.asarray(found[1])

    return Reference(both, named)


def outputs(
    graphs: Mapping[str, Any], values: Sequence[Any], shapes: Sequence[tuple[int, ...]]
) -> Reference[Arrays]:
    """Compile graphs with PyTensor.

    Parameters
    ----------
    graphs : mapping of str to TensorVariable
        What to compute, in terms of the value variables.
    values, shapes : sequence
        As in :func:`reference`.

    Returns
    -------
    Reference
        From a position to the arrays by name; empty where something could not be computed.
    """
    position, parts = from_position(values, shapes)
    replaced = clone_replace(list(graphs.values()), parts, rebuild_strict=False)
    function = pytensor.function([position], replaced, mode=MODE, on_unused_input="ignore")

    def named(found: list[Any] | None) -> Arrays:
        if found is None:
            return {}
        return {
            name: np.asarray(value, dtype=float) for name, value in zip(graphs, found, strict=True)
        }

    return Reference(function, named)


def from_position(
    values: Sequence[Any], shapes: Sequence[tuple[int, ...]]
) -> tuple[Any, dict[Any, Any]]:
    """Write the value variables as parts of one vector."""
    sizes = [int(np.prod(shape)) for shape in shapes]
    position = pt.vector("position", shape=(sum(sizes),), dtype="float64")
    starts = np.cumsum([0, *sizes])
    return position, {
        value: value.type.filter_variable(
            position[start : start + size].reshape(shape), allow_convert=True
        )
        for value, start, size, shape in zip(values, starts, sizes, shapes, strict=False)
    }
