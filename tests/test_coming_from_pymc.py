"""The page for PyMC users has every name of PyMC 6.4, and says of each what is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rufous

HERE = Path(__file__).parent
NAMES = (HERE / "pymc_names.txt").read_text("utf-8").split()
PAGE = (HERE.parent / "docs" / "guide" / "coming-from-pymc.md").read_text("utf-8")
ROWS = [
    ([name for name in re.findall(r"`([^`]+)`", cells[0])], cells[1].strip(), cells[2].strip())
    for line in PAGE.splitlines()
    if line.startswith("| `") and (cells := line.strip("|").split("|", 2))
]
STATUS = {name: status for names, status, _ in ROWS for name in names}


def exists(name: str) -> bool:
    place: object = rufous
    for part in name.removeprefix("Model.").split("."):
        if name.startswith("Model.") and place is rufous:
            place = rufous.Model(model=None)
        elif part == "transforms":
            place = rufous.distributions.transforms
            continue
        if not hasattr(place, part):
            return False
        place = getattr(place, part)
    return True


def test_the_page_has_every_name_once() -> None:
    listed = [name for names, _, _ in ROWS for name in names]
    assert sorted(listed) == sorted(NAMES)


def test_every_row_says_one_of_three_things_and_why() -> None:
    for names, status, remark in ROWS:
        assert status in ("same", "stricter", "absent"), names
        assert remark or status == "same", names


@pytest.mark.parametrize("name", NAMES)
def test_what_is_there_is_there(name: str) -> None:
    assert exists(name) == (STATUS[name] != "absent")
