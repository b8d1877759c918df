"""Positions at which two evaluations of a model are held against each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCALES", "positions"]

SCALES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


def positions(
    start: NDArray[np.float64], count: int, scales: Sequence[float] = SCALES, seed: int = 0
) -> NDArray[np.float64]:
    """Random positions around a start, near and far.

    Parameters
    ----------
    start : ndarray, shape (dim,)
        The centre.
    count : int
        How many positions; the scales take turns.
    scales : sequence of float, optional
        Standard deviations of the distance to the centre.
    seed : int, default 0
        Of the random numbers.

    Returns
    -------
    ndarray, shape (count, dim)
    """
    noise = np.random.default_rng(seed).normal(size=(count, len(start)))
    return start + noise * np.resize(scales, count)[:, None]
