"""Signatures of ops that a user writes: which axes of parameters and support are no batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rufous.errors import SettingsError

__all__ = ["core_signature", "without_generator"]


def core_signature(
    ndim_supp: int, ndims_params: Sequence[int] | None, inputs: Sequence[Any]
) -> str:
    """Write the signature from numbers of axes, as in "(d1),()->(d1)"."""
    counts = [0] * len(inputs) if ndims_params is None else list(ndims_params)
    if len(counts) != len(inputs):
        raise SettingsError(
            f"`ndims_params` must have one number for each of the {len(inputs)} parameters, "
            f"got {ndims_params!r}"
        )
    # The axes at the end of a parameter are taken to be those of the support.
    groups = [",".join(f"d{n - axis}" for axis in range(n)) for n in counts]
    support = ",".join(f"d{ndim_supp - axis}" for axis in range(ndim_supp))
    return ",".join(f"({group})" for group in groups) + f"->({support})"


def without_generator(signature: str) -> str:
    """Drop the groups of generator and size, which PyMC's signatures may hold."""
    signature = signature.replace(" ", "")
    for group in ("[rng],", ",[rng]", "[size],", ",[size]"):
        signature = signature.replace(group, "")
    return signature
