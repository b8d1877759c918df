"""The public log density, log cdf and quantile function of random variables and expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

# The rules register themselves.
from rufous.derived import cut, elementwise, entries, linear, mixtures, structure  # noqa: F401
from rufous.derived.law import Law
from rufous.derived.walk import law_of, sources
from rufous.errors import ModelError
from rufous.model.arrays import as_value

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["icdf", "logccdf", "logcdf", "logp"]


def logp(rv: TensorVariable, value: Any) -> TensorVariable:
    """Write the log density of a random variable, or of an expression of one, at a value.

    Parameters
    ----------
    rv : TensorVariable
        A random variable, of a model or made with ``.dist()``, or an expression of such whose
        density can be derived: sums and products with what is not random, invertible functions,
        powers, absolute values, clipped, rounded and compared numbers, the largest or smallest of
        several, random switches and indices, stacked and joined variables, and running sums.
    value : array_like or TensorVariable
        Where to evaluate it, in the space of the variable (not transformed).

    Returns
    -------
    TensorVariable
        One number per batch element; -inf outside the support or for invalid parameters.

    Raises
    ------
    ModelError
        When `rv` is not random.
    UnsupportedError
        When the density cannot be derived; names the op that stands in the way.

    Notes
    -----
    Where variables made with ``.dist()`` meet variables of a model, the latter are taken as given:
    ``mu + Normal.dist(0, 1)`` has the density of a normal variable around ``mu``.

    Examples
    --------
    >>> import rufous as rf
    >>> x = rf.Normal.dist(0, 1)
    >>> float(rf.logp(x, 0.0).eval(mode="FAST_COMPILE").round(6))
    -0.918939
    >>> float(rf.logp(rf.math.exp(x), 1.0).eval(mode="FAST_COMPILE").round(6))
    -0.918939
    """
    point = as_value(value, "the value of logp")
    if rv_is_continuous(rv) and not point.dtype.startswith("float"):
        point = pt.cast(point, "float64")
    return _law(rv, "logp").logdensity(point)


def rv_is_continuous(rv: Any) -> bool:
    """Tell whether values are real numbers."""
    return str(getattr(rv, "dtype", "")).startswith("float")


def logcdf(rv: TensorVariable, value: Any) -> TensorVariable:
    """Write the log of the probability that a variable is at most a value.

    Parameters
    ----------
    rv : TensorVariable
        A random variable of single numbers, or an expression of one as for `logp`.
    value : array_like or TensorVariable
        Where to evaluate it, in the space of the variable (not transformed).

    Returns
    -------
    TensorVariable
        One number per element; -inf for invalid parameters.

    Raises
    ------
    ModelError
        When `rv` is not random.
    UnsupportedError
        When its log cdf has no closed form, or cannot be derived.

    Examples
    --------
    >>> import rufous as rf
    >>> x = rf.Normal.dist(0, 1)
    >>> float(rf.logcdf(x, 0.0).eval(mode="FAST_COMPILE").round(6))
    -0.693147
    """
    return _law(rv, "logcdf").logcdf(_number(value, "logcdf"))


def logccdf(rv: TensorVariable, value: Any) -> TensorVariable:
    """Write the log of the probability that a variable is more than a value.

    Parameters
    ----------
    rv : TensorVariable
        A random variable of single numbers, or an expression of one as for `logp`.
    value : array_like or TensorVariable
        Where to evaluate it, in the space of the variable (not transformed).

    Returns
    -------
    TensorVariable
        One number per element. Normal, log-normal, logistic, Laplace, Cauchy, Student's t,
        exponential, Weibull and Pareto numbers have a precise upper tail; for others it is the
        rest of the log cdf, which has lost its digits where that is near 0.

    Raises
    ------
    ModelError
        When `rv` is not random.
    UnsupportedError
        When its log cdf has no closed form, or cannot be derived.

    Examples
    --------
    >>> import rufous as rf
    >>> x = rf.Exponential.dist(scale=1)
    >>> float(rf.logccdf(x, 2.0).eval(mode="FAST_COMPILE").round(6))
    -2.0
    """
    return _law(rv, "logccdf").logccdf(_number(value, "logccdf"))


def icdf(rv: TensorVariable, value: Any) -> TensorVariable:
    """Write the quantile function of a variable, the inverse of its cdf.

    Parameters
    ----------
    rv : TensorVariable
        A random variable of single numbers, or an expression of one as for `logp`.
    value : array_like or TensorVariable
        Probabilities.

    Returns
    -------
    TensorVariable
        The least number of at least that probability, as float64; NaN where `value` is no
        probability or a parameter is invalid.

    Raises
    ------
    ModelError
        When `rv` is not random.
    UnsupportedError
        When its quantile function has no closed form, or cannot be derived.

    Examples
    --------
    >>> import rufous as rf
    >>> x = rf.Exponential.dist(scale=1)
    >>> float(rf.icdf(x, 0.5).eval(mode="FAST_COMPILE").round(6))
    0.693147
    """
    return _law(rv, "icdf").icdf(_number(value, "icdf"))


def _number(value: Any, function: str) -> Any:
    return pt.cast(as_value(value, f"the value of {function}"), "float64")


def _law(rv: Any, function: str) -> Law:
    node = getattr(rv, "owner", None)
    if node is not None and isinstance(node.op, RandomVariable):
        return law_of(rv)
    if node is None or not sources(rv):
        raise ModelError(
            f"{function} needs a random variable or an expression of random variables, got {rv!r}"
        )
    return law_of(rv)
