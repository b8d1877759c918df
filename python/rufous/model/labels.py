"""Dims and labels that data bring along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["inferred"]


def inferred(value: Any, dims: Any, coords: Mapping[str, Any] | None) -> tuple[Any, dict[str, Any]]:
    """Read dims and labels off a labelled array.

    Parameters
    ----------
    value : array_like
        Data; only pandas and xarray objects have labels.
    dims : str, sequence of (str or None), or None
        As the user wrote them; they win over those of `value`.
    coords : mapping of str to sequence, optional
        As the user wrote them; they win too.

    Returns
    -------
    dims : as `dims`
    coords : dict of str to sequence
    """
    names: tuple[Any, ...]
    labels: list[Any]
    if hasattr(value, "dims") and hasattr(value, "coords"):
        names = tuple(str(dim) for dim in value.dims)
        labels = [value.coords[dim].values if dim in value.coords else None for dim in value.dims]
    elif hasattr(value, "index") and hasattr(value, "to_numpy"):
        axes = [value.index, value.columns] if hasattr(value, "columns") else [value.index]
        names, labels = tuple(axis.name for axis in axes), [*axes]
    else:
        return dims, dict(coords or {})
    if dims is None:
        dims = names
    written = (dims,) if isinstance(dims, str) else tuple(dims)
    found = {
        dim: axis
        for dim, axis in zip(written, labels, strict=False)
        if dim is not None and axis is not None
    }
    return dims, found | dict(coords or {})
