"""Covariance functions without a shape: a constant and white noise."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt

from rufous.distributions.parameters import at_least_zero, real
from rufous.errors import ShapeError
from rufous.gp.cov.base import BaseCovariance
from rufous.gp.inputs import num_rows, shape_now

__all__ = ["Constant", "WhiteNoise"]


class Constant(BaseCovariance):
    r"""The same covariance between all points.

    .. math:: k(x, x') = c

    Parameters
    ----------
    c : float or scalar TensorVariable, not negative
        The covariance.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Constant(2)([[0.0], [1.0]]))
    array([[2., 2.],
           [2., 2.]])
    """

    def __init__(self, c: Any) -> None:
        self.c = real("c", c, at_least_zero)

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Repeat the constant."""
        return pt.alloc(self.c, *X.shape[:-1], num_rows(X if Xs is None else Xs))

    def diag(self, X: Any) -> Any:
        """Repeat the constant."""
        return pt.alloc(self.c, *X.shape[:-1])


class WhiteNoise(BaseCovariance):
    r"""Noise that is independent at each point.

    .. math:: k(x, x') = \sigma^2 \, \mathrm{I}(x, x')

    Parameters
    ----------
    sigma : float or TensorVariable, not negative, shape () or (n,)
        Standard deviation of the noise; a vector has one for each point.

    Notes
    -----
    Two sets of points (`X` and `Xs`) have no noise in common, even where they coincide.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.WhiteNoise(0.5)([[0.0], [1.0]]))
    array([[0.25, 0.  ],
           [0.  , 0.25]])
    """

    def __init__(self, sigma: Any) -> None:
        self.sigma = real("sigma", sigma, at_least_zero)

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Put the variances on the diagonal; between two sets of points there is nothing."""
        if Xs is not None:
            return pt.zeros((*X.shape[:-1], num_rows(Xs)))
        return pt.eye(num_rows(X)) * self._variance(X)

    def diag(self, X: Any) -> Any:
        """Return the variances."""
        return pt.alloc(self._variance(X), *X.shape[:-1])

    def _variance(self, X: Any) -> Any:
        has, rows = shape_now(self.sigma), shape_now(X)[-2]
        if len(has) > 1 or (has and None not in (*has, rows) and has[0] not in (1, rows)):
            raise ShapeError(
                f"`sigma` must be a number or have one element for each of the {rows} points, "
                f"got shape {has}"
            )
        return pt.sqr(self.sigma)
