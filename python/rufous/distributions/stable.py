"""Graphs of awkward functions, written so that they keep their precision without any rewriting.

The helpers ``log_of`` and ``log1m_of`` look at how their argument was made: the logarithm of an
exponential, sigmoid or softmax is written down directly, which is exact where the number itself
has already underflowed or rounded to one. They cover both spellings of a model
(``logit_p=eta`` and ``p=invlogit(eta)``) and values that come back from a transform.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from pytensor.scalar import basic as scalar_basic
from pytensor.scalar import math as scalar_math
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.math import Sum
from pytensor.tensor.special import Softmax

from rufous.transforms import log_softmax

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = [
    "LOG_2PI",
    "as_real",
    "betaln",
    "binomln",
    "inside",
    "inside_whole",
    "is_softmax",
    "known_log",
    "log1m_of",
    "log_diff_normal_cdf",
    "log_gamma_ratio",
    "log_normal_cdf",
    "log_odds_of",
    "log_of",
    "shifted",
    "times_log",
    "times_log1m",
]

LOG_2PI = float(np.log(2.0 * np.pi))
# Above this the Stirling series of the log gamma function is exact to double precision, and the
# difference of two log gamma functions has lost less than three digits.
STIRLING_FROM = 1e3
# Ops whose output holds elements of their first input; not every version has each of them.
MOVES_ELEMENTS = (
    DimShuffle,
    *(
        getattr(pt.subtensor, name)
        for name in ("Subtensor", "AdvancedSubtensor", "AdvancedSubtensor1")
        if hasattr(pt.subtensor, name)
    ),
)
# Standardised intervals narrower than this are integrated by a series around their middle.
NARROW = 1e-3


def as_real(value: TensorVariable) -> TensorVariable:
    """Return a float64 tensor: integers and bools of observed data must not wrap around."""
    value = pt.as_tensor_variable(value)
    return value if value.dtype == "float64" else pt.cast(value, "float64")


def shifted(value: TensorVariable, loc: TensorVariable) -> TensorVariable:
    """Return ``value - loc``, and `value` itself where `loc` is the constant zero."""
    is_zero = isinstance(loc, pt.TensorConstant) and not np.any(loc.data)
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


def log_of(value: TensorVariable) -> TensorVariable:
    """Return ``log(value)``, exactly where `value` is an exponential, sigmoid or softmax.

    The logarithm of a reciprocal or square root is that of its argument, times -1 or 1/2.
    """
    known = _by_origin(value, _log_by_origin)
    if known is not None:
        return known
    scalar_op = _scalar_op(value.owner) if getattr(value, "owner", None) else None
    if isinstance(scalar_op, scalar_basic.Reciprocal):
        return -log_of(value.owner.inputs[0])
    if isinstance(scalar_op, scalar_basic.Sqrt):
        return 0.5 * log_of(value.owner.inputs[0])
    return pt.log(value)


def log1m_of(value: TensorVariable) -> TensorVariable:
    """Return ``log(1 - value)``, exactly where `value` is a sigmoid."""
    known = _by_origin(value, _log1m_by_origin)
    return pt.log1p(-value) if known is None else known


def times_log(count: TensorVariable, value: TensorVariable) -> TensorVariable:
    """Return ``count * log(value)``, which is 0 where `count` is 0, as is its gradient."""
    known = _by_origin(value, _log_by_origin)
    if known is not None:
        return count * known
    return count * pt.log(pt.switch(pt.eq(count, 0.0), 1.0, value))


def times_log1m(count: TensorVariable, value: TensorVariable) -> TensorVariable:
    """Return ``count * log(1 - value)``, which is 0 where `count` is 0, as is its gradient."""
    known = _by_origin(value, _log1m_by_origin)
    if known is not None:
        return count * known
    return count * pt.log1p(-pt.switch(pt.eq(count, 0.0), 0.0, value))


def log_odds_of(value: TensorVariable) -> TensorVariable | None:
    """Return the log odds of a probability that is a sigmoid; else None."""
    return _by_origin(value, _log_odds_by_origin)


def known_log(value: TensorVariable) -> TensorVariable | None:
    """Return the log of an exponential, sigmoid or softmax; None for anything else."""
    return _by_origin(value, _log_by_origin)


def is_softmax(value: TensorVariable) -> bool:
    """Say whether a tensor is a softmax along its last axis, whose sum needs no check."""
    node = getattr(value, "owner", None)
    if node is None:
        return False
    last = value.type.ndim - 1
    if isinstance(node.op, Softmax):
        return node.op.axis in (-1, last, (last,))
    # exp(shifted - log(sum(exp(shifted)))), as `rufous.transforms.log_softmax` writes it.
    shifted_minus_log = _operands(value, scalar_basic.Exp)
    operands = shifted_minus_log and _operands(shifted_minus_log[0], scalar_basic.Sub)
    total = operands and _operands(operands[1], scalar_basic.Log)
    if not total:
        return False
    while isinstance(getattr(total[0].owner, "op", None), DimShuffle):
        total = total[0].owner.inputs
    summed = total[0].owner
    if summed is None or not isinstance(summed.op, Sum) or summed.op.axis != (last,):
        return False
    exponent = _operands(summed.inputs[0], scalar_basic.Exp)
    return bool(exponent) and exponent[0] is operands[0]


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


def log_normal_cdf(value: TensorVariable) -> TensorVariable:
    """Return the log of the standard normal cdf, precise in both tails."""
    in_tail = pt.lt(value, -1.0)
    left = pt.switch(in_tail, value, -1.0)
    tail = pt.log(0.5 * pt.erfcx(-left / np.sqrt(2.0))) - 0.5 * pt.sqr(left)
    right = pt.switch(in_tail, -1.0, value)
    return pt.switch(in_tail, tail, pt.log1p(-0.5 * pt.erfc(right / np.sqrt(2.0))))


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


def _by_origin(
    value: TensorVariable, rule: Callable[[Any], TensorVariable | None]
) -> TensorVariable | None:
    """Apply a rule to the node behind `value`, looking through ops that only move elements."""
    node = getattr(value, "owner", None)
    if node is None:
        return None
    if isinstance(node.op, MOVES_ELEMENTS):
        inner = _by_origin(node.inputs[0], rule)
        return None if inner is None else node.op(inner, *node.inputs[1:])
    return rule(node)


def _scalar_op(node: Any) -> Any:
    return node.op.scalar_op if isinstance(node.op, Elemwise) else None


def _operands(variable: Any, scalar_op: type) -> list[Any] | None:
    """Return the inputs of the elementwise op behind a variable, if it is of that type."""
    node = variable.owner
    return node.inputs if node and isinstance(_scalar_op(node), scalar_op) else None


def _log_by_origin(node: Any) -> TensorVariable | None:
    scalar_op = _scalar_op(node)
    if isinstance(scalar_op, scalar_basic.Exp):
        return node.inputs[0]
    if isinstance(scalar_op, scalar_math.Sigmoid):
        return -pt.softplus(-node.inputs[0])
    if isinstance(node.op, Softmax):
        return log_softmax(node.inputs[0], axis=node.op.axis)
    return None


def _log1m_by_origin(node: Any) -> TensorVariable | None:
    if isinstance(_scalar_op(node), scalar_math.Sigmoid):
        return -pt.softplus(node.inputs[0])
    return None


def _log_odds_by_origin(node: Any) -> TensorVariable | None:
    return node.inputs[0] if isinstance(_scalar_op(node), scalar_math.Sigmoid) else None
