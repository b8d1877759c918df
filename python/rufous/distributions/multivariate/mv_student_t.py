"""The multivariate Student t distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.linalg import cholesky, inv
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.multivariate.mv_normal import (
    MvNormal,
    log_diagonal,
    positive_diagonal,
    squared_distance,
)
from rufous.distributions.parameters import given_one, positive, real
from rufous.distributions.stable import as_real, log_gamma_ratio
from rufous.model.registry import Constraint

__all__ = ["MvStudentT"]


class MvStudentTRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Multivariate normal numbers divided by the root of a chi-squared share."""

    name = "multivariate_student_t"
    signature = "(),(n),(n,n)->(n)"
    dtype = "float64"
    _print_name = ("MvStudentT", "\\operatorname{MvStudentT}")

    @classmethod
    def rng_fn(cls, rng: Any, nu: Any, mu: Any, chol: Any, size: Any) -> Any:
        """Draw both and divide."""
        if size is None:
            size = np.broadcast_shapes(np.shape(nu), mu.shape[:-1], chol.shape[:-2])
        standard = rng.standard_normal((*size, mu.shape[-1]))
        normal = np.einsum("...ij,...j->...i", np.tril(chol), standard)
        return mu + normal * np.sqrt(nu / rng.chisquare(nu, size))[..., None]


class MvStudentT(Distribution, op=MvStudentTRV()):
    r"""Multivariate Student's t distribution.

    .. math:: f(x \mid \nu, \mu, \Sigma) = \frac{\Gamma\left(\frac{\nu + n}{2}\right)}
        {\Gamma\left(\frac{\nu}{2}\right) (\nu \pi)^{n / 2} |\Sigma|^{1 / 2}}
        \left[1 + \frac{1}{\nu} (x - \mu)^\top \Sigma^{-1} (x - \mu)\right]^{-(\nu + n) / 2}

    ==========  ==============================================
    Support     vectors of length n
    Mean        ``mu`` for ``nu > 1``
    Covariance  ``scale * nu / (nu - 2)`` for ``nu > 2``
    ==========  ==============================================

    Parameters
    ----------
    nu : float, array_like or TensorVariable, shape (...)
        Degrees of freedom; ``nu > 0``.
    Sigma : array_like or TensorVariable, shape (..., n, n)
        Another name of `scale`. Keyword only, as all that follow.
    mu : float, array_like or TensorVariable, shape (..., n), default 0
        Location; a single number is the same for all elements.
    scale : array_like or TensorVariable, shape (..., n, n)
        Scale matrix; symmetric and positive definite.
    tau : array_like or TensorVariable, shape (..., n, n)
        Its inverse, instead of `scale`.
    chol : array_like or TensorVariable, shape (..., n, n)
        Its Cholesky factor, instead of `scale`.
    lower : bool, default True
        Whether `chol` is the lower factor.

    Raises
    ------
    SettingsError
        When not exactly one of the matrices is given, or a parameter is out of range.
    ShapeError
        When the matrix is not square or does not fit `mu`.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.MvStudentT("x", nu=4, mu=[0, 1], scale=[[1, 0.5], [0.5, 2]])
    """

    @classmethod
    def parametrise(
        cls,
        nu: Any,
        *,
        Sigma: Any = None,
        mu: Any = 0.0,
        scale: Any = None,
        tau: Any = None,
        chol: Any = None,
        lower: bool = True,
    ) -> Any:
        """Take any matrix to the lower Cholesky factor of the scale."""
        name = given_one(Sigma=Sigma, scale=scale, tau=tau, chol=chol)
        cov = scale if Sigma is None else Sigma
        _, (mean, matrix) = MvNormal.parametrise(mu, cov, tau=tau, chol=chol, lower=lower)
        if name == "tau":
            # What came back is the factor of the inverse.
            matrix = cholesky(inv(matrix @ matrix.mT), lower=True)
        elif name != "chol":
            matrix = cholesky(matrix, lower=True)
        return cls.op, (real("nu", nu, positive), mean, matrix)

    @staticmethod
    def logdensity(value: Any, nu: Any, mu: Any, chol: Any) -> Any:
        """Write the log density."""
        length = pt.cast(mu.shape[-1], "float64")
        squared = squared_distance(as_real(value) - mu, chol)
        normaliser = log_gamma_ratio(0.5 * nu, 0.5 * length) - 0.5 * length * pt.log(nu * np.pi)
        spread = -0.5 * (nu + length) * pt.log1p(squared / nu)
        return normaliser + spread - log_diagonal(chol)

    @staticmethod
    def support_point(rv: Any, nu: Any, mu: Any, chol: Any) -> Any:
        """Return the location."""
        return mu

    @staticmethod
    def constraints(nu: Any, mu: Any, chol: Any) -> list[Constraint]:
        """Require positive degrees of freedom and a positive definite scale."""
        definite = Constraint(positive_diagonal(chol), "scale is positive definite")
        return [*positive.on("nu", nu), definite]
