"""The native functions of a model, and how data are put behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rufous._core import Target
from rufous._typing import Array
from rufous.compile.lower import DataSlot

__all__ = ["NativeFunction", "NativeProgram"]


@dataclass(frozen=True, eq=False)
class NativeFunction:
    """A C function in memory.

    Parameters
    ----------
    address : int
        Where it is.
    from_cache : bool
        Whether it was loaded from disk instead of compiled.
    owner : object
        Keeps the code in memory.
    """

    address: int
    from_cache: bool
    owner: object


@dataclass(frozen=True, eq=False)
class NativeProgram:
    """The code of a model, for any data of the same types.

    Parameters
    ----------
    dim : int
        Length of a position.
    logp_dlogp : NativeFunction
        Log density and gradient.
    expand : NativeFunction or None
        Stored variables; None where they are the position itself.
    slots : tuple of DataSlot
        The arrays behind both functions, in the order of the table.
    """

    dim: int
    logp_dlogp: NativeFunction
    expand: NativeFunction | None
    slots: tuple[DataSlot, ...]

    @property
    def from_cache(self) -> bool:
        """Whether nothing had to be compiled."""
        functions = [self.logp_dlogp, self.expand]
        return all(function.from_cache for function in functions if function is not None)

    def bind(self, values: Mapping[str, Array], num_values: int) -> Target:
        """Put data behind the code.

        Parameters
        ----------
        values : mapping of str to ndarray
            The data inputs by name. Arrays of the right type in row-major order are used where
            they lie, others are copied.
        num_values : int
            Number of stored values with these data.

        Returns
        -------
        Target
            Keeps the code and the arrays alive.
        """
        arrays = [slot.array(values) for slot in self.slots]
        table = _table(arrays)
        return Target.from_pointers(
            self.dim,
            num_values,
            self.logp_dlogp.address,
            None if self.expand is None else self.expand.address,
            table.ctypes.data,
            (self, arrays, table),
        )


def _table(arrays: list[Array]) -> NDArray[np.int64]:
    """List the address and the length of each axis of each array; never empty."""
    entries = [entry for array in arrays for entry in (array.ctypes.data, *array.shape)]
    return np.array(entries or [0], dtype=np.int64)
