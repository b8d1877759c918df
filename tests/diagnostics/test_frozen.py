"""The numbers of ArviZ, frozen for both of its generations; ``fixtures/make.py`` makes them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rufous import _core

FOLDER = Path(__file__).parent / "fixtures"
DRAWS = dict(np.load(FOLDER / "draws.npz"))
EXPECTED = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("arviz-*.json")}


def test_both_generations_are_there() -> None:
    assert {name: frozen["arviz"][:2] for name, frozen in EXPECTED.items()} == {
        "arviz-0": "0.",
        "arviz-1": "1.",
    }


@pytest.mark.parametrize("generation", sorted(EXPECTED))
@pytest.mark.parametrize("kind", sorted(DRAWS))
def test_same_as_arviz(generation: str, kind: str) -> None:
    expected = EXPECTED[generation][kind]
    values = DRAWS[kind].astype(np.float64)[:, :, None]
    found = _core.diagnose([values], list(expected))
    got = {name: float(number[0]) for name, number in zip(expected, found, strict=True)}
    assert got == pytest.approx(expected, rel=1e-8, nan_ok=True)
