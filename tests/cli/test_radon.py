"""The data that are shipped, and the names of the counties."""

from __future__ import annotations

import numpy as np
import pytest

from rufous.cli.demo import find_county
from rufous.cli.radon import build_model, load_radon


def test_data() -> None:
    data = load_radon()
    houses = np.bincount(data.county)
    assert len(data.log_radon) == len(data.floor) == len(data.county) == 919
    assert len(data.counties) == len(data.log_uranium) == len(houses) == 85
    assert set(data.floor) == {0, 1}
    assert data.floor.sum() == 153
    sizes = dict(zip(data.counties, houses.tolist(), strict=True))
    assert (sizes["St. Louis"], sizes["Hennepin"], sizes["Murray"]) == (116, 105, 1)
    assert data.log_radon.mean() == pytest.approx(1.2647, abs=1e-3)
    # Aitkin has 0.502054 ppm of uranium.
    assert data.log_uranium[0] == pytest.approx(np.log(0.502054 + 0.1))


def test_uranium_is_one_number_for_each_county(root) -> None:
    import csv

    with open(root / "python/rufous/data/radon.csv", encoding="utf-8") as file:
        pairs = {(row["county"], row["log_uranium"]) for row in csv.DictReader(file)}
    assert len(pairs) == 85


@pytest.mark.parametrize(
    ("name", "county"),
    [
        ("Hennepin", "Hennepin"),
        ("HENNEPIN", "Hennepin"),
        ("st louis", "St. Louis"),
        ("lac-qui-parle", "Lac qui Parle"),
    ],
)
def test_find_county(name: str, county: str) -> None:
    assert find_county(name) == county


@pytest.mark.parametrize("name", ["", "Cook County Illinois", "zzz"])
def test_unknown_county(name: str) -> None:
    with pytest.raises(ValueError, match="argument --county: there is no county"):
        find_county(name)


def test_model() -> None:
    model = build_model(load_radon())
    assert [variable.name for variable in model.free_RVs] == [
        "intercept",
        "uranium_effect",
        "floor_effect",
        "county_sd",
        "county_offset",
        "house_sd",
    ]
    assert [variable.name for variable in model.observed_RVs] == ["log_radon"]
