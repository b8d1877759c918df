"""From a random variable with a name to a variable of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rufous.model.context import active_model

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Dims
    from rufous.model.model import Model
    from rufous.transforms import Transform

__all__ = ["UNSET", "Unset", "register"]


class Unset:
    """Type of the mark for an argument that was not given, where None means something."""

    def __repr__(self) -> str:
        return "<default>"


UNSET = Unset()


def register(
    name: str,
    rv: TensorVariable,
    *,
    shape: Any = None,
    dims: Dims | None = None,
    observed: Any = None,
    initval: Any = None,
    transform: Transform | None | Unset = UNSET,
    default_transform: Transform | None | Unset = UNSET,
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
    shape, dims, observed, initval, transform, default_transform
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
        initval=initval,
        transform=transform,
        default_transform=default_transform,
    )
