"""Ops of random numbers that PyTensor does not have."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from pytensor.tensor.random.op import RandomVariable

__all__ = ["CountRV", "NumberRV", "without_batch"]


class NumberRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """An op of single numbers with single numbers as parameters; a subclass writes `draw`."""

    dtype = "float64"

    @classmethod
    def rng_fn(cls, rng: Any, *arguments: Any) -> Any:
        """Draw numbers of the batch shape of the parameters when no size is given."""
        *parameters, size = arguments
        if size is None:
            size = np.broadcast_shapes(*(np.shape(parameter) for parameter in parameters))
        return cls.draw(rng, *parameters, size)

    @staticmethod
    @abstractmethod
    def draw(rng: Any, *arguments: Any) -> Any:
        """Draw from a generator: parameters and size come after it."""


class CountRV(NumberRV):
    """The same for whole numbers."""

    dtype = "int64"


def without_batch(parameter: Any, axes: int) -> Any:
    """Take off the axes of length one that an op puts in front of a parameter for a batch.

    Parameters
    ----------
    parameter : ndarray or TensorVariable
        A parameter that has no batch.
    axes : int
        How many axes it has itself.
    """
    extra = parameter.ndim - axes
    return parameter[(0,) * extra] if extra else parameter
