"""`Target`: what crosses the boundary, and what is refused there."""

from __future__ import annotations

import gc
import sys
import weakref

import numpy as np
import pytest

from rufous import _core
from rufous.errors import LogDensityError, RufousError, SettingsError, ShapeError
from targets import c_expand, c_logdensity, standard_normal


def address(function):
    import ctypes

    return ctypes.cast(function, ctypes.c_void_p).value


def pointer_target(function=standard_normal, expand=None, num_values=2, dim=2):
    functions = (c_logdensity(function), None if expand is None else c_expand(expand))
    return _core.Target.from_pointers(
        dim,
        num_values,
        address(functions[0]),
        None if expand is None else address(functions[1]),
        0,
        functions,
    )


@pytest.fixture(params=["pointers", "callables"])
def target(request):
    if request.param == "pointers":
        return pointer_target()
    return _core.Target.from_callables(2, 2, standard_normal)


def test_evaluates_and_expands(target):
    value, gradient = target.logp_dlogp(np.array([1.0, 2.0]))
    assert value == -2.5
    np.testing.assert_array_equal(gradient, [-1.0, -2.0])
    np.testing.assert_array_equal(target.expand(np.array([1.0, 2.0])), [1.0, 2.0])
    assert repr(target) == "Target(dim=2, num_values=2)"


@pytest.mark.parametrize(
    ("position", "came"),
    [
        (np.zeros(3), "float64 of shape (3,)"),
        (np.zeros((1, 2)), "float64 of shape (1, 2)"),
        (np.zeros(2, dtype=np.int64), "int64 of shape (2,)"),
        (np.zeros(2, dtype=np.float32), "float32 of shape (2,)"),
        (np.zeros(2, dtype=">f8"), "float64 of shape (2,)"),
        (np.zeros(4)[::2], "float64 of shape (2,), not contiguous"),
        ([0.0, 0.0], "list"),
        (None, "NoneType"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(target, position, came):
    if isinstance(position, np.ndarray) and position.dtype.byteorder == ">":
        came = ">f8 of shape (2,)"
    message = f"`position` must be a contiguous float64 array of shape (2,), got {came}"
    for method in (target.logp_dlogp, target.expand):
        with pytest.raises(ShapeError) as error:
            method(position)
        assert str(error.value) == message


def test_values_that_are_not_finite_come_back_as_they_are():
    target = pointer_target(lambda x: (-np.inf, np.array([np.nan, 1.0])))
    value, gradient = target.logp_dlogp(np.zeros(2))
    assert value == -np.inf
    np.testing.assert_array_equal(gradient, [np.nan, 1.0])


@pytest.mark.parametrize("status", [1, 2, 3, 1000])
def test_recoverable_status_gives_nan(status):
    value, gradient = pointer_target(lambda x: status).logp_dlogp(np.zeros(2))
    assert np.isnan(value)
    assert np.isnan(gradient).all()
    expanded = pointer_target(expand=lambda x: status).expand(np.zeros(2))
    assert np.isnan(expanded).all()


def test_fatal_status_is_raised_with_its_number():
    with pytest.raises(LogDensityError, match="log density function returned status -7: a fatal"):
        pointer_target(lambda x: -7).logp_dlogp(np.zeros(2))
    with pytest.raises(LogDensityError, match="expand function returned status -7: a fatal"):
        pointer_target(expand=lambda x: -7).expand(np.zeros(2))


def test_expand_writes_as_many_values_as_were_agreed():
    target = pointer_target(expand=lambda x: np.array([x[0], x[1], x.sum()]), num_values=3)
    np.testing.assert_array_equal(target.expand(np.array([1.0, 2.0])), [1.0, 2.0, 3.0])


def test_null_and_missing_functions_are_refused():
    with pytest.raises(SettingsError, match="`logp_dlogp` must be the address of a function"):
        _core.Target.from_pointers(2, 2, 0, None, 0, None)
    with pytest.raises(SettingsError, match="`expand` must be the address of a function"):
        _core.Target.from_pointers(2, 2, 1, 0, 0, None)
    with pytest.raises(SettingsError, match="`num_values` must be `dim` = 2 when there is no"):
        _core.Target.from_pointers(2, 3, 1, None, 0, None)
    with pytest.raises(SettingsError, match="`num_values` must be `dim` = 2 when there is no"):
        _core.Target.from_callables(2, 3, standard_normal)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (3.0, r"must return a pair \(float, ndarray\), got float"),
        ((1.0,), r"must return a pair \(float, ndarray\), got tuple"),
        (("a", np.zeros(2)), r"must return a pair \(float, ndarray\), got tuple"),
        ((1.0, [0.0, 0.0]), "gradient from logp_dlogp must be a float64 vector, got list"),
        ((1.0, np.zeros(3)), "gradient from logp_dlogp must have 2 elements, got 3"),
        ((1.0, np.zeros((2, 1))), r"float64 vector, got float64 of shape \(2, 1\)"),
        ((1.0, np.zeros(2, "f4")), r"float64 vector, got float32 of shape \(2,\)"),
    ],
)
def test_callables_that_answer_something_else(answer, message):
    with pytest.raises(LogDensityError, match=message):
        _core.Target.from_callables(2, 2, lambda x: answer).logp_dlogp(np.zeros(2))


def test_gradient_of_a_callable_may_have_gaps():
    target = _core.Target.from_callables(2, 2, lambda x: (0.0, np.arange(4.0)[::2]))
    np.testing.assert_array_equal(target.logp_dlogp(np.zeros(2))[1], [0.0, 2.0])


def test_exceptions_of_callables_are_sorted():
    def raising(error):
        def logp_dlogp(position):
            raise error

        return _core.Target.from_callables(1, 1, logp_dlogp)

    for error in (ZeroDivisionError("x"), np.linalg.LinAlgError("x"), FloatingPointError("x")):
        assert np.isnan(raising(error).logp_dlogp(np.zeros(1))[0])
    with pytest.raises(LogDensityError, match="KeyError: 'tau'"):
        raising(KeyError("tau")).logp_dlogp(np.zeros(1))


def test_a_callable_may_keep_the_position():
    kept = []

    def logp_dlogp(position):
        kept.append(position)
        return standard_normal(position)

    target = _core.Target.from_callables(1, 1, logp_dlogp)
    for value in (1.0, 2.0):
        target.logp_dlogp(np.array([value]))
    assert [position[0] for position in kept] == [1.0, 2.0]


def test_a_panic_is_one_ordinary_exception(capfd):
    with pytest.raises(RufousError, match="an internal error, please report it: this target"):
        _core.Target._panicking(2, 0).logp_dlogp(np.zeros(2))


class Owner:
    """Something that can be watched."""


def test_the_keep_alive_object_lives_as_long_as_the_target():
    owner = Owner()
    function = c_logdensity(standard_normal)
    alive = weakref.ref(owner)
    target = _core.Target.from_pointers(2, 2, address(function), None, 0, owner)
    references = sys.getrefcount(owner)
    target.logp_dlogp(np.zeros(2))
    assert sys.getrefcount(owner) == references
    del owner
    assert alive() is not None
    del target
    assert alive() is None


def test_a_cycle_through_the_keep_alive_object_is_collected():
    owner = Owner()
    owner.target = _core.Target.from_pointers(1, 1, 1, None, 0, owner)
    alive = weakref.ref(owner)
    del owner
    gc.collect()
    assert alive() is None


def test_statistics_table_and_reasons():
    names = [name for name, _, _ in _core.STATISTICS]
    assert len(set(names)) == len(names)
    assert {"lp", "energy", "diverging", "tree_depth", "step_size"} <= set(names)
    assert {dtype for _, dtype, _ in _core.STATISTICS} <= {"float64", "int64", "bool"}
    assert all(doc.endswith(".") for _, _, doc in _core.STATISTICS)
    assert _core.DIVERGENCE_REASONS[0] == ""


def test_settings_are_checked_and_told():
    settings = _core.Settings(num_draws=7, target_accept=0.9)
    told = settings.as_dict()
    assert (told["num_draws"], told["target_accept"]) == (7, 0.9)
    assert told["max_energy_error"] == 1000.0
    with pytest.raises(SettingsError, match=r"`target_accept` must be in \(0, 1\), got 1.5"):
        _core.Settings(target_accept=1.5)
