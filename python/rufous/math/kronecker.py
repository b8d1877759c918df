"""Products of all with all: outer, Cartesian and Kronecker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import pytensor.tensor as pt
import pytensor.tensor.linalg as linalg

from rufous.math.real import as_tensor


def flatten_list(tensors: Sequence[Any]) -> Any:
    """Join tensors of any shapes into one vector.

    Parameters
    ----------
    tensors : sequence of array_like or TensorVariable
        At least one.

    Returns
    -------
    TensorVariable, shape (total size,)
    """
    return pt.concatenate([as_tensor(tensor).ravel() for tensor in tensors])


def flat_outer(a: Any, b: Any) -> Any:
    """Return all products of an element of `a` and one of `b`, those of `b` varying fastest.

    Parameters
    ----------
    a, b : array_like or TensorVariable, shape (m,) and (n,)
        Vectors.

    Returns
    -------
    TensorVariable, shape (m * n,)
    """
    return pt.outer(as_tensor(a), as_tensor(b)).ravel()


def cartesian(*arrays: Any) -> Any:
    """Return the Cartesian product of the rows of arrays.

    Parameters
    ----------
    *arrays : array_like, shape (n,) or (n, d)
        Numbers, not graphs; a vector counts as one column.

    Returns
    -------
    ndarray, shape (product of the n, sum of the d)
        The rows of the first array vary slowest.
    """
    columns = [np.asarray(array) for array in arrays]
    columns = [array[:, None] if array.ndim == 1 else array for array in columns]
    rows = np.indices([len(array) for array in columns]).reshape(len(columns), -1)
    return np.concatenate([a[row] for a, row in zip(columns, rows, strict=True)], axis=-1)


def kronecker(*matrices: Any) -> Any:
    """Return the Kronecker product of matrices.

    Parameters
    ----------
    *matrices : array_like or TensorVariable, shape (m, n)
        At least one.

    Returns
    -------
    TensorVariable, shape (product of the m, product of the n)
    """
    return reduce(_kronecker_of_two, [as_tensor(matrix) for matrix in matrices])


kron = kronecker


def kron_diag(*diagonals: Any) -> Any:
    """Return the diagonal of the Kronecker product of diagonal matrices.

    Parameters
    ----------
    *diagonals : array_like or TensorVariable, shape (n,)
        At least one.

    Returns
    -------
    TensorVariable, shape (product of the n,)
    """
    return reduce(flat_outer, [as_tensor(diagonal) for diagonal in diagonals])


def kron_dot(matrices: Sequence[Any], m: Any) -> Any:
    """Multiply the Kronecker product of matrices with `m`, without building the product.

    Parameters
    ----------
    matrices : sequence of array_like or TensorVariable, shape (a, b)
        Factors of the Kronecker product.
    m : array_like or TensorVariable, shape (product of the b,) or (product of the b, k)
        Vector or matrix.

    Returns
    -------
    TensorVariable, shape (product of the a,) or (product of the a, k)
    """
    return _along_factors(pt.dot, matrices, m)


def kron_solve_lower(matrices: Sequence[Any], m: Any) -> Any:
    """Solve the Kronecker product of lower triangular matrices for `m`, without building it.

    Parameters
    ----------
    matrices : sequence of array_like or TensorVariable, shape (a, a)
        Lower triangular factors.
    m : array_like or TensorVariable, shape (product of the a,) or (product of the a, k)
        Right-hand side.

    Returns
    -------
    TensorVariable
        Of the shape of `m`.
    """
    return _along_factors(_solve_lower, matrices, m)


def kron_solve_upper(matrices: Sequence[Any], m: Any) -> Any:
    """Solve the Kronecker product of upper triangular matrices for `m`, without building it.

    Parameters
    ----------
    matrices : sequence of array_like or TensorVariable, shape (a, a)
        Upper triangular factors.
    m : array_like or TensorVariable, shape (product of the a,) or (product of the a, k)
        Right-hand side.

    Returns
    -------
    TensorVariable
        Of the shape of `m`.
    """
    return _along_factors(_solve_upper, matrices, m)


def _kronecker_of_two(a: Any, b: Any) -> Any:
    product = a[:, None, :, None] * b[None, :, None, :]
    return product.reshape((a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))


def _solve_lower(matrix: Any, right: Any) -> Any:
    return linalg.solve_triangular(matrix, right, lower=True, b_ndim=2)


def _solve_upper(matrix: Any, right: Any) -> Any:
    return linalg.solve_triangular(matrix, right, lower=False, b_ndim=2)


def _along_factors(operation: Callable[[Any, Any], Any], matrices: Sequence[Any], m: Any) -> Any:
    """Apply an operation to one factor of the row index after the other."""
    m = as_tensor(m)
    columns = m if m.ndim == 2 else m[:, None]
    n_columns = columns.shape[1]
    result = columns.T
    for factor in reversed([as_tensor(matrix) for matrix in matrices]):
        # The last factor's index varies fastest: it is brought to the front and rotated away.
        flat = result.reshape((-1, factor.shape[1]))
        result = operation(factor, flat.T)
    # Indices are now (first factor, ..., last factor, column) after all rotations.
    result = result.reshape((-1, n_columns))
    return result if m.ndim == 2 else result[:, 0]
