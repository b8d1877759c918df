"""What the demo prints about the posterior and about the prediction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rufous._typing import FloatArray
from rufous.diagnostics.convergence import convergence
from rufous.results import get_group

__all__ = ["ACTION_LEVEL", "MAIN_VARIABLES", "activity", "describe_prediction", "summary_table"]

MAIN_VARIABLES = ("intercept", "uranium_effect", "floor_effect", "county_sd", "house_sd")
# The US Environmental Protection Agency recommends action from here on, in pCi/L.
ACTION_LEVEL = 4.0


def activity(log_radon: FloatArray) -> FloatArray:
    """Turn log(activity + 0.1), as in the data, into activity in pCi/L."""
    return np.maximum(np.exp(log_radon) - 0.1, 0.0)


def summary_table(idata: Any, names: Sequence[str]) -> str:
    """Tabulate mean, sd, 90 % interval and convergence of scalar variables.

    Parameters
    ----------
    idata : InferenceData or DataTree
        A result.
    names : sequence of str
        Scalar variables of its posterior.

    Returns
    -------
    str
        One line for each variable below a header.
    """
    posterior = get_group(idata, "posterior")
    draws = np.stack([posterior[name].values for name in names], axis=2)
    pooled = draws.reshape(-1, len(names))
    low, high = np.quantile(pooled, (0.05, 0.95), axis=0)
    columns = [pooled.mean(axis=0), pooled.std(axis=0, ddof=1), low, high]
    numbers = convergence([draws])
    width = max(len(name) for name in names)
    lines = [
        f"{'':{width}}{'mean':>9}{'sd':>9}{'5 %':>9}{'95 %':>9}"
        f"{'bulk ESS':>10}{'tail ESS':>10}{'R-hat':>8}"
    ]
    for index, name in enumerate(names):
        cells = "".join(f"{column[index]:9.3f}" for column in columns)
        lines.append(
            f"{name:{width}}{cells}{numbers.ess_bulk[index]:10.0f}"
            f"{numbers.ess_tail[index]:10.0f}{numbers.rhat[index]:8.3f}"
        )
    return "\n".join(lines)


def describe_prediction(log_radon: FloatArray, county: str, floor: str) -> str:
    """Say what to expect in a new house.

    Parameters
    ----------
    log_radon : ndarray
        Predictive draws, of any shape.
    county, floor : str
        What is known of the house.

    Returns
    -------
    str
        Median, 90 % interval and the probability to exceed the action level.
    """
    radon = activity(np.ravel(log_radon))
    low, middle, high = np.quantile(radon, (0.05, 0.5, 0.95))
    where = "in the basement" if floor == "basement" else "on the first floor"
    return (
        f"A new house in {county} county, measured {where}: {middle:.1f} pCi/L "
        f"(90 % interval {low:.1f} to {high:.1f}).\n"
        f"Probability of {ACTION_LEVEL:g} pCi/L or more, where action is recommended: "
        f"{100 * np.mean(radon >= ACTION_LEVEL):.0f} %."
    )
