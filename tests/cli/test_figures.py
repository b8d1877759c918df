"""The figures are made without a display, for any number of chains and draws."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from rufous.cli.figures import draw_counties, draw_traces


def size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


@pytest.mark.parametrize("shape", [(1, 4), (2, 50), (9, 20)])
def test_traces(tmp_path, shape: tuple[int, int]) -> None:
    draws = {name: np.random.default_rng(1).normal(size=shape) for name in ("a", "b_c")}
    draw_traces(draws, tmp_path / "traces.png")
    assert size(tmp_path / "traces.png") == (1800, 810)


def test_counties(tmp_path) -> None:
    levels = np.random.default_rng(1).normal(1.3, 0.3, size=(2, 50, 3))
    draw_counties(levels, ("A", "B", "C"), np.array([1, 2, 3]), "B", tmp_path / "counties.png")
    assert size(tmp_path / "counties.png")[0] == 1350
