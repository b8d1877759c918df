"""PyMC and Rufous give the same answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc
import pytensor
import pytest

import rufous
from from_pymc.semantics import QUESTIONS


def check_same(theirs: Any, ours: Any, where: str) -> None:
    """Compare what two packages answered, part by part."""
    if isinstance(theirs, dict):
        assert set(theirs) == set(ours), where
        for name in theirs:
            check_same(theirs[name], ours[name], f"{where}[{name!r}]")
    elif isinstance(theirs, list | tuple) and not all(isinstance(x, float) for x in theirs):
        assert len(theirs) == len(ours), where
        for i, (one, two) in enumerate(zip(theirs, ours, strict=True)):
            check_same(one, two, f"{where}[{i}]")
    elif isinstance(theirs, str | None):
        assert theirs == ours, where
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10, err_msg=where)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ask", QUESTIONS, ids=lambda ask: ask.__name__)
def test_the_answers_are_the_same(ask):
    # Literals of PyMC are rounded to single precision without this.
    with pytensor.config.change_flags(cast_policy="numpy+floatX", mode="FAST_COMPILE"):
        theirs = ask(pymc)
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        ours = ask(rufous)
    check_same(theirs, ours, ask.__name__)
