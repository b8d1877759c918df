"""The log density as Python functions of a point: a convenience for looking, not for sampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.db import RewriteDatabaseQuery

from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.model.arrays import to_array
from rufous.model.names import known_names

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["PointFunction"]


def _stable_mode() -> Mode:
    # As written, log(1 - sigmoid(x)) and its kin lose digits: the stabilising rewrites are needed.
    query = RewriteDatabaseQuery(include=["canonicalize", "stabilize"])
    return Mode(linker="py", optimizer=query)


class PointFunction:
    """A function of a point: a dict of unconstrained values by the name of the value variable.

    Parameters
    ----------
    inputs : sequence of TensorVariable
        The value variables.
    outputs : TensorVariable or list of TensorVariable
        What to compute.

    Notes
    -----
    PyTensor's Python linker evaluates it: no waiting for a compiler, and slow for loops. `compile`
    is what makes it fast.
    """

    def __init__(
        self, inputs: Sequence[TensorVariable], outputs: TensorVariable | list[TensorVariable]
    ) -> None:
        self._inputs = list(inputs)
        self._function = pytensor.function(
            self._inputs, outputs, mode=_stable_mode(), on_unused_input="ignore"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the values that a point must hold."""
        return tuple(str(i.name) for i in self._inputs)

    def __call__(self, point: Mapping[str, Any]) -> Any:
        """Evaluate at a point; `Model.initial_point` shows the names and shapes."""
        if not isinstance(point, Mapping):
            raise ModelError(
                f"a point is a dict of values by name ({', '.join(self.names)}), got {point!r:.60}"
            )
        for name in point:
            if name not in self.names:
                raise UnknownNameError(
                    f"the model has no value {name!r}; {known_names(name, self.names)}"
                )
        missing = [name for name in self.names if name not in point]
        if missing:
            raise UnknownNameError(f"the point lacks {', '.join(map(repr, missing))}")
        with np.errstate(all="ignore"):
            return self._function(*(self._argument(i, point[str(i.name)]) for i in self._inputs))

    def _argument(self, variable: TensorVariable, value: Any) -> Any:
        array = to_array(value, f"value {variable.name!r}").astype(variable.dtype)
        static = variable.type.shape
        fits = array.ndim == len(static) and all(
            n is None or n == m for n, m in zip(static, array.shape, strict=True)
        )
        if not fits:
            wanted = tuple("?" if n is None else n for n in static)
            raise ShapeError(f"value {variable.name!r} has shape {array.shape}, expected {wanted}")
        return array
