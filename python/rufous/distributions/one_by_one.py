"""Many draws from a function of the user, which is called once for each of them.

Such a function is written for the shapes of one draw; only ops of the package itself take all
draws in one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pytensor.tensor.random.op import RandomVariable

__all__ = ["OneByOneRV"]


class OneByOneRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """An op whose first batch axis is that of the draws.

    Parameters
    ----------
    op : RandomVariable
        The op of one draw.
    ndims : sequence of int
        How many axes each parameter has for one draw.
    sized : bool
        Whether one draw is asked for with a size.
    """

    __props__ = ("name", "signature", "dtype", "inplace", "op", "ndims", "sized")

    def __init__(self, op: RandomVariable, ndims: Sequence[int], sized: bool) -> None:
        self.op = op
        self.ndims = tuple(ndims)
        self.sized = sized
        super().__init__(name=op.name, signature=op.signature, dtype=op.dtype)

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        return self.op._supp_shape_from_params(dist_params, param_shapes)

    def rng_fn(self, rng: Any, *arguments: Any) -> Any:
        """Call the op once for each draw."""
        *parameters, size = arguments
        num_draws, *batch = (int(length) for length in size)
        asked = tuple(batch) if self.sized else None
        draws = []
        for i in range(num_draws):
            one = [_of_draw(p, ndim, i) for p, ndim in zip(parameters, self.ndims, strict=True)]
            draws.append(self.op.rng_fn(rng, *one, asked))
        return np.stack(draws)


def _of_draw(parameter: Any, ndim: int, draw: int) -> Any:
    """Take the parameter of one draw, in the number of axes that it was written with."""
    one = parameter[draw if len(parameter) > 1 else 0]
    return one.reshape(one.shape[one.ndim - ndim :])
