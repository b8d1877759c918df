"""Mean functions."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import pytensor.tensor as pt

from rufous.distributions.parameters import real
from rufous.errors import ShapeError
from rufous.gp.inputs import as_inputs, shape_now

__all__ = ["Add", "Constant", "Linear", "Mean", "Prod", "Zero"]


class Mean(ABC):
    """A mean function; subclasses write ``__call__``.

    Mean functions are added and multiplied with each other and with numbers.
    """

    # NumPy numbers on the left leave the operation to this class.
    __array_ufunc__ = None

    @abstractmethod
    def __call__(self, X: Any) -> Any:
        """Write the mean at points.

        Parameters
        ----------
        X : array_like, Data or TensorVariable, shape (n, d)
            One row for each point.

        Returns
        -------
        TensorVariable, shape (n,)
        """

    def __add__(self, other: Any) -> Mean:
        return Add(self, other)

    def __radd__(self, other: Any) -> Mean:
        return Add(other, self)

    def __mul__(self, other: Any) -> Mean:
        return Prod(self, other)

    def __rmul__(self, other: Any) -> Mean:
        return Prod(other, self)


class Zero(Mean):
    """A mean of zero.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.mean.Zero()([[1.0], [2.0]]))
    array([0., 0.])
    """

    def __call__(self, X: Any) -> Any:
        """Write zeros, shape (n,)."""
        return pt.zeros(tuple(as_inputs(X).shape[:-1]))


class Constant(Mean):
    r"""A constant mean: :math:`m(x) = c`.

    Parameters
    ----------
    c : float, array_like or TensorVariable, shape () or (n,), default 0
        The mean.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.mean.Constant(3)([[1.0], [2.0]]))
    array([3., 3.])
    """

    def __init__(self, c: Any = 0) -> None:
        self.c = real("c", c)

    def __call__(self, X: Any) -> Any:
        """Repeat the constant, shape (n,)."""
        return pt.alloc(self.c, *as_inputs(X).shape[:-1])


class Linear(Mean):
    r"""A linear mean: :math:`m(x) = x^\top a + b`.

    Parameters
    ----------
    coeffs : float, array_like or TensorVariable, shape () or (d,)
        The slopes `a`, one for each column of the inputs.
    intercept : float or scalar TensorVariable, default 0
        The intercept `b`.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.mean.Linear([1.0, 2.0], intercept=0.5)([[1.0, 1.0], [0.0, 3.0]]))
    array([3.5, 6.5])
    """

    def __init__(self, coeffs: Any, intercept: Any = 0) -> None:
        self.a = real("coeffs", coeffs)
        self.b = real("intercept", intercept)
        if self.a.type.ndim > 1:
            raise ShapeError(
                "`coeffs` must be one number, or a vector with one for each column of the inputs, "
                f"got shape {shape_now(self.a)}"
            )

    def __call__(self, X: Any) -> Any:
        """Write the linear function, shape (n,)."""
        X = as_inputs(X)
        columns, has = shape_now(X)[-1], shape_now(self.a)
        wanted = has[0] if has else 1
        if None not in (columns, wanted) and columns != wanted:
            raise ShapeError(
                f"`coeffs` of the linear mean has {wanted} element(s), but `X` has {columns} "
                "column(s); give one slope for each column"
            )
        slopes = self.a if self.a.type.ndim else self.a[None]
        return X @ slopes + self.b


class Add(Mean):
    """Sum of two mean functions, written ``m1 + m2``.

    Parameters
    ----------
    first_mean, second_mean : mean function, float or TensorVariable
        The terms.
    """

    def __init__(self, first_mean: Any, second_mean: Any) -> None:
        self.m1, self.m2 = _mean(first_mean), _mean(second_mean)

    def __call__(self, X: Any) -> Any:
        """Write the sum, shape (n,)."""
        return operator.add(self.m1(X), self.m2(X))


class Prod(Mean):
    """Product of two mean functions, written ``m1 * m2``.

    Parameters
    ----------
    first_mean, second_mean : mean function, float or TensorVariable
        The factors.
    """

    def __init__(self, first_mean: Any, second_mean: Any) -> None:
        self.m1, self.m2 = _mean(first_mean), _mean(second_mean)

    def __call__(self, X: Any) -> Any:
        """Write the product, shape (n,)."""
        return operator.mul(self.m1(X), self.m2(X))


def _mean(value: Any) -> Callable[[Any], Any]:
    """Take a function as it is, and a number as a constant mean."""
    return value if callable(value) else Constant(value)
