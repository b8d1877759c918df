"""The demo: from data to a prediction, with everything in between."""

from __future__ import annotations

import difflib
import logging
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import rufous as rf
from rufous.cli.figures import draw_counties, draw_traces
from rufous.cli.radon import RadonData, build_model, load_radon
from rufous.cli.summary import MAIN_VARIABLES, describe_prediction, summary_table
from rufous.results import get_group

__all__ = ["DemoOptions", "find_county", "run_demo"]


@dataclass(frozen=True)
class DemoOptions:
    """What the demo was asked for.

    Parameters
    ----------
    output : Path
        An existing folder.
    draws, chains, seed : int
        As for :func:`rufous.sample`.
    tune : int or None
        As for :func:`rufous.sample`; None for its default.
    county : str
        County of the new house.
    floor : str
        ``basement`` or ``first``.
    quiet : bool
        Whether to print problems only.
    """

    output: Path
    draws: int = 2000
    tune: int | None = None
    chains: int = 4
    seed: int = 1
    county: str = "Hennepin"
    floor: str = "basement"
    quiet: bool = False


def find_county(name: str) -> str:
    """Find the county that a name means.

    Parameters
    ----------
    name : str
        In capitals or not, with or without dots.

    Returns
    -------
    str
        The name as in the data.

    Raises
    ------
    ValueError
        When there is no such county; the message offers similar ones.
    """
    known = {_simplified(county): county for county in load_radon().counties}
    if _simplified(name) in known:
        return known[_simplified(name)]
    similar = difflib.get_close_matches(_simplified(name), known, n=2, cutoff=0.7)
    offer = " or ".join(known[each] for each in similar) or "for example Hennepin or St. Louis"
    raise ValueError(
        f"argument --county: there is no county {name!r} among the {len(known)} in the data; "
        f"try {offer}"
    )


def run_demo(options: DemoOptions) -> Any:
    """Fit the radon model, say what was found, and write the result and two figures.

    Parameters
    ----------
    options : DemoOptions
        What to do.

    Returns
    -------
    InferenceData or DataTree
        What was written.
    """
    data = load_radon()
    say = _Speaker(options.quiet)
    say(
        f"Radon in {len(data.log_radon)} houses in {len(data.counties)} counties of Minnesota.\n"
        "Model: log radon of a house = level of its county + effect of the floor + noise;\n"
        "       level of a county = intercept + effect of its uranium + its own deviation.\n"
    )
    model = build_model(data)
    idata = _fit(model, options, say)
    report = rf.check(idata)
    say(summary_table(idata, MAIN_VARIABLES))
    say(f"\n{report}\n")
    if not report.ok and options.quiet:
        print(report, file=sys.stderr)
    predictions = _predict(model, idata, data, options)
    say(describe_prediction(predictions, options.county, options.floor))
    _write(idata, data, options, say)
    return idata


def _fit(model: rf.Model, options: DemoOptions, say: _Speaker) -> Any:
    started = time.perf_counter()
    with warnings.catch_warnings():
        # The same findings are printed below, as the verdict.
        warnings.simplefilter("ignore", rf.RufousWarning)
        idata = rf.sample(
            model,
            options.draws,
            tune=options.tune,
            chains=options.chains,
            random_seed=options.seed,
            progressbar=not options.quiet,
            quiet=options.quiet,
        )
    total = time.perf_counter() - started
    sampling = get_group(idata, "posterior").attrs["sampling_time"]
    say(f"{total:.1f} s in all, {sampling:.1f} s of them sampling.\n")
    return idata


def _predict(model: rf.Model, idata: Any, data: RadonData, options: DemoOptions) -> Any:
    """Draw the radon of a new house; kept in the result as the group ``predictions``."""
    house = {
        "county_of_house": [data.counties.index(options.county)],
        "floor": [int(options.floor == "first")],
    }
    rf.set_data(house, model=model)
    rf.sample_posterior_predictive(
        idata,
        model=model,
        predictions=True,
        extend_inferencedata=True,
        random_seed=options.seed,
    )
    return get_group(idata, "predictions")["log_radon"].values


def _write(idata: Any, data: RadonData, options: DemoOptions, say: _Speaker) -> None:
    posterior = get_group(idata, "posterior")
    result = options.output / "radon.nc"
    traces = options.output / "radon-traces.png"
    counties = options.output / "radon-counties.png"
    idata.to_netcdf(result, engine="h5netcdf")
    draw_traces({name: posterior[name].values for name in MAIN_VARIABLES}, traces)
    houses = np.bincount(data.county, minlength=len(data.counties))
    draw_counties(posterior["county_level"].values, data.counties, houses, options.county, counties)
    say("\nWritten:")
    for path, content in (
        (result, "the result, for ArviZ or xarray"),
        (traces, "draws of the main parameters"),
        (counties, "radon levels of all counties"),
    ):
        say(f"  {path.resolve()}  ({content})")


class _Speaker:
    """Prints, unless quiet; also shows the progress that sampling logs outside a terminal."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        if not quiet and not sys.stderr.isatty():
            # Of this package alone: what others log is not the demo's to print.
            logger = logging.getLogger("rufous")
            logger.addHandler(logging.StreamHandler())
            logger.setLevel(logging.INFO)

    def __call__(self, text: str) -> None:
        if not self.quiet:
            print(text, flush=True)


def _simplified(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalpha())
