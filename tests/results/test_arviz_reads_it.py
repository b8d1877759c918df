"""ArviZ's own functions find every name, on both of its generations."""

from __future__ import annotations

import numpy as np
import pytest

from results.made_up_run import OLD_ARVIZ, run
from rufous.results import get_group

if OLD_ARVIZ:
    import arviz
else:
    import arviz_stats as arviz


@pytest.fixture(scope="module")
def idata():
    return run((100,) * 4)[1]


def test_summary(idata) -> None:
    names = ["mu", "theta", "count", "sigma"]
    table = arviz.summary(idata, var_names=names, kind="diagnostics")
    assert list(table.index) == [
        "mu", "theta[Åse]", "theta[Bo]", "theta[Cy]", "count[0]", "count[1]", "sigma",
    ]  # fmt: skip
    assert {"ess_bulk", "ess_tail"} <= set(table.columns)


def test_convergence_and_energy(idata) -> None:
    names = ["mu", "theta"]
    ess = arviz.ess(idata, var_names=names)
    rhat = arviz.rhat(idata, var_names=names)
    for numbers in (ess, rhat):
        dataset = numbers if OLD_ARVIZ else numbers.dataset
        assert dataset["theta"].dims == ("school",)
        assert np.isfinite(dataset["theta"]).all()
    assert np.isfinite(
        np.asarray(arviz.bfmi(idata) if OLD_ARVIZ else arviz.bfmi(idata)["energy"])
    ).all()


def test_the_statistics_that_arviz_looks_for(idata) -> None:
    if OLD_ARVIZ:
        assert {"diverging", "energy", "lp", "tree_depth"} <= set(idata.sample_stats.data_vars)
        return
    _, found = arviz.diagnose(
        idata, var_names=["mu", "theta"], show_diagnostics=False, return_diagnostics=True
    )
    stats = idata["sample_stats"]
    assert found["divergent"]["n_divergent"] == int(stats["diverging"].sum()) > 0
    assert found["treedepth"]["n_max"] == int(stats["reached_max_treedepth"].sum()) > 0
    assert found["bfmi"]["bfmi_values"].shape == (4,)
    assert set(found) == {"divergent", "treedepth", "bfmi", "ess", "rhat"}


def test_group_access_is_what_users_write(idata) -> None:
    assert idata.posterior["theta"].sel(school="Bo").shape == (4, 100)
    assert idata["sample_stats"]["lp"].shape == (4, 100)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of the plotting libraries are not ours
@pytest.mark.parametrize("plot", ["plot_trace", "plot_rank", "plot_forest", "plot_energy"])
def test_plots(idata, plot) -> None:
    import arviz as az
    import matplotlib.pyplot as plt

    names = {} if plot == "plot_energy" else {"var_names": ["mu", "theta"]}
    try:
        assert getattr(az, plot)(idata, **names) is not None
    finally:
        plt.close("all")


def test_the_container_holds_what_arviz_would_make(idata) -> None:
    values = {name: idata["posterior"][name].values for name in ("mu", "theta")}
    labels = {"dims": {"theta": ["school"]}, "coords": {"school": idata["posterior"]["school"]}}
    if OLD_ARVIZ:
        made = arviz.from_dict(posterior=values, **labels)
    else:
        from arviz_base import from_dict

        made = from_dict({"posterior": values}, **labels)
    assert type(made) is type(idata)
    ours, theirs = (get_group(each, "posterior") for each in (idata, made))
    shared = ours[["mu", "theta"]]
    assert theirs.equals(shared.drop_vars(set(shared.coords) - set(theirs.coords)))
    assert set(theirs.attrs) - {"arviz_version"} <= set(ours.attrs)
