"""Models of PyMC: these tests are collected where PyMC is installed (Python 3.12 and later)."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("pymc") else ["test_*.py"]
