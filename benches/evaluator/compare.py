"""How far two evaluations of a log density and its gradient are apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benches.evaluator.reference import Arrays, Evaluation, Reference

__all__ = ["Disagreement", "compare", "compare_arrays"]

#: How often roundings are drawn.
DRAWS = 12

#: The derivative of something larger may be beyond the largest number.
LARGE = 1e290

Function = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]


@dataclass
class Disagreement:
    """What a comparison found.

    Parameters
    ----------
    value, gradient : float
        The largest relative difference where both are finite, of what rounding does not explain.
    lost : list of str
        Positions at which only theirs is finite.
    gained : list of str
        Positions at which only ours is finite.
    unclear : int
        Positions at which other roundings change theirs as much as the two differ.
    settled : int
        Positions at which the exact result says that theirs is the one that is wrong.
    """

    value: float = 0.0
    gradient: float = 0.0
    lost: list[str] = field(default_factory=list)
    gained: list[str] = field(default_factory=list)
    unclear: int = 0
    settled: int = 0

    @property
    def worst(self) -> float:
        """The larger of both differences."""
        return max(self.value, self.gradient)


def compare_arrays(
    ours: Callable[[NDArray[np.float64]], Arrays],
    theirs: Reference[Arrays],
    positions: NDArray[np.float64],
    tolerance: float,
    is_right: Callable[..., bool] | None = None,
) -> tuple[float, str]:
    """Evaluate arrays by name at the same positions.

    Parameters
    ----------
    ours : callable
    theirs : Reference
        From a position to arrays by name.
    positions : ndarray, shape (count, dim)
        Where to compare.
    tolerance : float
        Relative differences up to this need no explanation.
    is_right : callable, optional
        Asked for a position, a name, an index and both values there where nothing else explains a
        difference.

    Returns
    -------
    worst : float
        The largest difference, relative to the element or to one, that is not explained; infinite
        where only theirs is a number.
    where : str
        The position and the name.
    """
    worst, where = 0.0, ""
    for k, position in enumerate(positions):
        a, b = ours(position), theirs(position)
        for name, wanted in b.items():
            gaps = elements_apart(a[name], wanted)
            apart = float(gaps.max(initial=0.0))
            if apart > max(worst, tolerance):
                place = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
                index = tuple(int(i) for i in place)
                found = float(a[name][index]) if gaps.shape == a[name].shape else np.nan
                explained = changes_as_much(theirs, position, name, wanted, apart)
                if not explained and is_right is not None:
                    explained = is_right(position, name, index, found, float(wanted[index]))
                if explained:
                    continue
            if apart > worst:
                worst, where = apart, f"position {k}: {name}"
    return worst, where


def changes_as_much(
    theirs: Reference[Arrays],
    position: NDArray[np.float64],
    name: str,
    wanted: NDArray[np.float64],
    apart: float,
) -> bool:
    """Whether drawing the roundings anew changes theirs about as much."""
    largest = 0.0
    for _ in range(DRAWS):
        moved = theirs.drawn(position).get(name)
        if moved is None:
            return True
        largest = max(largest, float(elements_apart(moved, wanted).max(initial=0.0)))
    return apart <= 30 * largest


def elements_apart(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Differences of two arrays, relative to the element or to one."""
    if found.shape != wanted.shape:
        return np.full((1,), np.inf)
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(found - wanted) / np.maximum(1.0, np.abs(wanted))
    apart = np.where((found == wanted) | np.isnan(wanted), 0.0, apart)
    return np.where(np.isnan(apart), np.inf, apart)


Judge = Callable[[NDArray[np.float64], Evaluation, Evaluation], bool]


def compare(
    ours: Function,
    theirs: Reference[Evaluation],
    positions: NDArray[np.float64],
    tolerance: float,
    is_ours_right: Judge | None = None,
) -> Disagreement:
    """Evaluate two functions at the same positions.

    Differences of a gradient are relative to its largest element: a component that is the small
    difference of large terms is known no better than those.

    Parameters
    ----------
    ours : callable
    theirs : Reference
        From a position to a log density and its gradient.
    positions : ndarray, shape (count, dim)
        Where to compare.
    tolerance : float
        Relative differences up to this need no explanation.
    is_ours_right : callable, optional
        Asked for a position and both results where nothing else explains a difference.

    Returns
    -------
    Disagreement
    """
    found = Disagreement()
    for k, position in enumerate(positions):
        a, b = ours(position), theirs(position)
        finite = [is_finite(*a), is_finite(*b)]
        if finite[0] != finite[1]:
            text = f"position {k}: {summary(*a)} here, {summary(*b)} there"
            if finite[1] and (
                is_rounding(theirs, position, (np.inf, np.inf)) or is_by_chance(ours, position)
            ):
                found.unclear += 1
            elif finite[1] and is_ours_right is not None and is_ours_right(position, a, b):
                found.settled += 1
            else:
                (found.lost if finite[1] else found.gained).append(text)
        elif finite[0]:
            apart = distance(a, b)
            if max(apart) > tolerance and is_rounding(theirs, position, apart):
                found.unclear += 1
                continue
            if (
                max(apart) > tolerance
                and is_ours_right is not None
                and is_ours_right(position, a, b)
            ):
                found.settled += 1
                continue
            found.value = max(found.value, apart[0])
            found.gradient = max(found.gradient, apart[1])
    return found


def distance(a: Evaluation, b: Evaluation) -> tuple[float, float]:
    """Relative differences of value and gradient."""
    scale = max(1.0, float(np.abs(b[1]).max(initial=0.0)))
    gradient = float(np.abs(a[1] - b[1]).max(initial=0.0)) / scale
    return abs(a[0] - b[0]) / max(1.0, abs(b[0])), gradient


def is_rounding(
    theirs: Reference[Evaluation], position: NDArray[np.float64], apart: tuple[float, float]
) -> bool:
    """Whether drawing the roundings anew changes theirs about as much."""
    here = theirs(position)
    changes = [0.0, 0.0]
    for _ in range(DRAWS):
        there = theirs.drawn(position)
        if not is_finite(*there):
            return True
        changes = [max(c, d) for c, d in zip(changes, distance(there, here), strict=True)]
    return all(d <= max(1e-13, 30 * c) for d, c in zip(apart, changes, strict=True))


def is_by_chance(ours: Function, position: NDArray[np.float64]) -> bool:
    """Whether a change in the last digits makes ours finite, or it is near overflow."""
    rng = np.random.default_rng(0)
    value, _ = ours(position)
    if LARGE < abs(value) < np.inf:
        return True
    nearby = [position * (1 + rng.uniform(-4e-16, 4e-16, len(position))) for _ in range(6)]
    return any(is_finite(*ours(there)) for there in nearby)


def is_finite(value: float, gradient: NDArray[np.float64]) -> bool:
    """Whether a sampler could go on from here."""
    return bool(np.isfinite(value) and np.isfinite(gradient).all())


def summary(value: float, gradient: NDArray[np.float64]) -> str:
    """One evaluation in a few characters."""
    bad = int((~np.isfinite(gradient)).sum())
    return f"{value:.6g}" + (f" with {bad} slopes not finite" if bad else "")
