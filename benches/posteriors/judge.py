"""Whether the draws of a run are right, and when they were enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benches.posteriors.models import Posterior
from rufous.diagnostics.convergence import convergence

__all__ = ["draws_to_converge", "largest_rhat", "largest_z", "moments", "with_verdicts"]

Draws = Mapping[str, NDArray[np.float64]]
Row = dict[str, Any]

#: A run is wrong when a moment is this many standard errors off, or chains disagree this much.
MAX_Z, MAX_RHAT = 5.0, 1.05
#: What counts as converged, and how exactly the number of draws is found.
RHAT, ESS, COARSE, FINE = 1.01, 400.0, 100, 10
#: By how much the standard error of a median exceeds that of a mean.
MEDIAN = 1.25


def largest_z(posterior: Posterior, result: object) -> float | None:
    """Return the largest difference from the reference in standard errors; None without one."""
    if posterior.reference is None or posterior.compare is None:
        return None
    rows = posterior.compare(result, posterior.reference).values()
    return float(np.max([abs(row[key]) for row in rows for key in ("z_mean", "z_sd")]))


def largest_rhat(draws: Draws) -> float:
    """Return the largest rank-normalised split R-hat of all elements."""
    return _convergence(draws)[0]


def draws_to_converge(draws: Draws) -> float:
    """Return the smallest number of draws per chain with R-hat < 1.01 and bulk ESS >= 400.

    Where all of them are not enough, both are extrapolated: the sample size grows with the number
    of draws, and R-hat - 1 falls with it.
    """
    total = next(iter(draws.values())).shape[1]

    def are_enough(count: int) -> bool:
        rhat, ess = _convergence({name: array[:, :count] for name, array in draws.items()})
        return rhat < RHAT and ess >= ESS

    hundreds = range(COARSE, total + 1, COARSE)
    enough = next((count for count in hundreds if are_enough(count)), None)
    if enough is None:
        rhat, ess = _convergence(draws)
        return total * max(1.0, ESS / ess, (rhat - 1.0) / (RHAT - 1.0))
    tens = range(enough - COARSE + FINE, enough, FINE)
    return float(next((count for count in tens if are_enough(count)), enough))


def _convergence(draws: Draws) -> tuple[float, float]:
    """Return the largest R-hat and the smallest bulk effective sample size."""
    found = convergence(list(draws.values()), 1)
    # Elements that are constant by construction, as on the diagonal of a correlation matrix, say
    # nothing; anything else that has no R-hat has not converged.
    moves = found.minimum != found.maximum
    rhat, ess = found.rhat[moves], found.ess_bulk[moves]
    return float(np.nan_to_num(rhat, nan=np.inf).max()), float(np.nan_to_num(ess, nan=1.0).min())


def moments(draws: Draws) -> dict[str, list[float]]:
    """Return mean and standard deviation of all elements in a row, with their standard errors."""
    flat = np.concatenate([array.reshape(*array.shape[:2], -1) for array in draws.values()], axis=2)
    mean, sd = flat.mean((0, 1)), flat.std((0, 1), ddof=1)
    squares = (flat - mean) ** 2
    columns = {
        "mean": mean,
        "sd": sd,
        "mcse_mean": convergence([flat], 1).mcse_mean,
        "mcse_sd": convergence([squares], 1).mcse_mean / (2.0 * sd),
    }
    return {name: [float(f"{x:.6g}") for x in column] for name, column in columns.items()}


def with_verdicts(rows: Iterable[Row]) -> list[Row]:
    """Add to each run its distance from the truth, and whether it is right.

    Where there is no reference, the median over all runs of all arms stands for it.
    """
    rows = [row for row in rows if "failed" not in row]
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        by_model.setdefault(row["model"], []).append(row)
    judged = []
    for runs in by_model.values():
        consensus = _consensus(runs) if runs[0]["moments"] else {}
        for row in runs:
            z = _distance(row, consensus) if row["moments"] else row["max_z"]
            is_right = row["rhat"] <= MAX_RHAT and z <= MAX_Z
            judged.append(row | {"max_z": z, "right": bool(is_right)})
    return judged


def _consensus(runs: list[Row]) -> dict[str, NDArray[np.float64]]:
    agreeing = [row for row in runs if row["rhat"] <= MAX_RHAT] or runs
    columns = {name: np.array([row["moments"][name] for row in agreeing]) for name in KINDS}
    scale = MEDIAN / np.sqrt(len(agreeing))
    return {
        name: np.median(values, axis=0) * (scale if name.startswith("mcse") else 1.0)
        for name, values in columns.items()
    }


KINDS = ("mean", "sd", "mcse_mean", "mcse_sd")


def _distance(row: Row, consensus: dict[str, NDArray[np.float64]]) -> float:
    """Return the largest difference of a moment from the consensus, in standard errors."""
    worst = 0.0
    for kind in ("mean", "sd"):
        error = np.hypot(row["moments"][f"mcse_{kind}"], consensus[f"mcse_{kind}"])
        z = np.abs(np.subtract(row["moments"][kind], consensus[kind])) / error
        worst = max(worst, float(np.max(np.nan_to_num(z, nan=np.inf))))
    return worst
