"""Radon in Minnesota: levels of 85 counties around a line in their uranium, and a new house.

The same model with figures and a file: python -m rufous demo

    python examples/radon.py
"""

import csv
from importlib import resources

import numpy as np

import rufous as rf

FILE = resources.files("rufous").joinpath("data/radon.csv")


def main() -> None:
    rows = list(csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()))
    names, first, county = np.unique(
        [row["county"] for row in rows], return_index=True, return_inverse=True
    )
    floor = np.array([int(row["floor"]) for row in rows])
    log_radon = np.array([float(row["log_radon"]) for row in rows])
    log_uranium = np.array([float(row["log_uranium"]) for row in rows])[first]

    with rf.Model(coords={"county": names}):
        county_of_house = rf.Data("county_of_house", county, dims="house")
        on_first_floor = rf.Data("on_first_floor", floor, dims="house")
        intercept = rf.Normal("intercept", 1, 2)
        uranium_effect = rf.Normal("uranium_effect", 0, 1)
        floor_effect = rf.Normal("floor_effect", 0, 1)
        county_sd = rf.HalfNormal("county_sd", 1)
        deviation = rf.Normal("deviation", 0, 1, dims="county")
        level = intercept + uranium_effect * log_uranium + county_sd * deviation
        house_sd = rf.HalfNormal("house_sd", 1)
        mean = level[county_of_house] + floor_effect * on_first_floor
        rf.Normal("log_radon", mean, house_sd, observed=log_radon, dims="house")

        idata = rf.sample(random_seed=4)

        rf.set_data({"county_of_house": [list(names).index("Hennepin")], "on_first_floor": [0]})
        predicted = rf.sample_posterior_predictive(idata, predictions=True, random_seed=4)

    for name in ("intercept", "uranium_effect", "floor_effect", "county_sd", "house_sd"):
        draws = idata["posterior"][name].values
        print(f"{name:16}{draws.mean():6.2f} ± {draws.std():.2f}")
    radon = np.exp(predicted["predictions"]["log_radon"].values) - 0.1
    print(f"A new house in Hennepin county: {np.median(radon):.1f} pCi/L in the basement")


if __name__ == "__main__":
    main()
