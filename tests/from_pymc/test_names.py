"""The list of PyMC's names, against the PyMC that is installed."""

from __future__ import annotations

from pathlib import Path

import pymc as pm

NAMES = (Path(__file__).parents[1] / "pymc_names.txt").read_text("utf-8").split()


def test_the_list_has_every_public_name_of_pymc():
    public = {name for name in dir(pm) if not name.startswith("_")}
    public |= {f"Model.{name}" for name in dir(pm.Model(model=None)) if not name.startswith("_")}
    listed = {name for name in NAMES if "." not in name or name.startswith("Model.")}
    assert listed == public
