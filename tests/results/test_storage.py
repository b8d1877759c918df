"""NetCDF keeps everything: booleans, whole numbers, text, attributes, warm-up."""

from __future__ import annotations

import json
import warnings

import numpy as np

from results.made_up_run import OLD_ARVIZ, run
from rufous.results import get_group, group_names


def read(path):
    if OLD_ARVIZ:
        import arviz

        return arviz.from_netcdf(path, engine="h5netcdf")
    import xarray

    return xarray.load_datatree(path, engine="h5netcdf")


def test_round_trip(tmp_path) -> None:
    _, idata = run((50, 44, 50), warmup=20, outcomes=["complete", "cancelled", "complete"])
    path = tmp_path / "run.nc"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        idata.to_netcdf(path, engine="h5netcdf")
    again = read(path)
    assert set(group_names(again)) == set(group_names(idata))
    for name in group_names(idata):
        before, after = get_group(idata, name), get_group(again, name)
        assert after.equals(before), name
        for variable in before.variables:
            assert after[variable].dtype.kind in (before[variable].dtype.kind, "O", "T"), variable
        assert set(after.attrs) >= set(before.attrs)
    attrs = get_group(again, "posterior").attrs
    assert json.loads(attrs["settings"])["nested"] == {"a": [1, 2]}
    assert list(attrs["draws_per_chain"]) == [50, 44, 50]
    assert list(attrs["chain_outcomes"]) == ["complete", "cancelled", "complete"]
    assert int(attrs["random_seed"]) == 2**64 - 1
    stats = get_group(again, "sample_stats")
    assert stats["diverging"].dtype == np.bool_
    assert stats["divergence_reason"].attrs["flag_values"].tolist() == [0, 1, 2]
    assert get_group(again, "constant_data")["label"].item() == "Å"
