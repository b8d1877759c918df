"""Whether something is a model of PyMC, without importing PyMC or PyTensor."""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

__all__ = ["PymcLike", "is_pymc_model"]

#: A ``pymc.Model``; PyMC need not be installed.
PymcLike: TypeAlias = Any


def is_pymc_model(candidate: object) -> bool:
    """Whether something is a model of PyMC; PyMC is not imported to find out."""
    # A folder of that name on the path is a module without a Model.
    model = getattr(sys.modules.get("pymc"), "Model", None)
    return model is not None and isinstance(candidate, model)
