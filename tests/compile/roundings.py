"""A graph run op by op in which every result may be rounded another way.

How far the result of a computation moves when each of its roundings is drawn anew tells how many of
its digits are its own (Monte Carlo arithmetic). Digits that move so are nobody's: an evaluator that
takes the steps in another order has others, and is no less right.

References
----------
D. S. Parker, Monte Carlo arithmetic: exploiting randomness in floating-point arithmetic, UCLA
technical report CSD-970002 (1997).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from pytensor.link.basic import PerformLinker, WrapLinker
from pytensor.scalar import basic as scalar
from pytensor.scan.op import Scan
from pytensor.tensor.elemwise import CAReduce, Elemwise
from pytensor.tensor.extra_ops import CumOp
from pytensor.tensor.math import Dot
from pytensor.tensor.special import LogSoftmax, Softmax

# What these give is one of their inputs, or exact.
EXACT = (
    scalar.Abs, scalar.Cast, scalar.Ceil, scalar.Floor, scalar.Identity, scalar.Maximum,
    scalar.Minimum, scalar.Neg, scalar.Second, scalar.Sign, scalar.Switch,
)  # fmt: skip
# Of the library's kernels none is off by more; four steps of a double.
SIZE = 2.0**-50


class Roundings:
    """A mode of PyTensor whose functions round as written, or at random while `drawing`."""

    def __init__(self, seed: int) -> None:
        self.drawing = False
        self.rng = np.random.default_rng(seed)
        # Fused operations run element by element there, and some of them in single precision.
        query = RewriteDatabaseQuery(include=["fast_run"], exclude=["fusion"])
        self.mode = Mode(linker=WrapLinker([PerformLinker()], self.step), optimizer=query)

    def draw(self, function: Callable[[Any], Any], points: Any) -> Any:
        """What a function of this mode gives when its roundings are drawn."""
        self.drawing = True
        try:
            return function(points)
        finally:
            self.drawing = False

    def step(self, fgraph: Any, index: int, node: Any, thunk: Any) -> None:
        """Run one op."""
        thunk()
        if not self.drawing or not rounds(node.op):
            return
        for out in thunk.outputs:
            if np.asarray(out[0]).dtype.kind == "f":
                factor = 1.0 + SIZE * self.rng.uniform(-1.0, 1.0, np.shape(out[0]))
                out[0] = np.asarray(out[0] * factor)


def rounds(op: Any) -> bool:
    """Whether results of an op are rounded."""
    if isinstance(op, Elemwise | CAReduce):
        return not isinstance(op.scalar_op, EXACT)
    return isinstance(op, Scan | CumOp | Dot | Softmax | LogSoftmax)
