"""Posterior draws, wherever they come from, as arrays with one axis of draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from rufous.errors import ModelError, SettingsError, ShapeError
from rufous.model.arrays import to_array
from rufous.results import get_group, has_group

if TYPE_CHECKING:
    from rufous._typing import Array, Shape

__all__ = ["Draws", "read_trace"]


@dataclass(frozen=True)
class Draws:
    """The posterior draws of a trace, flattened over the sample dims.

    Parameters
    ----------
    values : dict of str to ndarray, shape (num_draws, *shape)
        Draws by the name of the variable.
    sample_shape : tuple of int
        Lengths of the sample dims, for example (chains, draws).
    sample_coords : dict of str to ndarray
        Labels of the sample dims.
    coords : dict of str to ndarray
        Labels of the other dims, as they were when the draws were made.
    data : dict of str to ndarray
        ``Data`` as they were then, where the trace holds them.
    """

    values: dict[str, Array]
    sample_shape: Shape
    sample_coords: dict[str, Array] = field(default_factory=dict)
    coords: dict[str, Array] = field(default_factory=dict)
    data: dict[str, Array] = field(default_factory=dict)

    @property
    def num_draws(self) -> int:
        """Number of draws over all chains."""
        return prod(self.sample_shape)


def read_trace(trace: Any, sample_dims: Sequence[str]) -> Draws:
    """Read posterior draws.

    Parameters
    ----------
    trace : InferenceData, DataTree, Dataset, mapping of str to array_like, or list of points
        Result of `sample`, its posterior group, arrays with the sample dims first, or one dict for
        each draw of one chain.
    sample_dims : sequence of str
        Names of the dims that count draws.

    Returns
    -------
    Draws

    Raises
    ------
    ModelError
        When it is none of these, or has no posterior.
    ShapeError
        When arrays do not have the same sample dims.
    """
    if hasattr(trace, "data_vars") and not getattr(trace, "children", None):
        return _read_dataset(trace, tuple(sample_dims), {})
    if isinstance(trace, list) and trace and all(isinstance(point, Mapping) for point in trace):
        return _read_points(trace)
    if isinstance(trace, Mapping) and not hasattr(trace, "groups"):
        return _read_arrays(trace, len(tuple(sample_dims)))
    if not hasattr(trace, "groups"):
        raise ModelError(
            "trace must be the result of sample, its posterior group or a dict of arrays, "
            f"got {type(trace).__name__}"
        )
    if not has_group(trace, "posterior"):
        raise ModelError("the trace has no posterior group: pass the result of sample")
    data: dict[str, Array] = {}
    for group in ("constant_data", "observed_data"):
        if has_group(trace, group):
            dataset = get_group(trace, group)
            data |= {str(name): dataset[name].values for name in dataset.data_vars}
    return _read_dataset(get_group(trace, "posterior"), tuple(sample_dims), data)


def _read_dataset(dataset: Any, sample_dims: tuple[str, ...], data: dict[str, Array]) -> Draws:
    missing = [dim for dim in sample_dims if dim not in dataset.dims]
    if missing:
        known = ", ".join(map(str, dataset.dims))
        raise SettingsError(
            f"sample_dims has {missing[0]!r}, which the trace does not have; its dims are: {known}"
        )
    shape = tuple(int(dataset.sizes[dim]) for dim in sample_dims)
    _check_some(shape)
    values = {
        str(name): _flat(dataset[name].transpose(*sample_dims, ...).values, len(shape))
        for name in dataset.data_vars
        if set(sample_dims) <= set(dataset[name].dims)
    }
    labels = {
        str(dim): np.asarray(dataset[dim].values) for dim in dataset.dims if dim in dataset.coords
    }
    return Draws(
        values,
        shape,
        {dim: labels.pop(dim) for dim in sample_dims if dim in labels},
        {dim: value for dim, value in labels.items() if dim not in sample_dims},
        data,
    )


def _read_points(points: list[Mapping[str, Any]]) -> Draws:
    """Read a list of points as the draws of one chain."""
    names = list(points[0])
    if any(list(point) != names for point in points):
        raise ShapeError("the points of the trace must all have the same variables")
    stacked = {name: np.stack([np.asarray(point[name]) for point in points]) for name in names}
    return _read_arrays({name: value[None] for name, value in stacked.items()}, 2)


def _read_arrays(arrays: Mapping[str, Any], num_sample_dims: int) -> Draws:
    found = {str(name): to_array(value, f"trace[{str(name)!r}]") for name, value in arrays.items()}
    shapes = {value.shape[:num_sample_dims] for value in found.values()}
    if len(shapes) != 1 or any(value.ndim < num_sample_dims for value in found.values()):
        raise ShapeError(
            f"the arrays of the trace must share {num_sample_dims} leading axes (chain, draw), got "
            f"shapes { {name: value.shape for name, value in found.items()} }"
        )
    [shape] = shapes
    _check_some(shape)
    return Draws({name: _flat(value, num_sample_dims) for name, value in found.items()}, shape)


def _check_some(sample_shape: Shape) -> None:
    if 0 in sample_shape:
        raise ShapeError(f"the trace has no draws: its sample dims have lengths {sample_shape}")


def _flat(values: Array, num_sample_dims: int) -> Array:
    return values.reshape(-1, *values.shape[num_sample_dims:])
