"""Logarithms of what was just exponentiated, written down instead of computed.

The functions look at how their argument was made: the logarithm of an exponential, sigmoid or
softmax is exact where the number itself has already underflowed or rounded to one. They cover both
spellings of a model (``logit_p=eta`` and ``p=invlogit(eta)``) and values that come back from a
transform.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytensor.tensor as pt
from pytensor.scalar import basic as scalar_basic
from pytensor.scalar import math as scalar_math
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.math import Sum
from pytensor.tensor.special import Softmax

from rufous.transforms import constant_value, log_softmax

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = [
    "ALWAYS_POSITIVE",
    "ALWAYS_PROBABILITY",
    "is_made_by",
    "is_softmax",
    "known_log",
    "log1m_of",
    "log_odds_of",
    "log_of",
    "times_log",
    "times_log1m",
]

# Ops that cannot leave a range, so that nothing has to be checked there.
ALWAYS_PROBABILITY = (scalar_math.Sigmoid,)
ALWAYS_POSITIVE = (scalar_basic.Exp, scalar_math.Softplus, scalar_math.Sigmoid)
# Ops whose output holds elements of their first input; not every version has each of them.
MOVES_ELEMENTS = (
    DimShuffle,
    *(
        getattr(pt.subtensor, name)
        for name in ("Subtensor", "AdvancedSubtensor", "AdvancedSubtensor1")
        if hasattr(pt.subtensor, name)
    ),
)


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
    """Return ``count * log(value)``, which is 0 where both are 0, as is its gradient."""
    known = _by_origin(value, _log_by_origin)
    if known is not None:
        return count * known
    return count * pt.log(pt.switch(_both_zero(count, value), 1.0, value))


def times_log1m(count: TensorVariable, value: TensorVariable) -> TensorVariable:
    """Return ``count * log(1 - value)``, which is 0 for a `count` of 0 and a `value` of 1."""
    known = _by_origin(value, _log1m_by_origin)
    if known is not None:
        return count * known
    return count * pt.log1p(-pt.switch(_both_zero(count, 1.0 - value), 0.0, value))


def _both_zero(count: TensorVariable, value: TensorVariable) -> TensorVariable:
    """Say where a product is zero whatever the logarithm.

    Where the count is a parameter, its gradient is the logarithm also at a count of zero.
    """
    is_zero = pt.eq(count, 0.0)
    return is_zero if constant_value(count) is not None else is_zero & pt.eq(value, 0.0)


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
    match _operands(value, scalar_basic.Exp):
        case [logs]:
            pass
        case _:
            return False
    match _operands(logs, scalar_basic.Sub):
        case [shifted, log_total]:
            return _is_log_sum_exp(log_total, shifted, last)
        case _:
            return False


def is_made_by(value: TensorVariable, scalar_ops: tuple[type, ...]) -> bool:
    """Say whether all elements of a tensor come straight out of one of some elementwise ops."""

    def rule(node: Any) -> TensorVariable | None:
        return node.outputs[0] if isinstance(_scalar_op(node), scalar_ops) else None

    return _by_origin(value, rule) is not None


def _is_log_sum_exp(variable: Any, exponent: Any, axis: int) -> bool:
    [total] = _operands(variable, scalar_basic.Log) or [variable]
    while isinstance(getattr(total.owner, "op", None), DimShuffle):
        [total] = total.owner.inputs
    if not isinstance(getattr(total.owner, "op", None), Sum) or total.owner.op.axis != (axis,):
        return False
    return _operands(total.owner.inputs[0], scalar_basic.Exp) == [exponent]


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
