"""The stack of open models."""

import threading

import pytest

import rufous as rf
from rufous.model.context import active_model, current_model


def test_the_innermost_model_is_active():
    assert current_model() is None
    with rf.Model() as outer:
        assert active_model() is outer
        with rf.Model("inner") as inner:
            assert active_model() is inner
        assert active_model() is outer
    assert current_model() is None


def test_an_explicit_model_wins():
    other = rf.Model()
    with rf.Model():
        assert active_model(other) is other


def test_without_a_model_the_error_says_what_to_do():
    with pytest.raises(
        rf.ModelError, match=r"'x' needs a model.*with rufous.Model\(\).*\.dist\(\)"
    ):
        rf.Normal("x", 0, 1)
    with pytest.raises(rf.ModelError, match="Data 'd' needs a model"):
        rf.Data("d", [1.0])
    with pytest.raises(rf.ModelError, match="Deterministic 'd' needs a model"):
        rf.Deterministic("d", 1.0)
    with pytest.raises(rf.ModelError, match="Potential 'd' needs a model"):
        rf.Potential("d", 1.0)
    with pytest.raises(rf.ModelError, match="set_data needs a model"):
        rf.set_data({})


def test_what_is_no_model_is_refused():
    with pytest.raises(rf.ModelError, match=r"must be a rufous\.Model, got 'm'"):
        rf.Normal("x", 0, 1, model="m")


def test_an_error_inside_closes_the_model():
    with pytest.raises(ZeroDivisionError), rf.Model():
        raise ZeroDivisionError
    assert current_model() is None


def test_each_thread_has_a_stack_of_its_own():
    seen = []
    with rf.Model():
        thread = threading.Thread(target=lambda: seen.append(current_model()))
        thread.start()
        thread.join()
    assert seen == [None]
