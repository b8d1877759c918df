"""Named types that several layers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Dims", "FloatArray", "RandomSeed", "Shape"]

Array: TypeAlias = NDArray[np.generic]
FloatArray: TypeAlias = NDArray[np.float64]
Shape: TypeAlias = tuple[int, ...]
Dims: TypeAlias = str | Sequence[str | None]
RandomSeed: TypeAlias = int | Sequence[int] | np.random.Generator | np.random.SeedSequence | None
