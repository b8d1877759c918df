"""A Gaussian process with normal noise and many observations, seen through inducing points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import pytensor.tensor as pt
from pytensor.tensor.linalg import solve_triangular

from rufous.distributions.parameters import positive, real
from rufous.errors import UnsupportedError, WrongTypeError
from rufous.gp.base import (
    JITTER_DEFAULT,
    NO_COVARIANCE,
    ZERO_MEAN,
    check_jitter,
    check_lengths,
    factor,
    new_inputs,
    stabilize,
)
from rufous.gp.inputs import as_inputs, as_vector, named, num_rows
from rufous.gp.low_rank import LowRankMvNormal, inner_factor
from rufous.gp.marginal import Marginal
from rufous.model.untraced import untraced

__all__ = ["MarginalApprox", "MarginalSparse"]

KEYS = ("X", "Xu", "y", "sigma")
APPROXIMATIONS = ("VFE", "FITC", "DTC")


class MarginalApprox(Marginal):
    r"""Gaussian process with normal noise, seen through a few inducing points.

    .. math:: y \sim \mathrm{MvNormal}\left(m(X), \; Q + \Lambda\right), \quad
        Q = K_{xu} K_{uu}^{-1} K_{ux}

    =======  ======================================  ===========================================
    DTC      :math:`\Lambda = \sigma^2 I`            deterministic training conditional
    FITC     :math:`\Lambda = \mathrm{diag}(K_{xx}   fully independent training conditional
             - Q) + \sigma^2 I`
    VFE      :math:`\Lambda = \sigma^2 I`, and       variational free energy: a lower bound of
             :math:`-\mathrm{tr}(K_{xx} - Q)         the log density of `Marginal`
             / 2 \sigma^2` in the log density
    =======  ======================================  ===========================================

    Parameters
    ----------
    approx : {"VFE", "FITC", "DTC"}, default "VFE"
        The approximation.
    mean_func : mean function, default zero
        A `rufous.gp.mean` object, or any function from inputs to a vector.
    cov_func : covariance function, default zero
        A `rufous.gp.cov` object.

    Raises
    ------
    UnsupportedError
        For any other approximation.

    Notes
    -----
    With n observations and m inducing points a log density takes m² n operations.

    References
    ----------
    .. [1] Quiñonero-Candela and Rasmussen (2005), A unifying view of sparse approximate Gaussian
       process regression, Journal of Machine Learning Research 6, eqs. 20 (DTC) and 24 (FITC).
    .. [2] Titsias (2009), Variational learning of inducing variables in sparse Gaussian processes,
       eq. 9.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> x = np.linspace(0, 3, 200)[:, None]
    >>> with rf.Model() as model:
    ...     ls = rf.InverseGamma("ls", 5, 5)
    ...     gp = rf.gp.MarginalApprox("FITC", cov_func=rf.gp.cov.ExpQuad(1, ls))
    ...     sigma = rf.HalfNormal("sigma", 1)
    ...     y = gp.marginal_likelihood("y", X=x, Xu=x[::40], y=np.sin(x[:, 0]), sigma=sigma)
    ...     mean, _ = gp.predict([[1.5]], point={"ls": 1.0, "sigma": 0.1})
    >>> mean.round(2)
    array([1.])
    """

    def __init__(
        self, approx: str = "VFE", *, mean_func: Any = ZERO_MEAN, cov_func: Any = NO_COVARIANCE
    ) -> None:
        if approx not in APPROXIMATIONS:
            raise UnsupportedError(
                f"`approx` must be one of {', '.join(APPROXIMATIONS)}, got {approx!r}"
            )
        self.approx = approx
        super().__init__(mean_func=mean_func, cov_func=cov_func)

    def _sum(self, other: Any) -> Self:
        if self.approx != other.approx:
            raise WrongTypeError(
                f"Cannot add GPs with different approximations, {self.approx} and {other.approx}"
            )
        mean = self.mean_func + other.mean_func
        return type(self)(self.approx, mean_func=mean, cov_func=self.cov_func + other.cov_func)

    def marginal_likelihood(  # type: ignore[override]  # also takes inducing points, as in PyMC
        self,
        name: str,
        X: Any,
        Xu: Any,
        y: Any,
        sigma: Any,
        jitter: float = JITTER_DEFAULT,
        **options: Any,
    ) -> Any:
        """Put observations of the function into the model.

        Parameters
        ----------
        name : str
            Name of the observed variable.
        X : array_like, Data or TensorVariable, shape (n, d)
            One row for each observation.
        Xu : array_like, Data or TensorVariable, shape (m, d)
            The inducing points, far fewer; `rufous.gp.util.kmeans_inducing_points` finds some.
        y : array_like or Data, shape (n,)
            The observations.
        sigma : float or scalar TensorVariable, positive
            Standard deviation of the noise.
        jitter : float, default 1e-6
            Added to the diagonal of the covariance matrix of the inducing points.
        **options
            Options of the distribution, such as `dims`.

        Returns
        -------
        TensorVariable, shape (n,)

        Notes
        -----
        In PyMC this is a potential named ``marginalapprox_loglik_name``. Here it is an observed
        variable, so that its draws and its log likelihood can be had; the log density is the same.
        """
        who = f"MarginalApprox {name!r}"
        with named(who), untraced():
            X, Xu = as_inputs(X), as_inputs(Xu, "Xu")
            values = as_vector(y, "y")
            sigma = real("sigma", sigma, positive)
            parts = self._parts(self, X, Xu, sigma, jitter)
            _, factors, variance, penalty = parts
            mean = self.mean_func(X)
        check_lengths(who, X, values, "y")
        self._known = {"X": X, "Xu": Xu, "y": values, "sigma": sigma}
        return LowRankMvNormal(name, mean, factors, variance, penalty, observed=y, **options)

    def _parts(
        self, total: Any, X: Any, Xu: Any, sigma: Any, jitter: float
    ) -> tuple[Any, Any, Any, Any]:
        """Write the factor of Kuu, the factors W of Q = W'W, the diagonal and the penalty."""
        chol = factor(total.cov_func(Xu), jitter)
        factors = solve_triangular(chol, total.cov_func(Xu, X), lower=True, b_ndim=2)
        noise = pt.sqr(sigma)
        variance = noise + pt.zeros(num_rows(X))
        if self.approx == "DTC":
            return chol, factors, variance, 0.0
        # Rounding may leave a little less than nothing.
        left = pt.clip(total.cov_func(X, diag=True) - pt.sum(pt.sqr(factors), axis=0), 0.0, pt.inf)
        if self.approx == "FITC":
            return chol, factors, variance + left, 0.0
        return chol, factors, variance, 0.5 * pt.sum(left) / noise

    def _moments(
        self,
        Xnew: Any,
        diag: bool,
        pred_noise: bool,
        given: Mapping[str, Any] | None,
        jitter: float,
        who: str,
    ) -> tuple[Any, Any]:
        """Write mean and covariance at new points (Quiñonero-Candela and Rasmussen, eq. 24b)."""
        values, total = self._given(KEYS, given)
        X, Xu = as_inputs(values["X"]), as_inputs(values["Xu"], "Xu")
        y, sigma = as_vector(values["y"], "y"), real("sigma", values["sigma"], positive)
        Xnew = new_inputs(who, Xnew, X)
        check_lengths(who, X, y, "y")
        chol, factors, variance, _ = self._parts(total, X, Xu, sigma, check_jitter(jitter))
        inner = inner_factor(factors, variance)
        cross = solve_triangular(chol, self.cov_func(Xu, Xnew), lower=True, b_ndim=2)
        known = solve_triangular(inner, cross, lower=True, b_ndim=2)
        weights = factors @ ((y - total.mean_func(X)) / variance)
        white = solve_triangular(inner, weights, lower=True, b_ndim=1)
        mean = self.mean_func(Xnew) + known.T @ white
        prior = self.cov_func(Xnew, diag=diag)
        if diag:
            cov = prior - pt.sum(pt.sqr(cross), axis=0) + pt.sum(pt.sqr(known), axis=0)
            return mean, cov + pt.sqr(sigma) if pred_noise else cov
        cov = prior - cross.T @ cross + known.T @ known
        noise = pt.sqr(sigma) if pred_noise else pt.constant(jitter, dtype="float64")
        return mean, stabilize(cov, noise)


# Its name in earlier versions of PyMC.
MarginalSparse = MarginalApprox
