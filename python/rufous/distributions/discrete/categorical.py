"""The distribution of one of K categories."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.tensor.random.basic import CategoricalRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import is_softmax, known_log
from rufous.distributions.parameters import (
    check_sums_to_one,
    given_one,
    probability,
    real,
    sums_to_one,
)
from rufous.distributions.stable import as_real, inside_whole
from rufous.errors import ShapeError
from rufous.model.registry import Constraint
from rufous.transforms import log_softmax

__all__ = ["Categorical"]


class Categorical(Distribution, op=CategoricalRV()):
    r"""Categorical distribution: the index of one of K categories.

    .. math:: P(x \mid p) = p_x

    ========  =========================
    Support   ``x`` in {0, ..., K - 1}
    Mean      ``sum_k k * p[k]``
    Variance  ``sum_k k**2 * p[k] - mean**2``
    ========  =========================

    Parameters
    ----------
    p : array_like or TensorVariable, shape (..., K)
        Probabilities; ``p >= 0``, and the sum along the last axis is one.
    logit_p : array_like or TensorVariable, shape (..., K), optional
        Log probabilities up to a constant, instead of `p`; any real numbers.

    Raises
    ------
    SettingsError
        When not exactly one of `p` and `logit_p` is given, or constant probabilities do not sum
        to one.
    ShapeError
        When the parameter has no axis of categories.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     p = rf.Dirichlet("p", [1, 1, 1])
    ...     y = rf.Categorical("y", p=p, observed=[0, 2, 2, 1])
    """

    @classmethod
    def parametrise(cls, p: Any = None, logit_p: Any = None) -> Any:
        """Take `p` or `logit_p` to probabilities."""
        name = given_one(p=p, logit_p=logit_p)
        tensor = real("p", p, probability) if name == "p" else real("logit_p", logit_p)
        if tensor.type.ndim < 1:
            raise ShapeError(f"`{name}` must have an axis of categories, got a single number")
        if name == "logit_p":
            return cls.op, (pt.exp(log_softmax(tensor)),)
        check_sums_to_one("p", tensor)
        return cls.op, (tensor,)

    @staticmethod
    def logdensity(value: Any, p: Any) -> Any:
        """Write the log probability."""
        value = pt.as_tensor_variable(value)
        last = p.shape[-1] - 1
        supported = pt.ge(value, 0) & pt.le(value, last)
        index = pt.cast(pt.switch(supported, value, 0), "int64")
        log_p = known_log(p)
        chosen = pt.log(take(p, index)) if log_p is None else take(log_p, index)
        return inside_whole(value, supported, chosen)

    @staticmethod
    def logcdf(value: Any, p: Any) -> Any:
        """Write the log cdf."""
        reached = pt.le(pt.arange(p.shape[-1]), as_real(value)[..., None])
        return pt.log(pt.sum(pt.switch(reached, p, 0.0), axis=-1))

    @staticmethod
    def icdf(probability: Any, p: Any) -> Any:
        """Write the quantile function."""
        below = pt.lt(pt.cumsum(p, axis=-1)[..., :-1], probability[..., None])
        return pt.cast(pt.sum(below, axis=-1), "float64")

    @staticmethod
    def support_point(rv: Any, p: Any) -> Any:
        """Return the likeliest category."""
        return pt.argmax(p, axis=-1)

    @staticmethod
    def constraints(p: Any) -> list[Constraint]:
        """Require probabilities that sum to one; a softmax always does."""
        if is_softmax(p):
            return []
        in_range = Constraint(pt.all(probability.holds(p), axis=-1), probability.text.format("p"))
        return [in_range, sums_to_one("p", p)]


def take(table: Any, index: Any) -> Any:
    """Return one entry of the last axis for each index; table and index broadcast.

    Written as a lookup in a flat vector, which every backend does well.
    """
    if table.type.ndim == 1:
        return table[index.reshape((-1,))].reshape(index.shape) if index.type.ndim else table[index]
    length = table.shape[-1]
    if table.type.broadcastable[:-1] != index.type.broadcastable or any(index.type.broadcastable):
        batch = pt.broadcast_shape(index, table[..., 0])
        table = pt.broadcast_to(table, (*batch, length))
        index = pt.broadcast_to(index, batch)
    flat_index = index.reshape((-1,))
    offset = length * pt.arange(flat_index.shape[0])
    return table.reshape((-1,))[offset + flat_index].reshape(index.shape)
