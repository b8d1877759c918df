"""Log densities from elsewhere: C pointers with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rufous._core import Target
from rufous._typing import Array, Dims, FloatArray, RandomSeed
from rufous.compile.addresses import Address, function_address, memory_address
from rufous.compile.compiled_model import CompiledModel
from rufous.compile.foreign_names import (
    Variables,
    checked_coords,
    position_layout,
    stored_layout,
)
from rufous.errors import SettingsError, ShapeError, UnsupportedError
from rufous.layout import Layout

__all__ = ["from_pointers", "get_include"]


def get_include() -> str:
    """Return the directory of the C header ``rufous.h``.

    Returns
    -------
    str
        To be passed to a C compiler as ``-I``.

    Examples
    --------
    >>> from pathlib import Path
    >>> import rufous
    >>> (Path(rufous.get_include()) / "rufous.h").is_file()
    True
    """
    return str(Path(__file__).resolve().parent.parent / "include")


def from_pointers(
    dim: int,
    logp_dlogp: Any,
    *,
    expand: Any = None,
    user_data: Any = None,
    keep_alive: Any = None,
    variables: Variables | None = None,
    stored: Variables | None = None,
    dims: Mapping[str, Dims] | None = None,
    coords: Mapping[str, Sequence[Any] | Array] | None = None,
    initial_point: ArrayLike | None = None,
) -> CompiledModel:
    """Wrap a log density that is a C function, so that it can be sampled.

    Parameters
    ----------
    dim : int
        Number of unconstrained parameters, at least 1.
    logp_dlogp : cffi function, ctypes function, Numba cfunc or int
        ``int64_t f(uint64_t dim, const double *position, double *gradient, double *logp,
        void *user_data)``: computes the log density and its gradient. The rules are in
        ``rufous.h``; it is called from several threads at once and without the GIL.
    expand : same kinds, optional
        ``int64_t f(uint64_t dim, const double *position, uint64_t num_values, double *values,
        void *user_data)``: computes what is stored of a draw. By default the position is stored.
    user_data : cffi or ctypes pointer, NumPy array, int or None, default None
        Handed to both functions as it is.
    keep_alive : object, optional
        Held for as long as anything can call the functions; the owner of code and data, for
        example the library. The arguments above are held in any case. Needed when one of them is
        a bare address, which keeps nothing alive.
    variables : sequence of str, or mapping of str to shape, optional
        The variables in a position, in order: names of scalars, or name and shape. By default one
        vector ``x`` of length `dim`.
    stored : sequence of str, or mapping of str to shape, optional
        The variables that `expand` writes, in order, each in row-major order. Needed with
        `expand`, and not allowed without.
    dims : mapping of str to str or sequence of (str or None), optional
        Names of the axes of stored variables.
    coords : mapping of str to sequence, optional
        Labels along the dims.
    initial_point : array_like, shape (dim,), optional
        Where chains start, before jitter; zeros by default.

    Returns
    -------
    CompiledModel
        For :func:`rufous.sample`.

    Raises
    ------
    SettingsError
        When an argument is of the wrong kind, or one is missing.
    ShapeError
        When names, shapes, dims and coords do not fit together.

    Notes
    -----
    A wrong address or a function of another type crashes the process: nothing can check it. Where
    cffi, ctypes or Numba know how many arguments the function takes, that is checked.

    Examples
    --------
    A standard normal density, compiled by Numba:

    >>> import numba
    >>> import rufous
    >>> from numba import types
    >>> doubles = types.CPointer(types.float64)
    >>> @numba.cfunc(types.int64(types.uint64, doubles, doubles, doubles, types.voidptr))
    ... def standard_normal(dim, position, gradient, logp, user_data):
    ...     logp[0] = 0.0
    ...     for i in range(dim):
    ...         gradient[i] = -position[i]
    ...         logp[0] -= 0.5 * position[i] ** 2
    ...     return 0
    >>> compiled = rufous.from_pointers(2, standard_normal, variables=["a", "b"])
    >>> compiled.logp_dlogp([1.0, 2.0])
    (-2.5, array([-1., -2.]))
    """
    dim = _checked_dim(dim)
    unconstrained = position_layout(dim, variables)
    layout = stored_layout(unconstrained, stored, dims, has_expand=expand is not None)
    labels = checked_coords(layout, coords)
    target = Target.from_pointers(
        dim,
        layout.size,
        *_addresses(logp_dlogp, expand, user_data, keep_alive),
        (logp_dlogp, expand, user_data, keep_alive),
    )
    start = _checked_start(initial_point, dim)
    return CompiledModel(
        target=target,
        unconstrained=unconstrained,
        stored=layout,
        coords=labels,
        observed_data={},
        constant_data={},
        evaluator="pointer",
        source=_PointerSource(target, unconstrained, start),
    )


@dataclass(frozen=True, slots=True)
class _PointerSource:
    """What there is to know of a model that is only a pointer."""

    target: Target
    unconstrained: Layout
    start: FloatArray

    def initial_point(self, random_seed: RandomSeed) -> FloatArray:
        """Return the start given to `from_pointers`; nothing in it is random."""
        return self.start.copy()

    def position_from(
        self, initvals: Mapping[str, ArrayLike], random_seed: RandomSeed
    ) -> FloatArray:
        """Return the start with some variables replaced; all are unconstrained here."""
        given = {name: _checked_numbers(f"initvals[{name!r}]", initvals[name]) for name in initvals}
        return self.unconstrained.ravel({**self.unconstrained.unravel(self.start), **given})

    def attrs(self) -> dict[str, str]:
        """Nothing to record beyond that it is a pointer."""
        return {}

    def log_likelihood(self, position: FloatArray) -> dict[str, Array]:
        """Refuse: a foreign log density is one number."""
        raise UnsupportedError(
            "a foreign log density does not say what each observation contributes to it"
        )

    def explain(self) -> str:
        """Say that the functions are foreign."""
        return "evaluator 'pointer': foreign functions, about which nothing is known"

    def explain_start(self, position: FloatArray) -> str:
        """Name the variables whose gradient is not finite."""
        logdensity, gradient = self.target.logp_dlogp(position)
        lines = []
        if not np.isfinite(logdensity):
            lines.append(f"the log density is {logdensity:g}")
        for name, slope in self.unconstrained.unravel(gradient).items():
            bad = np.count_nonzero(~np.isfinite(slope))
            if bad:
                value = self.unconstrained.unravel(position)[name]
                lines.append(
                    f"the gradient with respect to {name!r} is not finite in {bad} of "
                    f"{slope.size} elements, where {name} = {np.array2string(value, threshold=6)}"
                )
        return "; ".join(lines) or "the log density and its gradient are finite there"

    def bind(
        self, data: Mapping[str, ArrayLike], coords: Mapping[str, Sequence[object]] | None
    ) -> CompiledModel:
        """Refuse: the data of a foreign function are behind its own pointer."""
        raise UnsupportedError(
            "the data of a log density from a pointer cannot be replaced; call from_pointers "
            "again with another `user_data`"
        )


def _checked_dim(dim: Any) -> int:
    if isinstance(dim, int | np.integer) and not isinstance(dim, bool) and dim >= 1:
        return int(dim)
    raise SettingsError(
        f"`dim` must be an integer of at least 1, the number of parameters, got {dim!r}."
    )


def _addresses(
    logp_dlogp: Any, expand: Any, user_data: Any, keep_alive: Any
) -> tuple[int, int | None, int]:
    """Resolve the three addresses, and see to it that something owns what they point at."""
    logdensity = function_address("logp_dlogp", logp_dlogp, 5)
    expansion = None if expand is None else function_address("expand", expand, 5)
    data = memory_address("user_data", user_data)
    found: dict[str, Address | None] = {
        "logp_dlogp": logdensity,
        "expand": expansion,
        "user_data": data,
    }
    bare = [f"`{name}`" for name, at in found.items() if at is not None and not at.owned]
    if bare and keep_alive is None:
        raise SettingsError(
            f"`keep_alive` must be the object that owns what {' and '.join(bare)} "
            f"{'points' if len(bare) == 1 else 'point'} at, such as the library: a bare address "
            "keeps nothing alive. Pass any object when code and data live as long as the process."
        )
    return logdensity.value, None if expansion is None else expansion.value, data.value


def _checked_start(initial_point: ArrayLike | None, dim: int) -> FloatArray:
    if initial_point is None:
        return np.zeros(dim)
    start = _checked_numbers("initial_point", initial_point)
    if start.shape != (dim,):
        raise ShapeError(f"`initial_point` must have shape ({dim},), got {start.shape}")
    return start


def _checked_numbers(argument: str, values: ArrayLike) -> FloatArray:
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise SettingsError(
            f"`{argument}` must be a number or an array of numbers, got {values!r:.60}."
        ) from None
    if not np.isfinite(numbers).all():
        raise SettingsError(f"`{argument}` must be finite, got {numbers}.")
    return numbers
