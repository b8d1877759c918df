"""How long a sequence is, and where it starts when nothing is said."""

from __future__ import annotations

from typing import Any

from rufous.distributions.components import Part, part_of
from rufous.distributions.continuous.normal import Normal
from rufous.distributions.parameters import at_least_zero, integer
from rufous.errors import ShapeError

__all__ = ["WIDE_START", "number_of_steps", "start_of", "steps_from_shape"]

# Standard deviation of the start when none is given.
WIDE_START = 100.0


def start_of(init_dist: Any) -> Part:
    """Read the distribution of the start; by default it is normal and wide."""
    return part_of("init_dist", Normal.dist(0.0, WIDE_START) if init_dist is None else init_dist)


def number_of_steps(steps: Any) -> Any:
    """Read the number of steps, which must be known by now."""
    if steps is None:
        raise ShapeError(
            "the number of steps is not given: pass steps=, shape=, or name the dim of time"
        )
    return integer("steps", steps, at_least_zero)


def steps_from_shape(requested: Any, given: dict[str, Any], *, used: int, axis: int) -> None:
    """Fill in the number of steps from the shape that is asked for.

    Parameters
    ----------
    requested : tuple or None
        Full shape that `shape`, `dims` and `observed` ask for.
    given : dict
        Arguments of the distribution; `steps` is added where it is missing.
    used : int
        Length of the sequence before the first step.
    axis : int
        Where time runs, counted from the end.

    Raises
    ------
    ShapeError
        When the shape has too few axes, or time is shorter than the start.
    """
    if requested is None or given.get("steps") is not None:
        return
    if len(requested) < -axis:
        raise ShapeError(f"the shape asked for, {requested}, has no axis of time")
    length = requested[axis]
    if isinstance(length, int) and length < used:
        raise ShapeError(f"time has length {length}, but the start alone has length {used}")
    given["steps"] = length - used
