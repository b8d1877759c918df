"""The multivariate normal distribution whose covariance is of low rank plus a diagonal."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.tensor.linalg import cholesky, solve_triangular
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions import Distribution
from rufous.distributions.parameters import at_least_zero, positive, real
from rufous.distributions.stable import LOG_2PI, as_real
from rufous.model.registry import Constraint

__all__ = ["LowRankMvNormal", "inner_factor"]


class LowRankMvNormalRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Multivariate normal numbers from factors and independent noise."""

    name = "low_rank_multivariate_normal"
    signature = "(n),(m,n),(n),()->(n)"
    dtype = "float64"
    _print_name = ("LowRankMvNormal", "\\operatorname{LowRankMvNormal}")

    @classmethod
    def rng_fn(cls, rng: Any, mu: Any, factors: Any, variance: Any, penalty: Any, size: Any) -> Any:
        """Weigh the factors with standard normal numbers, and add the noise."""
        noise = rng.standard_normal(mu.shape if size is None else (*size, mu.shape[-1]))
        weights = rng.standard_normal((*noise.shape[:-1], factors.shape[-2]))
        common = (weights[..., None, :] @ factors)[..., 0, :]
        return mu + common + noise * variance**0.5

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        return [(dist_params[0].shape if param_shapes is None else param_shapes[0])[-1]]


class LowRankMvNormal(Distribution, op=LowRankMvNormalRV()):
    r"""Multivariate normal distribution with covariance :math:`W^\top W + \mathrm{diag}(v)`.

    Parameters
    ----------
    mu : TensorVariable, shape (n,)
        Mean.
    factors : TensorVariable, shape (m, n)
        The factors `W`, with fewer rows than columns.
    variance : TensorVariable, positive, shape (n,)
        The diagonal `v`.
    penalty : float or scalar TensorVariable, not negative, default 0
        Subtracted from the log density; draws do not know of it.

    Notes
    -----
    The log density takes m^2 n operations, by the identities of Woodbury and Sylvester.

    Examples
    --------
    >>> import numpy as np
    >>> from rufous.gp.low_rank import LowRankMvNormal
    >>> x = LowRankMvNormal.dist(np.zeros(3), np.ones((1, 3)), np.ones(3))
    """

    @classmethod
    def parametrise(cls, mu: Any, factors: Any, variance: Any, penalty: Any = 0.0) -> Any:
        """Read the parameters."""
        return cls.op, (
            real("mu", mu),
            real("factors", factors),
            real("variance", variance, positive),
            real("penalty", penalty, at_least_zero),
        )

    @staticmethod
    def logdensity(value: Any, mu: Any, factors: Any, variance: Any, penalty: Any) -> Any:
        """Write the log density by the factor of the small matrix."""
        distance = as_real(value) - mu
        scaled = distance / variance
        inner = inner_factor(factors, variance)
        white = solve_triangular(inner, _product(factors, scaled), lower=True, b_ndim=1)
        squared = pt.sum(distance * scaled, axis=-1) - pt.sum(pt.sqr(white), axis=-1)
        diagonal = pt.diagonal(inner, axis1=-2, axis2=-1)
        logdet = pt.sum(pt.log(variance), axis=-1) + 2.0 * pt.sum(pt.log(diagonal), axis=-1)
        normaliser = LOG_2PI * pt.cast(mu.shape[-1], "float64")
        return -0.5 * (squared + logdet + normaliser) - penalty

    @staticmethod
    def support_point(rv: Any, mu: Any, *parameters: Any) -> Any:
        """Return the mean."""
        return mu

    @staticmethod
    def constraints(mu: Any, factors: Any, variance: Any, penalty: Any) -> list[Constraint]:
        """Require positive variances."""
        return [Constraint(pt.all(variance > 0.0, axis=-1), "the variances are positive")]


def inner_factor(factors: Any, variance: Any) -> Any:
    """Return the lower Cholesky factor of ``I + W diag(v)^-1 W'``, of m x m numbers."""
    scaled = factors / pt.sqrt(variance)[..., None, :]
    rows = factors.type.shape[-2]
    identity = pt.eye(factors.shape[-2] if rows is None else rows)
    return cholesky(identity + scaled @ scaled.mT, lower=True)


def _product(matrix: Any, vector: Any) -> Any:
    """Multiply a matrix, or a batch of them, with vectors."""
    if matrix.type.ndim == 2 and vector.type.ndim == 1:
        return matrix @ vector
    return pt.sum(matrix * vector[..., None, :], axis=-1)
