"""Graphs evaluated op by op in Python: nothing to compile, so nothing to wait for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
from pytensor.compile.mode import Mode

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array

__all__ = ["PYTHON_MODE", "run"]

PYTHON_MODE = Mode(linker="py", optimizer=None)
"""Runs a graph as it is written, without rewriting it first."""


def run(
    outputs: list[TensorVariable], inputs: Mapping[TensorVariable, Any] | None = None
) -> list[Array]:
    """Evaluate graphs once with the Python linker.

    Parameters
    ----------
    outputs : list of TensorVariable
        What to compute.
    inputs : mapping of TensorVariable to array_like, optional
        Values of the free inputs.

    Returns
    -------
    list of ndarray
    """
    given = dict(inputs or {})
    function = pytensor.function(list(given), outputs, mode=PYTHON_MODE, on_unused_input="ignore")
    function.trust_input = False
    with np.errstate(all="ignore"):
        return [np.asarray(value) for value in function(*given.values())]
