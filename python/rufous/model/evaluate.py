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
        shape: ShapeTuple = ()
        while todo:  # what the last round finds is the shape of `variable`, the first put there
            found = self._at_hand(todo[-1])
            if found is not None:
                shape = found
                todo.pop()
                continue
            node = todo[-1].owner
            missing = [i for i in node.inputs if self._at_hand(i) is None]
            todo.extend(missing)
            if not missing:
                self._infer(node)
        return shape

    def _at_hand(self, variable: Variable) -> ShapeTuple | None:
        """Return a shape that needs no inference, else None."""
        if variable in self.known:
            return self.known[variable]
        if not hasattr(variable.type, "shape"):
            return ()
        if isinstance(variable, Constant):
            return tuple(np.shape(variable.data))
        if isinstance(variable, SharedVariable):
            return tuple(np.shape(variable.get_value(borrow=True)))
        if variable.owner is not None:
            return None
        if None in variable.type.shape:
            raise ShapeError(
                f"the shape of {variable} is not known: it is an input of the graph; "
                "write it as Data"
            )
        return tuple(variable.type.shape)

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
