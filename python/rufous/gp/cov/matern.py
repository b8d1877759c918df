"""The Matérn family: functions that are zero, one or two times differentiable."""

from __future__ import annotations

from math import gamma, pi, sqrt
from typing import Any

import pytensor.tensor as pt

from rufous.gp.cov.stationary import Stationary, exact_root, root, squares
from rufous.model.arrays import as_float

__all__ = ["Exponential", "Matern12", "Matern32", "Matern52"]


class Matern52(Stationary):
    r"""Matérn with smoothness 5/2: twice differentiable functions.

    .. math:: k(x, x') = \left(1 + \frac{\sqrt{5} r}{\ell} + \frac{5 r^2}{3 \ell^2}\right)
        \exp\left(-\frac{\sqrt{5} r}{\ell}\right), \quad r = |x - x'|

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    ls : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        Length scale, one for all active columns or one for each.
    ls_inv : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        The inverse of the length scale, instead of `ls`.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eq. 4.17.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Matern52(1, ls=2)([[0.0], [1.0]])).round(4)
    array([[1.    , 0.8286],
           [0.8286, 1.    ]])
    """

    def full_from_distance(self, dist: Any, squared: bool = False) -> Any:
        """Write the covariance at distances that are measured in length scales."""
        scaled = sqrt(5.0) * root(squares(dist, squared))
        return (1.0 + scaled + pt.sqr(scaled) / 3.0) * pt.exp(-scaled)

    def power_spectral_density(self, omega: Any) -> Any:
        """Write the power spectral density.

        Parameters
        ----------
        omega : array_like or TensorVariable, shape (n, n_dims)
            Angular frequencies.

        Returns
        -------
        TensorVariable, shape (n,)

        References
        ----------
        .. [1] Rasmussen and Williams (2006), eq. 4.15, with one length scale for each column.
        """
        return _density(self, 2.5, omega)


class Matern32(Stationary):
    r"""Matérn with smoothness 3/2: once differentiable functions.

    .. math:: k(x, x') = \left(1 + \frac{\sqrt{3} r}{\ell}\right)
        \exp\left(-\frac{\sqrt{3} r}{\ell}\right), \quad r = |x - x'|

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    ls : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        Length scale, one for all active columns or one for each.
    ls_inv : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        The inverse of the length scale, instead of `ls`.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eq. 4.17.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Matern32(1, ls=2)([[0.0], [1.0]])).round(4)
    array([[1.    , 0.7849],
           [0.7849, 1.    ]])
    """

    def full_from_distance(self, dist: Any, squared: bool = False) -> Any:
        """Write the covariance at distances that are measured in length scales."""
        scaled = sqrt(3.0) * root(squares(dist, squared))
        return (1.0 + scaled) * pt.exp(-scaled)

    def power_spectral_density(self, omega: Any) -> Any:
        """Write the power spectral density.

        Parameters
        ----------
        omega : array_like or TensorVariable, shape (n, n_dims)
            Angular frequencies.

        Returns
        -------
        TensorVariable, shape (n,)

        References
        ----------
        .. [1] Rasmussen and Williams (2006), eq. 4.15, with one length scale for each column.
        """
        return _density(self, 1.5, omega)


class Matern12(Stationary):
    r"""Matérn with smoothness 1/2: continuous functions that are nowhere differentiable.

    .. math:: k(x, x') = \exp\left(-\frac{|x - x'|}{\ell}\right)

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    ls : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        Length scale, one for all active columns or one for each.
    ls_inv : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        The inverse of the length scale, instead of `ls`.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eq. 4.18.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Matern12(1, ls=2)([[0.0], [1.0]])).round(4)
    array([[1.    , 0.6065],
           [0.6065, 1.    ]])
    """

    def full_from_distance(self, dist: Any, squared: bool = False) -> Any:
        """Write the covariance at distances that are measured in length scales."""
        return pt.exp(-_distances(dist, squared))

    def power_spectral_density(self, omega: Any) -> Any:
        """Write the power spectral density.

        Parameters
        ----------
        omega : array_like or TensorVariable, shape (n, n_dims)
            Angular frequencies.

        Returns
        -------
        TensorVariable, shape (n,)

        References
        ----------
        .. [1] Rasmussen and Williams (2006), eq. 4.15, with one length scale for each column.
        """
        return _density(self, 0.5, omega)


class Exponential(Stationary):
    r"""Exponential: `Matern12` with twice the length scale.

    .. math:: k(x, x') = \exp\left(-\frac{|x - x'|}{2 \ell}\right)

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    ls : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        Length scale, one for all active columns or one for each.
    ls_inv : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        The inverse of the length scale, instead of `ls`.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eq. 4.18.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Exponential(1, ls=2)([[0.0], [1.0]])).round(4)
    array([[1.    , 0.7788],
           [0.7788, 1.    ]])
    """

    def full_from_distance(self, dist: Any, squared: bool = False) -> Any:
        """Write the covariance at distances that are measured in length scales."""
        return pt.exp(-0.5 * _distances(dist, squared))

    def power_spectral_density(self, omega: Any) -> Any:
        """Write the power spectral density.

        Parameters
        ----------
        omega : array_like or TensorVariable, shape (n, n_dims)
            Angular frequencies.

        Returns
        -------
        TensorVariable, shape (n,)

        References
        ----------
        .. [1] Rasmussen and Williams (2006), eq. 4.15, with one length scale for each column.
        """
        return _density(self, 0.5, omega, stretch=2.0)


def _distances(dist: Any, squared: bool) -> Any:
    """Return distances to the last digit: these functions have a kink at zero."""
    dist = as_float(dist, "`dist`")
    return exact_root(dist) if squared else dist


def _density(cov: Stationary, nu: float, omega: Any, stretch: float = 1.0) -> Any:
    """Write the density for smoothness `nu`; length scales are multiplied by `stretch`."""
    squared, volume = cov._scaled(omega)
    half = cov.n_dims / 2
    constant = (
        (2.0 * sqrt(pi) * stretch) ** cov.n_dims * gamma(nu + half) * (2.0 * nu) ** nu / gamma(nu)
    )
    return constant * volume * (2.0 * nu + stretch**2 * squared) ** -(nu + half)
