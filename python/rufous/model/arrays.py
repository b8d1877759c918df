"""Anything array-like becomes a float64, integer or boolean array or tensor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Constant, Variable
from pytensor.tensor import as_tensor_variable
from pytensor.tensor.basic import _as_tensor_variable

from rufous.errors import ModelError

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array

__all__ = ["ARRAY_OF_VARIABLES", "as_float", "as_value", "to_array", "welcome_arrays"]

_FOREIGN = {
    "pandas": ("Series", "DataFrame", "Index"),
    "polars": ("Series", "DataFrame"),
    "pyarrow": ("Array", "ChunkedArray", "Table"),
    "xarray": ("DataArray",),
    "narwhals": ("Series", "DataFrame"),
}
_WELCOMED: set[str] = set()
# pandas hands an operation over to the right operand when that one's priority is higher
# (its own: Index 2000, Series 3000, DataFrame 4000).
_ABOVE_PANDAS = 5000


def to_array(value: Any, what: str, *, missing: bool = False) -> Array:
    """Convert to an array of float64, integers or booleans.

    Parameters
    ----------
    value : array_like
        Numbers, nested lists, NumPy or masked arrays, and whatever knows how to become an array:
        pandas, polars, pyarrow, xarray and narwhals objects.
    what : str
        What the array is, for messages, for example ``"observed data of 'y'"``.
    missing : bool, default False
        Let masked entries, None and NA become NaN instead of refusing them.

    Returns
    -------
    ndarray
        A copy of its own, in row-major order. Floats of any width become float64: a float32 array
        would make everything it touches float32.

    Raises
    ------
    ModelError
        When it holds anything but real numbers.
    """
    if value is None:
        raise ModelError(f"{what} is missing: got None; give numbers")
    if np.ma.isMaskedArray(value):
        masked = np.ma.getmaskarray(value)
        if masked.any():
            if not missing:
                raise ModelError(f"{what} has masked entries; {_NO_MISSING}")
            value = np.where(masked, np.nan, np.ma.getdata(value))
        value = np.ma.getdata(value)
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ModelError(
            f"{what} is not a rectangular array: {error}; give rows of equal length"
        ) from error
    if array.dtype == object:
        array = _numbers_from_objects(array, what, missing)
    if array.dtype.kind == "f":
        return np.array(array, dtype=np.float64, order="C")
    if array.dtype.kind in "iub":
        # int64 holds every integer type but the upper half of uint64.
        if array.dtype.kind == "u" and array.size and array.max() > np.iinfo(np.int64).max:
            return np.array(array, dtype=np.float64, order="C")
        return np.array(array, dtype=bool if array.dtype.kind == "b" else np.int64, order="C")
    raise ModelError(f"{what} must hold real numbers, got dtype {array.dtype}. {_FACTORIZE}")


_NO_MISSING = (
    "missing values are imputed only in observed data: leave those rows out, or write them as a "
    "free variable"
)
ARRAY_OF_VARIABLES = (
    "an array of variables, which NumPy makes of them where it has no way to hand them on, as in "
    "numpy.dot or numpy.cumsum: use the function of that name of rufous.math, such as "
    "rufous.math.dot; for elements put together, rufous.math.stack"
)
_FACTORIZE = (
    "Labels become integers with pandas.factorize or numpy.unique(..., return_inverse=True)."
)


def _numbers_from_objects(array: Array, what: str, allow_missing: bool) -> Array:
    """Read numbers (None and pandas.NA as missing) out of an array of objects."""
    if any(isinstance(item, str | bytes) for item in array.flat):
        raise ModelError(f"{what} holds text, not numbers. {_FACTORIZE}")
    if any(isinstance(item, Variable) for item in array.flat):
        raise ModelError(f"{what} is {ARRAY_OF_VARIABLES}")
    missing = [item is None or type(item).__name__ in ("NAType", "NaTType") for item in array.flat]
    if any(missing):
        if not allow_missing:
            raise ModelError(f"{what} has {sum(missing)} missing entries; {_NO_MISSING}")
        array = np.array(array)
        array[np.reshape(missing, array.shape)] = np.nan
    try:
        if all(isinstance(item, bool | np.bool_) for item in array.flat):
            return array.astype(bool)
        if all(isinstance(item, int | np.integer) for item in array.flat):
            return array.astype(np.int64)
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"{what} must hold real numbers: {error}. {_FACTORIZE}") from error


def as_value(value: Any, what: str = "a parameter") -> TensorVariable:
    """Convert to a tensor that is float64, integer or boolean, never float32.

    Parameters
    ----------
    value : array_like or TensorVariable
        Python numbers become float64 or int64 constants (PyTensor alone would make int8 of them).
    what : str
        What it is, for messages.

    Returns
    -------
    TensorVariable
    """
    if not isinstance(value, Variable):
        if _holds_variables(value):
            return as_value(as_tensor_variable(value), what)
        return pt.constant(to_array(value, what))
    tensor = as_tensor_variable(value)
    if tensor.dtype in ("float32", "float16"):
        if isinstance(tensor, Constant):
            return pt.constant(np.asarray(tensor.data, dtype=np.float64), name=tensor.name)
        return pt.cast(tensor, "float64")
    if tensor.dtype.startswith("complex"):
        raise ModelError(f"{what} must be real, got dtype {tensor.dtype}; take the real part")
    return tensor


def as_float(value: Any, what: str = "a parameter") -> TensorVariable:
    """Convert to a float64 tensor, integers and booleans too.

    Parameters
    ----------
    value : array_like or TensorVariable
        What the user wrote.
    what : str
        What it is, for messages.

    Returns
    -------
    TensorVariable of float64
    """
    tensor = as_value(value, what)
    if tensor.dtype == "float64":
        return tensor
    if isinstance(tensor, Constant):
        return pt.constant(np.asarray(tensor.data, dtype=np.float64))
    return pt.cast(tensor, "float64")


def _holds_variables(value: Any) -> bool:
    """Tell whether a nested list has a tensor somewhere in it."""
    if isinstance(value, list | tuple):
        return any(isinstance(item, Variable) or _holds_variables(item) for item in value)
    return False


def welcome_arrays() -> None:
    """Let tensors meet the arrays of other packages in arithmetic.

    pandas objects may stand on either side; they would otherwise take a tensor for a list of
    objects. Those of polars, pyarrow, xarray and narwhals may stand on the right; on the left, all
    but pyarrow refuse what they do not know. Nothing is done for a package, and it is not imported,
    until the user has imported it; called whenever a model is opened or extended.

    The matrix product is the exception: ``frame @ x`` is pandas' own affair, which fails. What
    works is ``rufous.math.dot(frame, x)`` or ``frame.to_numpy() @ x``.
    """
    for package, names in _FOREIGN.items():
        module = sys.modules.get(package)
        if module is None or package in _WELCOMED:
            continue
        try:
            types = [getattr(module, name) for name in names]
        except AttributeError:  # the package is only half imported at this moment
            continue
        for foreign in types:
            _as_tensor_variable.register(foreign, _tensor_from_foreign)
        if package == "pandas":
            pt.TensorVariable.__pandas_priority__ = _ABOVE_PANDAS
        _WELCOMED.add(package)


def _tensor_from_foreign(
    value: Any, name: str | None = None, ndim: int | None = None, **kwargs: Any
) -> TensorVariable:
    label = getattr(value, "name", None)
    what = f"the {type(value).__name__} {label if isinstance(label, str) else ''}".rstrip()
    return as_tensor_variable(to_array(value, what), name=name, ndim=ndim)
