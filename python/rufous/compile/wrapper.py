"""Source text of the C functions around a compiled graph: pieces of vectors in and out.

The text holds everything that the code depends on beside the graph itself (shapes of parameters,
types of data), so that a hash of both names the compiled function on disk. Loops run over plain
pointers: array expressions would put objects into the code that Numba cannot store.
"""

from __future__ import annotations

from collections.abc import Sequence

from rufous.compile.lower import DataSlot
from rufous.layout import Layout

__all__ = ["expand_source", "logp_dlogp_source", "table_length"]

# Statuses of include/rufous.h.
_NOT_FINITE = 1
_RAISED = 2
_WRONG_SIZE = -2


def logp_dlogp_source(layout: Layout, slots: Sequence[DataSlot], first_entry: int) -> str:
    """Write the function that computes a log density and its gradient.

    Parameters
    ----------
    layout : Layout
        Of the position.
    slots : sequence of DataSlot
        Arrays behind the call.
    first_entry : int
        Where the entries of this function begin in the table behind ``user_data``.

    Returns
    -------
    str
        Source of ``logp_dlogp``, which calls ``inner``.
    """
    parts = [f"part_{i}" for i in range(len(layout))]
    lines = [
        "def logp_dlogp(dim, position, gradient, logp, user_data):",
        f"    if dim != {layout.size}:",
        f"        return int64({_WRONG_SIZE})",
        *_load(layout, slots, first_entry),
        "    try:",
        f"        {', '.join(['total', *parts])} = inner({_arguments(layout, slots)})",
        "    except Exception:",
        "        logp[0] = np.nan",
        "        for i in range(dim):",
        "            gradient[i] = np.nan",
        f"        return int64({_RAISED})",
        "    logp[0] = total.item()",
        "    finite = np.isfinite(logp[0])",
    ]
    for part, spec in zip(parts, layout, strict=True):
        lines += [
            f"    if {part}.size != {spec.size}:",
            f"        return int64({_WRONG_SIZE})",
            f"    at = {spec.start}",
            *_copy(part, len(spec.shape), "gradient", ["finite &= np.isfinite(gradient[at])"]),
        ]
    lines += [f"    return int64(0) if finite else int64({_NOT_FINITE})"]
    return "\n".join(lines) + "\n"


def expand_source(
    layout: Layout, ndims: Sequence[int], slots: Sequence[DataSlot], first_entry: int
) -> str:
    """Write the function that computes the stored variables.

    Parameters
    ----------
    layout : Layout
        Of the position.
    ndims : sequence of int
        Number of axes of each stored variable.
    slots, first_entry
        As for :func:`logp_dlogp_source`.

    Returns
    -------
    str
        Source of ``expand``, which calls ``inner``.
    """
    parts = [f"part_{i}" for i in range(len(ndims))]
    sizes = " + ".join(f"{part}.size" for part in parts) or "0"
    lines = [
        "def expand(dim, position, num_values, values, user_data):",
        f"    if dim != {layout.size}:",
        f"        return int64({_WRONG_SIZE})",
        *_load(layout, slots, first_entry),
        "    try:",
        f"        {', '.join(parts)}{',' if len(parts) == 1 else ''}"
        f" = inner({_arguments(layout, slots)})",
        "    except Exception:",
        "        for i in range(num_values):",
        "            values[i] = np.nan",
        f"        return int64({_RAISED})",
        f"    if {sizes} != num_values:",
        f"        return int64({_WRONG_SIZE})",
        "    at = 0",
    ]
    for part, ndim in zip(parts, ndims, strict=True):
        lines += _copy(part, ndim, "values", [])
    lines += ["    return int64(0)"]
    return "\n".join(lines) + "\n"


def table_length(slots: Sequence[DataSlot]) -> int:
    """Count the entries that slots take in the table: an address and the length of each axis."""
    return sum(1 + slot.ndim for slot in slots)


def _load(layout: Layout, slots: Sequence[DataSlot], first_entry: int) -> list[str]:
    """Write the lines that make arrays of the pieces of the position and of the data."""
    lines = ["    start = address_of(position)"]
    lines += [
        f"    value_{i} = array_at(start + {8 * spec.start}, {spec.shape!r}, np.float64)"
        for i, spec in enumerate(layout)
    ]
    entry = first_entry
    for i, slot in enumerate(slots):
        lengths = "".join(f"user_data[{entry + 1 + axis}], " for axis in range(slot.ndim))
        lines += [f"    data_{i} = array_at(user_data[{entry}], ({lengths}), np.{_name(slot)})"]
        entry += 1 + slot.ndim
    return lines


def _name(slot: DataSlot) -> str:
    return "bool_" if slot.dtype == bool else slot.dtype.name


def _arguments(layout: Layout, slots: Sequence[DataSlot]) -> str:
    names = [f"value_{i}" for i in range(len(layout))]
    names += [f"data_{i}" for i in range(len(slots))]
    return ", ".join(names)


def _copy(source: str, ndim: int, destination: str, then: list[str]) -> list[str]:
    """Write nested loops that copy an array in row-major order to `destination[at...]`."""
    if ndim == 0:
        body = [f"{destination}[at] = {source}.item()", *then, "at += 1"]
        return [f"    {line}" for line in body]
    lines = []
    for axis in range(ndim):
        indent = "    " * (axis + 1)
        lines += [f"{indent}for i_{axis} in range({source}.shape[{axis}]):"]
    index = ", ".join(f"i_{axis}" for axis in range(ndim))
    indent = "    " * (ndim + 1)
    body = [f"{destination}[at] = {source}[{index}]", *then, "at += 1"]
    return lines + [indent + line for line in body]
