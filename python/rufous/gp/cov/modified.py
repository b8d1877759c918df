"""Covariance functions that are not stationary: by a function of the inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytensor.tensor as pt

from rufous.errors import ShapeError, UnsupportedError, WrongTypeError
from rufous.gp.cov.base import BaseCovariance, Covariance
from rufous.gp.inputs import shape_now
from rufous.model.arrays import as_float

__all__ = ["Gibbs", "ScaledCov", "WarpedInput"]


class WarpedInput(Covariance):
    r"""A covariance function of warped inputs.

    .. math:: k(x, x') = k_0(w(x), w(x'))

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    cov_func : covariance function
        Applied to the warped inputs.
    warp_func : callable
        ``warp_func(x, *args)`` maps the active columns, a tensor of shape (n, n_dims), to the
        inputs of `cov_func`.
    args : sequence, optional
        Further arguments of `warp_func`, such as variables of the model.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, section 4.2.3.

    Examples
    --------
    >>> import rufous as rf
    >>> def warp(x, scale):
    ...     return rf.math.log(x) / scale
    >>> k = rf.gp.cov.WarpedInput(1, rf.gp.cov.Matern52(1, ls=1), warp, args=(2.0,))
    >>> rf.draw(k([[1.0], [10.0]])).round(4)
    array([[1.    , 0.4407],
           [0.4407, 1.    ]])
    """

    def __init__(
        self,
        input_dim: int,
        cov_func: BaseCovariance,
        warp_func: Callable[..., Any],
        args: Sequence[Any] | Any | None = None,
        active_dims: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(input_dim, active_dims)
        self.cov_func = _covariance("WarpedInput", cov_func)
        self.warp_func = _function("WarpedInput", "warp_func", warp_func)
        self.args = _arguments(args)

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the covariances of the warped points."""
        X, Xs = self._slice(X, Xs)
        return self.cov_func(self._warped(X), None if Xs is None else self._warped(Xs))

    def diag(self, X: Any) -> Any:
        """Write the variances of the warped points."""
        return self.cov_func(self._warped(self._slice(X)[0]), diag=True)

    def _warped(self, X: Any) -> Any:
        return self.warp_func(X, *self.args)


class ScaledCov(Covariance):
    r"""A covariance function whose standard deviation depends on the inputs.

    .. math:: k(x, x') = \phi(x) \, k_0(x, x') \, \phi(x')

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    cov_func : covariance function
        What is scaled; it gets the active columns.
    scaling_func : callable
        ``scaling_func(x, *args)`` maps the active columns, a tensor of shape (n, n_dims), to one
        factor for each point, of shape (n,) or (n, 1).
    args : sequence, optional
        Further arguments of `scaling_func`, such as variables of the model.
    active_dims : int or sequence of int, optional
        Which columns are used; default all.

    Examples
    --------
    >>> import rufous as rf
    >>> k = rf.gp.cov.ScaledCov(1, rf.gp.cov.ExpQuad(1, ls=1), lambda x: 1 + x)
    >>> rf.draw(k([[0.0], [1.0]], diag=True))
    array([1., 4.])
    """

    def __init__(
        self,
        input_dim: int,
        cov_func: BaseCovariance,
        scaling_func: Callable[..., Any],
        args: Sequence[Any] | Any | None = None,
        active_dims: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(input_dim, active_dims)
        self.cov_func = _covariance("ScaledCov", cov_func)
        self.scaling_func = _function("ScaledCov", "scaling_func", scaling_func)
        self.args = _arguments(args)

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the scaled covariances."""
        X, Xs = self._slice(X, Xs)
        left = self._scales(X)
        right = left if Xs is None else self._scales(Xs)
        return left[..., :, None] * self.cov_func(X, Xs) * right[..., None, :]

    def diag(self, X: Any) -> Any:
        """Write the scaled variances."""
        X, _ = self._slice(X)
        return pt.sqr(self._scales(X)) * self.cov_func(X, diag=True)

    def _scales(self, X: Any) -> Any:
        return _one_each("scaling_func", self.scaling_func(X, *self.args), X)


class Gibbs(Covariance):
    r"""Exponentiated quadratic whose length scale depends on the input.

    .. math:: k(x, x') = \sqrt{\frac{2 \ell(x) \ell(x')}{\ell^2(x) + \ell^2(x')}}
        \exp\left(-\frac{(x - x')^2}{\ell^2(x) + \ell^2(x')}\right)

    Parameters
    ----------
    input_dim : int
        Number of columns of the inputs.
    lengthscale_func : callable
        ``lengthscale_func(x, *args)`` maps the active column, a tensor of shape (n, 1), to one
        positive length scale for each point, of shape (n,) or (n, 1).
    args : sequence, optional
        Further arguments of `lengthscale_func`, such as variables of the model.
    active_dims : int or sequence of int, optional
        The one column that is used; default the only one.

    References
    ----------
    .. [1] Gibbs (1997), Bayesian Gaussian processes for regression and classification.
    .. [2] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, eq. 4.32.

    Examples
    --------
    >>> import rufous as rf
    >>> k = rf.gp.cov.Gibbs(1, lambda x: 1 + x)
    >>> rf.draw(k([[0.0], [1.0]])).round(4)
    array([[1.    , 0.7323],
           [0.7323, 1.    ]])
    """

    def __init__(
        self,
        input_dim: int,
        lengthscale_func: Callable[..., Any],
        args: Sequence[Any] | Any | None = None,
        active_dims: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(input_dim, active_dims)
        if self.n_dims != 1:
            raise UnsupportedError(
                f"Gibbs is written for one active column, got {self.n_dims}; multiply one Gibbs "
                "for each column, with active_dims=[0], active_dims=[1] and so on"
            )
        self.lengthscale_func = _function("Gibbs", "lengthscale_func", lengthscale_func)
        self.args = _arguments(args)

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the covariances."""
        X, Xs = self._slice(X, Xs)
        left = self._scales(X)[..., :, None]
        right = left.mT if Xs is None else self._scales(Xs)[..., None, :]
        squares = pt.sqr(left) + pt.sqr(right)
        gap = X - (X if Xs is None else Xs).mT
        return pt.sqrt(2.0 * left * right / squares) * pt.exp(-pt.sqr(gap) / squares)

    def diag(self, X: Any) -> Any:
        """Write the variances, which are one."""
        return self._ones(self._slice(X)[0])

    def _scales(self, X: Any) -> Any:
        return _one_each("lengthscale_func", self.lengthscale_func(X, *self.args), X)


def _covariance(who: str, cov_func: Any) -> BaseCovariance:
    if not isinstance(cov_func, BaseCovariance):
        raise WrongTypeError(f"`cov_func` of {who} must be a covariance function, got {cov_func!r}")
    return cov_func


def _function(who: str, name: str, function: Any) -> Callable[..., Any]:
    if not callable(function):
        raise WrongTypeError(f"`{name}` of {who} must be a function, got {function!r}")
    return function  # type: ignore[no-any-return]


def _arguments(args: Any) -> tuple[Any, ...]:
    """Read further arguments: one that is no tuple or list stands for itself."""
    if args is None:
        return ()
    return tuple(args) if isinstance(args, list | tuple) else (args,)


def _one_each(name: str, values: Any, X: Any) -> Any:
    """Read what a function returned: one number for each point."""
    tensor = as_float(values, f"the result of `{name}`")
    rows, has = shape_now(X)[:-1], shape_now(tensor)
    if tensor.type.ndim == 0:
        return tensor + pt.zeros(tuple(X.shape[:-1]))
    if tensor.type.ndim == X.type.ndim and has[-1] in (1, None):
        tensor, has = tensor[..., 0], has[:-1]
    known = None not in (*has, *rows)
    if tensor.type.ndim != X.type.ndim - 1 or (known and has != rows):
        raise ShapeError(
            f"`{name}` must return one number for each point, shape {rows}, got shape "
            f"{shape_now(as_float(values))}"
        )
    return tensor
