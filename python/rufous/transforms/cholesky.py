"""Transforms of covariance and correlation matrices by their Cholesky factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.linalg import cholesky

from rufous.errors import SettingsError
from rufous.transforms.base import Transform
from rufous.transforms.interval import constant_value

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["CholeskyCorrTransform", "CholeskyCovPacked", "CholeskyCovTransform"]


class CholeskyCovPacked(Transform):
    """A packed Cholesky factor to all vectors: the diagonal goes to its logarithm.

    Parameters
    ----------
    n : int
        Number of rows; the vector holds the ``n * (n + 1) / 2`` elements of the lower triangle
        row by row.

    Raises
    ------
    SettingsError
        When `n` is no constant whole number of at least 1.
    """

    name: ClassVar[str] = "cholesky-cov-packed"
    ndim_supp = 1

    def __init__(self, n: Any) -> None:
        self.n = _size(n)
        self._diagonal = diagonal_positions(self.n)
        self._is_diagonal = np.isin(np.arange(self.n * (self.n + 1) // 2), self._diagonal)

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the vector with the logarithm of the diagonal."""
        value = pt.as_tensor_variable(value)
        return pt.switch(self._is_diagonal, pt.log(pt.switch(self._is_diagonal, value, 1.0)), value)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the vector with the exponential of the diagonal."""
        value = pt.as_tensor_variable(value)
        return pt.switch(self._is_diagonal, pt.exp(pt.switch(self._is_diagonal, value, 0.0)), value)

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the sum of the diagonal."""
        return pt.sum(pt.as_tensor_variable(value)[..., self._diagonal], axis=-1)


class CholeskyCorrTransform(Transform):
    """The Cholesky factor of a correlation matrix to all vectors.

    Row i of the factor is a unit vector of i + 1 elements with a positive last one; it goes to the
    ratios of the others to the last. The vector is filled into the matrix in the order that
    TensorFlow Probability and PyMC use: from the last and the first row alternately.

    Parameters
    ----------
    n : int
        Number of rows; the vector has ``n * (n - 1) / 2`` elements.
    upper : bool, default False
        Whether the factor is the upper one.

    Raises
    ------
    SettingsError
        When `n` is no constant whole number of at least 1.

    References
    ----------
    Lewandowski, D., Kurowicka, D. and Joe, H. (2009). Generating random correlation matrices based
    on vines and extended onion method. Journal of Multivariate Analysis 100(9), 1989-2001.
    """

    name: ClassVar[str] = "cholesky_corr"
    ndim_supp = 1

    def __init__(self, n: Any, upper: bool = False) -> None:
        self.n = _size(n)
        self.upper = upper
        length = self.n * (self.n - 1) // 2
        order = np.concatenate([np.arange(self.n - 1, length), np.arange(length)[::-1]])
        order = order.reshape(self.n - 1, self.n - 1)
        self._positions = np.zeros((self.n, self.n), dtype=np.int64)
        self._positions[1:, :-1] = np.tril(order)
        self._below = np.tril(np.ones((self.n, self.n)), -1)
        rows, columns = np.tril_indices(self.n, -1)
        by_position = np.argsort(self._positions[rows, columns])
        self._rows, self._columns = rows[by_position], columns[by_position]

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the ratios of the elements below the diagonal to that of their row."""
        value = pt.as_tensor_variable(value)
        value = value.mT if self.upper else value
        return value[..., self._rows, self._columns] / value[..., self._rows, self._rows]

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the factor: each row of ratios and one, divided by its length."""
        ratios = self._ratios(pt.as_tensor_variable(value))
        lengths = pt.sqrt(1.0 + pt.sum(pt.sqr(ratios), axis=-1, keepdims=True))
        factor = (ratios + np.eye(self.n)) / lengths
        return factor.mT if self.upper else factor

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the logs of the diagonal of the factor, row i counted i + 2 times."""
        ratios = self._ratios(pt.as_tensor_variable(value))
        log_diagonal = -0.5 * pt.log1p(pt.sum(pt.sqr(ratios), axis=-1))
        return pt.sum(np.arange(2.0, self.n + 2.0) * log_diagonal, axis=-1)

    def _ratios(self, value: TensorVariable) -> TensorVariable:
        if self.n == 1:
            return pt.zeros((*(value.shape[axis] for axis in range(value.type.ndim - 1)), 1, 1))
        return value[..., self._positions] * self._below


class CholeskyCovTransform(Transform):
    """A positive definite matrix to all vectors: its packed factor, with the log of the diagonal.

    Parameters
    ----------
    n : int
        Number of rows; the vector has ``n * (n + 1) / 2`` elements.

    Raises
    ------
    SettingsError
        When `n` is no constant whole number of at least 1.
    """

    name: ClassVar[str] = "cholesky-cov"
    ndim_supp = 1

    def __init__(self, n: Any) -> None:
        self.n = _size(n)
        self._packed = CholeskyCovPacked(self.n)
        self._rows, self._columns = np.tril_indices(self.n)

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the packed factor with the logarithm of its diagonal."""
        factor = cholesky(pt.as_tensor_variable(value), lower=True)
        return self._packed.forward(factor[..., self._rows, self._columns])

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the product of the factor and its transpose."""
        factor = unpack_triangle(self._packed.backward(value), self.n)
        return factor @ factor.mT

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``n log(2)`` and the log diagonal, row i counted n - i + 1 times."""
        log_diagonal = pt.as_tensor_variable(value)[..., diagonal_positions(self.n)]
        counts = np.arange(self.n + 1.0, 1.0, -1.0)
        return self.n * float(np.log(2.0)) + pt.sum(counts * log_diagonal, axis=-1)


def diagonal_positions(n: int) -> Any:
    """Return where the diagonal lies in a packed lower triangle of n rows."""
    return np.cumsum(np.arange(1, n + 1)) - 1


def unpack_triangle(packed: TensorVariable, n: int) -> TensorVariable:
    """Return the lower triangular matrix of n rows from its elements row by row."""
    positions = np.zeros((n, n), dtype=np.int64)
    positions[np.tril_indices(n)] = np.arange(n * (n + 1) // 2)
    return packed[..., positions] * np.tril(np.ones((n, n)))


def _size(n: Any) -> int:
    value = n if isinstance(n, int | np.integer) else constant_value(n)
    if value is None or isinstance(n, bool) or np.ndim(value) or value < 1 or value != int(value):
        raise SettingsError(f"`n` must be a constant whole number of at least 1, got {n!r}")
    return int(value)
