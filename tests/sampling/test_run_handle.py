"""A run in the background: steered and looked at by counts of draws, never by clocks."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import numpy as np
import pytest

import rufous
from rufous.results import get_group, group_names
from rufous.sampling.options import SampleOptions
from rufous.sampling.run_handle import RunHandle
from rufous.sampling.sample import sample
from targets import compiled, standard_normal

pytestmark = pytest.mark.filterwarnings("ignore::rufous.errors.ConvergenceWarning")

ARGUMENTS = {"draws": 200, "tune": 100, "chains": 3, "cores": 2, "random_seed": 1}
ENDLESS = {"draws": 1_000_000, "tune": 10, "chains": 2, "cores": 2, "random_seed": 1}


def x(idata):
    return get_group(idata, "posterior")["x"].to_numpy()


def begin(**changes):
    return sample(compiled(), **{**ARGUMENTS, **changes}, quiet=True, blocking=False)


@pytest.fixture(scope="module")
def whole():
    return x(sample(compiled(), **ARGUMENTS, quiet=True))


def paused_at(draws, **changes):
    """Start a run that is parked at an exact number of draws."""
    pauses = [True]

    def pause_once(run):
        if pauses:
            pauses.pop()
            run.pause()

    run = begin(callback=pause_once, callback_every=draws, **changes)
    while not run.is_paused:
        run.wait(0.01)
    return run


def finished_draws(run):
    return [chain.finished_draws for chain in run.progress]


def test_the_result_is_that_of_a_blocking_run(whole):
    run = begin()
    assert isinstance(run, RunHandle)
    idata = run.result()
    np.testing.assert_array_equal(x(idata), whole)
    assert run.result() is idata
    assert run.is_finished
    assert not run.is_paused
    assert finished_draws(run) == [300] * 3
    assert get_group(idata, "posterior").attrs["complete"] == 1


def test_wait_says_whether_all_chains_have_ended():
    run = begin()
    assert run.wait() is True
    assert run.wait(0.0) is True
    run = sample(compiled(), **ENDLESS, quiet=True, blocking=False)
    assert run.wait(0.01) is False
    assert not run.is_finished
    run.cancel()


def test_a_paused_run_stands_still_and_goes_on_as_if_nothing_had_happened(whole):
    run = paused_at(50)
    assert finished_draws(run) == [150] * 3
    assert run.wait(0.05) is False
    assert finished_draws(run) == [150] * 3
    assert "paused" in repr(run)
    np.testing.assert_array_equal(x(run.result()), whole)


def test_inspection_shows_the_draws_so_far(whole):
    run = paused_at(50)
    part = run.inspect()
    np.testing.assert_array_equal(x(part), whole[:, :50])
    attrs = get_group(part, "posterior").attrs
    assert attrs["complete"] == 0
    assert list(attrs["chain_outcomes"]) == ["running"] * 3
    # A copy: what comes later does not change it.
    run.result()
    np.testing.assert_array_equal(x(part), whole[:, :50])
    np.testing.assert_array_equal(x(run.inspect()), whole)


def test_inspection_before_the_first_draw():
    run = sample(compiled(), 10, tune=1_000_000, quiet=True, blocking=False, random_seed=1)
    assert run.inspect() is None
    assert run.abort() is None


def test_pausing_at_a_number_of_draws(whole):
    run = paused_at(50)
    for at in (60, 61, 90):
        run.pause(at=at)
        while not run.is_paused:
            run.wait(0.01)
        assert finished_draws(run) == [100 + at] * 3
    np.testing.assert_array_equal(x(run.result()), whole)


def test_a_refused_pause():
    run = begin()
    with pytest.raises(rufous.SettingsError, match="`at` must be an integer of at least 0"):
        run.pause(at=-1)
    run.result()


def test_abort_keeps_the_draws(whole):
    run = paused_at(50)
    idata = run.abort()
    np.testing.assert_array_equal(x(idata), whole[:, :50])
    attrs = get_group(idata, "posterior").attrs
    assert attrs["complete"] == 0
    assert list(attrs["chain_outcomes"]) == ["cancelled"] * 3
    assert run.is_finished
    np.testing.assert_array_equal(x(run.inspect()), whole[:, :50])


def test_abort_of_a_running_run():
    run = sample(compiled(), **ENDLESS, quiet=True, blocking=False)
    while min(finished_draws(run)) < 50:
        run.wait(0.01)
    idata = run.abort()
    assert 40 <= x(idata).shape[1] < 1_000_000


def test_cancel_drops_the_draws():
    run = paused_at(50)
    run.cancel()
    assert run.is_finished
    for method in (run.result, run.inspect, run.abort, run.checkpoint):
        with pytest.raises(rufous.RufousError, match="its draws were dropped"):
            method()
    run.cancel()


def test_dropping_the_handle_stops_the_chains():
    calls = 0

    def counting(position):
        nonlocal calls
        calls += 1
        return standard_normal(position)

    run = sample(compiled(counting), **ENDLESS, quiet=True, blocking=False)
    while calls < 100:
        time.sleep(0.001)
    gone = weakref.ref(run)
    del run
    gc.collect()
    assert gone() is None
    before = calls
    time.sleep(0.05)
    assert calls == before


def test_the_handle_shows_how_the_chains_are_doing():
    run = paused_at(50)
    assert repr(run) == "<RunHandle: 3 chains, 50 %, paused>"
    text = str(run)
    assert text.count("150/300") == 3
    assert run._repr_html_().count("<tr>") == 4
    run.result()
    assert repr(run) == "<RunHandle: 3 chains, 100 %, finished>"


def test_a_failure_is_raised_by_result():
    run = sample(
        compiled(lambda x: (-np.inf, x)), chains=2, random_seed=1, quiet=True, blocking=False
    )
    with pytest.raises(rufous.InitializationError, match="chain 0: no starting point"):
        run.result()


def test_several_threads_may_ask_for_the_result(whole):
    run = begin()
    results = []
    threads = [threading.Thread(target=lambda: results.append(run.result())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    for idata in results:
        np.testing.assert_array_equal(x(idata), whole)


# Callbacks


def test_a_callback_sees_each_block(whole):
    seen = []

    def watch(run):
        seen.append((finished_draws(run), x(run.inspect())))

    idata = sample(compiled(), **ARGUMENTS, quiet=True, callback=watch, callback_every=60)
    np.testing.assert_array_equal(x(idata), whole)
    assert [draws for draws, _ in seen] == [[160] * 3, [220] * 3, [280] * 3]
    for count, (_, part) in zip((60, 120, 180), seen, strict=True):
        np.testing.assert_array_equal(part, whole[:, :count])


@pytest.mark.parametrize("blocking", [True, False])
def test_a_callback_may_stop_the_run(whole, blocking):
    calls = 0

    def stop_at_the_second(run):
        nonlocal calls
        calls += 1
        return calls == 2

    run = sample(
        compiled(),
        **ARGUMENTS,
        quiet=True,
        callback=stop_at_the_second,
        callback_every=60,
        blocking=blocking,
    )
    idata = run if blocking else run.result()
    np.testing.assert_array_equal(x(idata), whole[:, :120])
    assert get_group(idata, "posterior").attrs["complete"] == 0


@pytest.mark.parametrize("blocking", [True, False])
def test_an_error_in_a_callback_stops_the_run_and_is_raised(blocking):
    def fail(run):
        raise ZeroDivisionError("in the callback")

    def go():
        run = sample(compiled(), **ENDLESS, quiet=True, callback=fail, blocking=blocking)
        return run if blocking else run.result()

    with pytest.raises(ZeroDivisionError, match="in the callback"):
        go()


def test_a_callback_may_abort_or_pause_the_run(whole):
    parts = []
    run = begin(callback=lambda run: parts.append(run.abort()), callback_every=60)
    while not parts:
        run.wait(0.01)
    np.testing.assert_array_equal(x(parts[0]), whole[:, :60])
    assert len(parts) == 1


def test_blocks_do_not_depend_on_cores():
    def stopped_by(cores):
        return sample(
            compiled(),
            **{**ARGUMENTS, "cores": cores},
            quiet=True,
            callback=lambda run: float(np.abs(x(run.inspect())).max()) > 2.5,
            callback_every=10,
        )

    one, three = x(stopped_by(1)), x(stopped_by(3))
    assert one.shape[1] < 200
    np.testing.assert_array_equal(one, three)


def test_refused_callbacks():
    with pytest.raises(rufous.SettingsError, match="`callback` must be a function of the run"):
        sample(compiled(), callback=3)
    with pytest.raises(rufous.SettingsError, match="`callback_every` must be an integer"):
        sample(compiled(), callback=print, callback_every=0)
    with pytest.raises(rufous.SettingsError, match="`blocking` must be True or False"):
        sample(compiled(), blocking=1)


def test_no_thread_and_no_lock_are_left_behind():
    before = threading.active_count()
    begin(callback=lambda run: None).result()
    assert threading.active_count() == before


# What is stored of divergences


def test_where_trajectories_diverged():
    def cliff(position):
        value, gradient = standard_normal(position)
        return (value if position[0] < 0.5 else -np.inf), gradient

    with pytest.warns(rufous.RufousWarning):
        idata = sample(
            compiled(cliff), **ARGUMENTS, quiet=True, store_divergences=True,
            initvals={"x": [-1.0, 0.0]},
        )  # fmt: skip
    statistics = get_group(idata, "sample_stats")
    start = statistics["divergence_start"]
    assert start.dims == ("chain", "draw", "unconstrained_parameter")
    assert list(start["unconstrained_parameter"].values) == ["x[0]", "x[1]"]
    diverging = statistics["diverging"].to_numpy()
    assert diverging.any()
    np.testing.assert_array_equal(np.isfinite(start.to_numpy()).all(axis=-1), diverging)
    assert (start.to_numpy()[diverging][:, 0] < 0.5).all()


def test_divergences_are_not_stored_unless_asked_for(whole):
    idata = sample(compiled(), **ARGUMENTS, quiet=True)
    assert "divergence_start" not in get_group(idata, "sample_stats")
    assert "unconstrained_posterior" not in group_names(idata)


def test_options_survive_a_note():
    options = SampleOptions.checked(
        draws=10, tune=5, chains=2, cores=1, random_seed=3, target_accept=0.9, max_treedepth=8,
        jitter=0.5, discard_tuned_samples=False, store_unconstrained=True,
        store_divergences=True, backend="rust",
    )  # fmt: skip
    assert SampleOptions.from_note(options.to_note(), draws=None, cores=1) == options
