"""From a random variable with a name to a variable of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rufous.model.context import active_model
from rufous.model.dims import normalize_dims
from rufous.model.observed import observed_variable
from rufous.model.request import request
from rufous.model.value_variables import UNSET, Unset

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Dims
    from rufous.model.model import Model
    from rufous.transforms import Transform

__all__ = ["UNSET", "Unset", "register", "requested_shape"]


def register(
    name: str,
    rv: TensorVariable,
    *,
    shape: Any = None,
    dims: Dims | None = None,
    observed: Any = None,
    total_size: Any = None,
    initval: Any = None,
    transform: Transform | Unset | None = UNSET,
    default_transform: Transform | Unset | None = UNSET,
    model: Model | None = None,
) -> TensorVariable:
    """Make a random variable part of a model.

    Parameters
    ----------
    name : str
        Name of the variable; inside a nested model it is prefixed.
    rv : TensorVariable
        Result of a ``RandomVariable`` op. Its batch shape may be smaller than what `shape`, `dims`
        and `observed` ask for: it is enlarged here.
    shape, dims, observed, total_size, initval, transform, default_transform
        As the user wrote them.
    model : Model, optional
        Default: the innermost open model.

    Returns
    -------
    TensorVariable
        The variable of the model (not always the object `rv`).
    """
    return active_model(model, what=f"the variable {name!r}").register_rv(
        rv,
        name,
        shape=shape,
        dims=dims,
        observed=observed,
        total_size=total_size,
        initval=initval,
        transform=transform,
        default_transform=default_transform,
    )


def requested_shape(
    name: str,
    *,
    shape: Any = None,
    dims: Dims | None = None,
    observed: Any = None,
    dtype: str = "float64",
    model: Model | None = None,
) -> tuple[int | TensorVariable, ...] | None:
    """Return the full shape that `shape`, `dims` and `observed` ask for.

    For distributions whose support axes have no parameter to carry their length.

    Parameters
    ----------
    name : str
        Name of the variable.
    shape, dims, observed
        As the user wrote them.
    dtype : str, default "float64"
        dtype of the variable to be.
    model : Model, optional
        Default: the innermost open model.

    Returns
    -------
    tuple of (int or TensorVariable), or None
        Batch and support lengths; None when nothing is asked.

    Raises
    ------
    ShapeError
        When they disagree, or the length of an axis is not given.
    """
    owner = active_model(model, what=f"the variable {name!r}")
    full = owner.check_new_name(name)
    data = None if observed is None else observed_variable(full, observed, dtype)[0]
    asked = request(full, owner, shape=shape, dims=normalize_dims(dims, full), observed=data)
    return None if asked is None else asked.lengths
