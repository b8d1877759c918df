"""Maps between the support of a distribution and all real numbers.

A transform is applied to a whole random variable: ``forward`` takes a value of the support to
unconstrained space, ``backward`` takes it back, and ``log_jac_det`` is the logarithm of the
absolute Jacobian determinant of ``backward``, which the log density gains in unconstrained space.
All three get the parameters of the distribution after the value, so that bounds may depend on them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.elemwise import DimShuffle

from rufous.errors import SettingsError

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = [
    "Chain",
    "ChainedTransform",
    "Interval",
    "LogOddsTransform",
    "LogTransform",
    "Ordered",
    "SimplexTransform",
    "Transform",
    "ZeroSumTransform",
    "log",
    "logodds",
    "ordered",
    "simplex",
]

Bounds: TypeAlias = tuple[Any, Any]


class Transform(ABC):
    """What a transform has to offer.

    Attributes
    ----------
    name : str
        Goes into the name of the value variable: ``x`` becomes ``x_<name>__``.
    ndim_supp : int
        Number of trailing axes that are transformed together; 0 when each element is on its own.
    """

    name: ClassVar[str]
    ndim_supp: int = 0

    @abstractmethod
    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Take a value of the support to unconstrained space.

        Parameters
        ----------
        value : TensorVariable, shape (..., *support)
            Value in the support of the distribution.
        *params : TensorVariable
            Parameters of the distribution.

        Returns
        -------
        TensorVariable, shape (..., *unconstrained)
        """

    @abstractmethod
    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Take an unconstrained value to the support: the inverse of `forward`."""

    @abstractmethod
    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return log of the absolute Jacobian determinant of `backward` at an unconstrained value.

        Parameters
        ----------
        value : TensorVariable, shape (..., *unconstrained)
            Value in unconstrained space.
        *params : TensorVariable
            Parameters of the distribution.

        Returns
        -------
        TensorVariable, shape (...)
            The last `ndim_supp` axes are summed out.
        """


@dataclass(frozen=True)
class LogTransform(Transform):
    """Positive numbers to all numbers: ``y = log(x)``."""

    name: ClassVar[str] = "log"

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(value)``."""
        return pt.log(value)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``exp(value)``."""
        return pt.exp(value)

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return `value` itself."""
        return pt.as_tensor_variable(value)


@dataclass(frozen=True)
class LogOddsTransform(Transform):
    """The unit interval to all numbers: ``y = log(x / (1 - x))``."""

    name: ClassVar[str] = "logodds"

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the log odds."""
        value = pt.as_tensor_variable(value)
        return pt.log(value) - pt.log1p(-value)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``1 / (1 + exp(-value))``."""
        return pt.sigmoid(value)

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(sigmoid(value)) + log(sigmoid(-value))``."""
        return _log_sigmoid_slope(pt.as_tensor_variable(value))


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
            both=lambda lower, upper: pt.log(upper - lower) + _log_sigmoid_slope(value),
            left=lambda lower: value,
            right=lambda upper: value,
            none=lambda: pt.zeros_like(value),
        )


@dataclass(frozen=True)
class SimplexTransform(Transform):
    """K positive numbers with sum one to K - 1 numbers: centred log ratios without the last.

    The K centred log ratios sum to zero, so that the last follows from the others; going back is a
    softmax. The Jacobian determinant of that map is K times the product of the K values.
    """

    name: ClassVar[str] = "simplex"
    ndim_supp: int = 1

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(value)`` minus its mean, without the last element."""
        logs = pt.log(value)
        return logs[..., :-1] - pt.mean(logs, axis=-1, keepdims=True)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the softmax of the completed log ratios."""
        return pt.exp(log_softmax(_complete_to_zero_sum(value)))

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return ``log(K)`` plus the sum of the logs of the K values."""
        log_ratios = _complete_to_zero_sum(value)
        length = pt.cast(log_ratios.shape[-1], "float64")
        return pt.log(length) + pt.sum(log_softmax(log_ratios), axis=-1)


@dataclass(frozen=True)
class Ordered(Transform):
    """Increasing vectors to all vectors: the first element, then the logs of the steps."""

    name: ClassVar[str] = "ordered"
    ndim_supp: int = 1

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the first element and the logs of the differences."""
        value = pt.as_tensor_variable(value)
        steps = pt.log(value[..., 1:] - value[..., :-1])
        return pt.concatenate([value[..., :1], steps], axis=-1)

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the running sum of the first element and the exponentials of the others."""
        value = pt.as_tensor_variable(value)
        steps = pt.concatenate([value[..., :1], pt.exp(value[..., 1:])], axis=-1)
        return pt.cumsum(steps, axis=-1)

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return the sum of all elements but the first."""
        return pt.sum(pt.as_tensor_variable(value)[..., 1:], axis=-1)


@dataclass(frozen=True)
class ZeroSumTransform(Transform):
    """Arrays that sum to zero along their last axes, to arrays one shorter along each.

    It is an isometry (a Householder reflection along each axis), so that the Jacobian determinant
    is one and independent normal numbers stay independent.

    Parameters
    ----------
    n_zerosum_axes : int, default 1
        How many trailing axes sum to zero; at least 1.

    Raises
    ------
    SettingsError
        When `n_zerosum_axes` is less than 1.
    """

    n_zerosum_axes: int = 1

    name: ClassVar[str] = "zerosum"

    def __post_init__(self) -> None:
        if self.n_zerosum_axes < 1:
            raise SettingsError(f"`n_zerosum_axes` must be at least 1, got {self.n_zerosum_axes}")
        object.__setattr__(self, "ndim_supp", self.n_zerosum_axes)

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Reflect the last element of each axis away."""
        value = pt.as_tensor_variable(value)
        for axis in range(-self.n_zerosum_axes, 0):
            value = _drop_last(value, axis)
        return value

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Append the element that makes the sum zero, along each axis."""
        value = pt.as_tensor_variable(value)
        for axis in range(-self.n_zerosum_axes, 0):
            value = _append_last(value, axis)
        return value

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Return zeros of the batch shape."""
        axes = tuple(range(-self.n_zerosum_axes, 0))
        return pt.zeros_like(pt.sum(pt.as_tensor_variable(value), axis=axes))


class ChainedTransform(Transform):
    """Several transforms, one after the other.

    Parameters
    ----------
    transforms : sequence of Transform
        ``forward`` applies them in this order, ``backward`` in the reverse one.

    Raises
    ------
    SettingsError
        When there is no transform.
    """

    name: ClassVar[str] = "chain"

    def __init__(self, transforms: Sequence[Transform]) -> None:
        if not transforms:
            raise SettingsError("a chain needs at least one transform, got none")
        self.transforms = tuple(transforms)
        self.ndim_supp = max(transform.ndim_supp for transform in self.transforms)

    def __repr__(self) -> str:
        return f"ChainedTransform({list(self.transforms)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ChainedTransform) and self.transforms == other.transforms

    def __hash__(self) -> int:
        return hash(self.transforms)

    def forward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Apply the transforms in order."""
        for transform in self.transforms:
            value = transform.forward(value, *params)
        return value

    def backward(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Apply the inverses in reverse order."""
        for transform in reversed(self.transforms):
            value = transform.backward(value, *params)
        return value

    def log_jac_det(self, value: TensorVariable, *params: TensorVariable) -> TensorVariable:
        """Add the terms of all transforms, each summed over the axes of the widest one."""
        terms = []
        for transform in reversed(self.transforms):
            term = transform.log_jac_det(value, *params)
            extra = self.ndim_supp - transform.ndim_supp
            terms.append(pt.sum(term, axis=tuple(range(-extra, 0))) if extra else term)
            value = transform.backward(value, *params)
        total = terms[0]
        for term in terms[1:]:
            total = total + term
        return total


Chain = ChainedTransform
log = LogTransform()
logodds = LogOddsTransform()
simplex = SimplexTransform()
ordered = Ordered()


def log_softmax(value: TensorVariable, axis: int | Sequence[int] | None = -1) -> TensorVariable:
    """Return ``log(exp(value) / sum(exp(value)))`` in plain elementwise ops.

    PyTensor's own op holds a graph of its own, which is compiled when it runs and which hides from
    fusion; the exponential of this one is a softmax whose logarithm is known.
    """
    shifted = value - pt.max(value, axis=axis, keepdims=True)
    return shifted - pt.log(pt.sum(pt.exp(shifted), axis=axis, keepdims=True))


def _log_sigmoid_slope(value: TensorVariable) -> TensorVariable:
    """Return the log of the derivative of the sigmoid, without cancellation on either side."""
    return -pt.softplus(value) - pt.softplus(-value)


def _complete_to_zero_sum(value: TensorVariable) -> TensorVariable:
    value = pt.as_tensor_variable(value)
    return pt.concatenate([value, -pt.sum(value, axis=-1, keepdims=True)], axis=-1)


def _append_last(array: TensorVariable, axis: int) -> TensorVariable:
    """Lengthen one axis by one so that it sums to zero and all lengths and angles stay."""
    length = pt.cast(array.shape[axis] + 1, "float64")
    total = pt.sum(array, axis=axis, keepdims=True)
    shift = total / (pt.sqrt(length) + length)
    return pt.concatenate([array - shift, -total / pt.sqrt(length)], axis=axis)


def _drop_last(array: TensorVariable, axis: int) -> TensorVariable:
    """Invert `_append_last`: the last element holds the sum, scaled by a root of the length."""
    length = pt.cast(array.shape[axis], "float64")
    after = (slice(None),) * (-1 - axis)
    # Not a slice: an axis of unknown length does not stretch in arithmetic.
    last = pt.expand_dims(array[(..., -1, *after)], axis)
    shift = -last * pt.sqrt(length) / (pt.sqrt(length) + length)
    static = array.type.shape[axis]
    # To find the length of a slice of a known axis, PyTensor imports a good part of SciPy.
    kept = slice(None, -1) if static is None else np.arange(static - 1)
    return array[(..., kept, *after)] + shift


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
