"""Sums, products and powers of covariance functions."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.errors import SettingsError, ShapeError, UnsupportedError
from rufous.gp.cov.base import BaseCovariance, Covariance
from rufous.gp.cov.simple import Constant
from rufous.gp.inputs import num_rows, shape_now
from rufous.model.arrays import as_float
from rufous.transforms import constant_value

__all__ = ["Add", "Combination", "Exponentiated", "Prod"]


class Combination(Covariance):
    """Several covariance functions, numbers and matrices as one.

    Parameters
    ----------
    factor_list : sequence of covariance function, float, array_like or TensorVariable
        Numbers, vectors (one element for each column of the matrix) and matrices of the size that
        the covariances will have.
    """

    def __init__(self, factor_list: Sequence[Any]) -> None:
        factors = [_factor(each) for each in factor_list]
        self.factor_list: list[Any] = []
        for each in factors:
            # A sum of sums is one sum, a product of products one product.
            self.factor_list += each.factor_list if type(each) is type(self) else [each]
        functions = [f for f in self.factor_list if isinstance(f, Covariance)]
        dims = sorted({f.input_dim for f in functions})
        if len(dims) > 1:
            raise SettingsError(
                "covariance functions that are combined must have the same input_dim, got "
                f"{dims}; give all of them the number of columns of the inputs, and choose with "
                "active_dims"
            )
        self.input_dim = dims[0] if dims else 1
        active = [f.active_dims for f in functions]
        self.active_dims = np.unique(np.concatenate(active)) if active else np.arange(1)

    def _factors(self, X: Any, Xs: Any, diag: bool) -> list[Any]:
        """Return the factors at the points."""
        return [
            f(X, Xs, diag=diag) if isinstance(f, BaseCovariance) else _at(f, X, Xs, diag)
            for f in self.factor_list
        ]


class Add(Combination):
    r"""Sum of covariance functions: :math:`k_1(x, x') + k_2(x, x')`.

    Parameters
    ----------
    factor_list : sequence
        The terms; written ``k1 + k2``.

    Examples
    --------
    >>> import rufous as rf
    >>> k = rf.gp.cov.ExpQuad(1, ls=2) + rf.gp.cov.Linear(1, c=0)
    >>> rf.draw(k([[0.0], [1.0]])).round(3)
    array([[1.   , 0.882],
           [0.882, 2.   ]])
    """

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the sum of the matrices."""
        return _whole(reduce(operator.add, self._factors(X, Xs, False)), X, Xs)

    def diag(self, X: Any) -> Any:
        """Write the sum of the variances."""
        return reduce(operator.add, self._factors(X, None, True)) + pt.zeros(num_rows(X))

    def power_spectral_density(self, omega: Any) -> Any:
        """Write the sum of the densities; every term must have one."""
        for factor in self.factor_list:
            if not isinstance(factor, Covariance):
                raise UnsupportedError(
                    "a constant term of a sum of covariance functions has no power spectral "
                    "density; write it as an intercept of the model instead"
                )
        return reduce(operator.add, [f.power_spectral_density(omega) for f in self.factor_list])


class Prod(Combination):
    r"""Product of covariance functions: :math:`k_1(x, x') \, k_2(x, x')`.

    Parameters
    ----------
    factor_list : sequence
        The factors; written ``k1 * k2``, or ``2.0 * k1``.

    Examples
    --------
    >>> import rufous as rf
    >>> k = 4.0 * rf.gp.cov.ExpQuad(1, ls=2)
    >>> rf.draw(k([[0.0], [1.0]], diag=True))
    array([4., 4.])
    """

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the product of the matrices."""
        return _whole(reduce(operator.mul, self._factors(X, Xs, False)), X, Xs)

    def diag(self, X: Any) -> Any:
        """Write the product of the variances."""
        return reduce(operator.mul, self._factors(X, None, True)) + pt.zeros(num_rows(X))

    def power_spectral_density(self, omega: Any) -> Any:
        """Write the density of the one factor that is no number, times the numbers."""
        scales = [f.c if isinstance(f, Constant) else f for f in self.factor_list]
        functions = [f for f in scales if isinstance(f, BaseCovariance)]
        if len(functions) != 1:
            raise UnsupportedError(
                "the power spectral density of a product of covariance functions is not known; "
                "only multiples by a number have one"
            )
        for scale in scales:
            if scale is not functions[0] and set(shape_now(scale)) - {1}:
                raise UnsupportedError(
                    "a covariance function times a vector or matrix has no power spectral density"
                )
        return reduce(
            operator.mul,
            [f.power_spectral_density(omega) if f is functions[0] else f.sum() for f in scales],
        )


class Exponentiated(Covariance):
    r"""Power of a covariance function: :math:`k(x, x')^p`.

    Parameters
    ----------
    kernel : covariance function
        What is raised to the power.
    power : float or scalar TensorVariable, not negative
        The exponent. A whole number always gives a covariance function; a fraction does for some,
        such as `ExpQuad`.

    Examples
    --------
    >>> import rufous as rf
    >>> k = rf.gp.cov.Linear(1, c=0) ** 2
    >>> rf.draw(k([[1.0], [2.0]]))
    array([[ 1.,  4.],
           [ 4., 16.]])
    """

    def __init__(self, kernel: Any, power: Any) -> None:
        if not isinstance(kernel, BaseCovariance):
            raise SettingsError(f"`kernel` must be a covariance function, got {kernel!r}")
        self.kernel = kernel
        self.power = _power(power)
        super().__init__(getattr(kernel, "input_dim", 1), getattr(kernel, "active_dims", None))

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Raise each covariance to the power."""
        return self.kernel(X, Xs) ** self.power

    def diag(self, X: Any) -> Any:
        """Raise each variance to the power."""
        return self.kernel(X, diag=True) ** self.power


def _factor(value: Any) -> Any:
    if isinstance(value, BaseCovariance):
        return value
    tensor = as_float(value, "a factor of a covariance function")
    if tensor.type.ndim > 2:
        raise ShapeError(
            "cannot combine a covariance function with an array of "
            f"{tensor.type.ndim} axes, shape {shape_now(tensor)}; numbers, vectors and matrices do"
        )
    return tensor


def _power(power: Any) -> Any:
    refusal = "a covariance function can only be exponentiated by a scalar value, got {}"
    if isinstance(power, BaseCovariance):
        raise SettingsError(refusal.format("another covariance function"))
    tensor = as_float(power, "the power of a covariance function")
    if set(shape_now(tensor)) - {1}:
        raise SettingsError(refusal.format(f"an array of shape {shape_now(tensor)}"))
    constant = constant_value(tensor)
    if constant is not None and not (constant >= 0).all():
        raise SettingsError(
            f"the power of a covariance function must not be negative, got {constant.item()}"
        )
    return tensor.reshape(()) if tensor.type.ndim else tensor


def _at(factor: Any, X: Any, Xs: Any, diag: bool) -> Any:
    """Return the part of a number, vector or matrix that belongs to the points."""
    rows = shape_now(X)[-2]
    columns = rows if Xs is None else shape_now(Xs)[-2]
    has = shape_now(factor)
    for length, wanted in zip(reversed(has), (columns, rows), strict=False):
        if None not in (length, wanted) and length not in (1, wanted):
            raise ShapeError(
                f"a factor of shape {has} does not fit covariances of shape ({rows}, {columns}); "
                "a matrix in a covariance function only works for the points it was made for"
            )
    return pt.diagonal(factor) if diag and factor.type.ndim == 2 else factor


def _whole(matrix: Any, X: Any, Xs: Any) -> Any:
    """Give a combination of numbers alone its two axes."""
    if matrix.type.ndim >= 2:
        return matrix
    return matrix + pt.zeros((num_rows(X), num_rows(X if Xs is None else Xs)))
