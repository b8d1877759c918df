"""Covariance functions of the distance between points."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.distributions.parameters import positive, real
from rufous.errors import SettingsError, ShapeError
from rufous.gp.cov.base import Covariance
from rufous.gp.inputs import as_inputs, shape_now
from rufous.model.arrays import as_float

__all__ = ["ExpQuad", "RatQuad", "Stationary"]

# Added to the squared distance under a root, which has no derivative at zero; the functions that
# use it are smooth in the squared distance, so they change by no more than this.
SMOOTHING = 1e-12


class Stationary(Covariance):
    """A covariance function of the distance between points.

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

    Raises
    ------
    SettingsError
        When not exactly one of `ls` and `ls_inv` is given, or a constant one is not positive.
    ShapeError
        When there are neither one nor `n_dims` length scales.
    """

    def __init__(
        self,
        input_dim: int,
        ls: Any = None,
        ls_inv: Any = None,
        active_dims: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(input_dim, active_dims)
        if (ls is None) == (ls_inv is None):
            came = "neither" if ls is None else "both"
            raise SettingsError(
                f"{type(self).__name__}: only one of `ls` and `ls_inv` must be given, got {came}"
            )
        scale = real("ls", ls, positive) if ls_inv is None else real("ls_inv", ls_inv, positive)
        _check_scales("ls" if ls_inv is None else "ls_inv", scale, self.n_dims)
        self.ls = scale if ls_inv is None else pt.reciprocal(scale)

    @abstractmethod
    def full_from_distance(self, dist: Any, squared: bool = False) -> Any:
        """Write the covariance at distances that are measured in length scales.

        Parameters
        ----------
        dist : array_like or TensorVariable
            Distances, divided by the length scale.
        squared : bool, default False
            Whether they are squared.

        Returns
        -------
        TensorVariable
        """

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the covariances."""
        return self.full_from_distance(self.square_dist(X, Xs), squared=True)

    def diag(self, X: Any) -> Any:
        """Write the variances, which are one."""
        self._check_columns(X, "X")
        return self._ones(X)

    def square_dist(self, X: Any, Xs: Any = None) -> Any:
        """Write the squared distances of the active columns, in length scales.

        Parameters
        ----------
        X, Xs : array_like or TensorVariable, shape (n, input_dim) and (m, input_dim)
            Points; default of `Xs` those of `X`.

        Returns
        -------
        TensorVariable, shape (n, m)

        Notes
        -----
        Differences are taken column by column, not as ``x² + y² - 2xy``, which loses digits and
        may be negative. With constant inputs they are computed once, and a draw only divides by the
        length scale.
        """
        gaps = [pt.sqr(gap) for gap in self._gaps(X, Xs)]
        return _weighted_sum(gaps, pt.reciprocal(pt.sqr(self.ls)))

    def euclidean_dist(self, X: Any, Xs: Any = None) -> Any:
        """Write the distances of the active columns, in length scales.

        Parameters
        ----------
        X, Xs : array_like or TensorVariable, shape (n, input_dim) and (m, input_dim)
            Points; default of `Xs` those of `X`.

        Returns
        -------
        TensorVariable, shape (n, m)
        """
        return root(self.square_dist(X, Xs))

    def _gaps(self, X: Any, Xs: Any = None) -> list[Any]:
        """Return the differences between the points, one matrix for each active column."""
        X = as_inputs(X)
        Xs = X if Xs is None else as_inputs(Xs, "Xs")
        self._check_columns(X, "X")
        if Xs is not X:
            self._check_columns(Xs, "Xs")
        return [X[..., :, None, int(k)] - Xs[..., None, :, int(k)] for k in self.active_dims]

    def _scaled(self, omega: Any) -> tuple[Any, Any]:
        """Return the squared frequencies in length scales, and the product of these."""
        frequencies = self._frequencies(omega)
        scales = self.ls + pt.zeros(self.n_dims)
        return pt.sum(pt.sqr(frequencies * scales), axis=-1), pt.prod(scales)


class ExpQuad(Stationary):
    r"""Exponentiated quadratic, also called squared exponential, Gaussian or RBF.

    .. math:: k(x, x') = \exp\left(-\frac{|x - x'|^2}{2 \ell^2}\right)

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
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eq. 4.9.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.ExpQuad(1, ls=2)([[0.0], [1.0]])).round(4)
    array([[1.    , 0.8825],
           [0.8825, 1.    ]])
    """

    def full_from_distance(self, dist: Any, squared: bool = False) -> Any:
        """Write the covariance at distances that are measured in length scales."""
        return pt.exp(-0.5 * squares(dist, squared))

    def power_spectral_density(self, omega: Any) -> Any:
        r"""Write the power spectral density.

        .. math:: S(\omega) = (2 \pi)^{D/2} \prod_d \ell_d
            \exp\left(-\frac{1}{2} \sum_d \ell_d^2 \omega_d^2\right)

        Parameters
        ----------
        omega : array_like or TensorVariable, shape (n, n_dims)
            Angular frequencies.

        Returns
        -------
        TensorVariable, shape (n,)

        References
        ----------
        .. [1] Rasmussen and Williams (2006), section 4.2.1.
        """
        squared, volume = self._scaled(omega)
        return (2.0 * np.pi) ** (self.n_dims / 2) * volume * pt.exp(-0.5 * squared)


class RatQuad(Stationary):
    r"""Rational quadratic: a mixture of `ExpQuad` over length scales.

    .. math:: k(x, x') = \left(1 + \frac{|x - x'|^2}{2 \alpha \ell^2}\right)^{-\alpha}

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    alpha : float or scalar TensorVariable, positive
        Small for a wide mixture; infinity would be `ExpQuad`.
    ls : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        Length scale, one for all active columns or one for each.
    ls_inv : float, array_like or TensorVariable, positive, shape () or (n_dims,)
        The inverse of the length scale, instead of `ls`.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eq. 4.19.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.RatQuad(1, alpha=1, ls=2)([[0.0], [1.0]])).round(4)
    array([[1.    , 0.8889],
           [0.8889, 1.    ]])
    """

    def __init__(
        self,
        input_dim: int,
        alpha: Any,
        ls: Any = None,
        ls_inv: Any = None,
        active_dims: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(input_dim, ls, ls_inv, active_dims)
        self.alpha = real("alpha", alpha, positive)

    def full_from_distance(self, dist: Any, squared: bool = False) -> Any:
        """Write the covariance at distances that are measured in length scales."""
        return pt.exp(-self.alpha * pt.log1p(0.5 * squares(dist, squared) / self.alpha))

    def power_spectral_density(self, omega: Any) -> Any:
        r"""Write the power spectral density, with the modified Bessel function of second kind.

        .. math:: S(\omega) = \frac{2 (2 \pi \alpha)^{D/2} \prod_d \ell_d}{\Gamma(\alpha)}
            \left(\frac{z}{2}\right)^{\nu} K_\nu(z), \quad \nu = \alpha - \frac{D}{2}, \quad
            z = \sqrt{2 \alpha \sum_d \ell_d^2 \omega_d^2}

        Parameters
        ----------
        omega : array_like or TensorVariable, shape (n, n_dims)
            Angular frequencies; at zero the density is finite only for ``alpha > n_dims / 2``.

        Returns
        -------
        TensorVariable, shape (n,)

        Notes
        -----
        `ExpQuad` with precision ``tau`` is averaged over a gamma distribution of ``tau``; the
        integral is that of Gradshteyn and Ryzhik (2007), eq. 3.471.9. The Bessel function has
        no derivative with respect to its order, so `alpha` must be a number.
        """
        squared, volume = self._scaled(omega)
        z = pt.sqrt(2.0 * self.alpha * squared)
        nu = self.alpha - self.n_dims / 2
        constant = 2.0 * (2.0 * np.pi * self.alpha) ** (self.n_dims / 2) * volume
        at_zero = pt.eq(z, 0.0)
        z = pt.switch(at_zero, 1.0, z)
        tail = pt.switch(at_zero, 0.5 * pt.gamma(nu), (0.5 * z) ** nu * pt.kv(nu, z))
        return constant / pt.gamma(self.alpha) * tail


def root(squared: Any) -> Any:
    """Return the root of squared distances, with a derivative also at zero."""
    return pt.sqrt(squared + SMOOTHING)


def exact_root(squared: Any) -> Any:
    """Return the root of squared distances to the last digit; its derivative at zero is zero."""
    apart = squared > 0.0
    return pt.switch(apart, pt.sqrt(pt.switch(apart, squared, 1.0)), 0.0)


def squares(dist: Any, squared: bool) -> Any:
    """Return squared distances."""
    dist = as_float(dist, "`dist`")
    return dist if squared else pt.sqr(dist)


def _weighted_sum(matrices: list[Any], weights: Any) -> Any:
    """Sum matrices, each with a weight of its own or all with the same."""
    if weights.type.ndim == 0 or weights.type.shape[0] == 1:
        weight = weights if weights.type.ndim == 0 else weights[0]
        return reduce(add, matrices) * weight
    return reduce(add, [matrix * weights[k] for k, matrix in enumerate(matrices)])


def _check_scales(name: str, scale: Any, n_dims: int) -> None:
    has = shape_now(scale)
    if len(has) > 1 or (has and has[0] not in (None, 1, n_dims)):
        raise ShapeError(
            f"`{name}` must be one number, or have one element for each of the {n_dims} active "
            f"dimensions, got shape {has}"
        )
