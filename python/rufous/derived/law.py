"""What is known of the distribution of an expression: its law."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.tensor.type_other import NoneTypeT

from rufous.errors import UnsupportedError
from rufous.model import registry
from rufous.model.registry import apply_constraints, constraints

__all__ = ["Drawn", "Law", "log_difference", "log_of_rest", "snapped", "spread", "whole_number"]


class Law(ABC):
    """The distribution of an expression.

    Attributes
    ----------
    support : int
        Number of trailing axes that are one draw.
    discrete : bool
        Whether values have probabilities instead of densities.
    column : Law or None
        The law of the same numbers as a vector, where a value is a matrix of one column.
    """

    support: int = 0
    discrete: bool = False
    column: Law | None = None

    @abstractmethod
    def logdensity(self, value: Any) -> Any:
        """Write the log density or log probability of a value, support axes summed out."""

    @abstractmethod
    def shape(self) -> tuple[Any, ...]:
        """Return the lengths of a value: int where known, else graphs without random variables."""

    def logcdf(self, value: Any) -> Any:
        """Write the log of the probability of at most `value`."""
        raise UnsupportedError("the log cdf of this expression cannot be derived")

    def logccdf(self, value: Any) -> Any:
        """Write the log of the probability of more than `value`."""
        return log_of_rest(self.logcdf(value))

    def icdf(self, probability: Any) -> Any:
        """Write the quantile function."""
        raise UnsupportedError("the quantile function of this expression cannot be derived")

    def below(self, value: Any) -> Any:
        """Write the log of the probability of less than `value`."""
        return self.logcdf(pt.ceil(value) - 1.0 if self.discrete else value)

    def from_(self, value: Any) -> Any:
        """Write the log of the probability of at least `value`."""
        return self.logccdf(pt.ceil(value) - 1.0 if self.discrete else value)


class Drawn(Law):
    """The law of a random variable itself.

    Parameters
    ----------
    node : Apply
        The node of its op.
    """

    def __init__(self, node: Apply) -> None:
        self.node, self.op = node, node.op
        self.support = node.op.ndim_supp
        self.discrete = not node.outputs[1].dtype.startswith("float")
        self.parameters = node.op.dist_params(node)

    def logdensity(self, value: Any) -> Any:
        """Ask the registry."""
        if not self.discrete and not value.dtype.startswith("float"):
            value = pt.cast(value, "float64")
        density = registry.logdensity(self.op, value, *self.parameters)
        return apply_constraints(density, constraints(self.op, value, *self.parameters))

    def logcdf(self, value: Any) -> Any:
        """Ask the registry."""
        value = pt.cast(value, "float64")
        log_probability = registry.logcdf(self.op, value, *self.parameters)
        return apply_constraints(log_probability, constraints(self.op, value, *self.parameters))

    def logccdf(self, value: Any) -> Any:
        """Ask the registry."""
        value = pt.cast(value, "float64")
        log_probability = registry.logccdf(self.op, value, *self.parameters)
        return apply_constraints(log_probability, constraints(self.op, value, *self.parameters))

    def icdf(self, probability: Any) -> Any:
        """Ask the registry; NaN where there is no quantile."""
        quantile = registry.icdf(self.op, probability, *self.parameters)
        valid = pt.ge(probability, 0.0) & pt.le(probability, 1.0)
        for constraint in constraints(self.op, probability, *self.parameters):
            valid = valid & constraint.condition
        return pt.switch(valid, quantile, float("nan"))

    def shape(self) -> tuple[Any, ...]:
        """Read the lengths off the size or the parameters."""
        static = self.node.outputs[1].type.shape
        if None not in static:
            return tuple(static)
        batch = len(static) - self.support
        size = self.op.size_param(self.node)
        if isinstance(size.type, NoneTypeT):
            shapes = [
                tuple(p.shape[i] for i in range(p.type.ndim - core))
                for p, core in zip(self.parameters, self.op.ndims_params, strict=True)
            ]
            lengths = [*pt.broadcast_shape(*shapes, arrays_are_shapes=True)] if batch else []
        else:
            lengths = [size[i] for i in range(batch)]
        if self.support:
            shapes = [tuple(p.shape) for p in self.parameters]
            lengths += list(self.op._supp_shape_from_params(self.parameters, param_shapes=shapes))
        return tuple(
            length if known is None else known
            for length, known in zip(lengths, static, strict=True)
        )


def log_difference(more: Any, less: Any) -> Any:
    """Return ``log(exp(more) - exp(less))``; -inf where both are zero probabilities."""
    nothing = pt.eq(more, -float("inf"))
    gap = pt.switch(pt.eq(less, -float("inf")), -float("inf"), less - pt.switch(nothing, 0.0, more))
    return pt.switch(nothing, -float("inf"), more + pt.log1mexp(pt.minimum(gap, 0.0)))


def log_of_rest(log_probability: Any) -> Any:
    """Return ``log(1 - p)`` from ``log(p)``."""
    return pt.log1mexp(pt.minimum(log_probability, 0.0))


def snapped(value: Any) -> Any:
    """Round numbers that are whole up to rounding errors."""
    nearest = pt.round(value)
    return pt.switch(_is_whole(value, nearest), nearest, value)


def _is_whole(value: Any, nearest: Any) -> Any:
    return pt.le(pt.abs(value - nearest), 1e-9 * (1.0 + pt.abs(nearest)))


def spread(result: Any, value: Any, lengths: tuple[Any, ...], support: int = 0) -> Any:
    """Stretch a result over the batch axes of a value, which may have more than its law.

    Parameters
    ----------
    result : TensorVariable
        One number per batch element, of any shape that stretches.
    value : TensorVariable
        What it was computed from.
    lengths : tuple
        Shape of the law of `value`.
    support : int, default 0
        Trailing axes of `lengths` that are no batch.
    """
    extra = [value.shape[i] for i in range(value.type.ndim - len(lengths))]
    return pt.broadcast_to(result, (*extra, *lengths[: len(lengths) - support]))


def whole_number(law: Law, value: Any) -> Any:
    """Write the log probability of a number that ought to be whole, up to rounding errors."""
    if not value.dtype.startswith("float"):
        return law.logdensity(value)
    nearest = pt.round(value)
    return pt.switch(
        _is_whole(value, nearest), law.logdensity(pt.cast(nearest, "int64")), -float("inf")
    )
