"""From draws to a verdict, without ever holding more than the draws of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from statistical.gates import Verdict, independent_tests, largest_distance
from statistical.marginals import QUANTITIES, Marginals
from statistical.monte_carlo import Array, effective_draws, in_standard_errors, mean_errors

_COORDINATES_AT_A_TIME = 50


@dataclass(frozen=True)
class Summary:
    """What is kept of one run.

    Parameters
    ----------
    difference, square_error : ndarray, shape (quantities, dim)
        How far the means of the quantities are from the truth, and their squared standard errors.
    thinned : ndarray, shape (draws, dim)
        Draws that are about independent.
    independent : float
        Number of independent tests among the quantities.
    """

    difference: Array
    square_error: Array
    thinned: Array
    independent: float


def summary(draws: Array, marginals: Marginals) -> Summary:
    """Compare the draws of one run, shape (chains, draws, dim), with what is known."""
    shape = (len(QUANTITIES), marginals.dim)
    truths = marginals.truths().reshape(shape)
    difference, square_error, slowest = np.empty(shape), np.empty(shape), np.inf
    for start in range(0, marginals.dim, _COORDINATES_AT_A_TIME):
        columns = slice(start, start + _COORDINATES_AT_A_TIME)
        values = marginals.quantities(draws, columns)
        found = mean_errors(values, truths[:, columns].ravel())
        difference[:, columns] = found[0].reshape(len(QUANTITIES), -1)
        square_error[:, columns] = found[1].reshape(len(QUANTITIES), -1)
        slowest = min(slowest, effective_draws(values).min())
    step = int(np.ceil(draws.shape[0] * draws.shape[1] / slowest))
    few = draws[:, :: max(1, draws.shape[1] // 250)]
    return Summary(
        difference=difference,
        square_error=square_error,
        thinned=draws[:, ::step].reshape(-1, marginals.dim).copy(),
        independent=independent_tests(marginals.quantities(few)),
    )


def verdict(runs: Sequence[Summary], marginals: Marginals) -> Verdict:
    """Judge runs that are independent of each other together."""
    difference = np.mean([run.difference for run in runs], axis=0)
    square_error = np.sum([run.square_error for run in runs], axis=0) / len(runs) ** 2
    flat = np.sort(marginals.cdf(np.concatenate([run.thinned for run in runs])), axis=0)
    ranks = (np.arange(len(flat))[:, None] + 0.5) / len(flat)
    return Verdict(
        z=in_standard_errors(difference, square_error).ravel(),
        names=[
            f"{quantity} of coordinate {i}" for quantity in QUANTITIES for i in range(marginals.dim)
        ],
        independent=float(np.mean([run.independent for run in runs])),
        distance=float(np.abs(flat - ranks).max() + 0.5 / len(flat)),
        limit=largest_distance(marginals.dim, len(flat)),
    )
