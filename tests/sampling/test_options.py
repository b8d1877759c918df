"""How the sampler learns and starts: every choice samples, and nonsense is refused at the door."""

from __future__ import annotations

import json

import numpy as np
import pytest

import rufous
from results.made_up_run import OLD_ARVIZ
from rufous import _core
from rufous.results import get_group
from rufous.sampling.sample import sample
from rufous.sampling.warm_start import WARM_START, WarmStart
from targets import compiled, standard_normal

pytestmark = pytest.mark.filterwarnings("ignore::rufous.errors.ConvergenceWarning")

QUIET = {"quiet": True, "random_seed": 1}


def correlated(position):
    """Compute a normal density with unit variances and correlation 0.9."""
    precision = np.array([[1.0, -0.9], [-0.9, 1.0]]) / 0.19
    return -0.5 * float(position @ precision @ position), -precision @ position


def x(idata):
    return get_group(idata, "posterior")["x"].to_numpy()


def statistic(idata, name):
    return get_group(idata, "sample_stats")[name].to_numpy()


def load(path):
    if OLD_ARVIZ:
        import arviz

        return arviz.from_netcdf(path, engine="h5netcdf")
    import xarray

    return xarray.load_datatree(path, engine="h5netcdf")


def settings(idata):
    return json.loads(get_group(idata, "posterior").attrs["settings"])


def check_correlated(idata):
    draws = x(idata)
    for value, expected in [
        (draws[..., 0], 0.0),
        (draws[..., 1] ** 2, 1.0),
        (draws[..., 0] * draws[..., 1], 0.9),
    ]:
        batches = value.reshape(-1, 50).mean(axis=1)
        error = batches.std(ddof=1) / np.sqrt(batches.size)
        assert abs(value.mean() - expected) < 5 * error


@pytest.mark.parametrize("adaptation", ["pooled", "nutpie", "stan"])
@pytest.mark.parametrize("metric", ["auto", "diagonal", "dense"])
def test_every_adaptation_samples_the_right_density(adaptation, metric):
    idata = sample(compiled(correlated), 2000, adaptation=adaptation, metric=metric, **QUIET)
    check_correlated(idata)
    assert settings(idata)["adaptation"] == adaptation
    assert settings(idata)["metric"] == metric


@pytest.mark.parametrize(
    ("adaptation", "metric", "tune"),
    [("pooled", None, 600), ("nutpie", None, 400), ("nutpie", "low_rank", 800),
     ("stan", None, 1000)],
)  # fmt: skip
def test_the_length_of_tuning_fits_the_adaptation(adaptation, metric, tune):
    idata = sample(compiled(), 100, adaptation=adaptation, metric=metric, chains=2, **QUIET)
    assert settings(idata)["num_tune"] == tune
    assert get_group(idata, "posterior").attrs["tuning_steps"] <= tune


def test_a_dense_metric_needs_fewer_gradients_where_parameters_are_correlated():
    diagonal = sample(compiled(correlated), 500, adaptation="pooled", metric="diagonal", **QUIET)
    dense = sample(compiled(correlated), 500, adaptation="pooled", metric="dense", **QUIET)
    assert statistic(dense, "n_steps").sum() < 0.8 * statistic(diagonal, "n_steps").sum()


@pytest.mark.parametrize("metric", ["diagonal", "low_rank", "dense"])
def test_statistics_say_how_well_the_metric_fits(metric):
    idata = sample(compiled(correlated), 200, adaptation="pooled", metric=metric, **QUIET)
    kinds = get_group(idata, "sample_stats")["metric_kind"]
    names = kinds.attrs["flag_meanings"].split()
    assert {names[code] for code in np.unique(kinds)} == {metric}
    version = statistic(idata, "metric_version")
    assert (version == version[:, :1]).all() and version.min() > 0
    distance = statistic(idata, "fisher_distance")
    # A normal is met exactly by a full metric, and missed by a diagonal one.
    assert bool(distance.max() < 1e-3) is (metric != "diagonal")


def test_without_tuning_the_center_is_not_known():
    idata = sample(compiled(), 50, tune=0, **QUIET)
    assert np.isnan(statistic(idata, "fisher_distance")).all()


def test_a_step_size_is_kept():
    idata = sample(compiled(), 200, tune=100, step_size=0.25, step_size_jitter=0.0, **QUIET)
    assert (statistic(idata, "step_size") == 0.25).all()
    jittered = sample(compiled(), 200, tune=100, step_size=0.25, step_size_jitter=0.2, **QUIET)
    steps = statistic(jittered, "step_size")
    assert 0.2 <= steps.min() < 0.21
    assert 0.29 < steps.max() <= 0.3


def test_local_steps_sample_a_funnel_without_divergences():
    def funnel(position):
        v, y = np.clip(position, -500.0, 500.0)
        value = -v * v / 18 - 0.5 * v - 0.5 * y * y * np.exp(-v)
        return float(value), np.array([-v / 9 - 0.5 + 0.5 * y * y * np.exp(-v), -y * np.exp(-v)])

    arguments = {"draws": 500, "tune": 300, **QUIET}
    with pytest.warns(rufous.DivergenceWarning):
        plain = sample(compiled(funnel), **arguments)
    local = sample(compiled(funnel), **arguments, local_steps=True)
    assert x(local)[..., 0].min() < x(plain)[..., 0].min() + 2.0
    assert statistic(local, "diverging").sum() < statistic(plain, "diverging").sum()


@pytest.mark.parametrize("init", ["jitter", "pathfinder"])
def test_starts_of_every_kind_sample_the_right_density(init):
    check_correlated(sample(compiled(correlated), 2000, init=init, **QUIET))


def test_chains_start_at_draws_from_the_prior():
    with rufous.Model() as model:
        mu = rufous.Normal("mu", 100.0, 0.01)
        rufous.Normal("y", mu, 1.0, observed=[100.0])
    compiled_model = rufous.compile(model)
    from rufous.sampling.options import SampleOptions
    from rufous.sampling.starts import starting_positions

    def starts(init):
        options = SampleOptions.checked(
            draws=1, tune=0, chains=4, cores=1, random_seed=1, target_accept=0.8,
            max_treedepth=10, jitter=1.0, init=init, discard_tuned_samples=True,
            store_unconstrained=False, store_divergences=False, backend="rust",
        )  # fmt: skip
        assert options.to_core().as_dict()["init.jitter"] == (0.0 if init == "prior" else 1.0)
        return starting_positions(compiled_model, None, options)[:, 0]

    prior = starts("prior")
    assert len(set(prior)) == 4
    assert np.abs(prior - 100.0).max() < 0.06
    assert set(starts("jitter")) == {100.0}


def test_there_is_no_prior_without_a_model():
    with pytest.raises(rufous.SettingsError, match="`init` must not be 'prior' for a log density"):
        sample(compiled(), init="prior")


# Warm starts


@pytest.fixture(scope="module")
def earlier():
    return sample(compiled(correlated), 500, adaptation="pooled", metric="dense", **QUIET)


def test_a_warm_start_takes_metric_step_size_and_positions(earlier):
    learnt = WarmStart.read(earlier)
    assert learnt.metric.kind == "dense"
    assert learnt.positions.shape == (4, 2)
    np.testing.assert_array_equal(learnt.positions, x(earlier)[:, -1])
    later = sample(
        compiled(correlated), 2000, warm_start=earlier, step_size_jitter=0.0, quiet=True,
        random_seed=2,
    )  # fmt: skip
    check_correlated(later)
    assert settings(later)["num_tune"] == 0
    np.testing.assert_allclose(statistic(later, "step_size"), learnt.step_size)
    assert WarmStart.read(later).metric.kind == "dense"
    # No gradient is spent on a search: one evaluation at the start, then the trajectories.
    first = statistic(later, "energy_error")[:, 0]
    assert np.isfinite(first).all()


def test_a_warm_start_may_tune_the_step_size(earlier):
    later = sample(
        compiled(correlated), 500, tune=100, warm_start=earlier, target_accept=0.95, **QUIET
    )
    assert WarmStart.read(later).step_size < WarmStart.read(earlier).step_size


def test_more_chains_than_before_take_positions_in_turn(earlier):
    later = sample(compiled(correlated), 300, chains=6, warm_start=earlier, **QUIET)
    assert x(later).shape[0] == 6
    assert len({draws.tobytes() for draws in x(later)}) == 6


def test_what_was_learnt_survives_text_exactly(earlier):
    learnt = WarmStart.read(earlier)
    again = WarmStart.from_text(learnt.to_text())
    assert again.step_size == learnt.step_size
    np.testing.assert_array_equal(again.positions, learnt.positions)
    for (_, one), (_, two) in zip(learnt.metric.arrays(), again.metric.arrays(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_warm_start_survives_a_file(earlier, tmp_path):
    earlier.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    text = get_group(earlier, "sample_stats").attrs[WARM_START]
    loaded = load(tmp_path / "run.nc")
    assert get_group(loaded, "sample_stats").attrs[WARM_START] == text


def test_a_resumed_warm_start_is_bit_for_bit(earlier):
    arguments = {"draws": 100, "warm_start": earlier, **QUIET}
    whole = sample(compiled(correlated), **arguments)
    run = sample(compiled(correlated), **arguments, blocking=False)
    saved = run.checkpoint()
    run.cancel()
    np.testing.assert_array_equal(
        x(rufous.resume(saved, compiled(correlated), quiet=True)), x(whole)
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"adaptation": "adam"}, "`adaptation` must be one of 'pooled', 'nutpie', 'stan', got"),
        ({"metric": "full"}, "`metric` must be one of 'auto', 'diagonal', 'low_rank', 'dense'"),
        ({"init": "zero"}, "`init` must be one of 'jitter', 'prior', 'pathfinder', got 'zero'"),
        ({"step_size": 0.0}, "`step_size` must be a finite number greater than 0, got 0.0"),
        ({"step_size": np.inf}, "`step_size` must be a finite number greater than 0, got inf"),
        ({"step_size_jitter": 1.0}, r"`step_size_jitter` must be a number in \[0, 1\), got 1.0"),
        ({"step_size_jitter": -0.1}, r"`step_size_jitter` must be a number in \[0, 1\), got -0.1"),
        ({"local_steps": 1}, "`local_steps` must be True or False, got 1"),
        ({"warm_start": 3}, "`warm_start` must be a result of rufous.sample with the group"),
        ({"adaptation": "stan", "metric": "low_rank"}, "metric"),
    ],
)
def test_nonsense_is_refused_before_compiling(arguments, message):
    with rufous.Model() as model, pytest.raises(rufous.SettingsError, match=message):
        sample(model, **arguments)


def test_contradictions_with_a_warm_start_are_refused(earlier):
    for arguments, message in [
        ({"metric": "dense"}, "`metric` must be left out with `warm_start`"),
        ({"initvals": {"x": [0.0, 0.0]}}, "`initvals` must be left out with `warm_start`"),
    ]:
        with pytest.raises(rufous.SettingsError, match=message):
            sample(compiled(correlated), warm_start=earlier, **arguments)
    with pytest.raises(rufous.SettingsError, match="is of a model with 2 unconstrained parameters"):
        sample(compiled(standard_normal, 3), warm_start=earlier)
    with pytest.raises(rufous.SettingsError, match="holds nothing that can be read"):
        WarmStart.from_text("{}")
    with pytest.raises(rufous.SettingsError, match=r"`metric\.given` must be"):
        _core.Metric("diagonal", 2, scale=[1.0, -1.0])
