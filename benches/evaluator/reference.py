"""Value and gradient as PyTensor itself computes them, by its Python linker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.compile.mode import Mode
from pytensor.graph.replace import clone_replace
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from pytensor.graph.rewriting.utils import rewrite_graph

__all__ = ["outputs", "reference"]

Function = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]

#: Rewritten as for any other backend, then computed by the ops' own Python. Fused operations run
#: element by element there, and some of them in single precision.
MODE = Mode(linker="py", optimizer=RewriteDatabaseQuery(include=["fast_run"], exclude=["fusion"]))


def reference(
    logdensity: Any, values: Sequence[Any], shapes: Sequence[tuple[int, ...]]
) -> Function:
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
    callable
        From a position to the log density and its gradient.
    """
    position, parts = from_position(values, shapes)
    (total,) = clone_replace([pt.cast(logdensity, "float64")], parts, rebuild_strict=False)
    total = rewrite_graph(total, include=("canonicalize", "stabilize"), clone=False)
    gradient = pytensor.grad(total, position, disconnected_inputs="ignore")
    both = pytensor.function([position], [total, gradient], mode=MODE, on_unused_input="ignore")

    def evaluate(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        try:
            with np.errstate(all="ignore"):
                value, slope = both(at)
        except Exception:  # a failed check or factorisation: no log density here
            return float("nan"), np.full(len(at), np.nan)
        return float(value), np.asarray(slope)

    return evaluate


def outputs(
    graphs: Mapping[str, Any], values: Sequence[Any], shapes: Sequence[tuple[int, ...]]
) -> Callable[[NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Compile graphs with PyTensor.

    Parameters
    ----------
    graphs : mapping of str to TensorVariable
        What to compute, in terms of the value variables.
    values, shapes : sequence
        As in :func:`reference`.

    Returns
    -------
    callable
        From a position to the arrays by name; empty where something could not be computed.
    """
    position, parts = from_position(values, shapes)
    replaced = clone_replace(list(graphs.values()), parts, rebuild_strict=False)
    function = pytensor.function([position], replaced, mode=MODE, on_unused_input="ignore")

    def evaluate(at: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        try:
            with np.errstate(all="ignore"):
                found = function(at)
        except Exception:  # a failed check or factorisation
            return {}
        return {
            name: np.asarray(value, dtype=float) for name, value in zip(graphs, found, strict=True)
        }

    return evaluate


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
