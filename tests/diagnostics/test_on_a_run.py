"""A real run with a known fault does not end silently."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import rufous as rf
from rufous.diagnostics import check
from rufous.results import get_group


@pytest.mark.slow
def test_centred_eight_schools_warn_of_divergences() -> None:
    effect = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
    error = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])
    with rf.Model(coords={"school": range(8)}):
        mu = rf.Normal("mu", 0, 5)
        tau = rf.HalfCauchy("tau", 5)
        theta = rf.Normal("theta", mu, tau, dims="school")
        rf.Normal("y", theta, error, observed=effect, dims="school")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            idata = rf.sample(500, tune=500, random_seed=2, adaptation="nutpie", progressbar=False)
    count = int(get_group(idata, "sample_stats")["diverging"].sum())
    assert count > 0
    (warning,) = [w for w in caught if w.category is rf.DivergenceWarning]
    assert warning.filename == __file__
    assert str(warning.message).startswith(f"{count} of 2000 transitions")
    assert "energy" in str(warning.message)
    assert "Try target_accept=0.95 (it was 0.8)" in str(warning.message)
    report = check(idata)
    assert report.divergences == count == sum(report.divergence_reasons.values())
    assert report.max_treedepth == 10
    assert "Verdict: look closer at" in str(report)
