"""Concrete shapes and constant values of graphs, without compiling and without drawing.

`Evaluator` walks a graph once. Shapes follow from static types, from the shapes of the inputs for
the common ops, and from the op's own ``infer_shape`` for the others; the few integers that decide a
shape (indices, sizes, lengths of data) are computed with the op's ``perform``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Apply, Constant
from pytensor.graph.traversal import ancestors
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.shape import Shape, Shape_i

from rufous.errors import ShapeError
from rufous.model.shape_rules import infer, may_refuse

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous._typing import Shape as ShapeTuple

__all__ = ["Evaluator", "depends_on_randomness"]


def depends_on_randomness(variable: Variable) -> bool:
    """Tell whether a graph contains a random variable."""
    return any(
        node.owner is not None and isinstance(node.owner.op, RandomVariable)
        for node in ancestors([variable])
    )


class Evaluator:
    """Shapes of variables, for the present data.

    Parameters
    ----------
    known : dict of Variable to tuple of int
        Shapes found before; extended in place. It must be cleared when data change.
    """

    def __init__(self, known: dict[Variable, ShapeTuple] | None = None) -> None:
        self.known = {} if known is None else known

    def shape(self, variable: Variable) -> ShapeTuple:
        """Return the shape of a tensor.

        Raises
        ------
        ShapeError
            When shapes inside the graph do not fit, or one depends on a random value.
        """
        todo = [variable]
        while todo:
            current = todo[-1]
            if self._at_hand(current) is not None:
                todo.pop()
                continue
            missing = [i for i in current.owner.inputs if self._at_hand(i) is None]
            if missing:
                todo.extend(missing)
            else:
                self._infer(todo.pop().owner)
        return self.known[variable]

    def _at_hand(self, variable: Variable) -> ShapeTuple | None:
        """Return a shape that needs no inference, else None."""
        if variable in self.known:
            return self.known[variable]
        shape: ShapeTuple | None = None
        if isinstance(variable, Constant):
            shape = np.shape(variable.data) if hasattr(variable.type, "shape") else ()
        elif isinstance(variable, SharedVariable):
            shape = (
                np.shape(variable.get_value(borrow=True)) if hasattr(variable.type, "shape") else ()
            )
        elif not hasattr(variable.type, "shape"):
            shape = ()
        elif variable.owner is None and None not in variable.type.shape:
            shape = variable.type.shape
        elif variable.owner is None:
            raise ShapeError(f"the shape of {variable} is not known: it is an input of the graph")
        if shape is not None:
            self.known[variable] = shape
        return shape

    def _infer(self, node: Apply) -> None:
        static = [getattr(out.type, "shape", ()) for out in node.outputs]
        # A static shape needs no inference, but the inputs may be at odds all the same.
        known = not may_refuse(node.op) and not any(None in shape for shape in static)
        shapes = static if known else infer(node.op, node, self)
        for output, shape in zip(node.outputs, shapes, strict=True):
            self.known[output] = shape

    def value(self, variable: Variable) -> Any:
        """Compute a small graph that holds no random variable.

        Raises
        ------
        ShapeError
            When it depends on a random value or on an input of the graph.
        """
        if isinstance(variable, Constant):
            return variable.data
        if isinstance(variable, SharedVariable):
            return variable.get_value(borrow=True)
        node = variable.owner
        if node is None or isinstance(node.op, RandomVariable):
            raise ShapeError(
                f"a shape depends on the value of {variable}, which is not fixed; "
                "shapes must follow from data, coords and numbers"
            )
        if isinstance(node.op, Shape):
            return np.asarray(self.shape(node.inputs[0]), dtype=np.int64)
        if isinstance(node.op, Shape_i):
            return np.asarray(self.shape(node.inputs[0])[node.op.i], dtype=np.int64)
        return self._perform(node, variable)

    def _perform(self, node: Apply, variable: Variable) -> Any:
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        inputs = [self.value(i) for i in node.inputs]
        with np.errstate(all="ignore"):
            node.op.perform(node, inputs, storage)
        return storage[node.outputs.index(variable)][0]
