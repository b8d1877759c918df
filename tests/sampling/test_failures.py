"""Runs that do not end as they should: what is raised, and what is kept."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import rufous
from rufous.results import get_group
from rufous.sampling.sample import sample
from targets import c_expand, compiled, standard_normal

QUIET = {"quiet": True, "random_seed": 1}


def test_a_failed_start_names_chain_tries_and_variable():
    model = compiled(lambda x: (-np.inf, np.array([0.0, np.nan])), variables=["a", "b"])
    with pytest.raises(rufous.InitializationError) as error:
        sample(model, **QUIET)
    text = str(error.value)
    assert text.startswith("chain 0: no starting point with a finite log density and gradient in")
    assert "the log density is -inf" in text
    assert "the gradient with respect to 'b' is not finite" in text


def test_a_failed_start_stops_the_other_chains():
    def only_right(position):
        time.sleep(0.001)
        return standard_normal(position) if position[0] > -50 else (np.nan, position)

    started = time.monotonic()
    with pytest.raises(rufous.InitializationError, match="chain 1"):
        sample(
            compiled(only_right, 1),
            1_000_000,
            chains=2,
            cores=2,
            initvals=[None, {"x": [-100.0]}],
            **QUIET,
        )
    assert time.monotonic() - started < 60


@pytest.mark.filterwarnings("ignore::rufous.errors.RufousWarning")
def test_a_failed_chain_is_named_and_its_draws_are_kept():
    calls = 0

    def failing(position):
        nonlocal calls
        calls += 1
        return -7 if calls > 3000 else standard_normal(position)

    with pytest.raises(rufous.SamplingError) as error:
        sample(compiled(failing), 200, tune=100, chains=50, cores=1, adaptation="nutpie", **QUIET)
    text = str(error.value)
    assert "the log density failed after" in text
    assert "status -7: a fatal error" in text
    assert "in the attribute `partial`" in text
    assert isinstance(error.value.__cause__, rufous.LogDensityError)
    posterior = get_group(error.value.partial, "posterior")
    assert posterior.sizes["draw"] == 200
    assert posterior.sizes["chain"] < 50
    assert posterior.attrs["complete"] == 0
    assert np.isfinite(posterior["x"]).all()


def test_a_failure_before_the_first_draw_has_no_partial_result():
    calls = 0

    def failing(position):
        nonlocal calls
        calls += 1
        return -7 if calls > 5 else standard_normal(position)

    with pytest.raises(rufous.SamplingError, match=r"There are no draws\.") as error:
        sample(compiled(failing), 100, tune=100, chains=1, **QUIET)
    assert error.value.partial is None


def interrupting(after):
    """Make a slow target that interrupts the main thread at evaluation number `after`."""
    calls = 0

    def logp_dlogp(position):
        nonlocal calls
        calls += 1
        if calls == after:
            _thread.interrupt_main()
        time.sleep(0.001)
        return standard_normal(position)

    return compiled(logp_dlogp)


def test_an_interrupt_keeps_the_draws():
    with pytest.raises(rufous.SamplingInterrupted) as error:
        sample(interrupting(400), 1_000_000, tune=10, chains=2, cores=2, **QUIET)
    assert isinstance(error.value, KeyboardInterrupt)
    assert "in the attribute `partial`" in str(error.value)
    posterior = get_group(error.value.partial, "posterior")
    # 400 evaluations happened before it, and a tenth of a second later all was over.
    assert 1 <= posterior.sizes["draw"] <= 2000
    assert posterior.sizes["chain"] in (1, 2)
    assert posterior.attrs["complete"] == 0
    assert np.isfinite(posterior["x"]).all()


def test_an_interrupt_while_tuning_has_no_partial_result():
    with pytest.raises(rufous.SamplingInterrupted, match=r"There are no draws\.") as error:
        sample(interrupting(20), 100, tune=1_000_000, chains=2, **QUIET)
    assert error.value.partial is None


SCRIPT = """
import time
from rufous import SamplingInterrupted, sample
from targets import compiled, standard_normal

evaluations = 0

def slow(position):
    global evaluations
    evaluations += 1
    if evaluations == 400:
        print("ready", flush=True)
    time.sleep(0.001)
    return standard_normal(position)

try:
    sample(compiled(slow), 1_000_000, tune=10, chains=2, progressbar=False)
except SamplingInterrupted as error:
    print("interrupted", error.partial.posterior.sizes["draw"], flush=True)
    raise
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_a_script(root):
    package = Path(rufous.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (package, root / "tests")))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=250)
    assert "interrupted" in output
    assert "SamplingInterrupted: sampling was interrupted" in errors
    # A script that was interrupted must not look as if it had succeeded.
    assert process.returncode != 0


def test_missing_values_are_counted_and_warned_of():
    model = compiled(
        expand=c_expand(lambda x: 2 if x[0] > 0 else x),
        stored={"y": 2},
    )
    with pytest.warns(rufous.RufousWarning) as caught:
        idata = sample(model, 500, **QUIET)
    missing = int(np.isnan(get_group(idata, "posterior")["y"].to_numpy()[..., 0]).sum())
    assert missing > 0
    texts = [str(warning.message) for warning in caught]
    assert any(text.startswith(f"The stored variables of {missing} draws could") for text in texts)


def test_an_error_in_the_display_stops_the_chains(monkeypatch):
    class Broken:
        def update(self, chains, elapsed):
            raise RuntimeError("no paint")

        def close(self, chains, elapsed):
            pass

    def slow(position):
        time.sleep(0.001)
        return standard_normal(position)

    monkeypatch.setattr("rufous.sampling.sample.choose_display", lambda **_: Broken())
    with pytest.raises(RuntimeError, match="no paint"):
        sample(compiled(slow), 1_000_000, random_seed=1)
