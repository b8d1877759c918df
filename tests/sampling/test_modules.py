"""Nothing is loaded that a run does not need: imports are what is left to wait for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import rufous
from results.made_up_run import OLD_ARVIZ

# What the dependencies of PyTensor, pandas and xarray bring, on one version or another.
OF_PYTENSOR = {"numpy", "pytensor", "packaging", "cons", "etuples", "multipledispatch", "toolz",
               "unification", "cython_runtime"}  # fmt: skip
OF_XARRAY = {"xarray", "pandas", "dateutil", "pytz", "tzdata", "six", "numpy", "packaging",
             "cython_runtime", "typing_extensions"}  # fmt: skip

MODEL = """
import numpy as np, rufous as rf
with rf.Model(coords={"school": range(8), "pair": range(2)}) as model:
    mu = rf.Normal("mu", 0, 5)
    tau = rf.HalfCauchy("tau", 5)
    theta = rf.Normal("theta", mu, tau, dims="school")
    rf.MvNormal("v", np.zeros(2), cov=tau * np.eye(2), dims="pair")
    rf.Deterministic("twice", 2 * theta, dims="school")
    rf.Normal("y", theta, np.ones(8), observed=np.zeros(8), dims="school")
model.logdensity_terms()
"""
SAMPLE = """
import rufous
from targets import compiled
idata = rufous.sample(compiled(), 500, random_seed=1, quiet=True)
"""


def loaded_by(code: str) -> set[str]:
    """Return the packages that a process has loaded, without the standard library."""
    report = "\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    paths = Path(rufous.__file__).parents[1], Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code + report],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        check=True,
    )
    roots = {name.partition(".")[0] for name in json.loads(done.stdout)}
    ours = {"rufous", "targets"}
    return {n for n in roots - sys.stdlib_module_names - ours if not n.startswith("_")}


def test_writing_a_model_loads_pytensor_alone() -> None:
    loaded = loaded_by(MODEL)
    assert {"numpy", "pytensor"} <= loaded <= OF_PYTENSOR


def test_sampling_loads_xarray_and_nothing_else() -> None:
    loaded = loaded_by(SAMPLE)
    if OLD_ARVIZ:
        # This generation of ArviZ loads whatever it may need some day, Numba and Matplotlib too.
        assert "arviz" in loaded
    else:
        assert {"xarray", "pandas"} <= loaded <= OF_PYTENSOR | OF_XARRAY
