"""The radon data and a hierarchical model of them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources

import numpy as np

import rufous as rf
from rufous._typing import FloatArray

__all__ = ["RadonData", "build_model", "load_radon"]

IntArray = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class RadonData:
    """Radon measurements in houses in Minnesota.

    Parameters
    ----------
    counties : tuple of str
        Names of the 85 counties in alphabetical order.
    county : ndarray, shape (919,)
        Position of the county of each house in `counties`.
    floor : ndarray, shape (919,)
        Where it was measured: 0 basement, 1 first floor.
    log_uranium : ndarray, shape (85,)
        log(uranium in the soil in ppm + 0.1) of each county.
    log_radon : ndarray, shape (919,)
        log(radon activity in pCi/L + 0.1) of each house.
    """

    counties: tuple[str, ...]
    county: IntArray
    floor: IntArray
    log_uranium: FloatArray
    log_radon: FloatArray


def load_radon() -> RadonData:
    """Read the data that come with the package."""
    text = resources.files("rufous").joinpath("data/radon.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    counties, first, county = np.unique(
        [row["county"] for row in rows], return_index=True, return_inverse=True
    )
    uranium = np.array([float(row["log_uranium"]) for row in rows])
    return RadonData(
        counties=tuple(counties.tolist()),
        county=county.astype(np.int64),
        floor=np.array([int(row["floor"]) for row in rows]),
        log_uranium=uranium[first],
        log_radon=np.array([float(row["log_radon"]) for row in rows]),
    )


def build_model(data: RadonData) -> rf.Model:
    """Write down the model: levels of counties vary around a line in their uranium.

    Parameters
    ----------
    data : RadonData
        The measurements.

    Returns
    -------
    Model
        With the dims ``county`` and ``house``; the data of the houses can be exchanged, to
        predict others.
    """
    with rf.Model(coords={"county": data.counties}) as model:
        county = rf.Data("county_of_house", data.county, dims="house")
        floor = rf.Data("floor", data.floor, dims="house")
        uranium = rf.Data("log_uranium", data.log_uranium, dims="county")

        intercept = rf.Normal("intercept", 1, 2)
        uranium_effect = rf.Normal("uranium_effect", 0, 1)
        floor_effect = rf.Normal("floor_effect", 0, 1)
        county_sd = rf.HalfNormal("county_sd", 1)
        offset = rf.Normal("county_offset", 0, 1, dims="county")
        level = rf.Deterministic(
            "county_level",
            intercept + uranium_effect * uranium + county_sd * offset,
            dims="county",
        )
        house_sd = rf.HalfNormal("house_sd", 1)
        rf.Normal(
            "log_radon",
            level[county] + floor_effect * floor,
            house_sd,
            observed=data.log_radon,
            dims="house",
        )
    return model
