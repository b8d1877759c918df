"""Which chains of a run are stuck, and whether the run says so."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import rufous as rf

__all__ = ["Mass", "mass_of", "stuck_chains", "warns"]

Array = NDArray[np.float64]

#: How many standard deviations of the mass the mean of half a chain may be away from its mean.
FAR = 4.0
#: Below this part of the standard deviation of the mass a chain does not move.
FROZEN = 0.1


@dataclass(frozen=True)
class Mass:
    """Mean and spread of a posterior: of the log density, then of each free element.

    Parameters
    ----------
    mean, sd : ndarray, shape (1 + elements,)
    """

    mean: Array
    sd: Array


def mass_of(idata: Any, names: Sequence[str]) -> Mass:
    """Describe the mass that a run is in whose chains are known to have begun there."""
    values = quantities(idata, names)
    return Mass(values.mean(axis=(0, 1)), values.std(axis=(0, 1)))


def stuck_chains(idata: Any, names: Sequence[str], mass: Mass) -> list[int]:
    """Return which chains are stuck.

    A chain is if, in the first or in the second half of its draws, the mean of the log density or
    of a free element is more than four standard deviations from that of the mass, or the log
    density varies by less than a tenth of what it does there. A chain that moves through the mass
    and has a few effective draws is not.
    """
    values = quantities(idata, names)
    half = values.shape[1] // 2
    stuck = np.zeros(len(values), dtype=bool)
    for part in (values[:, :half], values[:, half:]):
        away = np.abs(part.mean(axis=1) - mass.mean) / mass.sd
        stuck |= ~(away <= FAR).all(axis=1)
        stuck |= part[..., 0].std(axis=1) < FROZEN * mass.sd[0]
    return np.flatnonzero(stuck).tolist()


def warns(idata: Any) -> bool:
    """Say whether the check after sampling gives a ConvergenceWarning."""
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        rf.check(idata).warn()
    return any(issubclass(one.category, rf.errors.ConvergenceWarning) for one in given)


def quantities(idata: Any, names: Sequence[str]) -> Array:
    """Put log density and free elements side by side; shape (chains, draws, 1 + elements)."""
    parts = [np.asarray(idata["sample_stats"]["lp"], dtype=float)[..., None]]
    for name in names:
        draws = np.asarray(idata["posterior"][name], dtype=float)
        parts.append(draws.reshape(*draws.shape[:2], -1))
    return np.concatenate(parts, axis=2)
