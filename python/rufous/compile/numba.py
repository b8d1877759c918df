"""From a rewritten graph to a C function, through PyTensor's Numba backend.

The only file that imports Numba, and only when something is compiled. The C function and all that
it calls are stored in PyTensor's cache directory as one object; a later process loads that object
and compiles nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np
import pytensor
from pytensor.compile.mode import get_mode

from rufous.compile.lower import lower
from rufous.compile.program import NativeFunction, NativeProgram
from rufous.compile.wrapper import expand_source, logp_dlogp_source, table_length
from rufous.errors import CompileError

if TYPE_CHECKING:
    from pytensor.graph.fg import FunctionGraph

    from rufous.compile.flatten import FlatModel

__all__ = ["compile_program"]

#: Code in memory by its name, for as long as something uses it: the same model again costs nothing.
_LOADED: WeakValueDictionary[str, Any] = WeakValueDictionary()

#: Part of the name of every stored function: raised when the meaning of its source changes.
_WRAPPER_VERSION = 1


def compile_program(flat: FlatModel) -> NativeProgram:
    """Compile the functions of a model, or load them from disk.

    Parameters
    ----------
    flat : FlatModel
        The model as graphs.

    Returns
    -------
    NativeProgram

    Raises
    ------
    CompileError
        When Numba cannot compile an operation of the model.
    """
    mode = get_mode("NUMBA")
    lowered = lower(flat.position, flat.data, [flat.logdensity, *flat.gradient], mode)
    source = logp_dlogp_source(flat.unconstrained, lowered.slots, 0)
    logp_dlogp = _compile("logp_dlogp", source, lowered.graph, "ndddi")
    if flat.stores_position:
        return NativeProgram(flat.unconstrained.size, logp_dlogp, None, lowered.slots)
    stored = list(flat.stored.values())
    lowered_stored = lower(flat.position, flat.data, stored, mode)
    source = expand_source(
        flat.unconstrained,
        [variable.type.ndim for variable in stored],
        lowered_stored.slots,
        table_length(lowered.slots),
    )
    expand = _compile("expand", source, lowered_stored.graph, "ndndi")
    slots = (*lowered.slots, *lowered_stored.slots)
    return NativeProgram(flat.unconstrained.size, logp_dlogp, expand, slots)


def _compile(name: str, source: str, graph: FunctionGraph, argument_types: str) -> NativeFunction:
    """Compile the function `name` of `source`, in which ``inner`` is the graph.

    `argument_types` has one letter per argument: n for uint64, d for double*, i for int64*.
    """
    from numba.core.errors import NumbaError
    from pytensor.link.numba.dispatch.basic import numba_funcify_ensure_cache

    try:
        inner, inner_key = numba_funcify_ensure_cache(graph)
        key = None if inner_key is None else _cache_key(source, inner_key)
        code = None if key is None else _LOADED.get(key)
        if code is not None:
            return NativeFunction(code.address, True, code)
        code = _c_function(name, source, inner, key, argument_types)
    except NumbaError as error:
        raise CompileError(
            f"Numba could not compile the model ({_first_line(error)}). Every operation of the "
            "model must have a Numba implementation in PyTensor."
        ) from error
    if key is not None:
        _LOADED[key] = code
    return NativeFunction(code.address, code.cache_hits > 0, code)


def _c_function(name: str, source: str, inner: Any, key: str | None, argument_types: str) -> Any:
    """Compile the wrapper, or load it from disk if there is code of that name."""
    import numba
    from pytensor.link.numba.cache import compile_numba_function_src

    environment = {"np": np, "int64": np.int64, "inner": inner, "__name__": __name__}
    environment |= _intrinsics()
    wrapper = compile_numba_function_src(source, name, environment, cache_key=key)
    with warnings.catch_warnings():
        # Numba's hints about the generated code are of no use to who wrote the model.
        warnings.simplefilter("ignore", numba.NumbaWarning)
        return numba.cfunc(_signature(argument_types), cache=key is not None)(wrapper)


def _cache_key(source: str, inner_key: str) -> str:
    """Name the compiled function by everything that determines it."""
    parts = (
        _WRAPPER_VERSION,
        pytensor.__version__,
        bool(pytensor.config.numba__fastmath),
        inner_key,
        source,
    )
    return f"rufous_{sha256(repr(parts).encode()).hexdigest()}"


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _signature(letters: str) -> Any:
    from numba import types

    kinds = {
        "n": types.uint64,
        "d": types.CPointer(types.float64),
        "i": types.CPointer(types.int64),
    }
    return types.int64(*(kinds[letter] for letter in letters))


@cache
def _intrinsics() -> dict[str, Any]:
    """Make the two operations that Python has no words for: pointer to number, number to array."""
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic
    from numba.np.arrayobj import make_array, populate_array

    @intrinsic  # type: ignore[untyped-decorator]
    def address_of(typing_context: Any, pointer: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.ptrtoint(arguments[0], context.get_value_type(types.int64))

        return types.int64(pointer), generate

    @intrinsic  # type: ignore[untyped-decorator]
    def array_at(typing_context: Any, address: Any, shape: Any, dtype: Any) -> Any:
        array_type = types.Array(dtype.dtype, len(shape), "C")

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = make_array(array_type)(context, builder)
            item_size = context.get_constant(
                types.intp, context.get_abi_sizeof(context.get_data_type(array_type.dtype))
            )
            lengths = _as_intp(context, builder, shape, arguments[1])
            populate_array(
                array,
                data=builder.inttoptr(arguments[0], array.data.type),
                shape=_pack(context, builder, lengths),
                strides=_pack(context, builder, _strides(builder, lengths, item_size)),
                itemsize=item_size,
                meminfo=None,  # nobody counts references to memory that is not Numba's
            )
            return array._getvalue()

        return array_type(address, shape, dtype), generate

    def _as_intp(context: Any, builder: Any, shape: Any, packed: Any) -> list[Any]:
        values = cgutils.unpack_tuple(builder, packed, len(shape))
        return [
            context.cast(builder, value, kind, types.intp)
            for value, kind in zip(values, shape, strict=True)
        ]

    def _pack(context: Any, builder: Any, values: Sequence[Any]) -> Any:
        return cgutils.pack_array(builder, values, context.get_value_type(types.intp))

    def _strides(builder: Any, lengths: Sequence[Any], item_size: Any) -> list[Any]:
        strides: list[Any] = []
        step = item_size
        for length in reversed(lengths):
            strides.insert(0, step)
            step = builder.mul(step, length)
        return strides

    return {"address_of": address_of, "array_at": array_at}
