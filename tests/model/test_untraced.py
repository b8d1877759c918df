"""PyTensor's record of lines is off while the package writes graphs, and on again afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytensor
import pytensor.tensor as pt
import pytest

import rufous as rf
from rufous.model.untraced import untraced


def test_what_users_write_is_recorded() -> None:
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1)
        y = x + 1.0
    assert y.tag.trace
    (term,) = model.logdensity_terms().values()
    assert not getattr(term.tag, "trace", None)


def test_the_setting_comes_back() -> None:
    with pytensor.config.change_flags(traceback__limit=3):
        with untraced(), untraced():
            assert pytensor.config.traceback__limit == 0
        assert pytensor.config.traceback__limit == 3
        with pytest.raises(rf.SettingsError), rf.Model():
            rf.Normal("x", sigma=-1)
        assert pytensor.config.traceback__limit == 3


def test_the_setting_comes_back_after_several_threads() -> None:
    before = pytensor.config.traceback__limit
    together = Barrier(4)

    def work(number: int) -> None:
        together.wait()
        for _ in range(50):
            with untraced():
                pt.constant(1.0) + number

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert pytensor.config.traceback__limit == before
