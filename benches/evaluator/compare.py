"""How far two evaluations of a log density and its gradient are apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Disagreement", "compare"]

Function = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]


@dataclass
class Disagreement:
    """What a comparison found.

    Parameters
    ----------
    value, gradient : float
        The largest relative difference where both are finite.
    status : list of str
        Positions at which one is finite and the other is not.
    """

    value: float = 0.0
    gradient: float = 0.0
    status: list[str] = field(default_factory=list)

    @property
    def worst(self) -> float:
        """The larger of both differences."""
        return max(self.value, self.gradient)


def compare(ours: Function, theirs: Function, positions: NDArray[np.float64]) -> Disagreement:
    """Evaluate two functions at the same positions.

    Differences of a gradient are relative to its largest element: a component that is the small
    difference of large terms is known no better than those.

    Parameters
    ----------
    ours, theirs : callable
        From a position to a log density and its gradient.
    positions : ndarray, shape (count, dim)
        Where to compare.

    Returns
    -------
    Disagreement
    """
    found = Disagreement()
    for k, position in enumerate(positions):
        (a, slope_a), (b, slope_b) = ours(position), theirs(position)
        finite = [is_finite(a, slope_a), is_finite(b, slope_b)]
        if finite[0] != finite[1]:
            found.status.append(
                f"position {k}: {summary(a, slope_a)} here, {summary(b, slope_b)} there"
            )
        elif finite[0]:
            found.value = max(found.value, abs(a - b) / max(1.0, abs(b)))
            scale = max(1.0, float(np.abs(slope_b).max(initial=0.0)))
            distance = float(np.abs(slope_a - slope_b).max(initial=0.0))
            found.gradient = max(found.gradient, distance / scale)
    return found


def is_finite(value: float, gradient: NDArray[np.float64]) -> bool:
    """Whether a sampler could go on from here."""
    return bool(np.isfinite(value) and np.isfinite(gradient).all())


def summary(value: float, gradient: NDArray[np.float64]) -> str:
    """One evaluation in a few characters."""
    bad = int((~np.isfinite(gradient)).sum())
    return f"{value:.6g}" + (f" with {bad} slopes not finite" if bad else "")
