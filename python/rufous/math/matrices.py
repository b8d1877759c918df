"""Linear algebra, and matrices from their parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
import pytensor.tensor.linalg as linalg

from rufous.errors import ShapeError
from rufous.math.real import as_real, as_tensor, real

cholesky = real(linalg.cholesky)
cho_solve = linalg.cho_solve
det = real(linalg.det)
eigh = real(linalg.eigh)
matrix_inverse = real(linalg.matrix_inverse)
norm = real(linalg.norm)
slogdet = real(linalg.slogdet)
solve = real(linalg.solve, 2)
solve_triangular = real(linalg.solve_triangular, 2)
block_diag = block_diagonal = linalg.block_diag


def logdet(x: Any) -> Any:
    """Return the log of the absolute determinant.

    Parameters
    ----------
    x : array_like or TensorVariable, shape (..., n, n)
        Square matrices.

    Returns
    -------
    TensorVariable, shape (...)
    """
    return linalg.slogdet(as_real(x))[1]


def diag(x: Any) -> Any:
    """Return the diagonal matrix of a vector, or the diagonal of a matrix.

    Parameters
    ----------
    x : array_like or TensorVariable, shape (n,) or (m, n)
        Vector or matrix.

    Returns
    -------
    TensorVariable, shape (n, n) or (min(m, n),)

    Raises
    ------
    ShapeError
        When it has neither one nor two axes.
    """
    x = as_tensor(x)
    if x.ndim == 2:
        return pt.diagonal(x)
    if x.ndim != 1:
        raise ShapeError(f"`x` must have 1 or 2 axes, got {x.ndim}")
    index = pt.arange(x.shape[0])
    return pt.zeros((x.shape[0], x.shape[0]), dtype=x.dtype)[index, index].set(x)


def batched_diag(c: Any) -> Any:
    """Turn rows into diagonal matrices, or matrices into their diagonals.

    Parameters
    ----------
    c : array_like or TensorVariable, shape (batch, n) or (batch, n, n)
        Diagonals, or matrices.

    Returns
    -------
    TensorVariable, shape (batch, n, n) or (batch, n)

    Raises
    ------
    ShapeError
        When it has neither two nor three axes.
    """
    c = as_tensor(c)
    if c.ndim == 3:
        return pt.diagonal(c, axis1=-2, axis2=-1)
    if c.ndim == 2:
        return c[..., None] * pt.eye(c.shape[-1])
    raise ShapeError(f"`c` must have 2 or 3 axes, got {c.ndim}")


def expand_packed_triangular(
    n: int, packed: Any, lower: bool = True, diagonal_only: bool = False
) -> Any:
    """Unpack a vector, row by row, into a triangular matrix.

    Parameters
    ----------
    n : int
        Number of rows and columns.
    packed : array_like or TensorVariable, shape (n * (n + 1) / 2,)
        Elements of the triangle, row by row.
    lower : bool, default True
        Whether the triangle is the lower one.
    diagonal_only : bool, default False
        Return only the diagonal of the matrix.

    Returns
    -------
    TensorVariable, shape (n, n) or (n,)

    Raises
    ------
    ShapeError
        When `packed` is no vector, or of another length.
    """
    packed = as_tensor(packed)
    length = n * (n + 1) // 2
    if packed.ndim != 1 or packed.type.shape[0] not in (None, length):
        raise ShapeError(
            f"`packed` must be a vector of {length} elements for n={n}, "
            f"got shape {tuple(packed.type.shape)}"
        )
    rows, columns = np.tril_indices(n) if lower else np.triu_indices(n)
    if diagonal_only:
        return packed[np.flatnonzero(rows == columns)]
    return pt.zeros((n, n), dtype=packed.dtype)[rows, columns].set(packed)
