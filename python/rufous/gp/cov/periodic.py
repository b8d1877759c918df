"""Covariance functions that repeat themselves, and those on a circle."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.distributions.parameters import Requirement, positive, real
from rufous.errors import WrongTypeError
from rufous.gp.cov.base import Covariance
from rufous.gp.cov.stationary import Stationary, root, squares
from rufous.model.arrays import to_array

__all__ = ["Circular", "Cosine", "Periodic", "WrappedPeriodic"]

_AT_LEAST_FOUR = Requirement(
    "{} >= 4", lambda x: x >= 4, "below 4 the function is not positive definite"
)


class Cosine(Stationary):
    r"""Cosine of the distance: random sine waves of one wave length.

    .. math:: k(x, x') = \cos\left(\frac{2 \pi |x - x'|}{\ell}\right)

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs; positive definite for one active column only.
    ls : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        Length scale, which here is the wave length.
    ls_inv : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        The inverse of the length scale, instead of `ls`.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Cosine(1, ls=2)([[0.0], [1.0]])).round(4)
    array([[ 1., -1.],
           [-1.,  1.]])
    """

    def full_from_distance(self, dist: Any, squared: bool = False) -> Any:
        """Write the covariance at distances that are measured in length scales."""
        return pt.cos(2.0 * np.pi * root(squares(dist, squared)))


class Periodic(Stationary):
    r"""Functions that repeat themselves exactly.

    .. math:: k(x, x') = \exp\left(-\frac{1}{2 \ell^2} \sin^2\frac{\pi |x - x'|}{T}\right)

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs; of several active columns the exponents are added.
    period : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        The period `T`.
    ls : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        Length scale, in periods.
    ls_inv : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        The inverse of the length scale, instead of `ls`.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    Notes
    -----
    The length scale is that of PyMC: half of that in [1]_, whose exponent has a factor of 2 where
    this has one of 1/2.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eq. 4.31.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Periodic(1, period=2, ls=1)([[0.0], [1.0], [2.0]]))[0].round(4)
    array([1.    , 0.6065, 1.    ])
    """

    def __init__(
        self,
        input_dim: int,
        period: Any,
        ls: Any = None,
        ls_inv: Any = None,
        active_dims: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(input_dim, ls, ls_inv, active_dims)
        self.period = real("period", period, positive)

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the covariances."""
        scales, periods = self._each(self.ls), self._each(self.period)
        waves = [
            pt.sqr(pt.sin(np.pi * gap / period) / scale)
            for gap, scale, period in zip(self._gaps(X, Xs), scales, periods, strict=True)
        ]
        return self.full_from_distance(reduce(add, waves), squared=True)

    def full_from_distance(self, dist: Any, squared: bool = False) -> Any:
        """Write the covariance at distances on the circle of the period.

        Parameters
        ----------
        dist : array_like or TensorVariable
            ``sin(pi |x - x'| / period) / ls``.
        squared : bool, default False
            Whether they are squared.

        Returns
        -------
        TensorVariable
        """
        return pt.exp(-0.5 * squares(dist, squared))

    def power_spectral_density_approx(self, J: Any) -> Any:
        r"""Write the weights of the Fourier series, whose spectrum is discrete.

        .. math:: \tilde q_j^2 = 2^{[j > 0]} \, e^{-a} I_j(a), \quad a = \frac{1}{4 \ell^2}

        Parameters
        ----------
        J : array_like of int, shape (m,)
            Whole numbers from 0: multiples of the frequency ``2 pi / period``.

        Returns
        -------
        TensorVariable, shape (m,)

        Notes
        -----
        The scaled Bessel function is written as its integral over the circle, taken by the
        trapezoidal rule with ``2 max(J) + 128`` points, which is exact to rounding for length
        scales from 0.035; for shorter ones many more terms than usual would be needed anyway.

        References
        ----------
        .. [1] Riutort-Mayol, Bürkner, Andersen, Solin and Vehtari (2022), Practical Hilbert space
           approximate Bayesian Gaussian processes, appendix B.
        .. [2] Trefethen and Weideman (2014), The exponentially convergent trapezoidal rule, SIAM
           Review 56, section 2.
        """
        order: Any = to_array(J, "`J`")
        points = 2 * int(order.max(initial=0)) + 128
        angle = 2.0 * np.pi * np.arange(points) / points
        waves = np.where(order == 0, 1.0, 2.0)[:, None] * np.cos(order[:, None] * angle) / points
        scale = self._each(self.ls)[0]
        return waves @ pt.exp((np.cos(angle) - 1.0) * 0.25 / pt.sqr(scale))

    def _each(self, parameter: Any) -> list[Any]:
        """Return a parameter for each active column."""
        if parameter.type.ndim == 0:
            return [parameter] * self.n_dims
        single = parameter.type.shape[0] == 1
        return [parameter[0 if single else k] for k in range(self.n_dims)]


class WrappedPeriodic(Covariance):
    r"""Any stationary covariance function, wound around a circle.

    .. math:: k(x, x') = k_0\left(\left|\sin\frac{\pi |x - x'|}{T}\right|\right)

    Parameters
    ----------
    cov_func : stationary covariance function
        What is wound up; its columns and length scale are used.
    period : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        The period `T`.

    Notes
    -----
    The columns are mapped to the circle of diameter one, where the distance of two points is the
    sine above. With `ExpQuad` this is `Periodic`.

    References
    ----------
    .. [1] MacKay (1998), Introduction to Gaussian processes, section 5.2.

    Examples
    --------
    >>> import rufous as rf
    >>> k = rf.gp.cov.WrappedPeriodic(rf.gp.cov.Matern52(1, ls=1), period=2)
    >>> rf.draw(k([[0.0], [1.0], [2.0]]))[0].round(4)
    array([1.   , 0.524, 1.   ])
    """

    def __init__(self, cov_func: Stationary, period: Any) -> None:
        if not isinstance(cov_func, Stationary):
            raise WrongTypeError(
                "`cov_func` of WrappedPeriodic must be a stationary covariance function, such as "
                f"Matern52, got {cov_func!r}"
            )
        super().__init__(cov_func.input_dim, cov_func.active_dims)
        self.cov_func = cov_func
        self.period = real("period", period, positive)

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the covariances."""
        periods, scales = self.period + pt.zeros(self.n_dims), self.cov_func.ls
        scales = scales + pt.zeros(self.n_dims)
        waves = [
            pt.sqr(pt.sin(np.pi * gap / periods[k]) / scales[k])
            for k, gap in enumerate(self.cov_func._gaps(X, Xs))
        ]
        return self.cov_func.full_from_distance(reduce(add, waves), squared=True)

    def diag(self, X: Any) -> Any:
        """Write the variances, which are one."""
        return self.cov_func.diag(X)


class Circular(Covariance):
    r"""Positive definite function of the distance on a circle, with compact support.

    .. math:: k(x, x') = \left(1 + \tau \frac{d}{c}\right)
        \left(1 - \frac{d}{c}\right)_+^{\tau}, \quad d = \min(|x - x'| \bmod T, \;
        T - |x - x'| \bmod T), \quad c = \frac{T}{2}

    Parameters
    ----------
    input_dim : int
        Number of columns of the inputs.
    period : float or scalar TensorVariable, positive
        The length `T` of the circle.
    tau : float or scalar TensorVariable, at least 4, default 4
        The larger, the faster covariances decay.
    active_dims : int or sequence of int, optional
        The one column that is used; default the only one.

    References
    ----------
    .. [1] Padonou and Roustant (2016), Polar Gaussian processes for predicting on circular
       domains, SIAM/ASA Journal on Uncertainty Quantification, eq. 10.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Circular(1, period=2)([[0.0], [0.5], [2.0]]))[0].round(4)
    array([1.    , 0.1875, 1.    ])
    """

    def __init__(
        self,
        input_dim: int,
        period: Any,
        tau: Any = 4,
        active_dims: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(input_dim, active_dims)
        if self.n_dims != 1:
            raise WrongTypeError(
                f"Circular needs exactly one active column, got {self.n_dims}; multiply one "
                "Circular for each column"
            )
        self.c = 0.5 * real("period", period, positive)
        self.tau = real("tau", tau, _AT_LEAST_FOUR)

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the covariances."""
        X, Xs = self._slice(X, Xs)
        gap = pt.abs(X - (X if Xs is None else Xs).mT)
        around = pt.mod(gap, 2.0 * self.c)
        share = pt.switch(around > self.c, 2.0 * self.c - around, around) / self.c
        return (1.0 + self.tau * share) * pt.clip(1.0 - share, 0.0, 1.0) ** self.tau

    def diag(self, X: Any) -> Any:
        """Write the variances, which are one."""
        return self._ones(X)
