"""One compiled model for the whole folder: compiling is the slow part."""

from __future__ import annotations

import pytest

from compile.small_models import regression
from rufous.compile.compile_model import compile
from rufous.compile.compiled_model import CompiledModel


@pytest.fixture(scope="session", params=["native", "numba"])
def compiled(request: pytest.FixtureRequest) -> CompiledModel:
    return compile(regression(), evaluator=request.param)
