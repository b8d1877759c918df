"""Parameters that are checked where they are written."""

import pytest

import rufous as rf


def test_constants_are_checked_on_the_line():
    with rf.Model() as model:
        with pytest.raises(rf.RufousError, match=r"'x'.*sigma.*> 0.*-1"):
            rf.Normal("x", 0, -1)
        assert "x" not in model


def test_data_are_checked_on_the_line():
    with rf.Model():
        s = rf.Data("s", [1.0, -2.0])
        with pytest.raises(rf.ModelError, match=r"'x' requires sigma > 0; its parameters are"):
            rf.Normal("x", 0, s)


def test_data_are_checked_again_in_the_log_density():
    with rf.Model() as model:
        s = rf.Data("s", 1.0)
        x = rf.Normal("x", 0, s)
        assert model.satisfied_constraints(x) == frozenset()
        rf.set_data({"s": -1.0})
    assert model.compile_logp()({"x": 0.0}) == float("-inf")


def test_constraints_on_constants_hold_for_good():
    with rf.Model() as model:
        x = rf.Normal("x", 0, 2)
    assert model.satisfied_constraints(x) == {"sigma > 0"}
