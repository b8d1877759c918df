"""From what a user writes for a parameter to a checked tensor.

A parameter that means a real number becomes float64 here, whatever it was written as: an integer
literal must not turn the graph into one of 8-bit integers, where 100 + 100 is -56. Constants are
checked at once, so that a bad one is refused on the line that wrote it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Variable

from rufous.distributions.origin import ALWAYS_POSITIVE, ALWAYS_PROBABILITY, is_made_by
from rufous.errors import SettingsError
from rufous.model.arrays import ARRAY_OF_VARIABLES
from rufous.model.registry import Constraint
from rufous.transforms import constant_value

__all__ = [
    "Requirement",
    "all_constants",
    "at_least_zero",
    "check_constant",
    "check_increasing",
    "check_sums_to_one",
    "given_one",
    "given_pair",
    "integer",
    "less_than",
    "positive",
    "probability",
    "real",
    "scale",
    "sums_to_one",
    "SUM_TOLERANCE",
]

# How far from one the sum of probabilities may be.
SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition on one number, for constants (NumPy) and graphs (PyTensor) alike.

    Parameters
    ----------
    text : str
        The condition, with ``{}`` for the name of the parameter.
    holds : callable
        Maps an array or a tensor to where the condition holds.
    hint : str
        The way out, for the message.
    implied_by : tuple of type, default ()
        Elementwise ops whose results always satisfy it.
    """

    text: str
    holds: Callable[[Any], Any]
    hint: str
    implied_by: tuple[type, ...] = ()

    def on(self, name: str, tensor: Any) -> list[Constraint]:
        """Return the constraint on a parameter of that name; none where it cannot fail."""
        if is_made_by(tensor, self.implied_by):
            return []
        return [Constraint(self.holds(tensor), self.text.format(name))]


positive = Requirement("{} > 0", lambda x: x > 0, "it must be a positive number", ALWAYS_POSITIVE)
at_least_zero = Requirement(
    "{} >= 0", lambda x: x >= 0, "it must be zero or a positive number", ALWAYS_POSITIVE
)
probability = Requirement(
    "0 <= {} <= 1",
    lambda x: (x >= 0) & (x <= 1),
    "it must be a probability; log odds go into `logit_p`",
    ALWAYS_PROBABILITY,
)


def real(
    name: str, value: Any, requirement: Requirement | None = None, *, infinite: bool = False
) -> Any:
    """Turn a parameter that means real numbers into a float64 tensor.

    Parameters
    ----------
    name : str
        Name of the parameter, for messages.
    value : float, int, bool, array_like or TensorVariable
        What the user wrote; any shape.
    requirement : Requirement, optional
        Checked when `value` is constant.
    infinite : bool, default False
        Whether a constant may be infinite.

    Returns
    -------
    TensorVariable of float64

    Raises
    ------
    SettingsError
        When it is no number, NaN, infinite or breaks the requirement.
    """
    tensor = _as_tensor(name, value)
    constant = constant_value(tensor)
    if constant is None:
        return tensor if tensor.dtype == "float64" else pt.cast(tensor, "float64")
    if np.isnan(constant).any():
        raise SettingsError(f"`{name}` must be a number, got {_show(constant)} (not a number)")
    if not infinite and np.isinf(constant).any():
        raise SettingsError(f"`{name}` must be finite, got {_show(constant)}")
    if requirement is not None:
        check_constant(name, constant, requirement)
    return tensor if tensor.dtype == "float64" else pt.constant(constant, dtype="float64")


def integer(name: str, value: Any, requirement: Requirement | None = None) -> Any:
    """Turn a parameter that counts into an int64 tensor.

    Parameters
    ----------
    name : str
        Name of the parameter, for messages.
    value : int, array_like or TensorVariable
        Whole numbers in any dtype; a variable of floats is cut off after the point.
    requirement : Requirement, optional
        Checked when `value` is constant.

    Returns
    -------
    TensorVariable of int64

    Raises
    ------
    SettingsError
        When it is no whole number or breaks the requirement.
    """
    tensor = _as_tensor(name, value)
    constant = constant_value(tensor)
    if constant is None:
        return tensor if tensor.dtype == "int64" else pt.cast(tensor, "int64")
    fractional = ~np.isfinite(constant) | (constant != np.round(constant))
    if fractional.any():
        raise SettingsError(f"`{name}` must be a whole number, got {_show(constant, fractional)}")
    if requirement is not None:
        check_constant(name, constant, requirement)
    return pt.constant(constant.astype(np.int64))


def check_constant(name: str, constant: Any, requirement: Requirement) -> None:
    """Raise when a constant breaks a requirement, naming the first value that does."""
    bad = ~np.asarray(requirement.holds(constant))
    if bad.any():
        text = requirement.text.format(f"`{name}`")
        raise SettingsError(f"{text} must hold, got {_show(constant, bad)}; {requirement.hint}")


def given_one(**alternatives: Any) -> str:
    """Return the name of the one alternative that was given.

    Parameters
    ----------
    **alternatives
        Parameters of which exactly one must not be None.

    Raises
    ------
    SettingsError
        When none or several were given.
    """
    given = [name for name, value in alternatives.items() if value is not None]
    if len(given) == 1:
        return given[0]
    names = " or ".join(f"`{name}`" for name in alternatives)
    came = "none" if not given else "both" if len(given) == 2 else "all"
    raise SettingsError(f"give either {names}, got {came} of them")


def given_pair(pairs: tuple[tuple[str, str], ...], **alternatives: Any) -> tuple[str, str]:
    """Return the one of several pairs of parameters that was given.

    Parameters
    ----------
    pairs : tuple of (str, str)
        The ways to write the distribution.
    **alternatives
        The parameters of all pairs; exactly those of one pair must not be None.

    Raises
    ------
    SettingsError
        When anything else was given.
    """
    given = {name for name, value in alternatives.items() if value is not None}
    for pair in pairs:
        if given == set(pair):
            return pair
    ways = ", or ".join(f"`{first}` and `{second}`" for first, second in pairs)
    came = ", ".join(f"`{name}`" for name in alternatives if name in given) or "none of them"
    raise SettingsError(f"give {ways}; got {came}")


def sums_to_one(name: str, tensor: Any) -> Constraint:
    """Return the constraint that probabilities sum to one along their last axis."""
    total = pt.sum(tensor, axis=-1)
    return Constraint(pt.le(pt.abs(total - 1.0), SUM_TOLERANCE), f"sum({name}) = 1")


def check_sums_to_one(name: str, tensor: Any) -> None:
    """Raise when constant probabilities do not sum to one."""
    constant = constant_value(tensor)
    if constant is None:
        return
    total = np.asarray(constant.sum(axis=-1))
    bad = np.abs(total - 1.0) > SUM_TOLERANCE
    if bad.any():
        raise SettingsError(
            f"`{name}` must sum to 1 along its last axis, got a sum of {_show(total, bad)}; "
            "divide it by its sum"
        )


def less_than(low: str, smaller: Any, high: str, larger: Any) -> Constraint:
    """Return the constraint that one parameter is less than another."""
    return Constraint(smaller < larger, f"{low} < {high}")


def check_increasing(low: str, smaller: Any, high: str, larger: Any) -> None:
    """Raise when two constants are not in order; what is not constant is left to the constraint."""
    values = all_constants(smaller, larger)
    if values is None:
        return
    try:
        ordered = np.less(*values)
    except ValueError:  # shapes that do not broadcast are reported as such later
        return
    if not ordered.all():
        first, second = np.broadcast_arrays(*values)
        raise SettingsError(
            f"`{low}` must be less than {high if ' ' in high else f'`{high}`'}, "
            f"got {_show(first, ~ordered)} and {_show(second, ~ordered)}"
        )


def scale(sigma: Any, tau: Any, default: float | None = 1.0) -> Any:
    """Return the standard deviation from `sigma` or the precision `tau`.

    Parameters
    ----------
    sigma, tau : float, array_like or TensorVariable, or None
        At most one of them.
    default : float, default 1
        The standard deviation when neither is given; None requires one.
    """
    if sigma is None and tau is None and default is not None:
        return real("sigma", default)
    if given_one(sigma=sigma, tau=tau) == "sigma":
        return real("sigma", sigma, positive)
    return pt.reciprocal(pt.sqrt(real("tau", tau, positive)))


def all_constants(*tensors: Any) -> tuple[Any, ...] | None:
    """Return the arrays behind tensors that are all constant; None when one is not."""
    values = tuple(constant_value(tensor) for tensor in tensors)
    return None if any(value is None for value in values) else values


def _as_tensor(name: str, value: Any) -> Any:
    if value is None:
        raise SettingsError(f"`{name}` is missing; it must be a number, an array or a variable")
    if isinstance(value, Variable):
        if not hasattr(value, "dtype") or value.dtype.startswith("complex"):
            raise SettingsError(
                f"`{name}` must hold real numbers, got a variable of type {value.type}"
            )
        return value
    if isinstance(value, list | tuple) and _holds_variable(value):
        return pt.as_tensor_variable(value)
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        raise SettingsError(f"`{name}` has masked (missing) values; a parameter must be complete")
    array = np.asarray(value)
    if array.dtype == object:
        array = _from_objects(name, value, array)
    if array.dtype.kind not in "biuf":
        raise SettingsError(
            f"`{name}` must be a number, an array of numbers or a variable, "
            f"got {value!r} of type {type(value).__name__}"
        )
    return pt.constant(array)


def _holds_variable(values: Any) -> bool:
    return any(
        isinstance(value, Variable) or (isinstance(value, list | tuple) and _holds_variable(value))
        for value in values
    )


def _from_objects(name: str, value: Any, array: Any) -> Any:
    """Read an array of Python objects as numbers; strings of digits are not numbers."""
    if any(isinstance(item, Variable) for item in array.flat):
        raise SettingsError(f"`{name}` is {ARRAY_OF_VARIABLES}")
    if all(isinstance(item, int | float | np.number | np.bool_) for item in array.ravel()):
        return array.astype(np.float64)
    raise SettingsError(
        f"`{name}` must be a number, an array of numbers or a variable, "
        f"got {value!r} of type {type(value).__name__}"
    )


def _show(constant: Any, bad: Any = None) -> str:
    """Write a constant for a message: a scalar as it is, of an array the first bad element."""
    if constant.ndim == 0:
        return f"{constant.item()!r}"
    if bad is None:
        bad = ~np.isfinite(constant)
    bad = np.broadcast_to(bad, constant.shape)
    if not bad.any():
        return f"an array of shape {constant.shape}"
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    place = index[0] if len(index) == 1 else index
    return f"{constant[index].item()!r} at index {place}"
