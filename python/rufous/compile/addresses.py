"""Addresses of functions and memory from cffi, ctypes, Numba, NumPy or plain integers."""

from __future__ import annotations

import ctypes
import operator
from _ctypes import CFuncPtr, _Pointer
from dataclasses import dataclass
from typing import Any

import numpy as np

from rufous.errors import SettingsError

__all__ = ["Address", "function_address", "memory_address"]

_FUNCTION_KINDS = (
    "a cffi function or function pointer, a ctypes function, a Numba cfunc, or an integer address"
)
_MEMORY_KINDS = (
    "None, a cffi pointer or array, a ctypes object or pointer, a NumPy array, "
    "or an integer address"
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address and whether the object that it came from keeps what is there alive.

    Parameters
    ----------
    value : int
        The address.
    owned : bool
        False for a bare number, which keeps nothing alive.
    """

    value: int
    owned: bool


def function_address(name: str, function: Any, num_arguments: int) -> Address:
    """Find the address of a function.

    Parameters
    ----------
    name : str
        The argument that it was given as, for messages.
    function : object
        Where it is said how many arguments the function takes, that is checked.
    num_arguments : int
        What `rufous.h` asks for.

    Returns
    -------
    Address

    Raises
    ------
    SettingsError
        When `function` is none of the kinds taken, null, or takes another number of arguments.
    """
    found = _function(name, function, num_arguments)
    if found is None:
        hint = (
            " A Python function is not taken: it could not run without the interpreter."
            if callable(function)
            else ""
        )
        raise SettingsError(f"`{name}` must be {_FUNCTION_KINDS}, got {_shown(function)}.{hint}")
    if found.value == 0:
        raise SettingsError(f"`{name}` must be the address of a function, got a null pointer.")
    return found


def memory_address(name: str, memory: Any) -> Address:
    """Find the address of memory that is handed to a function as it is.

    Parameters
    ----------
    name : str
        The argument that it was given as, for messages.
    memory : object
        None is the null pointer.

    Returns
    -------
    Address

    Raises
    ------
    SettingsError
        When `memory` is none of the kinds taken, or an array with gaps.
    """
    if memory is None:
        return Address(0, owned=True)
    if isinstance(memory, np.ndarray):
        return _of_array(name, memory)
    found = _integer(name, memory) or _of_cffi(memory) or _of_ctypes(memory)
    if found is None:
        raise SettingsError(f"`{name}` must be {_MEMORY_KINDS}, got {_shown(memory)}.")
    return found


def _function(name: str, function: Any, num_arguments: int) -> Address | None:
    if isinstance(function, CFuncPtr):
        _check_count(name, function.argtypes, num_arguments)
        return Address(ctypes.cast(function, ctypes.c_void_p).value or 0, owned=True)
    if type(function).__module__.partition(".")[0] == "numba" and hasattr(function, "address"):
        return _function(name, function.ctypes, num_arguments)
    if _is_cffi(function):
        kind = _cffi().typeof(function)
        if kind.kind == "pointer" and kind.item.kind == "function":
            kind = kind.item
        if kind.kind == "function":
            _check_count(name, kind.args, num_arguments)
    return _integer(name, function) or _of_cffi(function) or _of_void_pointer(function)


def _check_count(name: str, arguments: Any, expected: int) -> None:
    if arguments is not None and len(arguments) != expected:
        raise SettingsError(
            f"`{name}` must be a function of {expected} arguments (see rufous.h in "
            f"rufous.get_include()), got one of {len(arguments)}."
        )


def _integer(name: str, number: Any) -> Address | None:
    if isinstance(number, bool | np.bool_ | np.ndarray):
        return None
    try:
        value = operator.index(number)
    except TypeError:
        return None
    if not 0 <= value < 2**64:
        raise SettingsError(f"`{name}` must be an address in [0, 2**64), got {value}.")
    return Address(value, owned=False)


def _is_cffi(thing: Any) -> bool:
    return type(thing).__module__ == "_cffi_backend" and "CData" in type(thing).__name__


def _cffi() -> Any:
    # Loaded already, by whoever made the object that is being looked at.
    import cffi

    return cffi.FFI()


def _of_cffi(thing: Any) -> Address | None:
    if not _is_cffi(thing):
        return None
    ffi = _cffi()
    if ffi.typeof(thing).kind not in ("function", "pointer", "array"):
        return None
    # Objects of the base type only point; those of the other types own what they point at.
    owned = type(thing).__name__ != "_CDataBase"
    return Address(int(ffi.cast("uintptr_t", thing)), owned)


def _of_void_pointer(thing: Any) -> Address | None:
    return Address(thing.value or 0, owned=False) if isinstance(thing, ctypes.c_void_p) else None


def _of_ctypes(thing: Any) -> Address | None:
    if isinstance(thing, _Pointer):
        return Address(ctypes.cast(thing, ctypes.c_void_p).value or 0, owned=True)
    if isinstance(thing, ctypes.Array | ctypes.Structure | ctypes.Union):
        return Address(ctypes.addressof(thing), owned=True)
    return _of_void_pointer(thing)


def _of_array(name: str, array: np.ndarray[Any, Any]) -> Address:
    if not array.flags.c_contiguous:
        raise SettingsError(
            f"`{name}` must be a contiguous array, got one with gaps or in Fortran order; "
            "pass numpy.ascontiguousarray of it."
        )
    if array.dtype.hasobject:
        raise SettingsError(f"`{name}` must hold numbers, got an array of Python objects.")
    return Address(array.ctypes.data, owned=True)


def _shown(thing: Any) -> str:
    return f"{thing!r:.60} ({type(thing).__name__})"
