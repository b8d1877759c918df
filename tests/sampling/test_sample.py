"""`sample`, seen from the outside: what comes back, and that it is reproducible."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import rufous
from rufous.results import get_group, group_names
from rufous.sampling.sample import sample
from targets import c_expand, compiled, standard_normal

QUIET = {"quiet": True, "random_seed": 1}


def draws(idata, name="x"):
    return get_group(idata, "posterior")[name].to_numpy()


def correlated(position):
    """Compute a normal density with unit variances and correlation 0.9."""
    precision = np.array([[1.0, -0.9], [-0.9, 1.0]]) / 0.19
    return -0.5 * float(position @ precision @ position), -precision @ position


def test_moments_of_a_known_density():
    x = draws(sample(compiled(correlated), 2000, **QUIET))
    for value, expected in [
        (x[..., 0], 0.0),
        (x[..., 1], 0.0),
        (x[..., 0] ** 2, 1.0),
        (x[..., 0] * x[..., 1], 0.9),
    ]:
        batches = value.reshape(-1, 50).mean(axis=1)
        error = batches.std(ddof=1) / np.sqrt(batches.size)
        assert abs(value.mean() - expected) < 5 * error


def test_defaults():
    idata = sample(compiled(), **QUIET)
    assert set(group_names(idata)) == {"posterior", "sample_stats"}
    assert draws(idata).shape == (4, 1000, 2)
    attrs = get_group(idata, "posterior").attrs
    assert 150 <= attrs["tuning_steps"] <= 600
    assert json.loads(attrs["settings"])["adaptation"] == "pooled"


def test_groups_asked_for():
    idata = sample(
        compiled(),
        500,
        tune=300,
        adaptation="nutpie",
        discard_tuned_samples=False,
        store_unconstrained=True,
        **QUIET,
    )
    assert {"warmup_posterior", "warmup_sample_stats", "unconstrained_posterior"} <= set(
        group_names(idata)
    )
    assert get_group(idata, "warmup_posterior")["x"].shape == (4, 300, 2)
    np.testing.assert_array_equal(
        get_group(idata, "unconstrained_posterior")["x"].to_numpy(), draws(idata)
    )


def test_attributes():
    idata = sample(compiled(), 500, tune=300, chains=2, cores=1, target_accept=0.85, **QUIET)
    attrs = get_group(idata, "posterior").attrs
    settings = json.loads(attrs["settings"])
    assert (settings["num_draws"], settings["num_tune"], settings["seed"]) == (500, 300, 1)
    assert (settings["target_accept"], settings["max_treedepth"]) == (0.85, 10)
    assert (attrs["random_seed"], attrs["cores"]) == (1, 1)
    assert 100 <= attrs["tuning_steps"] <= 300
    assert list(attrs["restarts"]) == [0, 0]
    assert attrs["cores_decision"] == "cores=1 was asked for"
    assert (attrs["inference_library"], attrs["backend"]) == ("rufous", "rust")
    assert attrs["evaluator"] == "pointer"
    assert attrs["sampling_time"] > 0
    assert attrs["complete"] == 1


def test_the_seed_that_came_out_of_none_is_recorded():
    first = sample(compiled(), quiet=True)
    seed = int(get_group(first, "posterior").attrs["random_seed"])
    again = sample(compiled(), quiet=True, random_seed=seed)
    np.testing.assert_array_equal(draws(first), draws(again))


@pytest.mark.filterwarnings("ignore::rufous.errors.ConvergenceWarning")
@pytest.mark.parametrize("cores", [2, 4])
def test_draws_do_not_depend_on_cores(cores):
    one = sample(compiled(correlated), 100, tune=100, cores=1, **QUIET)
    many = sample(compiled(correlated), 100, tune=100, cores=cores, **QUIET)
    np.testing.assert_array_equal(draws(one), draws(many))


@pytest.mark.filterwarnings("ignore::rufous.errors.ConvergenceWarning")
def test_chains_do_not_depend_on_how_many_there_are():
    alone = {"tune": 100, "adaptation": "nutpie"}
    few = sample(compiled(correlated), 100, chains=2, **alone, **QUIET)
    many = sample(compiled(correlated), 100, chains=5, **alone, **QUIET)
    np.testing.assert_array_equal(draws(few), draws(many)[:2])


def test_draws_depend_on_the_seed():
    one = sample(compiled(), 500, quiet=True, random_seed=1)
    other = sample(compiled(), 500, quiet=True, random_seed=2)
    assert not np.array_equal(draws(one), draws(other))


def test_runs_in_several_python_threads_do_not_mix():
    alone = draws(sample(compiled(correlated), 500, **QUIET))
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(sample, compiled(correlated), 500, **QUIET) for _ in range(3)]
        for run in runs:
            np.testing.assert_array_equal(draws(run.result()), alone)


def test_variables_of_a_foreign_density_are_labelled():
    model = compiled(
        expand=c_expand(lambda x: np.array([x.sum(), x[0], x[1]])),
        stored={"total": (), "part": 2},
        dims={"part": "side"},
        coords={"side": ["left", "right"]},
    )
    posterior = get_group(sample(model, 500, **QUIET), "posterior")
    np.testing.assert_allclose(posterior["total"], posterior["part"].sum("side"))
    assert list(posterior["side"].values) == ["left", "right"]
    only = get_group(sample(model, 500, var_names=["total"], **QUIET), "posterior")
    assert list(only.data_vars) == ["total"]


@pytest.mark.filterwarnings("ignore::rufous.errors.RufousWarning")
def test_without_jitter_all_chains_start_alike():
    arguments = {"tune": 0, "jitter": 0.0, "discard_tuned_samples": False, "chains": 3}
    starts = []

    def recording(position):
        starts.append(position)
        return standard_normal(position)

    sample(compiled(recording), 1, initvals={"x": [3.0, -3.0]}, cores=1, **arguments, **QUIET)
    assert sum(np.array_equal(start, [3.0, -3.0]) for start in starts) >= 3


@pytest.mark.filterwarnings("ignore::rufous.errors.ConvergenceWarning")
def test_without_tuning_nothing_adapts():
    idata = sample(compiled(), 500, tune=0, chains=2, **QUIET)
    step = get_group(idata, "sample_stats")["step_size_bar"].to_numpy()
    assert (step == step[:, :1]).all()


def test_warns_when_the_chains_disagree():
    def two_modes(position):
        distance = position - 20 * np.sign(position)
        return -0.5 * float(distance @ distance), -distance

    with pytest.warns(rufous.ConvergenceWarning, match="x") as caught:
        sample(
            compiled(two_modes, 1),
            initvals=[{"x": [20.0]}, {"x": [-20.0]}],
            chains=2,
            **QUIET,
        )
    # The warning points at the call, so that a notebook shows the right line.
    assert all(warning.filename == __file__ for warning in caught)


def test_quiet_does_not_hide_warnings():
    with pytest.warns(rufous.ConvergenceWarning):
        sample(compiled(), 20, tune=20, chains=2, quiet=True, random_seed=1)


@pytest.mark.slow
def test_a_model_in_its_context():
    with rufous.Model():
        rufous.Normal("mu", 0.0, 1.0)
        by_number = sample(500, **QUIET)
        by_name = sample(draws=500, **QUIET)
    np.testing.assert_array_equal(draws(by_number, "mu"), draws(by_name, "mu"))
    assert draws(by_number, "mu").shape == (4, 500)
