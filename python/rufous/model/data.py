"""Data that can be exchanged after the model is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor

from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.model.arrays import to_array
from rufous.model.context import active_model
from rufous.model.dims import Labels, labels_of, normalize_dims
from rufous.model.missing import refresh
from rufous.model.names import known_names
from rufous.model.observed import check_no_new_missing, check_observed_values
from rufous.model.shapes import check_dims_fit

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array, Dims
    from rufous.model.model import Model

__all__ = ["Data", "exchange_data", "set_data"]


def Data(
    name: str,
    value: Any,
    *,
    dims: Dims | None = None,
    coords: Mapping[str, Any] | None = None,
    model: Model | None = None,
) -> TensorVariable:
    """Register data under a name, to use in the model and to exchange with `set_data`.

    Parameters
    ----------
    name : str
        Name of the data.
    value : array_like
        Numbers of any shape, also of pandas, polars, pyarrow or xarray. Floats become float64,
        integers int64, booleans stay. Missing values become NaN; where the data are observed, they
        are imputed.
    dims : str or tuple of (str or None), optional
        One dim per axis. A dim that the model does not have yet is added with the length found.
    coords : mapping of str to sequence, optional
        Labels of new dims.
    model : Model, optional
        Default: the innermost open model.

    Returns
    -------
    TensorVariable
        A PyTensor shared variable.

    Raises
    ------
    ModelError
        Outside any model, for a name that is taken, or values that are not numbers.
    ShapeError
        When the data are empty or do not have the lengths of their dims.

    Notes
    -----
    The length of every axis may change later. The exception is an axis of length 1 without a dim,
    which keeps its length and stretches in arithmetic as in NumPy.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model(coords={"year": [2020, 2021, 2022]}) as model:
    ...     x = rf.Data("x", [0.5, 1.5, 2.5], dims="year")
    >>> rf.set_data({"x": [3.5, 4.5]}, model=model, coords={"year": [2023, 2024]})
    >>> model.shape_of("x")
    (2,)
    """
    owner = active_model(model, what=f"Data {name!r}")
    full_name = owner.check_new_name(name)
    array = to_array(value, f"the value of Data {full_name!r}", missing=True)
    if array.size == 0:
        raise ShapeError(f"Data {full_name!r} is empty: it has shape {array.shape}")
    named = normalize_dims(dims, full_name)
    owner.add_coords(coords or {})
    _add_missing_dims(full_name, array, named, owner)
    check_dims_fit(full_name, array.shape, named, owner, "Data")
    fixed = [
        1 if length == 1 and (named is None or named[axis] is None) else None
        for axis, length in enumerate(array.shape)
    ]
    shared = pytensor.shared(array, name=full_name, shape=tuple(fixed))
    return owner.register_data(shared, name, dims=named)


def _add_missing_dims(
    name: str, array: Array, dims: tuple[str | None, ...] | None, model: Model
) -> None:
    if dims is None or len(dims) != array.ndim:
        return  # the number of axes is refused in check_dims_fit
    for dim, length in zip(dims, array.shape, strict=True):
        if dim is not None and dim not in model.coords:
            model.add_coord(dim, length=length)


def set_data(
    new_data: Mapping[str, Any],
    model: Model | None = None,
    *,
    coords: Mapping[str, Any] | None = None,
) -> None:
    """Exchange the values of `Data`, also for others of another length.

    Parameters
    ----------
    new_data : mapping of str to array_like
        New value of each Data, with as many axes as before.
    model : Model, optional
        Default: the innermost open model.
    coords : mapping of str to sequence, optional
        New labels of dims; needed where a dim that has labels changes its length.

    Raises
    ------
    UnknownNameError
        When there is no Data of that name.
    ShapeError
        When lengths, dims and labels do not fit. Nothing is changed then.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Data("x", [1.0, 2.0])
    ...     rf.set_data({"x": [3.0, 4.0, 5.0]})
    >>> x.get_value()
    array([3., 4., 5.])
    """
    exchange_data(active_model(model, what="set_data"), new_data, coords or {})


def exchange_data(model: Model, new_data: Mapping[str, Any], coords: Mapping[str, Any]) -> None:
    """Check all new values and labels, then set them: all or nothing."""
    if not isinstance(new_data, Mapping):
        raise ModelError(
            f"new_data must be a dict of name to values, got {type(new_data).__name__}"
        )
    values = {name: _new_value(model, name, value) for name, value in new_data.items()}
    labels = {dim: _new_labels(model, dim, labels) for dim, labels in coords.items()}
    lengths = _new_lengths(model, values, labels)
    for dim, length in lengths.items():
        model.check_resize_dim(dim, length, labels.get(dim))
    for name, value in values.items():
        model[name].set_value(value, borrow=True)
    for dim, length in lengths.items():
        if dim in labels or length != model.dim_length(dim):
            model.resize_dim(dim, length, labels.get(dim))
    refresh(model)
    model.forget_shapes()


def find_data(model: Model, name: str) -> TensorVariable:
    """Return the `Data` of that name.

    Raises
    ------
    ModelError
        When the name is that of another variable.
    UnknownNameError
        When there is none.
    """
    names = {str(data.name): data for data in model.data_vars}
    for key in (name, model.name_for(str(name))):
        if key in names:
            return names[key]
    if name in model:
        raise ModelError(
            f"{name!r} is not Data and cannot be exchanged; write its values as Data in the model, "
            f'for example Data("{name}_data", values)'
        )
    raise UnknownNameError(f"no Data named {name!r}; {known_names(name, names)}")


def _new_value(model: Model, name: str, value: Any) -> Array:
    shared = find_data(model, name)
    what = f"the new value of Data {shared.name!r}"
    array = to_array(value, what, missing=True)
    old_shape = shared.get_value(borrow=True).shape
    if array.ndim != len(old_shape):
        raise ShapeError(f"{what} has shape {array.shape}, it must have {len(old_shape)} axes")
    if array.size == 0:
        raise ShapeError(f"{what} is empty: it has shape {array.shape}")
    for axis, (length, static) in enumerate(zip(array.shape, shared.type.shape, strict=True)):
        if static is not None and length != static:
            raise ShapeError(
                f"{what} has length {length} on axis {axis}, which was written with length 1 and "
                "stretches in arithmetic; give that axis a dim to let its length change"
            )
    for rv_name, dtype in model.observed_with(shared):
        check_observed_values(rv_name, array, dtype)
        check_no_new_missing(rv_name, array)
    return _cast(array, shared.dtype, what)


def _cast(array: Array, dtype: str, what: str) -> Array:
    cast = array.astype(dtype)
    if not np.array_equal(cast, array, equal_nan=array.dtype.kind == "f"):
        raise ModelError(
            f"{what} has dtype {array.dtype}, but the Data was written with {dtype} and would lose "
            "values; write the Data with floats, for example np.asarray(x, dtype=float)"
        )
    return cast


def _new_labels(model: Model, dim: str, labels: Any) -> Labels:
    if dim not in model.coords:
        raise UnknownNameError(f"no dim named {dim!r}; {known_names(dim, model.coords)}")
    return labels_of(dim, labels)


def _new_lengths(
    model: Model, values: Mapping[str, Array], labels: Mapping[str, Labels]
) -> dict[str, int]:
    lengths = {dim: len(new) for dim, new in labels.items() if new is not None}
    source = dict.fromkeys(lengths, "coords")
    for name, value in values.items():
        for dim, length in zip(_dims_of(model, name), value.shape, strict=False):
            if dim is None:
                continue
            if lengths.setdefault(dim, length) != length:
                raise ShapeError(
                    f"dim {dim!r} would get length {length} by {name!r} but "
                    f"{lengths[dim]} by {source[dim]}; give all of them the same length"
                )
            source.setdefault(dim, repr(name))
    return lengths


def _dims_of(model: Model, name: str) -> tuple[str | None, ...]:
    return model.named_vars_to_dims.get(find_data(model, name).name, ())
