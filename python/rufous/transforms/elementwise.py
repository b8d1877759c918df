"""Transforms of each number on its own: logarithm, log odds, angle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pytensor.tensor as pt

from rufous.transforms.base import Transform

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = [
    "CircularTransform",
    "LogExpM1",
    "LogOddsTransform",
    "LogTransform",
    "circular",
    "log",
    "log_exp_m1",
    "log_sigmoid_slope",
    "logodds",
]


@dataclass(frozen=True)
class LogTransform(Transform):
    """Positive numbers to all numbers: ``y = log(x)``."""

    name: ClassVar[str] = "log"

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(value)``."""
        return pt.log(value)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``exp(value)``."""
        return pt.exp(value)

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return `value` itself."""
        return pt.as_tensor_variable(value)


@dataclass(frozen=True)
class LogOddsTransform(Transform):
    """The unit interval to all numbers: ``y = log(x / (1 - x))``."""

    name: ClassVar[str] = "logodds"

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the log odds."""
        value = pt.as_tensor_variable(value)
        return pt.log(value) - pt.log1p(-value)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``1 / (1 + exp(-value))``."""
        return pt.sigmoid(value)

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(sigmoid(value)) + log(sigmoid(-value))``."""
        return log_sigmoid_slope(pt.as_tensor_variable(value))


@dataclass(frozen=True)
class LogExpM1(Transform):
    """Positive numbers to all numbers: ``y = log(exp(x) - 1)``, the inverse of softplus."""

    name: ClassVar[str] = "log_exp_m1"

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(exp(value) - 1)`` without overflow."""
        value = pt.as_tensor_variable(value)
        return value + pt.log(-pt.expm1(-value))

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(1 + exp(value))``."""
        return pt.softplus(value)

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(sigmoid(value))``."""
        return -pt.softplus(-pt.as_tensor_variable(value))


@dataclass(frozen=True)
class CircularTransform(Transform):
    """Angles in [-pi, pi] to all numbers that differ from them by full turns.

    The density repeats itself with every turn, so that a free variable wraps around.
    """

    name: ClassVar[str] = "circular"

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the angle."""
        return pt.as_tensor_variable(value)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Take off full turns; the slope of the angle stays one."""
        value = pt.as_tensor_variable(value)
        return value - 2.0 * np.pi * pt.floor(value / (2.0 * np.pi) + 0.5)

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return zeros."""
        return pt.zeros_like(pt.as_tensor_variable(value))


circular = CircularTransform()
log = LogTransform()
log_exp_m1 = LogExpM1()
logodds = LogOddsTransform()


def log_sigmoid_slope(value: TensorVariable) -> TensorVariable:
    """Return the log of the derivative of the sigmoid, without cancellation on either side."""
    return -pt.softplus(value) - pt.softplus(-value)
