"""NumPy code for the elementwise operations that PyTensor runs element by element in Python.

Without a compiler, PyTensor evaluates most elementwise operations with NumPy or SciPy ufuncs and
the rest by a Python call per element, a thousand times slower. The latter are replaced here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pytensor.scalar as ps
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.scalar.math import Log1mexp, Softplus
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.special import LogSoftmax, Softmax

__all__ = ["fast_outputs"]


class NumpyOp(Op):  # type: ignore[misc]
    """An operation written with NumPy.

    Parameters
    ----------
    function : callable
        Maps arrays to one array.
    output_type : TensorType
        Type of the result.
    """

    __props__ = ("function", "output_type")

    def __init__(self, function: Callable[..., Any], output_type: Any) -> None:
        self.function = function
        self.output_type = output_type

    def make_node(self, *inputs: Any) -> Apply:
        """Apply the operation."""
        return Apply(self, list(inputs), [self.output_type()])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Any) -> None:
        """Evaluate the operation."""
        [result] = node.outputs
        value = self.function(*inputs)
        output_storage[0][0] = np.asarray(value, dtype=result.type.dtype)


def softplus(x: Any) -> Any:
    """Return log(1 + exp(x))."""
    return np.logaddexp(0.0, x)


def log1mexp(x: Any) -> Any:
    """Return log(1 - exp(x)) for x <= 0."""
    x = np.asarray(x)
    near_zero = np.log(-np.expm1(np.where(x > -np.log(2.0), x, -1.0)))
    far = np.log1p(-np.exp(np.where(x > -np.log(2.0), -1.0, x)))
    return np.where(x > -np.log(2.0), near_zero, far)


def softmax(x: Any, axis: int) -> Any:
    """Return exp(x) divided by its sum along an axis."""
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(x: Any, axis: int) -> Any:
    """Return the logarithm of `softmax`."""
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def second(x: Any, y: Any) -> Any:
    """Return `y` in the shape that it has together with `x`."""
    return np.broadcast_arrays(x, y)[1].copy()


_UNARY = {Softplus: softplus, Log1mexp: log1mexp}


def fast_outputs(op: Op, outputs: Sequence[Any]) -> Sequence[Any]:
    """Return outputs that NumPy computes, where PyTensor would go element by element.

    Parameters
    ----------
    op : Op
        The operation.
    outputs : sequence of Variable
        Its outputs.

    Returns
    -------
    sequence of Variable
        `outputs` themselves where PyTensor is fast.
    """
    if isinstance(op, Elemwise):
        replaced = _fast_elementwise(op.scalar_op, outputs[0], outputs[0].owner.inputs)
        return outputs if replaced is None else [replaced]
    if isinstance(op, Softmax | LogSoftmax):
        return [_fast_softmax(output) for output in outputs]
    return outputs


def _fast_elementwise(scalar_op: Any, output: Any, inputs: Sequence[Any]) -> Any:
    if isinstance(scalar_op, ps.Identity):
        return inputs[0]
    if isinstance(scalar_op, ps.Add | ps.Mul) and len(inputs) > 2:
        combine = pt.add if isinstance(scalar_op, ps.Add) else pt.mul
        return reduce(combine, inputs)
    if isinstance(scalar_op, ps.Cast):
        return NumpyOp(np.asarray, output.type)(*inputs)
    if isinstance(scalar_op, ps.Second):
        return NumpyOp(second, output.type)(*inputs)
    function = _UNARY.get(type(scalar_op))
    return None if function is None else NumpyOp(function, output.type)(*inputs)


def _fast_softmax(output: Any) -> Any:
    node = output.owner
    if node is None or not isinstance(node.op, Softmax | LogSoftmax):
        return output
    function = softmax if isinstance(node.op, Softmax) else log_softmax
    axis = node.op.axis
    return NumpyOp(_AlongAxis(function, axis), output.type)(*node.inputs)


class _AlongAxis:
    """A function along fixed axes, equal to others of the same."""

    def __init__(self, function: Callable[..., Any], axis: Any) -> None:
        self.function = function
        self.axis = axis

    def __call__(self, x: Any) -> Any:
        return self.function(x, self.axis)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _AlongAxis) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.function, self.axis))
