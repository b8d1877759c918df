"""Distributions as parts of others: their ops, parameters, and the op that is made of them.

A mixture, a censored variable or a random walk is one random-variable op that holds the ops of its
parts; the parameters of the parts are parameters of the whole. So it has a log density and draws
like any other distribution, and may itself be a part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.type_other import NoneTypeT

from rufous.errors import SettingsError
from rufous.model import registry
from rufous.model.registry import Constraint, apply_constraints

if TYPE_CHECKING:
    from rufous.transforms import Transform

__all__ = [
    "ComposedRV",
    "Part",
    "checked_density",
    "part_constraints",
    "part_of",
    "part_signature",
    "transform_of_part",
]


@dataclass(frozen=True)
class Part:
    """A distribution that is used inside another one.

    Parameters
    ----------
    op : RandomVariable
        Its op.
    parameters : tuple of TensorVariable
        Its parameters, which broadcast to its batch shape.
    """

    op: Any
    parameters: tuple[Any, ...]

    @property
    def batch_ndim(self) -> int:
        """Number of axes before those of the support."""
        counts = zip(self.parameters, self.op.ndims_params, strict=True)
        return max((p.type.ndim - n for p, n in counts), default=0)

    def padded(self, batch_ndim: int) -> tuple[Any, ...]:
        """Return the parameters with at least that many batch axes, of length one where new."""
        return tuple(
            pt.shape_padleft(p, max(0, batch_ndim - (p.type.ndim - n)))
            for p, n in zip(self.parameters, self.op.ndims_params, strict=True)
        )


def part_of(name: str, rv: Any) -> Part:
    """Read a distribution that was passed as a parameter.

    Parameters
    ----------
    name : str
        Name of the parameter, for messages.
    rv : TensorVariable
        Made with ``.dist()``.

    Raises
    ------
    SettingsError
        When it is something else, or a variable of a model.
    """
    node = getattr(rv, "owner", None)
    if node is None or not isinstance(node.op, RandomVariable):
        raise SettingsError(
            f"`{name}` must be a distribution made with .dist(), for example "
            f"rufous.Normal.dist(0, 1), got {rv!r:.60}"
        )
    if rv.name is not None:
        raise SettingsError(
            f"`{name}` must be a distribution of its own, made with .dist(); "
            f"{rv.name!r} is a variable already"
        )
    parameters = list(node.op.dist_params(node))
    size = node.op.size_param(node)
    if not isinstance(size.type, NoneTypeT) and parameters:
        parameters[0] = _stretched(parameters[0], node.op.ndims_params[0], rv, node.op.ndim_supp)
    return Part(node.op, tuple(parameters))


def _stretched(parameter: Any, core: int, rv: Any, support: int) -> Any:
    """Give a parameter the batch shape that was asked for with `shape` or `size`."""
    batch = rv.type.ndim - support
    ndim = parameter.type.ndim
    core_shape = tuple(parameter.shape[axis] for axis in range(ndim - core, ndim))
    wanted = tuple(
        rv.shape[axis] if length is None else length
        for axis, length in enumerate(rv.type.shape[:batch])
    )
    has = tuple(parameter.type.shape[: ndim - core])
    if has == wanted:
        return parameter
    return pt.broadcast_to(parameter, (*wanted, *core_shape))


def part_signature(op: Any, label: str, extra: int = 0) -> list[str]:
    """Return the signatures of the parameters of a part, each with `extra` leading core axes."""
    return [
        "(" + ",".join(f"{label}p{i}a{axis}" for axis in range(ndim + extra)) + ")"
        for i, ndim in enumerate(op.ndims_params)
    ]


class ComposedRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """An op that holds the ops of its parts.

    Parameters
    ----------
    parts : sequence of RandomVariable
        Ops of the parts.
    signature : str
        Own parameters, then those of all parts; the support.
    dtype : str
        Of the numbers.
    options : tuple
        What else tells two ops of the same parts apart; hashable.
    """

    __props__ = ("name", "signature", "dtype", "inplace", "parts", "options")
    # Number of parameters before those of the parts.
    n_own = 0

    def __init__(
        self,
        parts: Sequence[Any],
        signature: str,
        dtype: str,
        options: tuple[Any, ...] = (),
        name: str | None = None,
        inplace: bool | None = None,
    ) -> None:
        self.parts = tuple(parts)
        self.options = options
        super().__init__(name=name, signature=signature, dtype=dtype, inplace=inplace)

    def split(self, parameters: Sequence[Any]) -> list[tuple[Any, tuple[Any, ...]]]:
        """Return each part with its parameters."""
        start, found = self.n_own, []
        for op in self.parts:
            stop = start + len(op.ndims_params)
            found.append((op, tuple(parameters[start:stop])))
            start = stop
        return found

    def batch_shape(self, parameters: Sequence[Any]) -> tuple[int, ...]:
        """Return the shape that the parameters (arrays) broadcast to without their core axes."""
        shapes = [
            np.shape(p)[: np.ndim(p) - n]
            for p, n in zip(parameters, self.ndims_params, strict=True)
        ]
        return np.broadcast_shapes(*shapes)

    def rng_fn(self, rng: Any, *arguments: Any) -> Any:
        """Draw numbers of the batch shape of the parameters when no size is given."""
        *parameters, size = arguments
        return self.draw(rng, parameters, self.batch_shape(parameters) if size is None else size)

    def draw(self, rng: Any, parameters: Sequence[Any], size: tuple[int, ...]) -> Any:
        """Draw; a subclass writes it."""
        raise NotImplementedError

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        [first, *_] = self.split(dist_params)
        shapes = None if param_shapes is None else self.split(param_shapes)[0][1]
        return first[0]._supp_shape_from_params(first[1], param_shapes=shapes)


def checked_density(op: Any, value: Any, parameters: Sequence[Any]) -> Any:
    """Write the log density of a part, -inf where a constraint of its own fails."""
    density = registry.logdensity(op, value, *parameters)
    return apply_constraints(density, registry.constraints(op, value, *parameters))


def part_constraints(op: Any, parameters: Sequence[Any], axes: int = 0) -> list[Constraint]:
    """Return the constraints of a part, required along its last batch axes that are no batch."""
    found = []
    for constraint in registry.constraints(op, None, *parameters):
        condition = constraint.condition
        over = tuple(range(-min(axes, condition.type.ndim), 0))
        found.append(
            Constraint(pt.all(condition, axis=over) if over else condition, constraint.text)
        )
    return found


def transform_of_part(op: Any, parameters: Sequence[Any], rng: Any) -> Transform | None:
    """Return the default transform that a part would have as a variable of its own."""
    return registry.default_transform(op, op.make_node(rng, None, *parameters).outputs[1])
