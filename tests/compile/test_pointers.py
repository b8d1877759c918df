"""`from_pointers`: addresses from everywhere, names for what is behind them, clear refusals."""

from __future__ import annotations

import ctypes
import gc
import weakref
from pathlib import Path

import cffi
import numpy as np
import pytest

from rufous.compile.addresses import function_address
from rufous.compile.pointers import from_pointers, get_include
from rufous.errors import (
    LogDensityError,
    SettingsError,
    ShapeError,
    UnknownNameError,
    UnsupportedError,
)
from targets import c_expand, c_logdensity, compiled, standard_normal

FUNCTION = c_logdensity(standard_normal)
ADDRESS = ctypes.cast(FUNCTION, ctypes.c_void_p).value
POSITION = np.array([1.0, 2.0])


@pytest.fixture(scope="module")
def ffi():
    ffi = cffi.FFI()
    ffi.cdef("struct counted { uint64_t n; double *numbers; };")
    return ffi


def cffi_callback(ffi, kind="int64_t(uint64_t, const double *, double *, double *, void *)"):
    @ffi.callback(kind)
    def logp_dlogp(dim, position, gradient, logp, user_data):
        scale = ffi.cast("double *", user_data)[0] if user_data else 1.0
        for i in range(dim):
            gradient[i] = -scale * position[i]
        logp[0] = -0.5 * scale * sum(position[i] ** 2 for i in range(dim))
        return 0

    return logp_dlogp


def test_the_header_is_where_it_is_said_to_be():
    header = (Path(get_include()) / "rufous.h").read_text()
    assert "int64_t (*rufous_logp_dlogp)(uint64_t dim" in header
    assert "int64_t (*rufous_expand)(uint64_t dim" in header


def test_ctypes_function():
    assert from_pointers(2, FUNCTION).logp_dlogp(POSITION)[0] == -2.5


def test_cffi_callback_and_pointer_to_function(ffi):
    callback = cffi_callback(ffi)
    assert from_pointers(2, callback).logp_dlogp(POSITION)[0] == -2.5
    pointer = ffi.cast("void *", callback)
    assert from_pointers(2, pointer, keep_alive=callback).logp_dlogp(POSITION)[0] == -2.5


@pytest.mark.parametrize("kind", [int, np.uint64, ctypes.c_void_p])
def test_bare_address(kind):
    compiled = from_pointers(2, kind(ADDRESS), keep_alive=FUNCTION)
    assert compiled.logp_dlogp(POSITION)[0] == -2.5


@pytest.mark.slow
def test_numba_cfunc():
    import numba

    doubles = numba.types.CPointer(numba.float64)
    signature = numba.int64(numba.uint64, doubles, doubles, doubles, numba.types.voidptr)

    def flat(dim, position, gradient, logp, user_data):
        logp[0] = 0.0
        for i in range(dim):
            gradient[i] = 0.0
        return 0

    assert from_pointers(2, numba.cfunc(signature)(flat)).logp_dlogp(POSITION)[0] == 0.0
    with pytest.raises(SettingsError, match=r"`logp_dlogp` must be a function of 5 arguments .* 1"):
        from_pointers(2, numba.cfunc(numba.int64(numba.int64))(lambda x: x))


@pytest.mark.parametrize("kind", ["numpy", "cffi", "cffi array", "ctypes", "pointer", "int"])
def test_user_data_of_every_kind(ffi, kind):
    scale = np.array([3.0])
    data = {
        "numpy": scale,
        "cffi": ffi.new("double *", 3.0),
        "cffi array": ffi.new("double[2]", [3.0, 4.0]),
        "ctypes": (ctypes.c_double * 1)(3.0),
        "pointer": ctypes.pointer(ctypes.c_double(3.0)),
        "int": scale.ctypes.data,
    }[kind]
    compiled = from_pointers(2, cffi_callback(ffi), user_data=data, keep_alive=scale)
    assert compiled.logp_dlogp(POSITION)[0] == -7.5


def test_user_data_is_kept_alive(ffi):
    class Scale(np.ndarray):
        pass

    scale = np.array([3.0]).view(Scale)
    alive = weakref.ref(scale)
    compiled = from_pointers(2, cffi_callback(ffi), user_data=scale)
    del scale
    gc.collect()
    assert compiled.logp_dlogp(POSITION)[0] == -7.5
    del compiled
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (None, "`logp_dlogp` must be a cffi function .* got None"),
        (standard_normal, "A Python function is not taken"),
        ("sin", r"got 'sin' \(str\)"),
        (True, r"got True \(bool\)"),
        (-1, r"`logp_dlogp` must be an address in \[0, 2\*\*64\), got -1"),
        (2**64, r"must be an address in \[0, 2\*\*64\)"),
        (0, "`logp_dlogp` must be the address of a function, got a null pointer"),
        (ctypes.c_void_p(0), "got a null pointer"),
        (cffi.FFI().cast("void *", 0), "got a null pointer"),
        (cffi.FFI().cast("int", 5), "`logp_dlogp` must be a cffi function"),
        (1.5, r"got 1.5 \(float\)"),
        (np.zeros(2), r"\(ndarray\)"),
        (ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64)(int), "5 arguments .* got one of 1"),
        (ctypes.c_double(1.0), r"\(c_double\)"),
    ],
)
def test_other_functions_are_refused(function, message):
    with pytest.raises(SettingsError, match=message):
        from_pointers(2, function, keep_alive=FUNCTION)


def test_cffi_function_of_another_type_is_refused(ffi):
    with pytest.raises(SettingsError, match="`logp_dlogp` must be a function of 5 arguments"):
        from_pointers(2, ffi.callback("double(double)", lambda x: x))
    with pytest.raises(SettingsError, match="`expand` must be a function of 5 arguments"):
        from_pointers(2, FUNCTION, expand=ffi.callback("double(double)", lambda x: x), stored=["x"])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (object(), "`user_data` must be None, a cffi pointer or array"),
        ("text", r"got 'text' \(str\)"),
        (np.zeros((4, 4))[:, ::2], "`user_data` must be a contiguous array"),
        (np.array([None]), "`user_data` must hold numbers"),
        (-5, r"`user_data` must be an address in \[0, 2\*\*64\), got -5"),
    ],
)
def test_other_user_data_are_refused(data, message):
    with pytest.raises(SettingsError, match=message):
        from_pointers(2, FUNCTION, user_data=data)


def test_bare_addresses_need_an_owner(ffi):
    with pytest.raises(SettingsError, match="`keep_alive` must be the object that owns what `logp"):
        from_pointers(2, ADDRESS)
    with pytest.raises(SettingsError, match="what `user_data` points at"):
        from_pointers(2, FUNCTION, user_data=np.zeros(1).ctypes.data)
    with pytest.raises(SettingsError, match="what `logp_dlogp` and `expand` point at"):
        from_pointers(2, ADDRESS, expand=ADDRESS, stored=["a"])
    with pytest.raises(SettingsError, match="`keep_alive` must be"):
        from_pointers(2, ffi.cast("void *", ADDRESS))


@pytest.mark.parametrize("dim", [0, -1, 1.0, True, None, "2"])
def test_dim_is_a_positive_integer(dim):
    with pytest.raises(SettingsError, match="`dim` must be an integer of at least 1"):
        from_pointers(dim, FUNCTION)


def test_names_and_shapes_of_the_position():
    assert compiled(dim=3).unconstrained["x"].shape == (3,)
    assert compiled(dim=2, variables=["a", "b"]).stored.names == ("a", "b")
    layout = compiled(dim=7, variables={"a": (), "b": 2, "c": (2, 2)}).unconstrained
    assert [spec.shape for spec in layout] == [(), (2,), (2, 2)]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ("ab", r"got the string 'ab'; for one scalar write \['ab'\]"),
        (["a", "a"], "`variables` must name each variable once, but a name is repeated"),
        ([], "but it is empty"),
        ({}, "but it is empty"),
        ([1, 2], "must name variables by strings, got 1"),
        (["", "b"], "must name variables by strings, got ''"),
        ({"a": -2}, r"the shape of 'a' must be a tuple of lengths, \(\) for a scalar, got -2"),
        ({"a": (1.5,)}, "the shape of 'a' must be a tuple of lengths"),
        ({"a": True}, "the shape of 'a' must be a tuple of lengths"),
        ({"a": None}, "the shape of 'a' must be a tuple of lengths"),
        (["a", "b", "c"], "`variables` hold 3 elements in all, but `dim` is 2"),
        ({"a": (2, 2)}, "`variables` hold 4 elements in all, but `dim` is 2"),
    ],
)
def test_variables_that_do_not_fit_are_refused(variables, message):
    with pytest.raises((SettingsError, ShapeError), match=message):
        compiled(variables=variables)


def test_stored_variables_with_dims_and_coords():
    model = compiled(
        expand=c_expand(lambda x: np.array([x.sum(), x[0], x[1]])),
        stored={"total": (), "part": 2},
        dims={"part": "side"},
        coords={"side": ["left", "right"]},
    )
    values = model.expand(POSITION)
    assert values["total"] == 3.0
    np.testing.assert_array_equal(values["part"], [1.0, 2.0])
    assert model.stored["part"].dims == ("side",)
    assert list(model.coords["side"]) == ["left", "right"]


def test_stored_goes_with_expand():
    with pytest.raises(SettingsError, match="`stored` must name the variables that `expand` writ"):
        compiled(expand=c_expand(lambda x: x))
    with pytest.raises(SettingsError, match="without `expand` leave it out"):
        compiled(stored=["a", "b"])


@pytest.mark.parametrize(
    ("dims", "coords", "error", "message"),
    [
        ({"y": "side"}, None, UnknownNameError, "`dims` names 'y'; stored variables are: x"),
        ({"x": ("a", "b")}, None, ShapeError, "so 1 axes, but `dims` gives 2"),
        ({"x": "side"}, {"side": [1, 2, 3]}, ShapeError, "dim 'side' has length 2 in 'x' but 3"),
        ({"x": "side"}, {"side": 3}, ShapeError, "the coord 'side' must be a sequence"),
        (None, {"side": [1, 2]}, UnknownNameError, "`coords` labels 'side', which no stored"),
    ],
)
def test_dims_that_do_not_fit_are_refused(dims, coords, error, message):
    with pytest.raises(error, match=message):
        compiled(dims=dims, coords=coords)


def test_one_dim_has_one_length():
    with pytest.raises(ShapeError, match="dim 'i' has length 2 in 'b' but 1 in 'a'"):
        compiled(dim=3, variables={"a": 1, "b": 2}, dims={"a": "i", "b": "i"})


def test_starting_points():
    model = compiled(variables=["a", "b"], initial_point=[1, 2])
    start = model.initial_point(3)
    np.testing.assert_array_equal(start, [1.0, 2.0])
    start[0] = 9.0
    np.testing.assert_array_equal(model.position_from({"b": 5.0}), [1.0, 5.0])
    with pytest.raises(UnknownNameError, match="no variable named 'c'; there are: a, b"):
        model.position_from({"c": 1.0})
    with pytest.raises(ShapeError, match="value of 'a' has shape"):
        model.position_from({"a": [1.0, 2.0]})
    with pytest.raises(SettingsError, match=r"`initvals\['a'\]` must be a number or an array"):
        model.position_from({"a": "one"})
    with pytest.raises(SettingsError, match=r"`initvals\['a'\]` must be finite, got nan"):
        model.position_from({"a": np.nan})
    np.testing.assert_array_equal(compiled().initial_point(), np.zeros(2))


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ([1.0], r"`initial_point` must have shape \(2,\), got \(1,\)"),
        ([1.0, np.nan], "`initial_point` must be finite"),
        ("ab", "`initial_point` must be a number or an array of numbers, got 'ab'"),
    ],
)
def test_wrong_starting_points_are_refused(point, message):
    with pytest.raises((SettingsError, ShapeError), match=message):
        compiled(initial_point=point)


def test_explains_a_start_that_is_not_finite():
    model = compiled(lambda x: (-np.inf, np.array([0.0, np.nan])), variables=["a", "b"])
    text = model.explain_start(POSITION)
    assert "the log density is -inf" in text
    assert "gradient with respect to 'b' is not finite in 1 of 1 elements, where b = 2." in text
    assert "'a'" not in text
    assert "finite there" in compiled().explain_start(POSITION)


def test_data_cannot_be_replaced():
    with pytest.raises(UnsupportedError, match="call from_pointers again"):
        compiled().bind({})


def test_fatal_status_is_an_error():
    with pytest.raises(LogDensityError, match="status -1"):
        compiled(lambda x: -1).logp_dlogp(POSITION)


def test_a_ctypes_function_without_argument_types_is_taken():
    assert function_address("f", ctypes.pythonapi.Py_IncRef, 5).value
