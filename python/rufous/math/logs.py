"""Sums and differences of numbers given by their logarithms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.errors import SettingsError
from rufous.math.real import as_real
from rufous.transforms import log_softmax as _log_softmax


def log_softmax(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """Return the log of `softmax`, without overflow or underflow.

    Parameters
    ----------
    x : array_like or TensorVariable
        Any real numbers.
    axis : int or sequence of int, optional
        Along which the exponentials sum to one; default all axes together.

    Returns
    -------
    TensorVariable
        Of the shape of `x`.
    """
    return _log_softmax(as_real(x), axis=axis)


def softmax(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """Return ``exp(x) / sum(exp(x))``.

    Parameters
    ----------
    x : array_like or TensorVariable
        Any real numbers.
    axis : int or sequence of int, optional
        Along which the result sums to one; default all axes together.

    Returns
    -------
    TensorVariable
        Of the shape of `x`.
    """
    return pt.exp(_log_softmax(as_real(x), axis=axis))


def logsumexp(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """Return ``log(sum(exp(x)))``, without overflow or underflow.

    Parameters
    ----------
    x : array_like or TensorVariable
        Any real numbers, or -inf.
    axis : int or sequence of int, optional
        Summed over; default all axes.
    keepdims : bool, default False
        Keep the summed axes with length one.

    Returns
    -------
    TensorVariable
    """
    x = as_real(x)
    top = pt.max(x, axis=axis, keepdims=True)
    top = pt.switch(pt.isinf(top), 0.0, top)
    total = top + pt.log(pt.sum(pt.exp(x - top), axis=axis, keepdims=True))
    return total if keepdims else pt.squeeze(total, axis=_summed_axes(axis, x.ndim))


def logaddexp(a: Any, b: Any, *more: Any) -> Any:
    """Return ``log(exp(a) + exp(b) + ...)``, without overflow or underflow.

    Parameters
    ----------
    a, b, *more : float, array_like or TensorVariable
        Any real numbers, or -inf.

    Returns
    -------
    TensorVariable
        Of the broadcast shape.
    """
    a, b = as_real(a), as_real(b)
    # Not maximum and minimum: where both are equal, PyTensor counts their gradients twice.
    in_order = pt.ge(a, b)
    high, low = pt.switch(in_order, a, b), pt.switch(in_order, b, a)
    both = high + pt.softplus(pt.switch(pt.isinf(high), 0.0, low - high))
    return logaddexp(both, *more) if more else both


def log1mexp(x: Any) -> Any:
    """Return ``log(1 - exp(x))`` for negative `x`, without cancellation.

    Parameters
    ----------
    x : float, array_like or TensorVariable
        Numbers below zero.

    Returns
    -------
    TensorVariable
        Of the shape of `x`; -inf at zero, NaN above.

    References
    ----------
    .. [1] Maechler, M. (2012). Accurately computing log(1 - exp(-|a|)). R package Rmpfr.
    """
    return pt.log1mexp(as_real(x))


def logdiffexp(a: Any, b: Any) -> Any:
    """Return ``log(exp(a) - exp(b))`` for ``a > b``, without overflow or cancellation.

    Parameters
    ----------
    a, b : float, array_like or TensorVariable
        Logarithms; `b` may be -inf.

    Returns
    -------
    TensorVariable
        Of the broadcast shape.
    """
    a, b = as_real(a), as_real(b)
    return a + pt.log1mexp(b - a)


def logbern(log_p: float, rng: np.random.Generator | None = None) -> bool:
    """Draw success or failure with a given log probability of success (a number, not a graph).

    Parameters
    ----------
    log_p : float
        Log probability; at most 0, larger values count as 0.
    rng : numpy.random.Generator, optional
        Default a fresh one.

    Returns
    -------
    bool
    """
    if np.isnan(log_p):
        raise SettingsError("`log_p` must be a number, got nan")
    generator = np.random.default_rng() if rng is None else rng
    return bool(np.log1p(-generator.random()) < log_p)


def _summed_axes(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return (axis,) if isinstance(axis, int) else tuple(axis)
