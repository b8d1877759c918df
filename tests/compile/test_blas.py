from __future__ import annotations

import sys
import threading

import pytest

from rufous.compile import blas


class Pool:
    def __init__(self, threads):
        self.threads = threads

    def get(self):
        return self.threads

    def set(self, threads):
        self.threads = threads


@pytest.fixture(autouse=True)
def _numba_is_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", blas)


def test_one_thread_inside_and_the_old_number_after(monkeypatch):
    pool = Pool(8)
    monkeypatch.setattr(blas, "_openblas", lambda: pool)
    with blas.single_threaded_blas():
        assert pool.threads == 1
        with blas.single_threaded_blas():
            assert pool.threads == 1
        assert pool.threads == 1
    assert pool.threads == 8


def test_overlapping_blocks_of_threads(monkeypatch):
    pool = Pool(8)
    monkeypatch.setattr(blas, "_openblas", lambda: pool)
    entered, leave = threading.Event(), threading.Event()

    def other():
        with blas.single_threaded_blas():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with blas.single_threaded_blas():
        thread.start()
        assert entered.wait(10)
    assert pool.threads == 1
    leave.set()
    thread.join()
    assert pool.threads == 8


def test_another_blas_is_left_alone(monkeypatch):
    monkeypatch.setattr(blas, "_openblas", lambda: None)
    with blas.single_threaded_blas():
        pass


def test_scipy_is_not_imported_where_nobody_calls_it(monkeypatch):
    for name in ("numba", "scipy.linalg"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(blas, "_openblas", lambda: pytest.fail("SciPy was looked for"))
    with blas.single_threaded_blas():
        pass


@pytest.mark.parametrize("caller", ["numba", "scipy.linalg"])
def test_who_may_call_it_is_limited(monkeypatch, caller):
    pool = Pool(8)
    monkeypatch.setattr(blas, "_openblas", lambda: pool)
    for name in ("numba", "scipy.linalg"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, caller, blas)
    with blas.single_threaded_blas():
        assert pool.threads == 1


def test_the_openblas_of_scipy_answers():
    pool = blas._openblas()
    if pool is None:  # SciPy was built with another BLAS
        return
    before = pool.get()
    with blas.single_threaded_blas():
        assert pool.get() == 1
    assert pool.get() == before
