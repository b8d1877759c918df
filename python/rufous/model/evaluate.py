"""Concrete shapes and constant values of graphs, without compiling and without drawing.

`Evaluator` walks a graph once. Shapes follow from static types, from the shapes of the inputs for
the common ops, and from the op's own ``infer_shape`` for the others; the few integers that decide a
shape (indices, sizes, lengths of data) are computed with the op's ``perform``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import singledispatch
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import Mode
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Apply, Constant
from pytensor.graph.traversal import ancestors
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.shape import Shape, Shape_i
from pytensor.tensor.type_other import NoneTypeT

from rufous.errors import ModelError, ShapeError

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array
    from rufous._typing import Shape as ShapeTuple

__all__ = ["PYTHON_MODE", "Evaluator", "depends_on_randomness", "run"]

PYTHON_MODE = Mode(linker="py", optimizer=None)
"""Runs a graph as written, op by op in Python: nothing to compile, so nothing to wait for."""


def run(
    outputs: list[TensorVariable], inputs: Mapping[TensorVariable, Any] | None = None
) -> list[Array]:
    """Evaluate graphs once with the Python linker.

    Parameters
    ----------
    outputs : list of TensorVariable
        What to compute.
    inputs : mapping of TensorVariable to array_like, optional
        Values of the free inputs.

    Returns
    -------
    list of ndarray
    """
    given = dict(inputs or {})
    function = pytensor.function(list(given), outputs, mode=PYTHON_MODE, on_unused_input="ignore")
    function.trust_input = False
    with np.errstate(all="ignore"):
        return [np.asarray(value) for value in function(*given.values())]


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
        elif None not in variable.type.shape:
            shape = variable.type.shape
        elif variable.owner is None:
            raise ShapeError(f"the shape of {variable} is not known: it is an input of the graph")
        if shape is not None:
            self.known[variable] = shape
        return shape

    def _infer(self, node: Apply) -> None:
        shapes = infer(node.op, node, self)
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


@singledispatch
def infer(op: Any, node: Apply, known: Evaluator) -> list[ShapeTuple]:
    """Return the shapes of the outputs of a node, the shapes of its inputs being known."""
    constants = [
        tuple(pt.constant(n, dtype="int64") for n in known.shape(i))
        if hasattr(i.type, "shape")
        else None
        for i in node.inputs
    ]
    try:
        return [
            () if shape is None else tuple(int(known.value(pt.as_tensor(n))) for n in shape)
            for shape in _symbolic_shapes(op, node, constants)
        ]
    except ModelError:
        raise
    except Exception:
        # The op does not say, or says it only inside a compiled graph: look at a value.
        return _shapes_by_running(node)


def _symbolic_shapes(op: Any, node: Apply, shapes: list[Any]) -> Any:
    # Older PyTensor puts the graph before the node.
    if len(signature(op.infer_shape).parameters) == 3:
        return op.infer_shape(None, node, shapes)
    return op.infer_shape(node, shapes)


def _shapes_by_running(node: Apply) -> list[ShapeTuple]:
    try:
        return [np.shape(value) for value in run(list(node.outputs))]
    except Exception as error:
        raise ShapeError(f"the shape of {node.op} cannot be found: {error}") from error


@infer.register(DimShuffle)
def _(op: DimShuffle, node: Apply, known: Evaluator) -> list[ShapeTuple]:
    shape = known.shape(node.inputs[0])
    return [tuple(1 if axis == "x" else shape[axis] for axis in op.new_order)]


@infer.register(Elemwise)
def _(op: Elemwise, node: Apply, known: Evaluator) -> list[ShapeTuple]:
    shapes = [known.shape(i) for i in node.inputs]
    shape = tuple(
        _broadcast_axis(node, axis, n) for axis, n in enumerate(zip(*shapes, strict=True))
    )
    return [shape] * len(node.outputs)


def _broadcast_axis(node: Apply, axis: int, lengths: tuple[int, ...]) -> int:
    longest = max(lengths) if 0 not in lengths else 0
    where = f"in {getattr(node.op, 'scalar_op', node.op)} of " + " and ".join(
        _described(i) for i in node.inputs
    )
    if any(length not in (1, longest) for length in lengths):
        both = " and ".join(str(n) for n in sorted(set(lengths)))
        raise ShapeError(f"lengths {both} do not fit on axis {axis} {where}")
    for variable, length in zip(node.inputs, lengths, strict=True):
        if length == 1 < longest and variable.type.shape[axis] is None:
            raise ShapeError(
                f"{_described(variable)} has length 1 on axis {axis}, which may change later, and "
                f"is not stretched to {longest} {where}; take its only element, for example x[0]"
            )
    return longest


def _described(variable: Variable) -> str:
    while variable.name is None and variable.owner and isinstance(variable.owner.op, DimShuffle):
        variable = variable.owner.inputs[0]
    return str(variable.name) if variable.name else "an expression"


@infer.register(RandomVariable)
def _(op: RandomVariable, node: Apply, known: Evaluator) -> list[ShapeTuple]:
    parameters = op.dist_params(node)
    shapes = [known.shape(p) for p in parameters]
    size = op.size_param(node)
    if isinstance(size.type, NoneTypeT):
        batches = [
            shape[: len(shape) - n] for shape, n in zip(shapes, op.ndims_params, strict=True)
        ]
        batch = np.broadcast_shapes(*batches)
    else:
        batch = tuple(int(n) for n in known.value(size))
    support: Iterable[Any] = ()
    if op.ndim_supp:
        constants = [tuple(pt.constant(n, dtype="int64") for n in shape) for shape in shapes]
        support = op._supp_shape_from_params(parameters, param_shapes=constants)
    return [(), (*batch, *(int(known.value(pt.as_tensor(n))) for n in support))]
