"""Chains become groups: names, dims, coords, dtypes, lengths and attributes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from results.made_up_run import COORDS, REASONS, STORED, UNCONSTRAINED, block, run
from rufous.errors import UnknownNameError
from rufous.results import ChainTrace, DrawBlock, common_length, from_trace, get_group, group_names
from rufous.results.stats import describe_statistics


def test_groups() -> None:
    _, idata = run(warmup=20)
    assert set(group_names(idata)) == {
        "posterior",
        "sample_stats",
        "unconstrained_posterior",
        "warmup_posterior",
        "warmup_sample_stats",
        "warmup_unconstrained_posterior",
        "observed_data",
        "constant_data",
    }
    assert get_group(idata, "warmup_posterior").sizes["draw"] == 20
    assert get_group(idata, "posterior").sizes["draw"] == 50


def test_groups_that_were_not_kept_are_absent() -> None:
    chains = [ChainTrace(0, block(np.random.default_rng(0), 10, unconstrained=False))]
    idata = from_trace(chains, stored=STORED, unconstrained=UNCONSTRAINED)
    assert group_names(idata) == ("posterior", "sample_stats")


def test_values_arrive_under_their_name() -> None:
    chains, idata = run()
    posterior = get_group(idata, "posterior")
    for name in STORED.names:
        spec = STORED[name]
        for chain in chains:
            expected = chain.draws.values[:, spec.slice].reshape(50, *spec.shape)
            np.testing.assert_array_equal(posterior[name].sel(chain=chain.chain), expected)
    stats = get_group(idata, "sample_stats")
    np.testing.assert_array_equal(stats["lp"][2], chains[2].draws.statistics["lp"])
    positions = get_group(idata, "unconstrained_posterior")
    assert list(positions.data_vars) == list(UNCONSTRAINED.names)
    np.testing.assert_array_equal(positions["mu"][1], chains[1].draws.unconstrained[:, 0])


def test_dims_and_coords() -> None:
    _, idata = run()
    posterior = get_group(idata, "posterior")
    assert posterior["theta"].dims == ("chain", "draw", "school")
    assert posterior["count"].dims == ("chain", "draw", "count_dim_0")
    assert posterior["school"].values.tolist() == COORDS["school"].tolist()
    assert posterior["count_dim_0"].values.tolist() == [0, 1]
    assert posterior["draw"].values.tolist() == list(range(50))
    assert "unused" not in posterior.coords
    constant = get_group(idata, "constant_data")
    assert constant["x"].dims == ("school", "x_dim_0")
    assert "chain" not in constant.coords


def test_dtypes_are_kept() -> None:
    _, idata = run()
    posterior = get_group(idata, "posterior")
    assert posterior["count"].dtype == np.int64
    assert posterior["flag"].dtype == np.bool_
    assert posterior["mu"].dtype == np.float64
    assert get_group(idata, "sample_stats")["diverging"].dtype == np.bool_
    assert get_group(idata, "sample_stats")["tree_depth"].dtype == np.int64
    assert get_group(idata, "constant_data")["x"].dtype == np.int8


def test_a_missing_whole_number_stays_missing() -> None:
    draws = block(np.random.default_rng(0), 10)
    draws.values[3, STORED["count"].slice] = np.nan
    idata = from_trace([ChainTrace(0, draws)], stored=STORED)
    count = get_group(idata, "posterior")["count"]
    assert count.dtype == np.float64
    assert np.isnan(count[0, 3]).all()
    assert int(np.isnan(count).sum()) == 2


def test_results_do_not_hold_the_flat_draws() -> None:
    chains, idata = run()
    mu = get_group(idata, "posterior")["mu"].values
    assert not any(np.shares_memory(mu, chain.draws.values) for chain in chains)
    assert mu.flags.c_contiguous


@pytest.mark.parametrize(
    ("lengths", "chains", "draws"),
    [
        ((50, 48, 49, 50), [0, 1, 2, 3], 48),
        ((50, 0, 50, 0), [0, 2], 50),
        ((1000, 1000, 1000, 3), [0, 1, 2], 1000),
        ((100, 30, 0, 0), [0], 100),
        ((0, 0, 7, 0), [2], 7),
    ],
)
def test_unequal_chains_are_cut_not_padded(lengths, chains, draws) -> None:
    outcomes = ["complete" if n == max(lengths) else "cancelled" for n in lengths]
    made, idata = run(lengths, outcomes=outcomes)
    posterior = get_group(idata, "posterior")
    assert posterior["chain"].values.tolist() == chains
    assert posterior.sizes["draw"] == draws
    np.testing.assert_array_equal(
        posterior["mu"].sel(chain=chains[-1]), made[chains[-1]].draws.values[:draws, 0]
    )
    assert get_group(idata, "sample_stats").sizes["draw"] == draws
    assert posterior.attrs["complete"] == 0
    assert posterior.attrs["draws_per_chain"] == list(lengths)
    assert posterior.attrs["chain_outcomes"] == outcomes


def test_a_failed_chain_is_named_with_its_reason() -> None:
    _, idata = run((50, 50, 12), outcomes=["complete", "complete", "failed"])
    attrs = get_group(idata, "posterior").attrs
    assert json.loads(attrs["chain_failures"]) == {"2": "it broke"}


def test_no_draws_at_all_is_none() -> None:
    assert run((0, 0))[1] is None
    assert from_trace([], stored=STORED) is None


def test_interrupt_while_tuning_keeps_the_warmup() -> None:
    _, idata = run((0, 0), warmup=20, outcomes=["cancelled", "cancelled"])
    assert "warmup_posterior" in group_names(idata)
    assert "posterior" not in group_names(idata)


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], ([], 0)),
        ([0, 0], ([], 0)),
        ([5], ([0], 5)),
        ([4, 8], ([0, 1], 4)),  # a tie: the more chains, the better
        ([3, 8], ([1], 8)),
    ],
)
def test_common_length(lengths, expected) -> None:
    assert common_length(lengths) == expected


def test_var_names() -> None:
    _, idata = run(var_names=["sigma", "theta"])
    assert list(get_group(idata, "posterior").data_vars) == ["sigma", "theta"]
    with pytest.raises(UnknownNameError, match="no variable named 'tau'; there are: mu, theta"):
        run(var_names=["tau"])


def test_attributes() -> None:
    _, idata = run()
    attrs = get_group(idata, "posterior").attrs
    assert attrs["inference_library"] == "rufous"
    assert json.loads(attrs["settings"])["target_accept"] == 0.8
    assert {"python", "rufous", "pytensor", "numba", "numpy"} <= set(json.loads(attrs["versions"]))
    assert attrs["random_seed"] == 2**64 - 1
    assert attrs["cores"] == 2
    assert attrs["sampling_time"] == 1.5
    assert attrs["tuning_steps"] == 500
    assert attrs["complete"] == 1
    assert attrs["sample_dims"] == ["chain", "draw"]
    assert attrs["created_at"][:2] == "20"
    assert get_group(idata, "observed_data").attrs["inference_library"] == "rufous"


def test_statistics_are_documented() -> None:
    _, idata = run()
    stats = get_group(idata, "sample_stats")
    assert stats["lp"].attrs["description"] == "Log density of the draw."
    reason = stats["divergence_reason"].attrs
    assert reason["flag_values"].tolist() == [0, 1, 2]
    assert reason["flag_meanings"].split()[0] == "none"
    assert len(reason["flag_meanings"].split()) == len(REASONS)
    assert json.loads(reason["reasons"])["1"] == REASONS[1]


def test_codes_of_metrics_have_names() -> None:
    described = describe_statistics(
        [("metric_kind", "int64", "Kind.")], metric_kinds=("diagonal", "low_rank", "dense")
    )
    attrs = described["metric_kind"]
    assert attrs["flag_meanings"] == "diagonal low_rank dense"
    assert list(np.asarray(attrs["flag_values"])) == [0, 1, 2]
    assert attrs["description"] == "Kind."


def test_a_block_of_another_sampler_needs_no_statistics() -> None:
    idata = from_trace([ChainTrace(0, DrawBlock(np.zeros((4, STORED.size))))], stored=STORED)
    assert group_names(idata) == ("posterior",)
