"""Checks of single arguments at the public door.

Each message names the argument, the requirement, what came, and typical values.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from rufous.errors import SettingsError

__all__ = ["check_choice", "check_flag", "check_integer", "check_real"]


def check_integer(
    name: str,
    value: Any,
    *,
    minimum: int,
    maximum: int | None = None,
    typical: str,
) -> int:
    """Return `value` as an int in [minimum, maximum].

    Any integer type is taken (NumPy's too); bools and floats are not, since ``draws=True`` and
    ``chains=4.0`` are more often slips than intentions.

    Raises
    ------
    SettingsError
        When `value` is not an integer or out of range.
    """
    requirement = (
        f"an integer of at least {minimum}"
        if maximum is None
        else f"an integer from {minimum} to {maximum}"
    )
    if not isinstance(value, bool | np.bool_):
        try:
            number = operator.index(value)
        except TypeError:
            pass
        else:
            if number >= minimum and (maximum is None or number <= maximum):
                return number
    raise _refusal(name, requirement, value, typical)


def check_real(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    below: float | None = None,
    minimum: float | None = None,
    typical: str,
) -> float:
    """Return `value` as a finite float, strictly between `above` and `below`, from `minimum` on.

    Raises
    ------
    SettingsError
        When `value` is not a real number, not finite, or out of range.
    """
    requirement = _range_text(above, below, minimum)
    if not isinstance(value, bool | np.bool_ | str | bytes):
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if (
            math.isfinite(number)
            and (above is None or number > above)
            and (below is None or number < below)
            and (minimum is None or number >= minimum)
        ):
            return number
    raise _refusal(name, requirement, value, typical)


def check_flag(name: str, value: Any) -> bool:
    """Return `value` as a bool; only True and False are taken.

    Raises
    ------
    SettingsError
        When `value` is anything else.
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise SettingsError(f"`{name}` must be True or False, got {_shown(value)}.")


def check_choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """Return `value` when it is one of `choices`.

    Raises
    ------
    SettingsError
        When it is not; the message lists what there is.
    """
    if isinstance(value, str) and value in choices:
        return value
    listed = ", ".join(repr(choice) for choice in choices)
    raise SettingsError(f"`{name}` must be one of {listed}, got {_shown(value)}.")


def _range_text(above: float | None, below: float | None, minimum: float | None) -> str:
    if above is not None and below is not None:
        return f"a number in ({above:g}, {below:g})"
    if above is not None:
        return f"a finite number greater than {above:g}"
    if minimum is not None and below is not None:
        return f"a number in [{minimum:g}, {below:g})"
    if minimum is not None:
        return f"a finite number of at least {minimum:g}"
    return "a finite number"


def _refusal(name: str, requirement: str, value: Any, typical: str) -> SettingsError:
    return SettingsError(
        f"`{name}` must be {requirement}, got {_shown(value)}; typical values are {typical}."
    )


def _shown(value: Any) -> str:
    """Show what came, short, with its type where the text alone could mislead."""
    text = repr(value)
    if len(text) > 60:
        text = text[:57] + "..."
    return text if isinstance(value, int | float) else f"{text} ({type(value).__name__})"
