"""Distributions of matrices: Wishart and matrix normal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.linalg import cholesky, solve_triangular
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.multivariate.mv_normal import (
    check_factor,
    check_positive_definite,
    log_diagonal,
    positive_diagonal,
    square_matrix,
)
from rufous.distributions.parameters import all_constants, given_one, positive, real
from rufous.distributions.stable import LOG_2, LOG_2PI, as_real, inside
from rufous.errors import SettingsError, ShapeError
from rufous.model.registry import Constraint
from rufous.transforms import CholeskyCovTransform, Transform

__all__ = ["MatrixNormal", "Wishart"]


class WishartRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Wishart matrices by their triangular factors (Bartlett 1933)."""

    name = "wishart"
    signature = "(),(p,p)->(p,p)"
    dtype = "float64"
    _print_name = ("Wishart", "\\operatorname{Wishart}")

    @classmethod
    def rng_fn(cls, rng: Any, nu: Any, chol: Any, size: Any) -> Any:
        """Draw a factor with chi numbers on its diagonal and normal ones below."""
        size = np.broadcast_shapes(np.shape(nu), chol.shape[:-2]) if size is None else size
        p = chol.shape[-1]
        factor = np.tril(rng.standard_normal((*size, p, p)), -1)
        freedom = np.asarray(nu)[..., None] - np.arange(p)
        index = np.arange(p)
        factor[..., index, index] = np.sqrt(rng.chisquare(freedom, (*size, p)))
        factor = np.tril(chol) @ factor
        return factor @ np.swapaxes(factor, -1, -2)


class Wishart(Distribution, op=WishartRV()):
    r"""Wishart distribution: the scatter matrix of normal vectors.

    .. math:: f(X \mid \nu, V) = \frac{|X|^{(\nu - p - 1) / 2}
        \exp\left(-\frac{1}{2} \operatorname{tr}(V^{-1} X)\right)}
        {2^{\nu p / 2} \, |V|^{\nu / 2} \, \Gamma_p\left(\frac{\nu}{2}\right)}

    ========  ==========================================================
    Support   symmetric positive definite matrices of p rows
    Mean      ``nu * V``
    Variance  ``nu * (V[i, j]**2 + V[i, i] * V[j, j])``
    ========  ==========================================================

    Parameters
    ----------
    nu : float, array_like or TensorVariable, shape (...)
        Degrees of freedom; ``nu > p - 1``.
    V : array_like or TensorVariable, shape (..., p, p)
        Scale matrix; symmetric and positive definite.
    scale_chol : array_like or TensorVariable, shape (..., p, p)
        Its lower Cholesky factor, instead of `V`. Keyword only.

    Raises
    ------
    SettingsError
        When not exactly one of `V` and `scale_chol` is given, or a parameter is out of range.
    ShapeError
        When the matrix is not square, or its length is not fixed.

    Notes
    -----
    For a prior of a covariance matrix, `LKJCholeskyCov` is usually the better choice: it has
    separate parts for standard deviations and correlations.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Wishart("x", nu=5, V=[[1, 0], [0, 2]])
    >>> model.value_vars
    [x_cholesky-cov__]
    """

    @classmethod
    def parametrise(cls, nu: Any, V: Any = None, *, scale_chol: Any = None) -> Any:
        """Take the matrix to its factor."""
        name = given_one(V=V, scale_chol=scale_chol)
        chol = _factor(name, V if name == "V" else scale_chol, is_factor=name != "V")
        length = chol.type.shape[-1]
        if length is None:
            raise ShapeError(f"the number of rows of `{name}` must be fixed")
        freedom = real("nu", nu, positive)
        values = all_constants(freedom)
        if values is not None and not (values[0] > length - 1).all():
            raise SettingsError(f"`nu` > p - 1 = {length - 1} must hold, got {nu!r}")
        return cls.op, (freedom, chol)

    @staticmethod
    def logdensity(value: Any, nu: Any, chol: Any) -> Any:
        """Write the log density by the factors of both matrices."""
        factor = cholesky(as_real(value), lower=True)
        p = float(chol.type.shape[-1])
        ratio = solve_triangular(chol, factor, lower=True, b_ndim=2)
        gamma = 0.25 * p * (p - 1.0) * float(np.log(np.pi)) + pt.sum(
            pt.gammaln(0.5 * (nu[..., None] - np.arange(p))), axis=-1
        )
        core = (
            (nu - p - 1.0) * log_diagonal(factor)
            - 0.5 * pt.sum(pt.sqr(ratio), axis=(-2, -1))
            - nu * log_diagonal(chol)
            - 0.5 * nu * p * LOG_2
            - gamma
        )
        return inside(positive_diagonal(factor), core)

    @staticmethod
    def support_point(rv: Any, nu: Any, chol: Any) -> Any:
        """Return the mean."""
        return nu[..., None, None] * (chol @ chol.mT)

    @staticmethod
    def constraints(nu: Any, chol: Any) -> list[Constraint]:
        """Require enough degrees of freedom and a positive definite scale."""
        return [
            Constraint(pt.gt(nu, chol.type.shape[-1] - 1.0), "nu > p - 1"),
            Constraint(positive_diagonal(chol), "V is positive definite"),
        ]

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the packed Cholesky factor, with the logarithm of its diagonal."""
        return CholeskyCovTransform(rv.type.shape[-1])


class MatrixNormalRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Standard normal matrices, multiplied from both sides."""

    name = "matrix_normal"
    signature = "(m,n),(m,m),(n,n)->(m,n)"
    dtype = "float64"
    _print_name = ("MatrixNormal", "\\operatorname{MatrixNormal}")

    @classmethod
    def rng_fn(cls, rng: Any, mu: Any, rows: Any, columns: Any, size: Any) -> Any:
        """Draw and multiply."""
        if size is None:
            size = np.broadcast_shapes(mu.shape[:-2], rows.shape[:-2], columns.shape[:-2])
        standard = rng.standard_normal((*size, *mu.shape[-2:]))
        return mu + np.tril(rows) @ standard @ np.swapaxes(np.tril(columns), -1, -2)


class MatrixNormal(Distribution, op=MatrixNormalRV()):
    r"""Matrix normal distribution: rows and columns have a covariance each.

    .. math:: f(x \mid \mu, U, V) = \frac{\exp\left(-\frac{1}{2} \operatorname{tr}\left[V^{-1}
        (x - \mu)^\top U^{-1} (x - \mu)\right]\right)}
        {(2 \pi)^{m n / 2} \, |U|^{n / 2} \, |V|^{m / 2}}

    ==========  ==========================================================
    Support     matrices of m rows and n columns
    Mean        ``mu``
    Covariance  ``U[i, k] * V[j, l]`` of the elements ``i, j`` and ``k, l``
    ==========  ==========================================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, shape (..., m, n)
        Mean; a single number is the same for all elements.
    rowcov : array_like or TensorVariable, shape (..., m, m)
        Covariance of the rows, U.
    rowchol : array_like or TensorVariable, shape (..., m, m)
        Its lower Cholesky factor, instead of `rowcov`.
    colcov : array_like or TensorVariable, shape (..., n, n)
        Covariance of the columns, V.
    colchol : array_like or TensorVariable, shape (..., n, n)
        Its lower Cholesky factor, instead of `colcov`.

    Raises
    ------
    SettingsError
        When not exactly one matrix is given for rows and for columns, or it is not positive
        definite.
    ShapeError
        When a matrix is not square or does not fit `mu`.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.MatrixNormal("x", mu=0, rowcov=[[1, 0], [0, 2]], colcov=[[1, 0.5], [0.5, 1]])
    """

    @classmethod
    def parametrise(
        cls,
        mu: Any,
        rowcov: Any = None,
        rowchol: Any = None,
        colcov: Any = None,
        colchol: Any = None,
    ) -> Any:
        """Take both matrices to their factors."""
        row = given_one(rowcov=rowcov, rowchol=rowchol)
        column = given_one(colcov=colcov, colchol=colchol)
        rows = _factor(row, rowcov if row == "rowcov" else rowchol, is_factor=row == "rowchol")
        columns = _factor(
            column, colcov if column == "colcov" else colchol, is_factor=column == "colchol"
        )
        mean = real("mu", mu)
        lengths = (rows.type.shape[-1], columns.type.shape[-1])
        has = tuple(mean.type.shape[-2:])
        for given, wanted in zip(has[::-1], lengths[::-1], strict=False):
            if None not in (given, wanted) and given not in (1, wanted):
                raise ShapeError(
                    f"`mu` has shape {has} along its last axes, the matrices {lengths}; "
                    "they must be the same"
                )
        if has != lengths:
            mean = mean + pt.zeros((rows.shape[-1], columns.shape[-1]))
        return cls.op, (mean, rows, columns)

    @staticmethod
    def logdensity(value: Any, mu: Any, rows: Any, columns: Any) -> Any:
        """Write the log density by solving from both sides."""
        left = solve_triangular(rows, as_real(value) - mu, lower=True, b_ndim=2)
        both = solve_triangular(columns, left.mT, lower=True, b_ndim=2)
        m = pt.cast(mu.shape[-2], "float64")
        n = pt.cast(mu.shape[-1], "float64")
        squared = pt.sum(pt.sqr(both), axis=(-2, -1))
        logs = n * log_diagonal(rows) + m * log_diagonal(columns)
        return -0.5 * (squared + m * n * LOG_2PI) - logs

    @staticmethod
    def support_point(rv: Any, mu: Any, rows: Any, columns: Any) -> Any:
        """Return the mean."""
        return mu

    @staticmethod
    def constraints(mu: Any, rows: Any, columns: Any) -> list[Constraint]:
        """Require positive definite covariances."""
        return [
            Constraint(positive_diagonal(rows), "rowcov is positive definite"),
            Constraint(positive_diagonal(columns), "colcov is positive definite"),
        ]


def _factor(name: str, matrix: Any, *, is_factor: bool) -> Any:
    """Return the lower Cholesky factor of a covariance, or a factor that was given."""
    tensor = square_matrix(name, matrix)
    if is_factor:
        check_factor(tensor, name)
        return tensor
    check_positive_definite(name, tensor)
    return cholesky(tensor, lower=True)
