"""From arrays with dims to a labelled dataset: the one place that names axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from rufous._typing import Array
from rufous.errors import ShapeError
from rufous.results.attrs import group_attrs, plain_attrs

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["GroupSpec", "coord_array", "to_dataset"]

SAMPLE_DIMS = ("chain", "draw")


@dataclass(frozen=True)
class GroupSpec:
    """The variables of one group, before they are labelled.

    Parameters
    ----------
    variables : mapping of str to array_like
        Each of shape ``(*sample_shape, *shape)``, where ``sample_shape`` has one axis per
        sample dim.
    dims : mapping of str to sequence of (str or None)
        Dims of the axes after the sample dims. An axis without one is called ``x_dim_0``,
        ``x_dim_1`` and so on.
    sample_dims : tuple of str, default ("chain", "draw")
        Leading axes of every variable; ``()`` for data.
    coords : mapping of str to array_like
        Labels that hold for this group only; they win over those common to all groups.
        May hold ``chain`` and ``draw``.
    attrs : mapping of str to object
        Attributes of the group. Mappings become JSON text, booleans 0 or 1, and None is
        left out, because NetCDF knows none of them.
    variable_attrs : mapping of str to mapping
        Attributes of single variables.
    """

    variables: Mapping[str, ArrayLike]
    dims: Mapping[str, Sequence[str | None] | None] = field(default_factory=dict)
    sample_dims: tuple[str, ...] = SAMPLE_DIMS
    coords: Mapping[str, ArrayLike | None] = field(default_factory=dict)
    attrs: Mapping[str, object] = field(default_factory=dict)
    variable_attrs: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def to_dataset(
    spec: GroupSpec,
    coords: Mapping[str, ArrayLike | None] | None = None,
    attrs: Mapping[str, object] | None = None,
) -> xr.Dataset:
    """Label the variables of one group.

    Parameters
    ----------
    spec : GroupSpec
        The group.
    coords : mapping of str to array_like, optional
        Labels common to all groups; those that no variable here uses are left out.
    attrs : mapping of str to object, optional
        Attributes common to all groups; those of `spec` win.

    Returns
    -------
    xarray.Dataset
        Every dim has a coord: the labels where there are any, else 0, 1, 2, ...

    Raises
    ------
    ShapeError
        When dims and axes, or the lengths of an axis and its labels, do not fit.
    """
    import xarray as xr

    labels = {**(coords or {}), **spec.coords}
    dimmed = {name: _with_dims(name, value, spec) for name, value in spec.variables.items()}
    used = _dim_lengths(dimmed)
    return xr.Dataset(
        data_vars={
            name: xr.Variable(dims, value, plain_attrs(spec.variable_attrs.get(name, {})))
            for name, (dims, value) in dimmed.items()
        },
        coords={dim: (dim, _labels(dim, used[dim], labels)) for dim in used},
        attrs=group_attrs({**(attrs or {}), **spec.attrs}, sample_dims=spec.sample_dims),
    )


def _with_dims(name: str, value: ArrayLike, spec: GroupSpec) -> tuple[tuple[str, ...], Array]:
    if name in spec.sample_dims:
        raise ShapeError(f"variable {name!r} has the name of an axis of the results")
    array = np.asarray(value)
    given = tuple(spec.dims.get(name) or ())
    num_axes = array.ndim - len(spec.sample_dims)
    if num_axes < 0 or len(given) > num_axes:
        raise ShapeError(
            f"variable {name!r} has shape {array.shape}, which does not fit "
            f"the dims {spec.sample_dims + given}"
        )
    given += (None,) * (num_axes - len(given))
    dims = spec.sample_dims + _fill_unnamed(name, given, taken=spec.variables)
    if len(set(dims)) < len(dims):
        raise ShapeError(f"variable {name!r} has the same dim twice: {dims}")
    return dims, array


def _fill_unnamed(name: str, dims: Iterable[str | None], taken: Iterable[str]) -> tuple[str, ...]:
    """Name the axes that have no dim, and rename a dim that a variable of the group is called."""
    filled, unnamed = [], 0
    for given in dims:
        dim = given
        if dim is None:
            dim = f"{name}_dim_{unnamed}"
            unnamed += 1
        filled.append(f"{dim}_dim" if dim in taken else dim)
    return tuple(filled)


def _dim_lengths(dimmed: Mapping[str, tuple[tuple[str, ...], Array]]) -> dict[str, int]:
    lengths: dict[str, tuple[int, str]] = {}
    for name, (dims, value) in dimmed.items():
        for dim, length in zip(dims, value.shape, strict=True):
            known, first = lengths.setdefault(dim, (length, name))
            if known != length:
                raise ShapeError(
                    f"dim {dim!r} has length {known} in variable {first!r} and {length} in {name!r}"
                )
    return {dim: length for dim, (length, _) in lengths.items()}


def _labels(dim: str, length: int, coords: Mapping[str, ArrayLike | None]) -> Array:
    values = coords.get(dim, coords.get(dim.removesuffix("_dim")))
    if values is None:
        return np.arange(length)
    labels = coord_array(values)
    if len(labels) != length:
        raise ShapeError(
            f"dim {dim!r} has length {length}, but there are {len(labels)} labels in its coord"
        )
    return labels


def coord_array(values: Any) -> Array:
    """Turn the labels of a dim into a one-dimensional array without changing any of them.

    Labels of mixed types, and labels that are tuples, stay as they are in an object array.
    """
    array = values if isinstance(values, np.ndarray) else None
    if array is None:
        items = list(values)
        kinds = {type(item) for item in items}
        plain = not (kinds & {tuple, list}) and (len(kinds) == 1 or str not in kinds)
        array = np.asarray(items) if plain else _object_array(items)
    return array.reshape(-1)


def _object_array(items: list[Any]) -> Array:
    array = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        array[index] = item
    return array
