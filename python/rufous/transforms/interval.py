"""The transform of an interval, and formulas by which of its ends are finite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.elemwise import DimShuffle

from rufous.errors import SettingsError
from rufous.transforms.base import Transform
from rufous.transforms.elementwise import log_sigmoid_slope

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["Interval", "by_finite_ends", "constant_value", "finite_end"]

Bounds: TypeAlias = tuple[Any, Any]


@dataclass(frozen=True, eq=False)
class Interval(Transform):
    """An interval with one, two or no finite ends to all numbers.

    Parameters
    ----------
    lower, upper : float, array_like, TensorVariable or None
        The ends; None or an infinite constant for an open end. With both ends
        ``y = log(x - lower) - log(upper - x)``, with one ``y = log(x - lower)`` or
        ``y = log(upper - x)``, with none ``y = x``. A constant array may be infinite in some
        places; an end that is not constant must be finite.
    bounds_fn : callable, optional
        Instead of `lower` and `upper`: is called with the parameters of the distribution and
        returns the two ends. Unlike PyMC's, it gets neither random generator nor size.

    Raises
    ------
    SettingsError
        When `bounds_fn` is given together with an end, or neither is, or the ends are out of order.

    Examples
    --------
    >>> import rufous as rf
    >>> from rufous.distributions.transforms import Interval
    >>> with rf.Model() as model:
    ...     x = rf.Normal("x", 0, 1, transform=Interval(lower=0, upper=2))
    >>> model.value_vars
    [x_interval__]
    """

    lower: Any = None
    upper: Any = None
    bounds_fn: Callable[..., Bounds] | None = None

    name: ClassVar[str] = "interval"

    def __post_init__(self) -> None:
        given = self.lower is not None or self.upper is not None
        if given == (self.bounds_fn is not None):
            raise SettingsError(
                "Interval needs either `lower` and/or `upper`, or `bounds_fn`, but "
                + ("got both" if given else "got neither; without bounds no transform is needed")
            )
        if self.bounds_fn is None:
            self._check_order()

    def _check_order(self) -> None:
        lower, upper = (constant_value(finite_end(end)) for end in (self.lower, self.upper))
        for name, end in (("lower", lower), ("upper", upper)):
            if end is not None and np.isnan(end).any():
                raise SettingsError(f"`{name}` of Interval must be a number, got {end}")
        if lower is not None and upper is not None and not np.all(lower < upper):
            raise SettingsError(
                f"`lower` of Interval must be less than `upper`, got {lower} and {upper}"
            )

    def _ends(self, params: Sequence[TensorVariable]) -> tuple[Any, Any]:
        bounds = (self.lower, self.upper) if self.bounds_fn is None else self.bounds_fn(*params)
        lower, upper = (finite_end(bound) for bound in bounds)
        return lower, upper

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the log distance from the end, or the difference of both log distances."""
        lower, upper = self._ends(params)
        value = pt.as_tensor_variable(value)
        return by_finite_ends(
            lower,
            upper,
            both=lambda lower, upper: pt.log(value - lower) - pt.log(upper - value),
            left=lambda lower: pt.log(value - lower),
            right=lambda upper: pt.log(upper - value),
            none=lambda: value,
        )

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the value between the ends.

        With two ends it is written as their weighted mean, which cannot leave the interval by
        rounding and keeps its relative precision next to an end that is zero.
        """
        lower, upper = self._ends(params)
        value = pt.as_tensor_variable(value)
        return by_finite_ends(
            lower,
            upper,
            both=lambda lower, upper: lower * pt.sigmoid(-value) + upper * pt.sigmoid(value),
            left=lambda lower: lower + pt.exp(value),
            right=lambda upper: upper - pt.exp(value),
            none=lambda: value,
        )

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the log slope of `backward`, element by element."""
        lower, upper = self._ends(params)
        value = pt.as_tensor_variable(value)
        return by_finite_ends(
            lower,
            upper,
            both=lambda lower, upper: pt.log(upper - lower) + log_sigmoid_slope(value),
            left=lambda lower: value,
            right=lambda upper: value,
            none=lambda: pt.zeros_like(value),
        )


def finite_end(bound: Any) -> Any:
    """Return an end as a float64 tensor; None when it is open everywhere."""
    if bound is None:
        return None
    tensor = pt.as_tensor_variable(bound)
    if tensor.dtype != "float64":
        value = constant_value(tensor)
        tensor = (
            pt.cast(tensor, "float64") if value is None else pt.constant(value, dtype="float64")
        )
    value = constant_value(tensor)
    return None if value is not None and np.isinf(value).all() else tensor


def constant_value(tensor: Any) -> Any:
    """Return the array behind a constant, None for anything else.

    An op gives a constant more axes by a DimShuffle, which is looked through.
    """
    if isinstance(tensor, pt.TensorConstant):
        return np.asarray(tensor.data)
    node = getattr(tensor, "owner", None)
    if node is None or not isinstance(node.op, DimShuffle):
        return None
    inner = constant_value(node.inputs[0])
    if inner is None:
        return None
    storage: list[list[Any]] = [[None]]
    node.op.perform(node, [inner], storage)
    return storage[0][0]


def by_finite_ends(
    lower: Any,
    upper: Any,
    *,
    both: Callable[[Any, Any], Any],
    left: Callable[[Any], Any],
    right: Callable[[Any], Any],
    none: Callable[[], Any],
) -> Any:
    """Choose the formula by which ends are finite, element by element only where they differ."""
    if lower is None or upper is None:
        return _by_one_end(lower, left, none) if upper is None else _by_one_end(upper, right, none)
    has_lower, safe_lower = _finite_part(lower)
    has_upper, safe_upper = _finite_part(upper, other=1.0)
    if has_lower is None and has_upper is None:
        return both(lower, upper)
    # An end that does not count is replaced by a number that keeps the unused formula finite.
    gap = pt.switch(safe_upper > safe_lower, safe_upper, safe_lower + 1.0)
    inner = both(safe_lower, gap)
    if has_upper is not None:
        inner = pt.switch(has_upper, inner, left(safe_lower))
    if has_lower is None:
        return inner
    outer = right(safe_upper) if has_upper is None else _by_one_end(upper, right, none)
    return pt.switch(has_lower, inner, outer)


def _by_one_end(end: Any, bounded: Callable[[Any], Any], none: Callable[[], Any]) -> Any:
    if end is None:
        return none()
    finite, safe = _finite_part(end)
    return bounded(end) if finite is None else pt.switch(finite, bounded(safe), none())


def _finite_part(end: Any, other: float = 0.0) -> tuple[Any, Any]:
    """Return where an end is finite (None: everywhere) and the end with the rest replaced."""
    value = constant_value(end)
    if value is None or np.isfinite(value).all():
        return None, end
    finite = np.isfinite(value)
    return pt.constant(finite), pt.constant(np.where(finite, value, other))
