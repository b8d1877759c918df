"""What labels the draws is imported while the chains run; nothing is lost when that goes wrong."""

from __future__ import annotations

import _thread
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import rufous
from rufous import results
from rufous.results import get_group
from rufous.sampling.sample import sample
from targets import compiled, standard_normal

QUIET = {"quiet": True, "random_seed": 1}


@pytest.fixture
def importing(monkeypatch):
    """Return a function that puts another one in the place of the import."""

    def replace(function):
        monkeypatch.setattr(results, "is_preloaded", lambda: False)
        monkeypatch.setattr(results, "preload", function)

    return replace


def test_the_import_runs_beside_the_chains(importing) -> None:
    sampling, imported = threading.Event(), threading.Event()
    threads = []

    def preload():
        assert sampling.wait(60)
        threads.append(threading.current_thread())
        imported.set()

    def logp_dlogp(position):
        sampling.set()
        assert imported.wait(60)
        return standard_normal(position)

    importing(preload)
    sample(compiled(logp_dlogp), 500, **QUIET)
    assert threads[0].name == "rufous-preload"
    assert not threads[0].is_alive()


def test_what_the_import_raises_is_raised_here(importing) -> None:
    def preload():
        raise ImportError("xarray is broken")

    importing(preload)
    with pytest.raises(ImportError, match="xarray is broken") as error:
        sample(compiled(), 500, **QUIET)
    assert "what labels the draws" in error.value.__notes__[0]


def test_an_interrupt_while_waiting_for_the_import_keeps_all_draws(importing) -> None:
    waiting = threading.Event()

    def preload():
        time.sleep(1.0)
        _thread.interrupt_main()
        waiting.wait(60)

    importing(preload)
    with pytest.raises(rufous.SamplingInterrupted) as error:
        sample(compiled(), 500, **QUIET)
    waiting.set()
    posterior = get_group(error.value.partial, "posterior")
    assert posterior.sizes["draw"] == 500
    assert posterior.attrs["complete"] == 1


def test_what_is_there_needs_no_thread(monkeypatch) -> None:
    sample(compiled(), 500, **QUIET)
    monkeypatch.setattr(results, "preload", lambda: pytest.fail("there is nothing to import"))
    sample(compiled(), 500, **QUIET)


def environment() -> dict[str, str]:
    paths = Path(rufous.__file__).parents[1], Path(__file__).parents[1]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}


def test_a_user_who_imports_at_the_same_time_does_not_wait_for_ever() -> None:
    code = (
        "import threading, rufous\n"
        "from targets import compiled, standard_normal\n"
        "def late(position):\n"
        "    import xarray\n"
        "    return standard_normal(position)\n"
        "def user():\n"
        "    import pandas, xarray\n"
        "thread = threading.Thread(target=user)\n"
        "model = compiled(late)\n"
        "thread.start()\n"
        "idata = rufous.sample(model, 500, quiet=True, random_seed=1)\n"
        "thread.join()\n"
        "print(idata.posterior.sizes['draw'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(),
    )
    assert done.stdout == "500\n", done.stderr
