"""Shortened steps, as users see them: right draws, sensible statistics, advice that leads there."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

import rufous
from rufous.results import get_group
from rufous.sampling.sample import sample
from statistical import densities
from statistical.monte_carlo import z_scores
from targets import compiled, standard_normal

QUIET = {"quiet": True, "random_seed": 1}


@functools.cache
def funnel():
    """Compile a funnel of three coordinates."""
    return densities.funnel(3)


def x(idata):
    return get_group(idata, "posterior")["x"].to_numpy()


def statistic(idata, name):
    return get_group(idata, "sample_stats")[name].to_numpy()


@pytest.mark.filterwarnings("ignore::rufous.RufousWarning")
@pytest.mark.parametrize("adaptation", ["pooled", "nutpie", "stan"])
def test_moments_of_a_funnel_are_right(adaptation):
    idata = sample(funnel(), 5000, local_steps=True, adaptation=adaptation, **QUIET)
    v = x(idata)[..., :1]
    in_neck = 0.5 * math.erfc(5 / 3 / math.sqrt(2))
    values = np.concatenate([v, v**2, v < -5.0], axis=2)
    z = z_scores(values, np.array([0.0, 9.0, in_neck]))
    assert np.abs(z).max() <= 4, z


@pytest.mark.filterwarnings("ignore::rufous.ConvergenceWarning")
def test_where_no_step_needs_to_be_shortened_draws_are_the_same():
    # A normal of this step size keeps its energy within the limit.
    arguments = {"draws": 200, "tune": 0, "step_size": 0.1, "step_size_jitter": 0.0, **QUIET}
    plain, local = (
        sample(compiled(standard_normal), **arguments, local_steps=flag) for flag in (False, True)
    )
    np.testing.assert_array_equal(x(local), x(plain))
    for name in ("n_steps", "tree_depth", "index_in_trajectory", "energy", "diverging"):
        np.testing.assert_array_equal(statistic(local, name), statistic(plain, name))


@pytest.mark.filterwarnings("ignore::rufous.RufousWarning")
def test_statistics_are_sensible():
    calls = 0

    def counting(position):
        nonlocal calls
        calls += 1
        v, y = np.clip(position, -500.0, 500.0)
        value = -v * v / 18 - 0.5 * v - 0.5 * y * y * math.exp(-v)
        slope = -v / 9 - 0.5 + 0.5 * y * y * math.exp(-v)
        return value, np.array([slope, -y * math.exp(-v)])

    idata = sample(
        compiled(counting), 300, tune=0, step_size=0.7, step_size_jitter=0.0, chains=1,
        local_steps=True, **QUIET,
    )  # fmt: skip
    n_steps, depth = statistic(idata, "n_steps"), statistic(idata, "tree_depth")
    # Steps that were cut count whole, so that there are more than the leaves of the trajectory.
    leaves = 2 ** (depth + 1) - 1
    assert (n_steps > leaves).any()
    assert (np.abs(statistic(idata, "index_in_trajectory")) <= 2**depth - 1).all()
    rate = statistic(idata, "acceptance_rate")
    assert ((rate >= 0) & (rate <= 1)).all()
    assert np.isfinite(statistic(idata, "energy")).all()
    # And a few for the start, which tries positions, and asks once for the explanation.
    assert 0 <= calls - n_steps.sum() <= 10


@pytest.mark.filterwarnings("ignore::rufous.ConvergenceWarning")
def test_the_warning_about_divergences_leads_here():
    with pytest.warns(rufous.DivergenceWarning, match="if some remain, local_steps=True"):
        sample(funnel(), 2000, **QUIET)
    with pytest.warns(rufous.DivergenceWarning, match=r"so try local_steps=True"):
        sample(funnel(), 4000, **QUIET, target_accept=0.95)


def test_only_a_flag_is_taken():
    with pytest.raises(
        rufous.SettingsError, match="`local_steps` must be True or False, got 'R2P'"
    ):
        sample(compiled(), local_steps="R2P")
