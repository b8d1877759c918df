"""The demo from the first line to the files, with few draws."""

from __future__ import annotations

import subprocess
import sys

import pytest

from results.made_up_run import OLD_ARVIZ
from rufous.results import get_group


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-m", "rufous", "demo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )


def read(path):
    if OLD_ARVIZ:
        import arviz

        return arviz.from_netcdf(path, engine="h5netcdf")
    import xarray

    return xarray.load_datatree(path, engine="h5netcdf")


@pytest.mark.slow
def test_demo(tmp_path) -> None:
    small = ("--draws", "200", "--tune", "200", "--chains", "2", "--seed", "3")
    done = run(*small, "--county", "st louis", "--floor", "first", "--output", str(tmp_path / "a"))
    assert done.returncode == 0, done.stderr
    for text in (
        "919 houses in 85 counties",
        "R-hat",
        "Diagnostics of 2 chains of 200 draws",
        "Verdict:",
        "A new house in St. Louis county, measured on the first floor:",
    ):
        assert text in done.stdout
    # What other packages log is not printed.
    assert {line.split(":")[0] for line in done.stderr.splitlines()} == {"sampling"}, done.stderr
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == ["radon-counties.png", "radon-traces.png", "radon.nc"]
    assert all(str((tmp_path / "a" / name).resolve()) in done.stdout for name in files)
    idata = read(tmp_path / "a" / "radon.nc")
    assert get_group(idata, "posterior").sizes["draw"] == 200
    assert get_group(idata, "predictions")["log_radon"].shape == (2, 200, 1)
    assert get_group(idata, "observed_data").sizes["house"] == 919
    assert -1 < float(get_group(idata, "posterior")["floor_effect"].mean()) < -0.3

    quiet = run(*small, "--quiet", "--output", str(tmp_path / "b"))
    assert quiet.returncode == 0
    assert quiet.stdout == ""
    again = get_group(read(tmp_path / "b" / "radon.nc"), "posterior")
    assert again.equals(get_group(idata, "posterior"))
