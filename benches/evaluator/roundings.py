"""A graph run op by op, with every result rounded another way.

How far the result of a computation moves when each of its roundings is drawn anew tells how many of
its digits are its own (Monte Carlo arithmetic). Digits that move so are nobody's: an evaluator that
takes the steps in another order has others, and is no less right.

References
----------
D. S. Parker, Monte Carlo arithmetic: exploiting randomness in floating-point arithmetic, UCLA
technical report CSD-970002 (1997).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pytensor.scalar import basic as scalar
from pytensor.scan.op import Scan
from pytensor.tensor.blockwise import Blockwise
from pytensor.tensor.elemwise import CAReduce, Elemwise
from pytensor.tensor.extra_ops import CumOp
from pytensor.tensor.math import Dot
from pytensor.tensor.special import LogSoftmax, Softmax

__all__ = ["Drawn"]

# What these give is one of their inputs, or exact.
EXACT = (
    scalar.Abs, scalar.Cast, scalar.Ceil, scalar.Floor, scalar.Identity, scalar.Maximum,
    scalar.Minimum, scalar.Neg, scalar.Second, scalar.Sign, scalar.Switch,
)  # fmt: skip
# Of the library's kernels none is off by more; four steps of a double.
SIZE = 2.0**-50


class Drawn:
    """A function of PyTensor whose roundings are drawn anew in each call.

    Parameters
    ----------
    function : Function
        Compiled for the Python linker.
    seed : int
        Of the draws.
    """

    def __init__(self, function: Any, seed: int) -> None:
        graph = function.maker.fgraph
        self.rng = np.random.default_rng(seed)
        variables = {*graph.variables, *graph.inputs}
        self.storage = {v: [getattr(v, "data", None)] for v in variables}
        known = {v: [v.owner is None] for v in variables}
        self.inputs, self.outputs = graph.inputs, graph.outputs
        self.steps = [
            (node, node.op.make_thunk(node, self.storage, known, [], "py"))
            for node in graph.toposort()
        ]

    def __call__(self, *points: Any) -> list[Any]:
        """Evaluate; no two calls are alike."""
        for x, point in zip(self.inputs, points, strict=True):
            self.storage[x][0] = np.asarray(point)
        for node, run in self.steps:
            run()
            if rounds(node.op):
                for out in node.outputs:
                    self.storage[out][0] = self.moved(self.storage[out][0])
        return [self.storage[out][0] for out in self.outputs]

    def moved(self, x: Any) -> Any:
        """Another rounding of the same numbers."""
        if np.asarray(x).dtype.kind != "f":
            return x
        return np.asarray(x * (1.0 + SIZE * self.rng.uniform(-1.0, 1.0, np.shape(x))))


def rounds(op: Any) -> bool:
    """Whether results of an op are rounded."""
    if isinstance(op, Blockwise):
        return rounds(op.core_op)
    if isinstance(op, Elemwise | CAReduce):
        return not isinstance(op.scalar_op, EXACT)
    if "linalg" in type(op).__module__:
        return True
    return isinstance(op, Scan | CumOp | Dot | Softmax | LogSoftmax)
