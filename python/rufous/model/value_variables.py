"""Transforms and value variables of free random variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytensor.tensor.random.op import RandomVariable

from rufous.errors import ModelError
from rufous.model.checks import check_members
from rufous.model.registry import default_transform as registered_transform

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.model import Model
    from rufous.transforms import Transform

__all__ = [
    "UNSET",
    "Unset",
    "check_random_variable",
    "choose_transform",
    "refuse_unused",
    "value_variable",
]


class Unset:
    """Type of the mark for an argument that was not given, where None means something."""

    def __repr__(self) -> str:
        return "<default>"


UNSET = Unset()


def check_random_variable(model: Model, rv: TensorVariable, name: str) -> None:
    """Refuse what is no random variable, is registered already, or depends on a stranger.

    Parameters
    ----------
    model : Model
        The model.
    rv : TensorVariable
        The random variable to be.
    name : str
        Its full name to be.
    """
    node = getattr(rv, "owner", None)
    if node is None or not isinstance(node.op, RandomVariable):
        raise ModelError(
            f"{name!r} must be the result of a random variable op, got {rv!r}; "
            "give one made with .dist()"
        )
    if rv in model.root.rvs_to_values:
        raise ModelError(
            f"the random variable {rv.name!r} cannot also be registered as {name!r}; "
            "make another with .dist()"
        )
    if rv.dtype in ("float32", "float16"):
        raise ModelError(
            f"{name!r} has dtype {rv.dtype}; log densities are float64. Set "
            "pytensor.config.floatX = 'float64'"
        )
    for parameter in node.op.dist_params(node):
        check_members(model, parameter, name)


def refuse_unused(
    name: str,
    initval: Any,
    transform: Transform | Unset | None,
    default_transform: Transform | Unset | None,
) -> None:
    """Refuse options that have no meaning for an observed variable."""
    transforms = (transform, default_transform)
    if initval is not None or not all(t is None or isinstance(t, Unset) for t in transforms):
        raise ModelError(
            f"{name!r} is observed: initval and transform have no meaning for it; leave them out"
        )


def choose_transform(
    name: str,
    rv: TensorVariable,
    transform: Transform | Unset | None,
    default_transform: Transform | Unset | None,
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
            raise ModelError(
                f"{name!r} is discrete and cannot be transformed; leave transform= out"
            )
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


def value_variable(
    rv: TensorVariable, transform: Transform | None
) -> tuple[TensorVariable, TensorVariable]:
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
    TensorVariable
        The unconstrained value of `rv` as a graph, which has the shape of the input.
    """
    if transform is None:
        value = rv.type()
        value.name = rv.name
        return value, rv
    unconstrained = transform.forward(rv, *rv.owner.op.dist_params(rv.owner))
    value = unconstrained.type()
    value.name = f"{rv.name}_{transform.name}__"
    return value, unconstrained
