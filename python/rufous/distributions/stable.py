"""Graphs of awkward functions, written so that they keep their precision without any rewriting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytensor.tensor as pt

from rufous.transforms import constant_value

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = [
    "LOG_2",
    "LOG_2PI",
    "as_real",
    "betaln",
    "binomln",
    "inside",
    "inside_whole",
    "log_diff_normal_cdf",
    "log_add_exp",
    "log_bessel_i0",
    "log_gamma_ratio",
    "log_normal_cdf",
    "normal_cdf",
    "normal_quantile",
    "log_sum_exp",
    "shifted",
]

LOG_2 = float(np.log(2.0))
LOG_2PI = float(np.log(2.0 * np.pi))
# Above this the Stirling series of the log gamma function is exact to double precision, and the
# difference of two log gamma functions has lost less than three digits.
STIRLING_FROM = 1e3
BESSEL_SERIES_FROM = 500.0
# Standardised intervals narrower than this are integrated by a series around their middle.
NARROW = 1e-3


def as_real(value: TensorVariable) -> TensorVariable:
    """Return a float64 tensor: integers and bools of observed data must not wrap around."""
    value = pt.as_tensor_variable(value)
    return value if value.dtype == "float64" else pt.cast(value, "float64")


def shifted(value: TensorVariable, loc: TensorVariable) -> TensorVariable:
    """Return ``value - loc``, and `value` itself where `loc` is the constant zero."""
    constant = constant_value(loc)
    is_zero = constant is not None and constant.size == 1 and constant.item() == 0
    return value if is_zero and loc.type.ndim <= value.type.ndim else value - loc


def inside(condition: TensorVariable, logdensity: TensorVariable) -> TensorVariable:
    """Return the log density where the value lies in the support, -inf elsewhere."""
    return pt.switch(condition, logdensity, -np.inf)


def inside_whole(
    value: TensorVariable, condition: TensorVariable, logdensity: TensorVariable
) -> TensorVariable:
    """Do as `inside`, and require a whole number; for an integer dtype nothing is computed."""
    if value.dtype.startswith("float"):
        condition = condition & pt.eq(value, pt.floor(value))
    return inside(condition, logdensity)


def log_add_exp(first: TensorVariable, second: TensorVariable) -> TensorVariable:
    """Return ``log(exp(first) + exp(second))``, also where one or both are -inf."""
    # Not a maximum: where both are equal, PyTensor counts its gradient twice.
    in_order = pt.ge(first, second)
    high = pt.switch(in_order, first, second)
    low = pt.switch(in_order, second, first)
    empty = pt.eq(high, -np.inf)
    gap = pt.switch(empty, 0.0, low) - pt.switch(empty, 0.0, high)
    return pt.switch(empty, -np.inf, high + pt.softplus(gap))


def log_sum_exp(values: TensorVariable, axis: int = -1) -> TensorVariable:
    """Return the log of the sum of exponentials along an axis, -inf where all are -inf."""
    highest = pt.max(values, axis=axis, keepdims=True)
    shift = pt.switch(pt.eq(highest, -np.inf), 0.0, highest)
    return pt.log(pt.sum(pt.exp(values - shift), axis=axis)) + pt.squeeze(shift, axis=axis)


def log_gamma_ratio(start: TensorVariable, step: TensorVariable) -> TensorVariable:
    """Return ``gammaln(start + step) - gammaln(start)`` without cancellation for large `start`.

    From 1000 on both functions are written as Stirling series and their difference is taken term by
    term (Abramowitz and Stegun 1964, eq. 6.1.41).
    """
    large = pt.ge(start, STIRLING_FROM)
    base = pt.switch(large, start, STIRLING_FROM)
    top = base + step
    series = (
        (top - 0.5) * pt.log1p(step / base)
        + step * pt.log(base)
        - step
        + (_stirling_tail(top) - _stirling_tail(base))
    )
    return pt.switch(large, series, pt.gammaln(start + step) - pt.gammaln(start))


def betaln(alpha: TensorVariable, beta: TensorVariable) -> TensorVariable:
    """Return the log of the beta function, also where one argument dwarfs the other."""
    # Not maximum and minimum: where both are equal, PyTensor counts their gradients twice.
    in_order = pt.ge(alpha, beta)
    large = pt.switch(in_order, alpha, beta)
    small = pt.switch(in_order, beta, alpha)
    return pt.gammaln(small) - log_gamma_ratio(large, small)


def binomln(n: TensorVariable, k: TensorVariable) -> TensorVariable:
    """Return the log of the number of ways to choose `k` out of `n`."""
    return -pt.log1p(n) - betaln(n - k + 1.0, k + 1.0)


def log_bessel_i0(value: TensorVariable) -> TensorVariable:
    """Return the log of ``I_0(value) * exp(-value)`` for numbers that are not negative.

    From 500 on the function is an asymptotic series (Abramowitz and Stegun 1964, eq. 9.7.1), exact
    to rounding where the routine behind PyTensor's op gives up.
    """
    large = pt.gt(value, BESSEL_SERIES_FROM)
    far = 1.0 / (8.0 * pt.switch(large, value, BESSEL_SERIES_FROM))
    terms = 1.0 + far * (1.0 + far * (4.5 + far * (37.5 + far * (459.375 + far * 7441.875))))
    near = pt.ive(0.0, pt.switch(large, 0.0, value))
    return pt.switch(large, pt.log(terms) + 0.5 * pt.log(far * 4.0 / np.pi), pt.log(near))


def log_normal_cdf(value: TensorVariable) -> TensorVariable:
    """Return the log of the standard normal cdf, precise in both tails."""
    in_tail = pt.lt(value, -1.0)
    left = pt.switch(in_tail, value, -1.0)
    tail = pt.log(0.5 * pt.erfcx(-left / np.sqrt(2.0))) - 0.5 * pt.sqr(left)
    right = pt.switch(in_tail, -1.0, value)
    return pt.switch(in_tail, tail, pt.log1p(-0.5 * pt.erfc(right / np.sqrt(2.0))))


def normal_cdf(value: TensorVariable) -> TensorVariable:
    """Return the standard normal cdf, precise in the left tail."""
    return 0.5 * pt.erfc(-value / np.sqrt(2.0))


def normal_quantile(probability: TensorVariable) -> TensorVariable:
    """Return the standard normal quantile function, precise for small probabilities."""
    return -np.sqrt(2.0) * pt.erfcinv(2.0 * probability)


def log_diff_normal_cdf(lower: TensorVariable, upper: TensorVariable) -> TensorVariable:
    """Return the log of the standard normal probability of an interval with finite ends.

    An interval right of zero is reflected, so that only the left tail is met; there the scaled
    complementary error function keeps all digits. A narrow interval is integrated by the series of
    the density around its middle.
    """
    middle = 0.5 * (lower + upper)
    width = upper - lower
    narrow = pt.lt(width * (1.0 + pt.abs(middle)), NARROW)
    return pt.switch(
        narrow,
        _log_narrow(middle, pt.switch(narrow, width, NARROW)),
        _log_wide(
            pt.switch(narrow, -1.0, pt.switch(pt.gt(middle, 0.0), -upper, lower)),
            pt.switch(narrow, 1.0, pt.switch(pt.gt(middle, 0.0), -lower, upper)),
        ),
    )


def _log_narrow(middle: TensorVariable, width: TensorVariable) -> TensorVariable:
    correction = (pt.sqr(middle) - 1.0) * pt.sqr(width) / 24.0
    # Only meant for narrow intervals: elsewhere it must merely stay finite.
    correction = pt.clip(correction, -0.5, 0.5)
    return pt.log(width) - 0.5 * pt.sqr(middle) - 0.5 * LOG_2PI + pt.log1p(correction)


def _log_wide(lower: TensorVariable, upper: TensorVariable) -> TensorVariable:
    """Treat an interval whose middle is not right of zero."""
    in_tail = pt.lt(upper, 0.0)
    near = pt.switch(in_tail, upper, 0.0)
    far = pt.switch(pt.lt(lower, near), lower, near)
    ratio = pt.exp(0.5 * (near - far) * (near + far))
    scaled = pt.erfcx(-near / np.sqrt(2.0)) - ratio * pt.erfcx(-far / np.sqrt(2.0))
    scaled = pt.switch(in_tail, scaled, 1.0)
    tail = pt.log(0.5 * scaled) - 0.5 * pt.sqr(near)
    left = pt.switch(in_tail, -1.0, lower)
    right = pt.switch(in_tail, 1.0, upper)
    outside = 0.5 * (pt.erfc(-left / np.sqrt(2.0)) + pt.erfc(right / np.sqrt(2.0)))
    return pt.switch(in_tail, tail, pt.log1p(-outside))


def _stirling_tail(value: TensorVariable) -> TensorVariable:
    inverse = 1.0 / value
    return inverse / 12.0 - inverse**3 / 360.0
