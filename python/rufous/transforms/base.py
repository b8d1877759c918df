"""What a transform has to offer, and several of them in a row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import pytensor.tensor as pt

from rufous.errors import SettingsError

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["Chain", "ChainedTransform", "Transform"]


class Transform(ABC):
    """What a transform has to offer.

    Attributes
    ----------
    name : str
        Goes into the name of the value variable: ``x`` becomes ``x_<name>__``.
    ndim_supp : int
        Number of trailing axes that are transformed together; 0 when each element is on its own.
    """

    name: ClassVar[str]
    ndim_supp: int = 0

    @abstractmethod
    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Take a value of the support to unconstrained space.

        Parameters
        ----------
        value : TensorVariable, shape (..., *support)
            Value in the support of the distribution.
        *params : TensorVariable
            Parameters of the distribution.

        Returns
        -------
        TensorVariable, shape (..., *unconstrained)
        """

    @abstractmethod
    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Take an unconstrained value to the support: the inverse of `forward`."""

    @abstractmethod
    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return log of the absolute Jacobian determinant of `backward` at an unconstrained value.

        Parameters
        ----------
        value : TensorVariable, shape (..., *unconstrained)
            Value in unconstrained space.
        *params : TensorVariable
            Parameters of the distribution.

        Returns
        -------
        TensorVariable, shape (...)
            The last `ndim_supp` axes are summed out.
        """


class ChainedTransform(Transform):
    """Several transforms, one after the other.

    Parameters
    ----------
    transform_list : sequence of Transform
        ``forward`` applies them in this order, ``backward`` in the reverse one.

    Raises
    ------
    SettingsError
        When there is no transform.
    """

    name: ClassVar[str] = "chain"

    def __init__(self, transform_list: Sequence[Transform]) -> None:
        if not transform_list:
            raise SettingsError("a chain needs at least one transform, got none")
        self.transforms = tuple(transform_list)
        self.ndim_supp = max(transform.ndim_supp for transform in self.transforms)

    def __repr__(self) -> str:
        return f"ChainedTransform({list(self.transforms)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ChainedTransform) and self.transforms == other.transforms

    def __hash__(self) -> int:
        return hash(self.transforms)

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Apply the transforms in order."""
        for transform in self.transforms:
            value = transform.forward(value, *params)
        return value

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Apply the inverses in reverse order."""
        for transform in reversed(self.transforms):
            value = transform.backward(value, *params)
        return value

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Add the terms of all transforms, each summed over the axes of the widest one."""
        terms = []
        for transform in reversed(self.transforms):
            term = transform.log_jac_det(value, *params)
            extra = self.ndim_supp - transform.ndim_supp
            terms.append(pt.sum(term, axis=tuple(range(-extra, 0))) if extra else term)
            value = transform.backward(value, *params)
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total


Chain = ChainedTransform
