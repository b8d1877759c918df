"""Transforms and value variables of free random variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rufous.errors import ModelError
from rufous.model.registry import default_transform as registered_transform

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous.transforms import Transform

__all__ = ["UNSET", "Unset", "choose_transform", "value_variable"]


class Unset:
    """Type of the mark for an argument that was not given, where None means something."""

    def __repr__(self) -> str:
        return "<default>"


UNSET = Unset()


def choose_transform(
    name: str,
    rv: TensorVariable,
    transform: Transform | None | Unset,
    default_transform: Transform | None | Unset,
) -> Transform | None:
    """Decide between the transform of the distribution and the one that the user gave.

    Parameters
    ----------
    name : str
        Name of the variable.
    rv : TensorVariable
        The random variable.
    transform : Transform or None, optional
        None: no transform at all. A transform comes after that of the distribution.
    default_transform : Transform or None, optional
        Replaces that of the distribution.

    Returns
    -------
    Transform or None
    """
    for given in (transform, default_transform):
        if given is not None and not isinstance(given, Unset) and not hasattr(given, "log_jac_det"):
            raise ModelError(
                f"transform of {name!r} must be a Transform, for example "
                f"rufous.distributions.transforms.ordered, or None; got {given!r}"
            )
    if not rv.dtype.startswith("float"):
        if transform is not None and not isinstance(transform, Unset):
            raise ModelError(f"{name!r} is discrete and cannot be transformed")
        return None
    if transform is None:
        return None
    default = default_transform
    if isinstance(default, Unset):
        default = registered_transform(rv.owner.op, rv)
    if isinstance(transform, Unset):
        return default
    if default is None:
        return transform
    # Only here: the layer below is not needed to read a model without transforms.
    from rufous.transforms import ChainedTransform

    return ChainedTransform([default, transform])


def value_variable(rv: TensorVariable, transform: Transform | None) -> TensorVariable:
    """Make the variable that stands for the unconstrained value of a free random variable.

    Parameters
    ----------
    rv : TensorVariable
        The random variable, with its full name.
    transform : Transform or None
        Its transform.

    Returns
    -------
    TensorVariable
        An input named ``x`` or, with a transform, ``x_<transform>__``.
    """
    if transform is None:
        value = rv.type()
        value.name = rv.name
        return value
    value = transform.forward(rv, *rv.owner.op.dist_params(rv.owner)).type()
    value.name = f"{rv.name}_{transform.name}__"
    return value
