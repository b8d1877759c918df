"""Names of the elements of variables, made when they are asked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Labels"]


class Labels:
    """Names of all elements of variables, in order: only the worst of them are ever written.

    Parameters
    ----------
    variables : sequence of DataArray
        Each with axes ``chain``, ``draw`` and any others.
    """

    def __init__(self, variables: Sequence[xr.DataArray]) -> None:
        self._variables = variables
        lengths = [int(np.prod(variable.shape[2:])) for variable in variables]
        self._ends = list(accumulate(lengths))
        self._starts = [end - length for end, length in zip(self._ends, lengths, strict=True)]

    def __getitem__(self, element: int) -> str:
        """Name an element: ``theta[Choate]``, or ``theta[3, 0]`` where dims have no labels."""
        number = bisect_right(self._ends, element)
        variable = self._variables[number]
        axes = variable.dims[2:]
        if not axes:
            return str(variable.name)
        places = np.unravel_index(element - self._starts[number], variable.shape[2:])
        where = zip(axes, places, strict=True)
        labels = ", ".join(str(variable[axis].values[place]) for axis, place in where)
        return f"{variable.name}[{labels}]"
