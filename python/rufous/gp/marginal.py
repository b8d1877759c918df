"""A Gaussian process observed with normal noise: the function is integrated out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rufous.distributions import MvNormal
from rufous.gp.base import (
    JITTER_DEFAULT,
    Base,
    check_lengths,
    conditional_moments,
    factor,
    new_inputs,
    stabilize,
)
from rufous.gp.cov import BaseCovariance, WhiteNoise
from rufous.gp.inputs import as_inputs, as_vector, named
from rufous.gp.predict import replace_with_values
from rufous.model.untraced import untraced

if TYPE_CHECKING:
    from rufous._typing import Array
    from rufous.model.model import Model

__all__ = ["Marginal"]

KEYS = ("X", "y", "sigma")


class Marginal(Base):
    r"""Gaussian process with normal noise.

    .. math:: y \sim \mathrm{MvNormal}\left(m(X), \; K(X, X) + \sigma^2 I\right)

    The function is integrated out: only the parameters of mean, covariance and noise are sampled.
    `conditional` and `predict` bring the function back at new points.

    Parameters
    ----------
    mean_func : mean function, default zero
        A `rufous.gp.mean` object, or any function from inputs to a vector.
    cov_func : covariance function, default zero
        A `rufous.gp.cov` object.

    Notes
    -----
    One Cholesky decomposition of n x n numbers for each log density; nothing is inverted.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eq. 2.30.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> x = np.linspace(0, 3, 20)[:, None]
    >>> with rf.Model() as model:
    ...     ls = rf.InverseGamma("ls", 5, 5)
    ...     gp = rf.gp.Marginal(cov_func=rf.gp.cov.ExpQuad(1, ls))
    ...     sigma = rf.HalfNormal("sigma", 1)
    ...     y = gp.marginal_likelihood("y", X=x, y=np.sin(x[:, 0]), sigma=sigma)
    ...     mean, variance = gp.predict([[1.5]], point={"ls": 1.0, "sigma": 0.1}, diag=True)
    >>> mean.round(2)
    array([1.])
    """

    def marginal_likelihood(
        self,
        name: str,
        X: Any,
        y: Any,
        sigma: Any,
        jitter: float = JITTER_DEFAULT,
        is_observed: bool = True,
        **options: Any,
    ) -> Any:
        """Put observations of the function into the model.

        Parameters
        ----------
        name : str
            Name of the observed variable.
        X : array_like, Data or TensorVariable, shape (n, d)
            One row for each observation.
        y : array_like or Data, shape (n,)
            The observations.
        sigma : float, TensorVariable or covariance function
            Standard deviation of the noise, one for all or one for each observation; or the
            covariance function of the noise.
        jitter : float, default 1e-6
            Added to the diagonal of the covariance matrix.
        is_observed : bool, default True
            Whether `y` are data; else the variable is free.
        **options
            Options of `MvNormal`, such as `dims`.

        Returns
        -------
        TensorVariable, shape (n,)

        Raises
        ------
        ShapeError
            When `X`, `y` and the columns of the covariance function do not fit together.
        """
        who = f"Marginal {name!r}"
        with named(who), untraced():
            X = as_inputs(X)
            values = as_vector(y, "y")
            noise = noise_function(sigma)
            chol = factor(self.cov_func(X) + noise(X), jitter)
            mean = self.mean_func(X)
        check_lengths(who, X, values, "y")
        self._known = {"X": X, "y": values, "sigma": noise}
        self._factor = (chol, jitter)
        observed = y if is_observed else None
        return MvNormal(name, mean, chol=chol, observed=observed, **options)

    def conditional(
        self,
        name: str,
        Xnew: Any,
        pred_noise: bool = False,
        given: Mapping[str, Any] | None = None,
        jitter: float = JITTER_DEFAULT,
        **options: Any,
    ) -> Any:
        r"""Put the function at new points, given the observations, into the model.

        .. math:: f_* \sim \mathrm{MvNormal}\left(m_* + K_{*x} K_y^{-1} (y - m), \;
            K_{**} - K_{*x} K_y^{-1} K_{x*}\right), \quad K_y = K(X, X) + \sigma^2 I

        Parameters
        ----------
        name : str
            Name of the variable.
        Xnew : array_like, Data or TensorVariable, shape (m, d)
            The new points.
        pred_noise : bool, default False
            Whether the noise of an observation is added.
        given : mapping, optional
            Values in place of those of the likelihood: ``X``, ``y``, ``sigma``; and ``gp``, the
            sum that was observed when this process is a term of it.
        jitter : float, default 1e-6
            Added to the diagonal of the covariance matrix of the observations, and to that of the
            new points where no noise is added.
        **options
            Options of `MvNormal`, such as `dims`.

        Returns
        -------
        TensorVariable, shape (m,)

        References
        ----------
        .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eqs. 2.23
           and 2.24.
        """
        who = f"{type(self).__name__}.conditional {name!r}"
        with named(who), untraced():
            mean, cov = self._moments(Xnew, False, pred_noise, given, jitter, who)
            chol = factor(cov)
        return MvNormal(name, mean, chol=chol, **options)

    def predict(
        self,
        Xnew: Any,
        point: Mapping[str, Any] | None = None,
        diag: bool = False,
        pred_noise: bool = False,
        given: Mapping[str, Any] | None = None,
        jitter: float = JITTER_DEFAULT,
        model: Model | None = None,
    ) -> tuple[Array, Array]:
        """Compute mean and covariance at new points, for one value of all parameters.

        Parameters
        ----------
        Xnew : array_like, shape (m, d)
            The new points.
        point : mapping of str to array_like, optional
            Values of the variables: a dict, or one draw of the posterior.
        diag : bool, default False
            Variances instead of the covariance matrix.
        pred_noise : bool, default False
            Whether the noise of an observation is added.
        given : mapping, optional
            As in `conditional`.
        jitter : float, default 1e-6
            Added to the diagonal of the covariance matrix of the observations, and to that of the
            function at the new points, but not to variances or where noise is added.
        model : Model, optional
            Default: the innermost open model.

        Returns
        -------
        ndarray, shape (m,)
            Mean.
        ndarray, shape (m, m), or (m,) with `diag`
            Covariance matrix, or variances.

        Raises
        ------
        SettingsError
            When a value that is needed is not in `point`.
        """
        who = f"{type(self).__name__}.predict"
        with named(who), untraced():
            moments = self._moments(Xnew, diag, pred_noise, given, jitter, who)
            mean, cov = replace_with_values(moments, point, model)
        return mean, cov

    def _moments(
        self,
        Xnew: Any,
        diag: bool,
        pred_noise: bool,
        given: Mapping[str, Any] | None,
        jitter: float,
        who: str,
    ) -> tuple[Any, Any]:
        """Write mean and covariance at new points."""
        values, total = self._given(KEYS, given)
        X, y = as_inputs(values["X"]), as_vector(values["y"], "y")
        noise = noise_function(values["sigma"])
        Xnew = new_inputs(who, Xnew, X)
        check_lengths(who, X, y, "y")
        known = not set(given or {}) - {"gp"}
        chol = self._factor_for(total, lambda: total.cov_func(X) + noise(X), jitter, known)
        gap, cov = conditional_moments(
            chol,
            self.cov_func(X, Xnew),
            y - total.mean_func(X),
            self.cov_func(Xnew, diag=diag),
            diag,
        )
        if pred_noise:
            cov = cov + noise(Xnew, diag=diag)
        elif not diag:
            cov = stabilize(cov, jitter)
        return self.mean_func(Xnew) + gap, cov


def noise_function(sigma: Any) -> BaseCovariance:
    """Read the noise: a covariance function, or a standard deviation."""
    return sigma if isinstance(sigma, BaseCovariance) else WhiteNoise(sigma)
