"""Going on from a checkpoint: bit for bit, at every phase, and only where it belongs."""

from __future__ import annotations

import numpy as np
import pytest

import rufous
from rufous import _core
from rufous.results import get_group
from rufous.sampling.options import SampleOptions
from rufous.sampling.run_handle import RunHandle
from rufous.sampling.sample import sample
from rufous.sampling.starts import starting_positions
from targets import compiled, standard_normal

pytestmark = pytest.mark.filterwarnings("ignore::rufous.errors.RufousWarning")

ARGUMENTS = {
    "draws": 60, "tune": 80, "chains": 3, "cores": 2, "random_seed": 1,
    "discard_tuned_samples": False, "store_unconstrained": True, "store_divergences": True,
}  # fmt: skip


def everything(idata):
    """Return all sampled numbers, as bytes."""
    groups = ("posterior", "sample_stats", "warmup_posterior", "warmup_sample_stats")
    return {
        (group, name): variable.to_numpy().tobytes()
        for group in groups
        for name, variable in get_group(idata, group).items()
    }


@pytest.fixture(scope="module")
def whole():
    return everything(sample(compiled(), **ARGUMENTS, quiet=True))


def interrupted_at(iterations, model=None, **changes):
    """Save a run whose chains have all finished this number of iterations, and drop it."""
    model = model or compiled()
    defaults = {"target_accept": 0.8, "max_treedepth": 10, "jitter": 1.0, "backend": "rust"}
    options = SampleOptions.checked(**{**defaults, **ARGUMENTS, **changes})
    start = starting_positions(model, None, options)
    run = RunHandle(model, options, start)
    run._run.run_until(iterations=iterations)
    while not run._run.wait_parked(1.0):
        pass
    saved = run.checkpoint()
    run.cancel()
    return saved


@pytest.mark.parametrize("iterations", [0, 1, 2, 3, 10, 40, 67, 68, 79, 80, 81, 100, 139, 140])
def test_a_run_interrupted_at_any_phase_goes_on_bit_for_bit(whole, iterations):
    saved = interrupted_at(iterations)
    assert everything(rufous.resume(saved, compiled(), quiet=True)) == whole


def test_interrupting_again_and_again(whole):
    saved = interrupted_at(20)
    while True:
        run = rufous.resume(
            saved, compiled(), cores=1, quiet=True, blocking=False,
            callback=lambda run: run.pause(), callback_every=25,
        )  # fmt: skip
        while not (run.is_paused or run.is_finished):
            run.wait(0.01)
        if run.is_finished:
            break
        saved = run.checkpoint()
        run.cancel()
    assert everything(run.result()) == whole


def test_a_running_run_can_be_saved_and_goes_on(whole):
    run = sample(compiled(), **ARGUMENTS, quiet=True, blocking=False)
    saved = run.checkpoint()
    assert isinstance(saved, bytes)
    assert everything(run.result()) == whole
    assert everything(rufous.resume(saved, compiled(), quiet=True)) == whole


def test_more_draws_continue_the_run():
    saved = interrupted_at(140)
    idata = rufous.resume(saved, compiled(), draws=90, quiet=True)
    longer = sample(compiled(), **{**ARGUMENTS, "draws": 90}, quiet=True)
    assert everything(idata) == everything(longer)


def test_a_resumed_run_counts_from_where_it_was():
    run = rufous.resume(interrupted_at(100), compiled(), quiet=True, blocking=False)
    assert all(chain.finished_draws >= 100 for chain in run.progress)
    assert get_group(run.result(), "posterior").attrs["complete"] == 1


def test_the_kept_variables_are_those_of_the_checkpoint():
    model = compiled(variables=["a", "b"])
    run = sample(model, 50, tune=50, var_names=["b"], quiet=True, random_seed=1, blocking=False)
    idata = rufous.resume(run.checkpoint(), model, quiet=True)
    assert list(get_group(idata, "posterior").data_vars) == ["b"]


@pytest.mark.parametrize("value", [None, "text", bytearray(b"rufousCK")])
def test_what_is_no_bytes_is_refused(value):
    with pytest.raises(rufous.CheckpointError, match="must be the bytes that"):
        rufous.resume(value, compiled())


def test_damage_is_refused():
    saved = interrupted_at(10)
    with pytest.raises(rufous.CheckpointError, match="is none: it does not begin like one"):
        rufous.resume(b"something else", compiled())
    with pytest.raises(rufous.CheckpointError, match="ends too early"):
        rufous.resume(saved[:-1], compiled())
    damaged = bytearray(saved)
    damaged[len(saved) // 2] ^= 1
    with pytest.raises(rufous.CheckpointError, match="is damaged: its checksum is wrong"):
        rufous.resume(bytes(damaged), compiled())
    other = bytearray(saved)
    other[8] = 200
    with pytest.raises(rufous.CheckpointError, match="has version 200 and this build reads"):
        rufous.resume(bytes(other), compiled())


def test_another_model_is_refused():
    saved = interrupted_at(10)
    with pytest.raises(rufous.CheckpointError, match="a model with 2 parameters, and this one has"):
        rufous.resume(saved, compiled(dim=3))

    def shifted(position):
        return standard_normal(position - 1.0)

    with pytest.raises(rufous.CheckpointError, match="belongs to another model or other data"):
        rufous.resume(saved, compiled(shifted))


def test_fewer_draws_than_there_are_is_refused():
    with pytest.raises(rufous.CheckpointError, match="holds 20 draws of chain 0, more than the 5"):
        rufous.resume(interrupted_at(100), compiled(), draws=5)


def test_a_failed_run_cannot_be_saved():
    run = sample(
        compiled(lambda x: (np.nan, x)), chains=1, random_seed=1, quiet=True, blocking=False
    )
    run.wait()
    with pytest.raises(rufous.CheckpointError, match="cannot be made of a run that failed"):
        run.checkpoint()


def test_other_settings_are_refused_by_the_core():
    target = compiled().target
    small = {"num_chains": 1, "num_tune": 5, "num_draws": 5}
    run = _core.start(target, _core.Settings(**small), np.zeros((1, 2)))
    saved = run.checkpoint(b"")
    with pytest.raises(rufous.CheckpointError, match="it has `seed: 0` where there is `seed: 1`"):
        _core.restore(target, _core.Settings(**small, seed=1), saved)
