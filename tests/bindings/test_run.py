"""`Run`: chains in the background, seen from Python."""

from __future__ import annotations

import _thread
import threading
import time
import weakref

import numpy as np
import pytest

from rufous import _core
from rufous.compile.pointers import from_pointers
from rufous.errors import LogDensityError, RufousError, SettingsError, ShapeError
from targets import c_logdensity, standard_normal


def settings(**changes):
    defaults = {"num_chains": 2, "num_tune": 50, "num_draws": 50, "num_threads": 2}
    return _core.Settings(**{**defaults, **changes})


def start(target, **changes):
    chains = changes.get("num_chains", 2)
    return _core.start(target, settings(**changes), np.zeros((chains, target.dim)))


def normal_target(dim=2):
    return _core.Target.from_callables(dim, dim, standard_normal)


def endless(evaluate=standard_normal, pause=0.001):
    """Make a target so slow that a run of many draws never ends by itself."""

    def logp_dlogp(position):
        time.sleep(pause)
        return evaluate(position)

    return _core.Target.from_callables(1, 1, logp_dlogp)


def test_shapes_and_dtypes_of_a_trace():
    result = start(normal_target(), store_warmup=True, store_unconstrained=True).result()
    assert result.elapsed > 0
    assert [chain.chain for chain in result.chains] == [0, 1]
    for chain in result.chains:
        assert (chain.outcome, chain.message, chain.error) == ("complete", "", None)
        assert chain.failed_position is None
        assert chain.num_tune == 50
        assert chain.inverse_mass_matrix.shape == (2,)
        for block in (chain.draws, chain.warmup):
            assert block.values.shape == block.unconstrained.shape == (50, 2)
            np.testing.assert_array_equal(block.values, block.unconstrained)
            assert list(block.statistics) == [name for name, _, _ in _core.STATISTICS]
            for name, dtype, _ in _core.STATISTICS:
                assert block.statistics[name].dtype == dtype
                assert block.statistics[name].shape == (50,)


def test_what_is_not_asked_for_is_not_there():
    chain = start(normal_target()).result().chains[0]
    assert chain.warmup is None
    assert chain.draws.unconstrained is None


def test_buffers_are_moved_and_outlive_everything_else():
    run = start(normal_target())
    result = run.result()
    block = result.chains[0].draws
    values, energy = block.values, block.statistics["energy"]
    assert block.values is values
    assert values.flags.c_contiguous
    assert values.flags.writeable
    # Memory of Rust, not a NumPy copy of it.
    base = values
    while isinstance(base, np.ndarray):
        base = base.base
    assert type(base).__name__ == "PySliceContainer"
    before = values.copy(), energy.copy()
    del run, result, block, base
    np.zeros(100_000)
    np.testing.assert_array_equal(values, before[0])
    np.testing.assert_array_equal(energy, before[1])


def test_the_result_is_taken_once():
    run = start(normal_target())
    run.result()
    for method in (run.result, run.progress, run.cancel, run.pause, run.first_failure):
        with pytest.raises(RufousError, match="has been taken already"):
            method()
    with pytest.raises(RufousError, match="has been taken already"):
        run.wait(0.0)


def test_progress_counts_up():
    run = start(normal_target())
    assert run.wait(30.0)
    assert run.is_finished
    for chain in run.progress():
        assert chain.phase == "finished"
        assert chain.finished_draws == chain.total_draws == 100
        assert chain.num_gradients >= 100
        assert chain.step_size > 0


def test_wrong_positions_are_refused():
    target = normal_target()
    for positions in (np.zeros((3, 2)), np.zeros(2), np.zeros((2, 2), dtype=int), [[0, 0]] * 2):
        with pytest.raises(ShapeError, match=r"`initial_positions` must be a contiguous float64"):
            _core.start(target, settings(), positions)
    with pytest.raises(SettingsError, match="initial_positions"):
        _core.start(target, settings(), np.full((2, 2), np.nan))


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_draws_do_not_depend_on_threads(cores):
    def draws(threads):
        result = start(normal_target(), num_chains=4, num_threads=threads, seed=3).result()
        return np.stack([chain.draws.values for chain in result.chains])

    np.testing.assert_array_equal(draws(cores), draws(1))


def test_chains_do_not_depend_on_how_many_there_are():
    def draws(chains):
        result = start(normal_target(), num_chains=chains, seed=3).result()
        return np.stack([chain.draws.values for chain in result.chains])

    np.testing.assert_array_equal(draws(4)[:2], draws(2))


def test_seeds_and_chains_differ():
    def draws(seed):
        result = start(normal_target(), seed=seed).result()
        return [chain.draws.values for chain in result.chains]

    one, two = draws(1), draws(2)
    assert not np.array_equal(one[0], one[1])
    assert not np.array_equal(one[0], two[0])


def test_other_python_threads_run_meanwhile():
    run = start(endless(), num_draws=1_000_000)
    ticks = 0
    stop = threading.Event()

    def tick():
        nonlocal ticks
        while not stop.wait(0.001):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    assert not run.wait(0.3)
    stop.set()
    thread.join()
    run.cancel()
    assert ticks > 10
    assert run.wait(30.0)


def test_several_python_threads_may_use_a_run():
    run = start(endless(), num_draws=1_000_000)
    waiting = [threading.Thread(target=run.wait, args=(60.0,)) for _ in range(3)]
    for thread in waiting:
        thread.start()
    run.progress()
    run.cancel()
    for thread in waiting:
        thread.join(30.0)
        assert not thread.is_alive()


def test_cancel_keeps_the_draws():
    run = start(endless(), num_tune=5, num_draws=1_000_000)
    while min(chain.finished_draws for chain in run.progress()) < 10:
        assert not run.wait(0.01)
    run.cancel()
    for chain in run.result().chains:
        assert chain.outcome == "cancelled"
        assert 5 <= len(chain.draws.values) < 1_000_000
        assert len(chain.draws.statistics["lp"]) == len(chain.draws.values)
        assert np.isfinite(chain.draws.values).all()


def test_an_interrupt_is_heard_while_waiting():
    evaluations = 0

    def interrupting(position):
        nonlocal evaluations
        evaluations += 1
        if evaluations == 200:
            _thread.interrupt_main()
        return standard_normal(position)

    run = start(endless(interrupting), num_draws=1_000_000)
    with pytest.raises(KeyboardInterrupt):
        run.wait(1000.0)
    heard = evaluations
    run.cancel()
    assert all(chain.outcome == "cancelled" for chain in run.result().chains)
    # Two threads take at most 200 gradients of 1 ms within 100 ms; a busy machine may take longer.
    assert heard <= 200 + 1000


def test_an_interrupt_is_heard_while_taking_the_result():
    def interrupting(position):
        if run.progress()[0].finished_draws == 5:
            _thread.interrupt_main()
        return standard_normal(position)

    started = threading.Event()

    def logp_dlogp(position):
        started.wait()
        return interrupting(position)

    run = start(endless(logp_dlogp), num_draws=1_000_000, num_chains=1)
    started.set()
    with pytest.raises(KeyboardInterrupt):
        run.result()
    run.cancel()
    assert run.result().chains[0].outcome == "cancelled"


def test_pause_and_resume():
    run = start(endless(), num_draws=1_000_000)
    run.pause()
    assert run.is_paused
    run.wait(0.1)
    before = [chain.finished_draws for chain in run.progress()]
    run.wait(0.1)
    assert [chain.finished_draws for chain in run.progress()] == before
    run.resume()
    assert not run.is_paused
    while [chain.finished_draws for chain in run.progress()] == before:
        assert not run.wait(0.01)
    run.cancel()


def test_a_fatal_chain_keeps_its_draws_and_leaves_the_others_alone():
    alone = start(normal_target(), num_chains=1).result().chains[0]
    calls = 0

    def failing(position):
        nonlocal calls
        calls += 1
        if calls > alone.num_gradients + 200:
            raise ValueError("the disk is full")
        return standard_normal(position)

    run = start(_core.Target.from_callables(2, 2, failing), num_threads=1)
    first, second = run.result().chains
    assert first.outcome == "complete"
    assert second.outcome == "failed"
    assert isinstance(second.error, LogDensityError)
    assert str(second.error) == second.message
    assert second.message.startswith("chain 1: the log density failed after")
    assert "ValueError: the disk is full" in second.message
    assert len(second.draws.values) < 50


def test_a_panicking_chain_leaves_the_others_alone(capfd):
    run = start(_core.Target._panicking(2, 400), num_chains=3, num_tune=10, num_draws=200)
    outcomes = [chain.outcome for chain in run.result().chains]
    assert sorted(outcomes) == ["complete", "complete", "failed"]


def test_first_failure_is_told_before_the_end():
    run = start(
        _core.Target.from_callables(1, 1, lambda x: (np.nan, x)),
        num_chains=1,
    )
    run.wait(30.0)
    failure = run.first_failure()
    assert type(failure).__name__ == "InitializationError"
    chain = run.result().chains[0]
    assert chain.failed_position.shape == (1,)
    assert "chain 0: no starting point" in chain.message


def test_failed_expansions_are_nan_and_counted():
    def expand(position):
        if position[0] > 0:
            raise ZeroDivisionError
        return position

    target = _core.Target.from_callables(1, 1, standard_normal, expand)
    chain = start(target, store_unconstrained=True).result().chains[0]
    positive = chain.draws.unconstrained[:, 0] > 0
    assert positive.any()
    np.testing.assert_array_equal(np.isnan(chain.draws.values[:, 0]), positive)
    assert chain.num_failed_expansions == positive.sum()


class Owner:
    """Something that can be watched."""


def test_chains_keep_alive_what_they_call():
    owner = Owner()
    calls = 0

    def slow(position):
        nonlocal calls
        calls += 1
        time.sleep(0.001)
        return standard_normal(position)

    compiled = from_pointers(1, c_logdensity(slow), keep_alive=owner)
    alive = weakref.ref(owner)
    run = start(compiled.target, num_draws=1_000_000)
    del owner, compiled
    assert not run.wait(0.05)
    assert alive() is not None
    before = calls
    assert not run.wait(0.05)
    assert calls > before
    # Dropping the run cancels and joins the chains; nothing calls the function after that.
    del run
    before = calls
    time.sleep(0.05)
    assert calls == before
    normal_target().logp_dlogp(np.zeros(2))
    assert alive() is None
