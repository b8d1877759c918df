"""The multivariate normal distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.linalg import cholesky, solve_triangular
from pytensor.tensor.random.basic import MvNormalRV
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution, register_op
from rufous.distributions.parameters import given_one, real
from rufous.distributions.stable import LOG_2PI, as_real
from rufous.errors import SettingsError, ShapeError
from rufous.model.registry import Constraint
from rufous.transforms import constant_value

__all__ = [
    "MvNormal",
    "check_factor",
    "check_positive_definite",
    "log_diagonal",
    "positive_diagonal",
    "square_matrix",
    "squared_distance",
]


class _LengthOfMean(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Tells the length of the support without a graph, where it is known.

    PyTensor slices a symbolic shape, and folding that slice imports a good part of SciPy.
    """

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        length = dist_params[0].type.shape[-1]
        if length is not None:
            return [pt.constant(length, dtype="int64")]
        return [(dist_params[0].shape if param_shapes is None else param_shapes[0])[-1]]


class CovarianceMvNormalRV(_LengthOfMean, MvNormalRV):  # type: ignore[misc]
    """Multivariate normal numbers from the covariance."""


class CholeskyMvNormalRV(_LengthOfMean):
    """Multivariate normal numbers from the lower Cholesky factor of the covariance."""

    name = "cholesky_multivariate_normal"
    signature = "(n),(n,n)->(n)"
    dtype = "float64"
    _print_name = ("MvNormal", "\\operatorname{MvNormal}")

    @classmethod
    def rng_fn(cls, rng: Any, mu: Any, chol: Any, size: Any) -> Any:
        """Scale standard normal numbers by the factor."""
        standard = _standard_normal(rng, mu, chol, size)
        return mu + np.einsum("...ij,...j->...i", np.tril(chol), standard)


class PrecisionMvNormalRV(_LengthOfMean):
    """Multivariate normal numbers from the lower Cholesky factor of the precision."""

    name = "precision_multivariate_normal"
    signature = "(n),(n,n)->(n)"
    dtype = "float64"
    _print_name = ("MvNormal", "\\operatorname{MvNormal}")

    @classmethod
    def rng_fn(cls, rng: Any, mu: Any, chol: Any, size: Any) -> Any:
        """Solve the transposed factor for standard normal numbers."""
        standard = _standard_normal(rng, mu, chol, size)
        upper = np.swapaxes(np.tril(chol), -1, -2)
        return mu + np.linalg.solve(upper, standard[..., None])[..., 0]


class MvNormal(Distribution, op=CholeskyMvNormalRV()):
    r"""Multivariate normal distribution.

    .. math:: f(x \mid \mu, \Sigma) = (2\pi)^{-n/2} \, |\Sigma|^{-1/2}
        \exp\left(-\frac{1}{2} (x - \mu)^\top \Sigma^{-1} (x - \mu)\right)

    ==========  ==================
    Support     vectors of length n
    Mean        ``mu``
    Covariance  ``cov``
    ==========  ==================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, shape (..., n), default 0
        Mean; a single number is the same for all elements.
    cov : array_like or TensorVariable, shape (..., n, n)
        Covariance; symmetric and positive definite (its lower triangle is read).
    tau : array_like or TensorVariable, shape (..., n, n)
        Precision, the inverse of the covariance, instead of `cov`. Keyword only.
    chol : array_like or TensorVariable, shape (..., n, n)
        Cholesky factor of the covariance, instead of `cov`: triangular with a positive diagonal.
        Keyword only.
    lower : bool, default True
        Whether `chol` is the lower factor (``chol @ chol.T`` is the covariance) or its transpose.
        Keyword only.

    Raises
    ------
    SettingsError
        When not exactly one of `cov`, `tau` and `chol` is given, or a constant one is not positive
        definite.
    ShapeError
        When the matrix is not square or does not fit `mu`.

    Notes
    -----
    The fastest parametrisation is `chol`; `cov` and `tau` take one Cholesky decomposition, and
    nothing is ever inverted. A matrix that is not positive definite makes the log density -inf.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.MvNormal("x", mu=[0, 1], cov=[[1, 0.5], [0.5, 2]])
    """

    @classmethod
    def parametrise(
        cls,
        mu: Any = 0.0,
        cov: Any = None,
        *,
        tau: Any = None,
        chol: Any = None,
        lower: bool = True,
    ) -> Any:
        """Choose the op by the matrix that is given."""
        name = given_one(cov=cov, tau=tau, chol=chol)
        matrix = square_matrix(name, {"cov": cov, "tau": tau, "chol": chol}[name])
        if not isinstance(lower, bool | np.bool_):
            raise SettingsError(f"`lower` must be True or False, got {lower!r}")
        if name == "chol":
            matrix = matrix if lower else matrix.mT
            check_factor(matrix)
        else:
            check_positive_definite(name, matrix)
        mean = _stretched(real("mu", mu), matrix)
        if name == "cov":
            return CovarianceMvNormalRV(dtype="float64", method="cholesky"), (mean, matrix)
        if name == "tau":
            return PrecisionMvNormalRV(), (mean, cholesky(matrix, lower=True))
        return cls.op, (mean, matrix)

    @staticmethod
    def logdensity(value: Any, mu: Any, chol: Any) -> Any:
        """Write the log density by the Cholesky factor of the covariance."""
        squared = squared_distance(as_real(value) - mu, chol)
        return -0.5 * squared - log_diagonal(chol) - _normaliser(mu)

    @staticmethod
    def support_point(rv: Any, mu: Any, chol: Any) -> Any:
        """Return the mean."""
        return mu

    @staticmethod
    def constraints(mu: Any, chol: Any) -> list[Constraint]:
        """Require a factor with a positive diagonal."""
        return [Constraint(positive_diagonal(chol), "chol has a positive diagonal")]


def _logdensity_by_covariance(value: Any, mu: Any, cov: Any) -> Any:
    return MvNormal.logdensity(value, mu, cholesky(cov, lower=True))


def _logdensity_by_precision(value: Any, mu: Any, chol: Any) -> Any:
    """Use ``(x - mu)' tau (x - mu) = |L' (x - mu)|**2`` with ``tau = L L'``."""
    distance = as_real(value) - mu
    scaled = pt.sum(chol * distance[..., None], axis=-2)
    return -0.5 * pt.sum(pt.sqr(scaled), axis=-1) + log_diagonal(chol) - _normaliser(mu)


register_op(
    MvNormalRV,
    logdensity=_logdensity_by_covariance,
    support_point=lambda rv, mu, cov: mu,
    constraints=lambda mu, cov: [
        Constraint(positive_diagonal(cholesky(cov, lower=True)), "cov is positive definite")
    ],
    default_transform=MvNormal.default_transform,
)
register_op(
    PrecisionMvNormalRV,
    logdensity=_logdensity_by_precision,
    support_point=lambda rv, mu, chol: mu,
    constraints=lambda mu, chol: [Constraint(positive_diagonal(chol), "tau is positive definite")],
    default_transform=MvNormal.default_transform,
)


def _standard_normal(rng: Any, mu: Any, matrix: Any, size: Any) -> Any:
    if size is None:
        size = np.broadcast_shapes(mu.shape[:-1], matrix.shape[:-2])
    return rng.standard_normal((*size, mu.shape[-1]))


def squared_distance(distance: Any, chol: Any) -> Any:
    """Return the squared length of ``chol^-1 distance`` along the last axis."""
    if chol.type.ndim > 2:
        solved = solve_triangular(chol, distance, lower=True, b_ndim=1)
        return pt.sum(pt.sqr(solved), axis=-1)
    if distance.type.ndim == 1:
        return pt.sum(pt.sqr(solve_triangular(chol, distance, lower=True, b_ndim=1)))
    # One factor for all: a single solve with one column per vector.
    columns = distance.reshape((-1, distance.shape[-1])).T
    solved = solve_triangular(chol, columns, lower=True, b_ndim=2)
    return pt.sum(pt.sqr(solved), axis=0).reshape(distance.shape[:-1])


def _diagonal(matrix: Any) -> Any:
    return pt.diagonal(matrix, axis1=-2, axis2=-1)


def log_diagonal(chol: Any) -> Any:
    """Return the sum of the logs of the diagonal."""
    return pt.sum(pt.log(_diagonal(chol)), axis=-1)


def positive_diagonal(chol: Any) -> Any:
    """Say whether the whole diagonal is positive."""
    return pt.all(_diagonal(chol) > 0, axis=-1)


def _normaliser(mu: Any) -> Any:
    return 0.5 * LOG_2PI * pt.cast(mu.shape[-1], "float64")


def square_matrix(name: str, value: Any) -> Any:
    """Read a square matrix or a batch of them."""
    matrix = real(name, value)
    shape = tuple(matrix.type.shape)
    if len(shape) < 2 or (None not in shape[-2:] and shape[-2] != shape[-1]):
        raise ShapeError(f"`{name}` must be a square matrix or a batch of them, got shape {shape}")
    return matrix


def _stretched(mu: Any, matrix: Any) -> Any:
    """Give a mean that is one number for all elements the length of the matrix."""
    length, has = matrix.type.shape[-1], mu.type.shape[-1] if mu.type.ndim else 1
    if has is not None and length is not None and has not in (1, length):
        raise ShapeError(
            f"`mu` has length {has} on its last axis, the matrix {length}; they must be the same"
        )
    if has == 1 and length != 1:
        return mu + pt.zeros((matrix.shape[-1],))
    return mu


def check_positive_definite(name: str, matrix: Any) -> None:
    """Refuse a constant matrix that is not symmetric and positive definite."""
    constant = constant_value(matrix)
    if constant is None:
        return
    if not np.allclose(constant, np.swapaxes(constant, -1, -2)):
        raise SettingsError(f"`{name}` must be symmetric; give 0.5 * (m + m.T) if it nearly is")
    try:
        np.linalg.cholesky(constant)
    except np.linalg.LinAlgError:
        smallest = float(np.linalg.eigvalsh(constant).min())
        raise SettingsError(
            f"`{name}` must be positive definite, but its smallest eigenvalue is {smallest:.6g}; "
            "a small number added to the diagonal often helps"
        ) from None


def check_factor(chol: Any, name: str = "chol") -> None:
    """Refuse a constant factor that is not lower triangular with a positive diagonal."""
    constant = constant_value(chol)
    if constant is None:
        return
    if np.triu(constant, 1).any():
        way = (
            "for an upper triangular factor pass lower=False" if name == "chol" else "transpose it"
        )
        raise SettingsError(f"`{name}` must be lower triangular; {way}")
    if not (np.diagonal(constant, axis1=-2, axis2=-1) > 0).all():
        raise SettingsError(f"`{name}` must have a positive diagonal")
