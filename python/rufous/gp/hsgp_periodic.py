"""Periodic Gaussian processes as a Fourier series."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pytensor.tensor as pt

from rufous.distributions import Normal
from rufous.distributions.parameters import positive, real
from rufous.errors import ModelError, SettingsError, UnsupportedError, WrongTypeError
from rufous.gp.base import ZERO_MEAN, Base
from rufous.gp.cov import Periodic
from rufous.gp.inputs import as_inputs, named
from rufous.model.evaluate import Evaluator
from rufous.model.untraced import untraced
from rufous.model.variables import Deterministic

__all__ = ["HSGPPeriodic"]

NOTHING = 1e-16


class HSGPPeriodic(Base):
    r"""Gaussian process with the covariance function `Periodic`, as a Fourier series.

    .. math:: f(x) \approx m(x) + \eta \sum_{j=0}^{m-1} \tilde q_j \left(
        \beta_j \cos \frac{2 \pi j x}{T} + \beta_{m+j-1} \sin \frac{2 \pi j x}{T}\right)

    Parameters
    ----------
    m : int, at least 1
        Number of cosines; there is one sine less.
    scale : float or scalar TensorVariable, positive, default 1
        The standard deviation of the function.
    mean_func : mean function, default zero
        A `rufous.gp.mean` object, or any function from inputs to a vector.
    cov_func : Periodic
        With one active column; its multiples go into `scale`.

    Notes
    -----
    The weights are those of the covariance function as it is written, so that many waves give
    the process of `Latent`. PyMC 6.4 takes weights of another length scale, and without the root:
    the variance of its functions is not the square of `scale`.

    References
    ----------
    .. [1] Riutort-Mayol, Bürkner, Andersen, Solin and Vehtari (2022), Practical Hilbert space
       approximate Bayesian Gaussian processes for probabilistic programming, appendix B.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> x = np.linspace(0, 10, 100)[:, None]
    >>> with rf.Model() as model:
    ...     ls = rf.InverseGamma("ls", 5, 5)
    ...     gp = rf.gp.HSGPPeriodic(m=10, cov_func=rf.gp.cov.Periodic(1, period=2, ls=ls))
    ...     f = gp.prior("f", X=x)
    >>> model.shape_of("f_hsgp_coeffs_")
    (19,)
    """

    def __init__(
        self, m: int, scale: Any = 1.0, *, mean_func: Any = ZERO_MEAN, cov_func: Periodic
    ) -> None:
        if not isinstance(cov_func, Periodic):
            raise WrongTypeError(
                "`cov_func` of HSGPPeriodic must be gp.cov.Periodic, for a multiple of it use "
                f"`scale`; got {cov_func!r}"
            )
        super().__init__(mean_func=mean_func, cov_func=cov_func)
        if isinstance(m, bool) or not isinstance(m, int | np.integer) or m < 1:
            raise SettingsError(
                f"HSGPPeriodic: `m` must be a positive integer as the `Periodic` kernel "
                f"approximation is only implemented for one column, got {m!r}"
            )
        if cov_func.n_dims != 1:
            raise UnsupportedError(
                "HSGPPeriodic is only implemented for one active column, got "
                f"{cov_func.n_dims}; choose it with active_dims=[...]"
            )
        self._m = int(m)
        self.scale = real("scale", scale, positive)
        self._X_center: Any = None
        self._beta: Any = None

    def _sum(self, other: Any) -> Self:
        raise UnsupportedError(
            "Additive HSGPs aren't supported: add the function values of two of them"
        )

    def prior_linearized(self, X: Any) -> tuple[tuple[Any, Any], Any]:
        """Write the waves at points and the square roots of their variances.

        Parameters
        ----------
        X : array_like, Data or TensorVariable, shape (n, d)
            The points.

        Returns
        -------
        tuple of two TensorVariables, shape (n, m)
            Cosines and sines; the first sine is zero.
        TensorVariable, shape (m,)
            Square roots of the weights, times `scale`.
        """
        with named("HSGPPeriodic"), untraced():
            points, _ = self.cov_func._slice(as_inputs(X))  # type: ignore[attr-defined]
            if self._X_center is None:
                now = Evaluator().value(points)
                self._X_center = 0.5 * (now.min(axis=0) + now.max(axis=0))
            order = np.arange(self._m)
            angle = 2.0 * np.pi * order * (points - self._X_center) / self.cov_func.period  # type: ignore[attr-defined]
            weights = self.cov_func.power_spectral_density_approx(order)  # type: ignore[attr-defined]
            # Of high frequencies only rounding errors are left, whose root has no derivative.
            weights = pt.switch(weights > NOTHING, weights, NOTHING)
            return (pt.cos(angle), pt.sin(angle)), pt.sqrt(weights) * self.scale

    def prior(self, name: str, X: Any, dims: Any = None, hsgp_coeffs_dims: Any = None) -> Any:
        """Put the function values at points into the model.

        Parameters
        ----------
        name : str
            Name of the function values; the coefficients are ``name_hsgp_coeffs_``.
        X : array_like, Data or TensorVariable, shape (n, d)
            The points.
        dims : str, optional
            Dim of the function values.
        hsgp_coeffs_dims : str, optional
            Dim of the ``2 m - 1`` coefficients.

        Returns
        -------
        TensorVariable, shape (n,)
        """
        self._beta = Normal(
            f"{name}_hsgp_coeffs_", 0.0, 1.0, shape=2 * self._m - 1, dims=hsgp_coeffs_dims
        )
        f = Deterministic(name, self._values(X), dims=dims)
        self._known = {"X": as_inputs(X), "f": f}
        return f

    def conditional(self, name: str, Xnew: Any, dims: Any = None) -> Any:
        """Put the function values at new points into the model: the same waves, evaluated there.

        Parameters
        ----------
        name : str
            Name of the function values.
        Xnew : array_like, Data or TensorVariable, shape (k, d)
            The new points.
        dims : str, optional
            Dim of the function values.

        Returns
        -------
        TensorVariable, shape (k,)

        Raises
        ------
        ModelError
            Before `prior`.
        """
        if self._beta is None:
            raise ModelError(f"HSGPPeriodic.conditional {name!r}: call prior(...) first")
        return Deterministic(name, self._values(Xnew), dims=dims)

    def _values(self, X: Any) -> Any:
        (cosines, sines), weights = self.prior_linearized(X)
        even, odd = self._beta[: self._m], self._beta[self._m :]
        waves = cosines @ (weights * even) + sines[:, 1:] @ (weights[1:] * odd)
        return self.mean_func(as_inputs(X)) + waves
