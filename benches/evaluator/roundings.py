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
            if rounds_on_the_way(node):
                self.run_with_moved_inputs(node, run)
            else:
                run()
            if rounds(node.op):
                self.move(node.outputs)
            if isinstance(node.op, LogSoftmax):
                self.move_by_input(node)
        return [self.storage[out][0] for out in self.outputs]

    def run_with_moved_inputs(self, node: Any, run: Any) -> None:
        """Run an op whose roundings on the way are relative to its inputs, not to its result."""
        kept = [self.storage[x][0] for x in node.inputs]
        self.move(node.inputs)
        run()
        for x, value in zip(node.inputs, kept, strict=True):
            self.storage[x][0] = value

    def move_by_input(self, node: Any) -> None:
        """Round a difference of numbers of the size of the input, which may be zero of any sign."""
        x, out = self.storage[node.inputs[0]][0], self.storage[node.outputs[0]]
        largest = np.abs(x).max(initial=0.0)
        out[0] = out[0] + SIZE * largest * self.rng.uniform(-1.0, 1.0, np.shape(out[0]))

    def move(self, variables: Any) -> None:
        """Round what was computed another way."""
        for x in dict.fromkeys(variables):
            self.storage[x][0] = self.moved(self.storage[x][0])

    def moved(self, x: Any) -> Any:
        """Another rounding of the same numbers."""
        if np.asarray(x).dtype.kind != "f":
            return x
        return np.asarray(x * (1.0 + SIZE * self.rng.uniform(-1.0, 1.0, np.shape(x))))


def rounds_on_the_way(node: Any) -> bool:
    """Whether an op adds more than two numbers at once, or the exponential of differences."""
    op = node.op.core_op if isinstance(node.op, Blockwise) else node.op
    if isinstance(op, Elemwise):
        return isinstance(op.scalar_op, scalar.Add) and len(node.inputs) > 2
    if isinstance(op, CAReduce):
        return isinstance(op.scalar_op, scalar.Add)
    return isinstance(op, Dot | Softmax)


def rounds(op: Any) -> bool:
    """Whether results of an op are rounded."""
    if isinstance(op, Blockwise):
        return rounds(op.core_op)
    if isinstance(op, Elemwise | CAReduce):
        return not isinstance(op.scalar_op, EXACT)
    if "linalg" in type(op).__module__:
        return True
    return isinstance(op, Scan | CumOp | Dot | Softmax | LogSoftmax)
