"""One compiled model for all benches."""

from __future__ import annotations

import pytest
from benches.python.schools import eight_schools

import rufous as rf


@pytest.fixture(scope="session")
def compiled() -> rf.CompiledModel:
    """Return the compiled model; the cache on disk is warm from here on."""
    return rf.compile(eight_schools())
