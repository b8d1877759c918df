"""Models of a gallery, written once, are the same in PyMC and in Rufous."""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor
import pytest

import rufous

NUM_POINTS = 20


def points(model, seed):
    """Yield random points in unconstrained space around the start of a model."""
    rng = np.random.default_rng(seed)
    start = model.initial_point(0)
    for _ in range(NUM_POINTS):
        yield {
            name: value + rng.normal(scale=0.7, size=np.shape(value))
            for name, value in start.items()
        }


# PyMC warns of a BLAS that PyTensor does not find, and of missing values.
@pytest.mark.filterwarnings("ignore")
def test_log_density_is_that_of_pymc(write):
    ours = write(rufous)
    # By default literals of PyMC, and those in its densities, are rounded to single precision:
    # Normal("x", 0, 5) is off by 3e-8 there.
    with pytensor.config.change_flags(cast_policy="numpy+floatX"):
        theirs = write(pm)
        expected = theirs.compile_logp(mode="FAST_COMPILE")
    shapes = [
        {name: np.shape(value) for name, value in model.initial_point(0).items()}
        for model in (theirs, ours)
    ]
    assert shapes[0] == shapes[1]
    as_graph, compiled = ours.compile_logp(), rufous.compile(ours)
    finite = 0
    for point in points(theirs, 1):
        value = float(expected(point))
        finite += np.isfinite(value)
        position = compiled.unconstrained.ravel(point)
        assert float(as_graph(point)) == pytest.approx(value, rel=1e-10, abs=1e-10, nan_ok=True)
        native, gradient = compiled.logp_dlogp(position)
        assert native == pytest.approx(value, rel=1e-10, abs=1e-10, nan_ok=True)
        assert np.isfinite(gradient).all() or not np.isfinite(value)
    assert finite >= NUM_POINTS // 2


@pytest.mark.filterwarnings("ignore::rufous.RufousWarning")
def test_samples(write):
    model = write(rufous)
    idata = rufous.sample(
        model, 100, tune=200, chains=2, random_seed=1, progressbar=False, quiet=True
    )
    free = [rv.name for rv in model.free_RVs]
    assert set(free) <= set(idata.posterior.data_vars)
    for name in free:
        assert np.isfinite(idata.posterior[name].values).all()
        assert idata.posterior[name].shape[:2] == (2, 100)
