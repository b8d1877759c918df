"""Rebuild graphs with some variables replaced, sharing what they share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pytensor.graph.traversal import toposort

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

__all__ = ["Replacer"]


class Replacer:
    """Replace variables by others in any number of graphs.

    One memo serves all graphs, so that a subgraph that two of them share is rebuilt once, and
    replacements may be added between calls (each random variable by its value, in order).

    Parameters
    ----------
    replacements : dict of Variable to Variable, optional
        What to replace; extended by `set`.
    """

    def __init__(self, replacements: dict[Variable, Variable] | None = None) -> None:
        self._memo: dict[Variable, Variable] = dict(replacements or {})

    def set(self, variable: Variable, replacement: Variable) -> None:
        """Replace `variable` from now on."""
        self._memo[variable] = replacement

    def __contains__(self, variable: Variable) -> bool:
        return variable in self._memo

    def __call__(self, graphs: Iterable[Variable]) -> list[TensorVariable]:
        """Return the graphs with everything replaced."""
        wanted = list(graphs)
        memo = self._memo
        for node in toposort(wanted, blockers=memo):
            inputs = [memo.get(i, i) for i in node.inputs]
            if any(new is not old for new, old in zip(inputs, node.inputs, strict=True)):
                rebuilt = node.clone_with_new_inputs(inputs, strict=False).outputs
                for old, new in zip(node.outputs, rebuilt, strict=True):
                    new.name = old.name
                    memo[old] = new
            else:
                memo.update(zip(node.outputs, node.outputs, strict=True))
        return [memo.get(graph, graph) for graph in wanted]
