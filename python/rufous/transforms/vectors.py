"""Transforms of vectors: proportions, increasing numbers, numbers that sum to zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

import numpy as np
import pytensor.tensor as pt

from rufous.errors import SettingsError
from rufous.transforms.base import Transform

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = [
    "Ordered",
    "SimplexTransform",
    "SumTo1",
    "ZeroSumTransform",
    "log_softmax",
    "ordered",
    "simplex",
    "sum_to_1",
]


@dataclass(frozen=True)
class SimplexTransform(Transform):
    """K positive numbers with sum one to K - 1 numbers: centred log ratios without the last.

    The K centred log ratios sum to zero, so that the last follows from the others; going back is a
    softmax. The Jacobian determinant of that map is K times the product of the K values.
    """

    name: ClassVar[str] = "simplex"
    ndim_supp: int = 1

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(value)`` minus its mean, without the last element."""
        logs = pt.log(value)
        return logs[..., :-1] - pt.mean(logs, axis=-1, keepdims=True)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the softmax of the completed log ratios."""
        return pt.exp(log_softmax(_complete_to_zero_sum(value)))

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(K)`` plus the sum of the logs of the K values."""
        log_ratios = _complete_to_zero_sum(value)
        length = pt.cast(log_ratios.shape[-1], "float64")
        return pt.log(length) + pt.sum(log_softmax(log_ratios), axis=-1)


@dataclass(frozen=True)
class SumTo1(Transform):
    """K numbers with sum one to the first K - 1 of them, which stay as they are.

    The numbers are not kept positive: that is for a transform that comes after it in a chain.
    """

    name: ClassVar[str] = "sumto1"
    ndim_supp: int = 1

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Drop the last element."""
        return pt.as_tensor_variable(value)[..., :-1]

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Append what is missing to one."""
        value = pt.as_tensor_variable(value)
        return pt.concatenate([value, 1.0 - pt.sum(value, axis=-1, keepdims=True)], axis=-1)

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return zeros of the batch shape."""
        return pt.zeros_like(pt.sum(pt.as_tensor_variable(value), axis=-1))


@dataclass(frozen=True)
class Ordered(Transform):
    """Increasing vectors to all vectors: the first element, then the logs of the steps.

    Parameters
    ----------
    positive : bool, default False
        For positive vectors: the first element becomes its log, too.
    ascending : bool, default True
        False for decreasing vectors, which are turned round.
    """

    positive: bool = False
    ascending: bool = True

    name: ClassVar[str] = "ordered"
    ndim_supp: int = 1

    def __post_init__(self) -> None:
        for name, value in (("positive", self.positive), ("ascending", self.ascending)):
            if not isinstance(value, bool | np.bool_):
                raise SettingsError(f"`{name}` must be True or False, got {value!r}")

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the first element and the logs of the differences."""
        value = self._turned(pt.as_tensor_variable(value))
        steps = pt.log(value[..., 1:] - value[..., :-1])
        first = pt.log(value[..., :1]) if self.positive else value[..., :1]
        return pt.concatenate([first, steps], axis=-1)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the running sum of the first element and the exponentials of the others."""
        value = pt.as_tensor_variable(value)
        if self.positive:
            return self._turned(pt.cumsum(pt.exp(value), axis=-1))
        steps = pt.concatenate([value[..., :1], pt.exp(value[..., 1:])], axis=-1)
        return self._turned(pt.cumsum(steps, axis=-1))

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the sum of all elements that are logs."""
        value = pt.as_tensor_variable(value)
        return pt.sum(value if self.positive else value[..., 1:], axis=-1)

    def _turned(self, value: TensorVariable) -> TensorVariable:
        return value if self.ascending else value[..., ::-1]


@dataclass(frozen=True)
class ZeroSumTransform(Transform):
    """Arrays that sum to zero along their last axes, to arrays one shorter along each.

    It is an isometry (a Householder reflection along each axis), so that the Jacobian determinant
    is one and independent normal numbers stay independent.

    Parameters
    ----------
    zerosum_axes : int or sequence of int, default 1
        How many trailing axes sum to zero, or these axes, counted from the end: ``[-2, -1]``.

    Raises
    ------
    SettingsError
        When they are not the last axes.
    """

    zerosum_axes: int | Sequence[int] = 1

    name: ClassVar[str] = "zerosum"

    def __post_init__(self) -> None:
        axes = self.zerosum_axes
        number = axes if isinstance(axes, int) else len(axes)
        if number < 1 or (not isinstance(axes, int) and sorted(axes) != list(range(-number, 0))):
            raise SettingsError(
                f"`zerosum_axes` must be a number from 1 or the last axes, got {axes!r}; for "
                "example [-1], or [-2, -1]"
            )
        object.__setattr__(self, "zerosum_axes", number)
        object.__setattr__(self, "ndim_supp", number)

    @property
    def n_zerosum_axes(self) -> int:
        """How many trailing axes sum to zero."""
        return cast("int", self.zerosum_axes)

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Reflect the last element of each axis away."""
        value = pt.as_tensor_variable(value)
        for axis in range(-self.n_zerosum_axes, 0):
            value = _drop_last(value, axis)
        return value

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Append the element that makes the sum zero, along each axis."""
        value = pt.as_tensor_variable(value)
        for axis in range(-self.n_zerosum_axes, 0):
            value = _append_last(value, axis)
        return value

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return zeros of the batch shape."""
        axes = tuple(range(-self.n_zerosum_axes, 0))
        return pt.zeros_like(pt.sum(pt.as_tensor_variable(value), axis=axes))


ordered = Ordered()
simplex = SimplexTransform()
sum_to_1 = SumTo1()


def log_softmax(value: TensorVariable, axis: int | Sequence[int] | None = -1) -> TensorVariable:
    """Return ``log(exp(value) / sum(exp(value)))`` in plain elementwise ops.

    PyTensor's own op holds a graph of its own, which is compiled when it runs and which hides from
    fusion; the exponential of this one is a softmax whose logarithm is known.
    """
    shifted = value - pt.max(value, axis=axis, keepdims=True)
    return shifted - pt.log(pt.sum(pt.exp(shifted), axis=axis, keepdims=True))


def _complete_to_zero_sum(value: TensorVariable) -> TensorVariable:
    value = pt.as_tensor_variable(value)
    return pt.concatenate([value, -pt.sum(value, axis=-1, keepdims=True)], axis=-1)


def _append_last(array: TensorVariable, axis: int) -> TensorVariable:
    """Lengthen one axis by one so that it sums to zero and all lengths and angles stay."""
    length = pt.cast(array.shape[axis] + 1, "float64")
    total = pt.sum(array, axis=axis, keepdims=True)
    shift = total / (pt.sqrt(length) + length)
    return pt.concatenate([array - shift, -total / pt.sqrt(length)], axis=axis)


def _drop_last(array: TensorVariable, axis: int) -> TensorVariable:
    """Invert `_append_last`: the last element holds the sum, scaled by a root of the length."""
    length = pt.cast(array.shape[axis], "float64")
    after = (slice(None),) * (-1 - axis)
    # Not a slice: an axis of unknown length does not stretch in arithmetic.
    last = pt.expand_dims(array[(..., -1, *after)], axis)
    shift = -last * pt.sqrt(length) / (pt.sqrt(length) + length)
    static = array.type.shape[axis]
    # To find the length of a slice of a known axis, PyTensor imports a good part of SciPy.
    kept = slice(None, -1) if static is None else np.arange(static - 1)
    return array[(..., kept, *after)] + shift
