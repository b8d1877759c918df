"""Checks inside a graph, as a log density wants them: NaN instead of an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.traversal import ancestors
from pytensor.raise_op import CheckAndRaise

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["raise_to_nan"]


def raise_to_nan(logdensity: TensorVariable) -> TensorVariable:
    """Replace checks that raise by a value that is not a number.

    An exception inside native code is slow and says nothing that a sampler can use; NaN marks the
    position as one without a log density, and the sampler rejects it.

    Parameters
    ----------
    logdensity : TensorVariable
        Scalar. Its graph is changed in place: hand in a copy.

    Returns
    -------
    TensorVariable
        The same graph, NaN where a condition of a check fails.
    """
    nodes = {
        variable.owner
        for variable in ancestors([logdensity])
        if variable.owner is not None and isinstance(variable.owner.op, CheckAndRaise)
    }
    if not nodes:
        return logdensity
    conditions = [condition for node in nodes for condition in node.inputs[1:]]
    graph = FunctionGraph(outputs=[logdensity, *conditions], clone=False)
    for node in graph.toposort():
        if isinstance(node.op, CheckAndRaise):
            graph.replace(node.outputs[0], node.inputs[0])
    unchecked, *conditions = graph.outputs
    hold = pt.all(pt.stack([pt.all(condition) for condition in conditions]))
    return pt.switch(hold, unchecked, np.nan)
