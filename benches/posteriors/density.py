"""One compiled log density for all samplers of a race."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Density", "compile_density"]


@dataclass(frozen=True)
class Density:
    """The same machine code, as each package wants to be handed it.

    Parameters
    ----------
    nutpie, rufous : object
        What the `sample` of each package takes.
    free : list of str
        Names of the free variables, on whose draws a run is scored.
    values : list of str
        Names of the same variables on the unconstrained scale, on which runs are compared.
    """

    nutpie: Any
    rufous: Any
    free: list[str]
    values: list[str]


def compile_density(model: Any) -> Density:
    """Compile a PyMC model with nutpie, and wrap the pointers that it made for Rufous.

    Both packages call C functions of the same signature (but for the order of arguments of the one
    that computes what is stored), so that a race measures the samplers alone, and on every model
    that PyMC has.
    """
    import nutpie

    import rufous

    compiled = nutpie.compile_pymc_model(model)
    names, _, shapes = compiled.shape_info
    start = model.initial_point()
    values = {variable.name: start[variable.name].shape for variable in model.value_vars}
    wrapped = rufous.from_pointers(
        compiled.n_dim,
        compiled.compiled_logp_func.address,
        expand=_expand(compiled.compiled_expand_func.address),
        user_data=compiled.user_data,
        keep_alive=compiled,
        variables=values,
        stored={name: tuple(shape) for name, shape in zip(names, shapes, strict=True)},
        initial_point=np.concatenate([start[name].ravel() for name in values]),
    )
    free = [variable.name for variable in model.free_RVs]
    return Density(compiled, wrapped, free, list(values))


def _expand(address: int) -> Any:
    """Return a C function that takes the arguments of nutpie's in the order of Rufous."""
    import numba
    from numba import types

    nutpies = ctypes.CFUNCTYPE(
        ctypes.c_int64, ctypes.c_uint64, ctypes.c_uint64, *[ctypes.c_void_p] * 3
    )(address)

    @numba.cfunc(
        types.int64(types.uint64, types.voidptr, types.uint64, types.voidptr, types.voidptr)
    )
    def expand(dim, position, num_values, values, user_data):  # type: ignore[no-untyped-def]
        return nutpies(dim, num_values, position, values, user_data)

    return expand
