"""Whether the draws of a run are right, and when they were enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import rankdata

from benches.ess import smallest_ess
from benches.posteriors.models import Posterior

__all__ = ["converged_after", "is_right", "largest_rhat", "largest_z"]

Draws = dict[str, NDArray[np.float64]]

#: A run is wrong when a moment is this many standard errors off, or chains disagree this much.
MAX_Z, MAX_RHAT = 5.0, 1.05
#: What counts as converged, and how often that is looked at.
RHAT, ESS, EVERY = 1.01, 400.0, 100


def is_right(rhat: float, z: float | None) -> bool:
    """Say whether a run counts. A comparison with NaN is False."""
    return rhat <= MAX_RHAT and (z is None or z <= MAX_Z)


def largest_z(posterior: Posterior, result: object) -> float | None:
    """Return the largest difference from the reference in standard errors; None without one."""
    if posterior.reference is None or posterior.compare is None:
        return None
    rows = posterior.compare(result, posterior.reference).values()
    return float(np.max([abs(row[key]) for row in rows for key in ("z_mean", "z_sd")]))


def largest_rhat(draws: Draws) -> float:
    """Return the largest rank-normalised split R-hat of all elements, of location or of spread.

    Vehtari et al. (2021), Bayesian Analysis 16.
    """
    values = []
    for array in draws.values():
        half = array.shape[1] // 2
        split = np.concatenate([array[:, :half], array[:, -half:]])
        split = split.reshape(2 * len(array), half, -1)
        folded = np.abs(split - np.median(split, axis=(0, 1)))
        values += [_rhat(_normal_scores(split)), _rhat(_normal_scores(folded))]
    return float(np.max([np.max(value) for value in values]))


def converged_after(draws: Draws) -> int | None:
    """Return after how many draws per chain R-hat and effective sample size were good enough."""
    total = next(iter(draws.values())).shape[1]
    for count in range(EVERY, total + 1, EVERY):
        first = {name: array[:, :count] for name, array in draws.items()}
        if largest_rhat(first) < RHAT and smallest_ess(first) >= ESS:
            return count
    return None


def _normal_scores(x: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = rankdata(x.reshape(-1, x.shape[2]), axis=0).reshape(x.shape)
    scores: NDArray[np.float64] = ndtri((ranks - 0.375) / (x.shape[0] * x.shape[1] + 0.25))
    return scores


def _rhat(x: NDArray[np.float64]) -> NDArray[np.float64]:
    length = x.shape[1]
    within = x.var(axis=1, ddof=1).mean(axis=0)
    between = x.mean(axis=1).var(axis=0, ddof=1)
    ratio: NDArray[np.float64] = np.sqrt(between / within + (length - 1) / length)
    return ratio
