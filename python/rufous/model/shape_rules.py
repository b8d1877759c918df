"""The shapes that ops give their outputs, and the errors that they would raise only when run."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.tensor.blockwise import Blockwise
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.math import Dot
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.subtensor import AdvancedSubtensor
from pytensor.tensor.type_other import NoneTypeT

from rufous.errors import ModelError, ShapeError
from rufous.model.python_linker import run

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous._typing import Shape as ShapeTuple
    from rufous.model.evaluate import Evaluator

__all__ = ["infer", "may_refuse"]


@singledispatch
def infer(op: Any, node: Apply, known: Evaluator) -> list[ShapeTuple]:
    """Return the shapes of the outputs of a node.

    Parameters
    ----------
    op : Op
        The op of the node; the rule is chosen by its type.
    node : Apply
        The node.
    known : Evaluator
        Knows the shapes of the inputs.

    Returns
    -------
    list of tuple of int

    Raises
    ------
    ShapeError
        When the inputs do not fit together.
    """
    return _infer_by_op(op, node, known)


def _infer_by_op(op: Any, node: Apply, known: Evaluator) -> list[ShapeTuple]:
    """Ask the op itself."""
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
        raise ShapeError(
            f"the shape of {node.op} cannot be found: {error}; give it with shape="
        ) from error


def may_refuse(op: Any) -> bool:
    """Tell whether inputs of known shapes can be at odds without PyTensor having noticed."""
    return isinstance(op, Elemwise | Dot | Blockwise | AdvancedSubtensor)


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
    where = f"in {_op_name(node.op)} of " + " and ".join(_described(i) for i in node.inputs)
    if any(length not in (1, longest) for length in lengths):
        both = " and ".join(str(n) for n in sorted(set(lengths)))
        raise ShapeError(f"lengths {both} do not fit on axis {axis} {where}; index or reshape one")
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


@infer.register(Dot)
def _(op: Dot, node: Apply, known: Evaluator) -> list[ShapeTuple]:
    _check_core_axes(node, [("m", "n"), ("n", "p")], known)
    return _infer_by_op(op, node, known)


@infer.register(Blockwise)
def _(op: Blockwise, node: Apply, known: Evaluator) -> list[ShapeTuple]:
    _check_core_axes(node, op.inputs_sig, known)
    return _infer_by_op(op, node, known)


def _check_core_axes(node: Apply, labels: Iterable[tuple[str, ...]], known: Evaluator) -> None:
    """Refuse inputs whose axes of the same label differ in length, as in a product of matrices."""
    lengths: dict[str, tuple[int, Variable]] = {}
    for variable, axes in zip(node.inputs, labels, strict=True):
        shape = known.shape(variable)
        for label, length in zip(axes, shape[len(shape) - len(axes) :], strict=True):
            first, other = lengths.setdefault(label, (length, variable))
            if first != length:
                raise ShapeError(
                    f"lengths {first} and {length} do not fit in {_op_name(node.op)} of "
                    f"{_described(other)} and {_described(variable)}; index or reshape one"
                )


@infer.register(AdvancedSubtensor)
def _(op: AdvancedSubtensor, node: Apply, known: Evaluator) -> list[ShapeTuple]:
    shape = known.shape(node.inputs[0])
    for axis, entry in enumerate(op.idx_list):
        if isinstance(entry, int):
            index = node.inputs[1 + entry]
            if index.dtype == "bool":
                break  # a mask takes as many axes as it has, so those after it are not counted
            _check_index(node, index, axis, shape[axis], known)
    return _infer_by_op(op, node, known)


def _check_index(node: Apply, index: Variable, axis: int, length: int, known: Evaluator) -> None:
    try:
        values = np.asarray(known.value(index))
    except ShapeError:
        return  # the index is random
    outside = values[(values < -length) | (values >= length)]
    if outside.size:
        raise ShapeError(
            f"index {outside.flat[0]} is out of range for {_described(node.inputs[0])}, which has "
            f"length {length} on axis {axis}; indices run from 0 to {length - 1}"
        )


def _op_name(op: Any) -> str:
    op = getattr(op, "core_op", op)
    return str(getattr(op, "scalar_op", op))
