"""The list of PyMC's names, against the PyMC that is installed."""

from __future__ import annotations

from pathlib import Path

import pymc as pm

NAMES = (Path(__file__).parents[1] / "pymc_names.txt").read_text("utf-8").split()
# Before a test lets PyMC import more of its modules, which become names, too.
PUBLIC = {name for name in dir(pm) if not name.startswith("_")}


def test_the_list_has_every_public_name_of_pymc():
    public = PUBLIC | {
        f"Model.{name}" for name in dir(pm.Model(model=None)) if not name.startswith("_")
    }
    listed = {name for name in NAMES if "." not in name or name.startswith("Model.")}
    assert listed == public
