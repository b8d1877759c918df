"""When draws are not accepted as draws from a known distribution.

A family of z scores is rejected when the largest exceeds what a family of its size exceeds once in
a thousand times, or when their mean square is not 1. Whoever is rejected samples again, ten times
as long and with another seed: noise goes away by that, and bias grows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from statistical.monte_carlo import Array

FAMILY_LEVEL = 1e-3


def largest_z(count: int) -> float:
    """Return what the largest of `count` z scores may be."""
    return float(norm.isf(FAMILY_LEVEL / (2 * count)))


def largest_distance(count: int, effective: float) -> float:
    """Return what the largest of `count` Kolmogorov-Smirnov distances may be."""
    return float(np.sqrt(np.log(2 * count / FAMILY_LEVEL) / 2) / np.sqrt(effective))


def independent_tests(draws: Array) -> float:
    """Count quantities, correlated ones less: the variance of their mean square tells.

    With correlations r the mean of m squared z scores has variance 2 sum(r^2) / m^2, so that it is
    as noisy as the mean of m^2 / sum(r^2) independent ones. The sum is found from the inner
    products of draws, which are fewer than quantities, and freed of its noise.
    """
    flat = draws.reshape(-1, draws.shape[2])
    flat = flat[:: max(1, len(flat) // 1000)]
    varies = flat.std(axis=0) > 0
    scaled = (flat[:, varies] - flat[:, varies].mean(axis=0)) / flat[:, varies].std(axis=0)
    size, count = scaled.shape
    squares = np.square(scaled @ scaled.T).sum() / size**2 - count * (count - 1) / size
    return count**2 / max(squares, count)


@dataclass(frozen=True)
class Verdict:
    """What is said about one run.

    Parameters
    ----------
    z : ndarray, shape (quantities,)
    names : list of str
        What each z score is of.
    independent : float
        Number of independent tests among them.
    distance, limit : float
        Largest Kolmogorov-Smirnov distance of a coordinate, and what it may be.
    """

    z: Array
    names: list[str]
    independent: float
    distance: float
    limit: float

    @property
    def worst(self) -> int:
        """Number of the largest z score."""
        return int(np.argmax(np.abs(self.z)))

    def complaints(self) -> list[str]:
        """Say what is wrong; nothing if the run is accepted."""
        said = []
        size, bound = float(np.abs(self.z).max()), largest_z(len(self.z))
        if not size <= bound:
            said.append(
                f"z = {self.z[self.worst]:.2f} of {self.names[self.worst]} (<= {bound:.2f})"
            )
        mean, spread = float(np.mean(self.z**2)), 4 * np.sqrt(2 / self.independent)
        if not abs(mean - 1) <= spread:
            said.append(f"mean of z^2 is {mean:.3f} (1 +- {spread:.3f})")
        if not self.distance <= self.limit:
            said.append(f"distance of distributions is {self.distance:.4f} (<= {self.limit:.4f})")
        return said


def judge(run: Callable[[int, int], Verdict]) -> Verdict:
    """Accept a sampler, or raise.

    Parameters
    ----------
    run : callable
        Takes a factor for the number of draws, and a seed.
    """
    first = run(1, 1)
    if not first.complaints():
        return first
    second = run(10, 2)
    worst = first.worst
    complaints = second.complaints()
    if first.complaints()[0].startswith("z") and abs(second.z[worst]) > abs(first.z[worst]):
        complaints.append(f"z of {first.names[worst]} grew to {second.z[worst]:.2f}")
    assert not complaints, "; ".join([*complaints, "first:", *first.complaints()])
    return second
