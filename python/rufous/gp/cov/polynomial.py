"""Covariance functions of products of the inputs: straight lines and polynomials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytensor.tensor as pt

from rufous.distributions.parameters import positive, real
from rufous.errors import ShapeError
from rufous.gp.cov.base import Covariance
from rufous.gp.inputs import shape_now

__all__ = ["Linear", "Polynomial"]


class Linear(Covariance):
    r"""Straight lines through a common point.

    .. math:: k(x, x') = (x - c)^\top (x' - c)

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    c : float, array_like or TensorVariable, shape () or (n_dims,)
        Where all lines are zero.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, section 4.2.2.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Linear(1, c=1)([[0.0], [3.0]]))
    array([[ 1., -2.],
           [-2.,  4.]])
    """

    def __init__(
        self, input_dim: int, c: Any, active_dims: int | Sequence[int] | None = None
    ) -> None:
        super().__init__(input_dim, active_dims)
        self.c = real("c", c)
        has = shape_now(self.c)
        if len(has) > 1 or (has and has[0] not in (None, 1, self.n_dims)):
            raise ShapeError(
                f"`c` must be one number, or have one element for each of the {self.n_dims} "
                f"active dimensions, got shape {has}"
            )

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the covariances."""
        X, Xs = self._slice(X, Xs)
        left = X - self.c
        right = left if Xs is None else Xs - self.c
        return left @ right.mT

    def diag(self, X: Any) -> Any:
        """Write the variances."""
        return pt.sum(pt.sqr(self._slice(X)[0] - self.c), axis=-1)


class Polynomial(Linear):
    r"""Polynomials.

    .. math:: k(x, x') = \left((x - c)^\top (x' - c) + o\right)^d

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    c : float, array_like or TensorVariable, shape () or (n_dims,)
        Centre of the polynomials.
    d : float or scalar TensorVariable, positive
        Degree.
    offset : float or scalar TensorVariable
        The offset `o`; not negative for a positive definite function. With 0 only terms of the
        full degree are left.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, section 4.2.2.

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.cov.Polynomial(1, c=0, d=2, offset=1)([[0.0], [1.0]]))
    array([[1., 1.],
           [1., 4.]])
    """

    def __init__(
        self,
        input_dim: int,
        c: Any,
        d: Any,
        offset: Any,
        active_dims: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(input_dim, c, active_dims)
        self.d = real("d", d, positive)
        self.offset = real("offset", offset)

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the covariances."""
        return (super().full(X, Xs) + self.offset) ** self.d

    def diag(self, X: Any) -> Any:
        """Write the variances."""
        return (super().diag(X) + self.offset) ** self.d
