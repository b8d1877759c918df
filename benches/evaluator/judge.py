"""Which of two evaluations is right, by high precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

from benches.evaluator.exact import derivative, evaluate

__all__ = ["judge", "judge_elements"]

Evaluation = tuple[float, NDArray[np.float64]]

#: A model at which this many positions were judged is known well enough.
ENOUGH = 12


def judge(logdensity: Any, values: Sequence[Any], layout: Any, tolerance: float) -> Any:
    """Write the function that says whether the first of two results is right.

    Parameters
    ----------
    logdensity : TensorVariable
        The log density as it was written.
    values : sequence of TensorVariable
        The value variables in the order of the position.
    layout : Layout
        Their places in a position.
    tolerance : float
        Relative error that is right.

    Returns
    -------
    callable
        From a position and two evaluations to a truth value: the first is right in value and in the
        component of the gradient in which both differ most, or the second is not. False also where
        the graph has an op without an exact form.
    """
    verdicts: list[bool] = []

    def named(position: NDArray[np.float64]) -> dict[Any, Any]:
        return by_variable(position, values, layout)

    def is_right(position: NDArray[np.float64], ours: Evaluation, theirs: Evaluation) -> bool:
        if len(verdicts) >= ENOUGH and all(verdicts):
            return True
        along = np.zeros(len(position))
        with np.errstate(invalid="ignore"):
            gap = np.abs(ours[1] - theirs[1])
        place = int(np.argmax(np.where(np.isnan(gap), np.inf, gap)))
        along[place] = 1.0
        try:
            given = named(position)
            value = evaluate(logdensity, given)
            slope = derivative(logdensity, given, named(along))
        except (NotImplementedError, ArithmeticError, ValueError, TypeError):
            verdicts.append(False)
            return False
        largest = max([1.0, *np.abs(theirs[1][np.isfinite(theirs[1])])])
        errors = [
            max(off(result[0], value, max(1, abs(value))), off(result[1][place], slope, largest))
            for result in (ours, theirs)
        ]
        verdicts.append(errors[0] <= tolerance or errors[1] > tolerance)
        return verdicts[-1]

    return is_right


def judge_elements(
    graphs: Mapping[str, Any], values: Sequence[Any], layout: Any, tolerance: float
) -> Any:
    """Write the function that says whether an element of an array is right.

    Parameters
    ----------
    graphs : mapping of str to TensorVariable
        The arrays as they were written.
    values, layout, tolerance
        As in :func:`judge`.

    Returns
    -------
    callable
        From a position, a name, the index of an element and two values to a truth value: the first
        is right, or no further off than the second.
    """

    def is_right(
        position: NDArray[np.float64],
        name: str,
        index: tuple[int, ...],
        found: float,
        other: float,
    ) -> bool:
        graph = graphs[name]
        try:
            exact = evaluate(
                graph[index] if index else graph, by_variable(position, values, layout)
            )
        except (NotImplementedError, ArithmeticError, ValueError, TypeError):
            return False
        scale = max(1, abs(exact))
        return off(found, exact, scale) <= max(tolerance, off(other, exact, scale))

    return is_right


def by_variable(
    position: NDArray[np.float64], values: Sequence[Any], layout: Any
) -> dict[Any, Any]:
    """Take a position apart."""
    return {
        value: position[spec.start : spec.start + spec.size].reshape(spec.shape)
        for value, spec in zip(values, layout, strict=True)
    }


def off(found: float, truth: Any, scale: Any) -> float:
    """Relative error; infinite where only one is finite."""
    if not np.isfinite(found) or not mp.isfinite(truth):
        return 0.0 if mp.mpf(found) == truth else np.inf
    return float(abs(mp.mpf(found) - truth) / scale)
