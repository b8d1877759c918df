"""Parts of single vectors: what is seen and what is missing of multivariate draws.

The density of the whole is counted where the seen part is; the missing part has a density of zero
(on the log scale) of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.errors import UnsupportedError
from rufous.model import registry
from rufous.model.registry import Constraint

__all__ = ["JointObservedRV", "JointUnobservedRV", "joint_part"]


class _PartRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """One part of the numbers of a multivariate variable, as one vector."""

    __props__ = ("name", "signature", "dtype", "inplace", "whole")

    def __init__(self, whole: RandomVariable, signature: str) -> None:
        self.whole = whole
        super().__init__(signature=signature, dtype=whole.dtype)

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        return [dist_params[0].shape[0] if param_shapes is None else param_shapes[0][0]]


class JointUnobservedRV(_PartRV):
    """What is missing: drawn with the whole."""

    name = "unobserved"
    _print_name = ("Unobserved", "\\operatorname{Unobserved}")

    def rng_fn(self, rng: Any, *arguments: Any) -> Any:
        """Draw the whole and take what is missing."""
        index, data, *parameters, size = arguments
        index, axes = np.ravel(index), self.ndims_params[1]  # without an axis for the draws
        batch = np.shape(data)[-axes:][: axes - self.whole.ndim_supp]
        if not size:
            return np.ravel(self.whole.rng_fn(rng, *parameters, batch or None))[index]
        # A parameter with one more axis differs between draws: the batch axes come after those.
        parameters = [
            np.reshape(p, (len(p), *(1,) * (len(batch) + core - own), *np.shape(p)[1:]))
            if np.ndim(p) > own
            else p
            for p, own, core in zip(
                parameters, self.ndims_params[2:], self.whole.ndims_params, strict=True
            )
        ]
        whole = self.whole.rng_fn(rng, *parameters, (*size, *batch))
        return np.reshape(whole, (*size, -1))[..., index]


class JointObservedRV(_PartRV):
    """What is seen, given what is missing."""

    name = "observed"
    _print_name = ("Observed", "\\operatorname{Observed}")

    def rng_fn(self, rng: Any, *arguments: Any) -> Any:
        """Refuse: the distribution of one part of a vector given the other is not known."""
        raise UnsupportedError(
            f"observations of {self.whole.name} are missing inside vectors, and one part cannot be "
            "drawn given the other; mask whole vectors, or draw from a model without missing data"
        )


def joint_part(op_type: type[_PartRV], whole: RandomVariable, inputs: Sequence[Any]) -> Any:
    """Make the op of a part; none of its inputs has batch axes."""
    axes = (
        f"({','.join(f'a{i}b{axis}' for axis in range(each.type.ndim))})"
        for i, each in enumerate(inputs)
    )
    return op_type(whole, f"{','.join(axes)}->(n)")


@registry.logdensity.register(JointUnobservedRV)
def _(op: JointUnobservedRV, value: Any, *inputs: Any) -> Any:
    return pt.constant(0.0)


@registry.support_point.register(JointUnobservedRV)
def _(op: JointUnobservedRV, rv: Any, index: Any, data: Any, *parameters: Any) -> Any:
    whole = pt.zeros(data.shape, dtype=op.dtype)
    point = registry.support_point(op.whole, whole, *parameters)
    return pt.broadcast_to(point, data.shape).ravel()[index]


@registry.constraints.register(JointUnobservedRV)
def _(op: JointUnobservedRV, value: Any, *inputs: Any) -> list[Constraint]:
    return []


@registry.logdensity.register(JointObservedRV)
def _(
    op: JointObservedRV, value: Any, index: Any, order: Any, unseen: Any, *parameters: Any
) -> Any:
    whole = pt.concatenate([value, unseen])[order]
    return pt.sum(registry.logdensity(op.whole, whole, *parameters))


@registry.constraints.register(JointObservedRV)
def _(
    op: JointObservedRV, value: Any, index: Any, order: Any, unseen: Any, *parameters: Any
) -> list[Constraint]:
    return [
        Constraint(pt.all(each.condition), each.text)
        for each in registry.constraints(op.whole, None, *parameters)
    ]
