"""Functions of one number at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.math.real import as_real, real

exp = real(pt.exp)
expm1 = real(pt.expm1)
log = real(pt.log)
log2 = real(pt.log2)
log10 = real(pt.log10)
log1p = real(pt.log1p)
sqrt = real(pt.sqrt)
round = real(pt.round)
sqr = real(pt.sqr)
sin, cos, tan = real(pt.sin), real(pt.cos), real(pt.tan)
sinh, cosh, tanh = real(pt.sinh), real(pt.cosh), real(pt.tanh)
arcsin, arccos, arctan = real(pt.arcsin), real(pt.arccos), real(pt.arctan)
arcsinh, arccosh, arctanh = real(pt.arcsinh), real(pt.arccosh), real(pt.arctanh)
arctan2 = real(pt.arctan2, 2)
sigmoid = invlogit = real(pt.sigmoid)
softplus = log1pexp = real(pt.softplus)
gamma, gammaln, digamma = real(pt.gamma), real(pt.gammaln), real(pt.digamma)
gammainc, gammaincc = real(pt.gammainc, 2), real(pt.gammaincc, 2)
betainc = real(pt.betainc, 3)
erf, erfc = real(pt.erf), real(pt.erfc)
erfinv, erfcinv = real(pt.erfinv), real(pt.erfcinv)
i0, i1, iv, kv = real(pt.i0), real(pt.i1), real(pt.iv, 2), real(pt.kv, 2)


def polygamma(n: Any, x: Any) -> Any:
    """Return the derivative of order `n` of the digamma function.

    Parameters
    ----------
    n : int, array_like of int or TensorVariable
        Order; at least 0.
    x : float, array_like or TensorVariable
        Positive numbers.

    Returns
    -------
    TensorVariable
        Of the broadcast shape.
    """
    return pt.polygamma(n, as_real(x))


def logit(p: Any) -> Any:
    """Return the log odds ``log(p / (1 - p))``.

    Parameters
    ----------
    p : float, array_like or TensorVariable
        Probabilities in [0, 1].

    Returns
    -------
    TensorVariable
        Of the shape of `p`; the inverse of `invlogit`.
    """
    p = as_real(p)
    return pt.log(p) - pt.log1p(-p)


def probit(p: Any) -> Any:
    """Return the standard normal quantile of `p`.

    Parameters
    ----------
    p : float, array_like or TensorVariable
        Probabilities in [0, 1].

    Returns
    -------
    TensorVariable
        Of the shape of `p`.
    """
    return -np.sqrt(2.0) * pt.erfcinv(2.0 * as_real(p))


def invprobit(x: Any) -> Any:
    """Return the standard normal cdf at `x`.

    Parameters
    ----------
    x : float, array_like or TensorVariable
        Any real numbers.

    Returns
    -------
    TensorVariable
        Of the shape of `x`; keeps its relative precision in the left tail.
    """
    return 0.5 * pt.erfc(-as_real(x) / np.sqrt(2.0))
