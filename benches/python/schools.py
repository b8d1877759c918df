"""The model of the Python benches."""

from __future__ import annotations

import numpy as np

import rufous as rf

Y = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
SIGMA = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def eight_schools() -> rf.Model:
    """Return the non-centred eight schools, with exchangeable data."""
    with rf.Model(coords={"school": range(8)}) as model:
        y = rf.Data("y", Y, dims="school")
        mu = rf.Normal("mu", 0, 5)
        tau = rf.HalfCauchy("tau", 5)
        z = rf.Normal("z", 0, 1, dims="school")
        theta = rf.Deterministic("theta", mu + tau * z, dims="school")
        rf.Normal("observed", theta, SIGMA, observed=y, dims="school")
    return model
