"""Shared by every test: one BLAS thread, no display, reproducible hypothesis profiles."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before NumPy loads a BLAS: one thread a process, as chains are the parallel unit.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("MPLBACKEND", "Agg")

settings.register_profile("fast", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("slow", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the statistical checks and of those against PyMC."""
    group = parser.getgroup("statistical checks")
    group.addoption(
        "--posteriordb",
        type=Path,
        default=ROOT / "tests" / "statistical" / "posteriordb",
        metavar="DIR",
        help="folder with models.py, data/ and reference/ of reference posteriors "
        "(default: the few of this checkout)",
    )
    parser.getgroup("checks against PyMC").addoption(
        "--gallery",
        type=Path,
        metavar="FILE",
        help="Python file with ALL, a dict of functions of a modelling package (pymc, rufous) that "
        "return a model: tests/from_pymc compares the two packages on each",
    )


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the checkout."""
    return ROOT
