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
from rufous.model.evaluate import Evaluator, depends_on_randomness
from rufous.model.subsampling import is_minibatch

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array

__all__ = ["check_no_new_missing", "check_observed_values", "observed_variable"]


def observed_variable(name: str, observed: Any, dtype: str) -> tuple[TensorVariable, Array | None]:
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
        int64 for a discrete one. With missing values, float64 and NaN where they are.
    ndarray of bool, or None
        Where values are missing; None when all are there.

    Raises
    ------
    ModelError
        When the data are not numbers, not integers for a discrete variable, or random.
    """
    if isinstance(observed, Variable):
        _refuse_random(name, observed)
        observed = pt.as_tensor(observed)
        if not isinstance(observed, Constant):
            return _data_variable(name, observed, dtype)
        observed = observed.data
    values = to_array(observed, _what(name), missing=True)
    missing = _missing(values)
    check_observed_values(name, values, dtype)
    if missing is None:
        values = values.astype("float64" if dtype.startswith("float") else "int64")
    return pt.constant(values, name=name), missing


def _data_variable(
    name: str, data: TensorVariable, dtype: str
) -> tuple[TensorVariable, Array | None]:
    missing = None
    if data.dtype.startswith("float") and not is_minibatch(data):
        values = np.asarray(Evaluator().value(data))
        missing = _missing(values)
        check_observed_values(name, values, dtype)
    target = "float64" if dtype.startswith("float") or missing is not None else "int64"
    return data if data.dtype == target else pt.cast(data, target), missing


def _missing(values: Array) -> Array | None:
    missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, dtype=bool)
    return missing if missing.any() else None


def check_observed_values(name: str, values: Array, dtype: str) -> None:
    """Refuse fractions where the variable is discrete; missing values pass.

    Parameters
    ----------
    name : str
        Name of the variable.
    values : ndarray
        The data as the user holds them.
    dtype : str
        dtype of the random variable.
    """
    if dtype.startswith("float") or values.dtype.kind != "f":
        return
    whole = np.isnan(values) | (values == np.floor(values)) & np.isfinite(values)
    if not whole.all():
        raise ModelError(
            f"{_what(name)} must be integers, as its distribution is discrete; "
            f"got {values[~whole].flat[0]}"
        )


def check_no_new_missing(name: str, values: Array) -> None:
    """Refuse missing values in new data of a variable that had none.

    Parameters
    ----------
    name : str
        Name of the variable.
    values : ndarray
        The new data.
    """
    missing = _missing(values)
    if missing is None:
        return
    first = tuple(int(i[0]) for i in np.nonzero(missing))
    raise UnsupportedError(
        f"{_what(name)} has {np.count_nonzero(missing)} missing value(s), first at index {first}, "
        "where none was when the model was written. Leave those rows out, or write the model with "
        "data that have some: then they are imputed"
    )


def _what(name: str) -> str:
    return f"observed data of {name!r}"


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
