"""The multivariate normal distribution on a grid, with a covariance for each axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.linalg import eigh
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.multivariate.mv_normal import check_positive_definite, square_matrix
from rufous.distributions.parameters import at_least_zero, given_one, real
from rufous.distributions.rv import without_batch
from rufous.distributions.stable import LOG_2PI, as_real
from rufous.errors import SettingsError, ShapeError
from rufous.model.registry import Constraint

__all__ = ["KroneckerNormal"]


class KroneckerNormalRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Normal numbers in the eigenspace of a Kronecker product, turned back.

    The parameters are mean, standard deviation of the noise, all vectors of eigenvalues, and all
    matrices of eigenvectors.
    """

    name = "kronecker_normal"
    dtype = "float64"
    _print_name = ("KroneckerNormal", "\\operatorname{KroneckerNormal}")

    @classmethod
    def with_factors(cls, number: int) -> KroneckerNormalRV:
        """Return the op for a number of factors."""
        values = [f"(k{i})" for i in range(number)]
        vectors = [f"(k{i},k{i})" for i in range(number)]
        return cls(signature=",".join(["(n)", "()", *values, *vectors]) + "->(n)")

    @classmethod
    def rng_fn(cls, rng: Any, mu: Any, sigma: Any, *arguments: Any) -> Any:
        """Scale standard normal numbers by the roots of the eigenvalues, and turn them."""
        *factors, size = arguments
        half = len(factors) // 2
        values = [without_batch(each, 1) for each in factors[:half]]
        vectors = [without_batch(each, 2) for each in factors[half:]]
        size = np.broadcast_shapes(mu.shape[:-1], np.shape(sigma)) if size is None else size
        total = values[0]
        for each in values[1:]:
            total = np.multiply.outer(total, each).ravel()
        scale = np.sqrt(np.maximum(total + np.asarray(sigma)[..., None] ** 2, 0.0))
        drawn = scale * rng.standard_normal((*size, len(total)))
        grid = drawn.reshape(*size, *(len(each) for each in values))
        for i, each in enumerate(vectors):
            grid = np.moveaxis(np.moveaxis(grid, len(size) + i, -1) @ each.T, -1, len(size) + i)
        return mu + grid.reshape(*size, len(total))


class KroneckerNormal(Distribution, op_type=KroneckerNormalRV):
    r"""Multivariate normal distribution with a Kronecker product as its covariance.

    .. math:: x \sim N\left(\mu, \; K_1 \otimes K_2 \otimes \dots + \sigma^2 I\right)

    ==========  ==================================================
    Support     vectors of length ``n = n_1 * n_2 * ...``
    Mean        ``mu``
    Covariance  ``kron(covs) + sigma**2 * eye(n)``
    ==========  ==================================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, shape (..., n)
        Mean; a single number is the same for all elements.
    covs : sequence of array_like or TensorVariable, each of shape (n_i, n_i)
        Covariances of the axes of the grid; positive definite, positive semidefinite with noise.
    chols : sequence of array_like or TensorVariable, each of shape (n_i, n_i)
        Their lower Cholesky factors, instead of `covs`.
    evds : sequence of pairs
        Their eigenvalues, of shape ``(n_i,)``, and eigenvectors in columns, instead of `covs`.
    sigma : float or TensorVariable, default 0
        Standard deviation of independent noise; ``sigma >= 0``.

    Raises
    ------
    SettingsError
        When not exactly one of `covs`, `chols` and `evds` is given, or one is out of range.
    ShapeError
        When a matrix is not square, or the lengths do not fit `mu`.

    Notes
    -----
    The matrices are decomposed one by one: the product is never built.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.KroneckerNormal("x", mu=0, covs=[[[2, 1], [1, 2]], [[1, 0], [0, 3]]], sigma=0.1)
    """

    @classmethod
    def parametrise(
        cls, mu: Any, covs: Any = None, chols: Any = None, evds: Any = None, sigma: Any = 0.0
    ) -> Any:
        """Decompose all factors."""
        name = given_one(covs=covs, chols=chols, evds=evds)
        given = {"covs": covs, "chols": chols, "evds": evds}[name]
        if not isinstance(given, Sequence | np.ndarray) or len(given) < 1:
            raise SettingsError(f"`{name}` must be a list with one item for each axis")
        pairs = [_decomposed(name, i, each) for i, each in enumerate(given)]
        values, vectors = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        mean = _stretched(real("mu", mu), values)
        op = KroneckerNormalRV.with_factors(len(pairs))
        return op, (mean, real("sigma", sigma, at_least_zero), *values, *vectors)

    @staticmethod
    def logdensity(op: Any, value: Any, mu: Any, sigma: Any, *factors: Any) -> Any:
        """Write the log density in the common eigenspace."""
        half = len(factors) // 2
        values = [without_batch(each, 1) for each in factors[:half]]
        vectors = [without_batch(each, 2) for each in factors[half:]]
        distance = as_real(value) - mu
        batch = distance.type.ndim - 1
        outer = tuple(distance.shape[axis] for axis in range(batch))
        grid = distance.reshape((*outer, *(each.shape[0] for each in values)))
        for i, each in enumerate(vectors):
            turned = pt.dot(pt.moveaxis(grid, batch + i, -1), each)
            grid = pt.moveaxis(turned, -1, batch + i)
        total = values[0]
        for each in values[1:]:
            total = (total[:, None] * each).ravel()
        variance = total + pt.sqr(sigma)[..., None]
        standard = grid.reshape((*outer, total.shape[0]))
        return -0.5 * pt.sum(pt.sqr(standard) / variance + pt.log(variance) + LOG_2PI, axis=-1)

    @staticmethod
    def support_point(op: Any, rv: Any, mu: Any, sigma: Any, *factors: Any) -> Any:
        """Return the mean."""
        return mu

    @staticmethod
    def constraints(op: Any, mu: Any, sigma: Any, *factors: Any) -> list[Constraint]:
        """Require noise that is not negative."""
        return at_least_zero.on("sigma", sigma)


def _stretched(mean: Any, values: list[Any]) -> Any:
    """Give the mean the length of the product; it may follow that of data."""
    lengths = [each.type.shape[-1] for each in values]
    total = None if None in lengths else int(np.prod(lengths))
    has = mean.type.shape[-1] if mean.type.ndim else 1
    if None not in (total, has) and has not in (1, total):
        raise ShapeError(f"`mu` has length {has}, the product of the lengths is {total}")
    if has == 1 or has != total:
        mean = mean + pt.zeros((total or pt.prod(pt.stack([each.shape[0] for each in values])),))
    return mean


def _decomposed(name: str, i: int, given: Any) -> tuple[Any, Any]:
    """Return eigenvalues and eigenvectors of one factor."""
    label = f"{name}[{i}]"
    if name == "evds":
        values, vectors = given
        return real(label, values, at_least_zero), square_matrix(label, vectors)
    matrix = square_matrix(label, given)
    if matrix.type.ndim != 2:
        raise ShapeError(f"`{label}` must be one matrix, got {matrix.type.ndim} axes")
    if name == "chols":
        matrix = matrix @ matrix.T
    else:
        check_positive_definite(label, matrix)
    values, vectors = eigh(matrix)
    return values, vectors
