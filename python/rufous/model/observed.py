"""Observed data: arrays become constants, `Data` stay exchangeable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.traversal import explicit_graph_inputs

from rufous.errors import ModelError, UnsupportedError
from rufous.model.arrays import to_array
from rufous.model.evaluate import depends_on_randomness
from rufous.model.subsampling import is_minibatch

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array

__all__ = ["check_observed_values", "observed_variable"]


def observed_variable(name: str, observed: Any, dtype: str) -> TensorVariable:
    """Turn what was given as `observed=` into a tensor of the type of the variable.

    Parameters
    ----------
    name : str
        Full name of the variable.
    observed : array_like, Data, or an expression of Data
        The data.
    dtype : str
        dtype of the random variable.

    Returns
    -------
    TensorVariable
        A constant, or a graph whose only inputs are `Data`; float64 for a real-valued variable,
        int64 for a discrete one.

    Raises
    ------
    ModelError
        When the data are not numbers, not integers for a discrete variable, or random.
    UnsupportedError
        When values are missing.
    """
    if not isinstance(observed, Variable):
        _refuse_masked(name, observed)
        return pt.constant(_converted(name, to_array(observed, _what(name)), dtype), name=name)
    _refuse_random(name, observed)
    tensor = pt.as_tensor(observed)
    if isinstance(tensor, Constant):
        return pt.constant(_converted(name, to_array(tensor.data, _what(name)), dtype), name=name)
    target = "float64" if dtype.startswith("float") else "int64"
    return tensor if tensor.dtype == target else pt.cast(tensor, target)


def check_observed_values(name: str, values: Array, dtype: str) -> None:
    """Refuse missing values, and fractions where the variable is discrete.

    Parameters
    ----------
    name : str
        Name of the variable.
    values : ndarray
        The data as the user holds them.
    dtype : str
        dtype of the random variable.
    """
    _converted(name, values, dtype)


def _what(name: str) -> str:
    return f"observed data of {name!r}"


def _refuse_masked(name: str, observed: Any) -> None:
    if np.ma.isMaskedArray(observed) and np.ma.getmaskarray(observed).any():
        _raise_missing(name, np.ma.getmaskarray(observed))


def _raise_missing(name: str, missing: Array) -> None:
    first = tuple(int(i[0]) for i in np.nonzero(missing))
    raise UnsupportedError(
        f"{_what(name)} has {np.count_nonzero(missing)} missing value(s), first at index {first}. "
        "Missing values are not imputed yet: leave those rows out, or make them a free variable."
    )


def _converted(name: str, values: Any, dtype: str) -> Any:
    if values.dtype.kind == "f" and np.isnan(values).any():
        _raise_missing(name, np.isnan(values))
    if dtype.startswith("float"):
        return values.astype(np.float64)
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (values == np.round(values))
        if not whole.all():
            raise ModelError(
                f"{_what(name)} must be integers, as its distribution is discrete; "
                f"got {values[~whole].flat[0]}"
            )
    return values.astype(np.int64)


def _refuse_random(name: str, observed: Variable) -> None:
    if is_minibatch(observed):
        return
    inputs = explicit_graph_inputs([observed])
    if depends_on_randomness(observed) or not all(
        isinstance(i, Constant | SharedVariable) for i in inputs
    ):
        raise ModelError(
            f"observed= of {name!r} depends on another variable of the model; it must be data: "
            "an array, a pandas object or Data"
        )
