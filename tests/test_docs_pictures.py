"""Each distribution has a small picture in the documentation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def pictures(module_monkeypatch):
    module_monkeypatch.syspath_prepend(str(DOCS))
    from pictures import draw, table

    yield draw, table.PICTURES
    for name in [name for name in sys.modules if name.split(".")[0] == "pictures"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def module_monkeypatch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_every_distribution_has_a_picture(pictures):
    draw, table = pictures
    assert sorted(draw.distribution_names()) == sorted(table)
    assert len(table) > 75


@pytest.mark.parametrize("name", ["Gamma", "Poisson", "Censored", "MvNormal", "LKJCorr", "AR"])
def test_pictures_are_drawn_with_a_legend(pictures, name, tmp_path):
    draw, _ = pictures
    figure = draw.draw_picture(name, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert 2 <= len(figure.legends[0].get_texts()) <= 3
