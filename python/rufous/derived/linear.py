"""Sums of independent normal numbers, and vectors times a matrix."""

from __future__ import annotations

from typing import Any, cast

import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.tensor.blockwise import Blockwise
from pytensor.tensor.elemwise import DimShuffle
from pytensor.tensor.linalg import slogdet, solve
from pytensor.tensor.math import Dot, Sum
from pytensor.tensor.random.basic import NormalRV

from rufous.derived.elementwise import one_random
from rufous.derived.law import Drawn, Law
from rufous.derived.walk import law_of, op_rule, random_inputs, refuse

__all__ = ["Column", "Turned"]


class Turned(Law):
    """A square matrix times a vector.

    Parameters
    ----------
    inner : Law
        Of one vector: independent numbers, or a multivariate draw.
    matrix : TensorVariable, shape (n, n)
        What it is multiplied with from the left; not random.
    """

    support = 1

    def __init__(self, inner: Law, matrix: Any) -> None:
        self.inner, self.matrix = inner, matrix

    def shape(self) -> tuple[Any, ...]:
        """Return the length of the vector."""
        return self.inner.shape()

    def logdensity(self, value: Any) -> Any:
        """Take the density at the solution, and divide by the determinant."""
        density = self.inner.logdensity(solve(self.matrix, value))
        if self.inner.support == 0:
            density = pt.sum(density)
        return density - slogdet(self.matrix)[1]


class Column(Law):
    """A vector as the only column of a matrix, which is how PyTensor writes products of it."""

    support = 2

    def __init__(self, vector: Law) -> None:
        self.column = vector

    def shape(self) -> tuple[Any, ...]:
        """Return the length of the vector, and one."""
        return (*self._vector.shape(), 1)

    def logdensity(self, value: Any) -> Any:
        """Take the density of the column."""
        return self._vector.logdensity(value[..., 0])

    @property
    def _vector(self) -> Law:
        return cast("Law", self.column)


@op_rule.register(Sum)
def _(op: Sum, node: Apply) -> Law:
    [numbers] = node.inputs
    law = law_of(numbers)
    if not (isinstance(law, Drawn) and isinstance(law.op, NormalRV)):
        refuse(node, "a sum has a known density only where all its terms are normal")
    axes = tuple(range(numbers.type.ndim)) if op.axis is None else tuple(op.axis)
    mean, scale = (pt.broadcast_to(each, law.shape()) for each in law.parameters)
    total = pt.sqrt(pt.sum(pt.sqr(scale), axis=axes))
    rng = law.op.rng_param(law.node)
    return Drawn(law.op.make_node(rng, None, pt.sum(mean, axis=axes), total))


@op_rule.register(Dot)
def _(op: Dot, node: Apply) -> Law:
    return _product(node)


@op_rule.register(Blockwise)
def _(op: Blockwise, node: Apply) -> Law:
    if not isinstance(op.core_op, Dot):
        refuse(node, f"the op {op} has no rule")
    return _product(node)


def _product(node: Apply) -> Law:
    left, right = node.inputs
    if random_inputs(node) != [1]:
        one_random(node)  # names them when there are several
        refuse(node, "a random matrix or vector may be multiplied from the left only")
    column = right.type.ndim == 2 and _is_column(right)
    if left.type.ndim != 2 or not (column or right.type.ndim == 1):
        refuse(node, "a product has a rule for rufous.math.dot of one square matrix and one vector")
    law = law_of(right.owner.inputs[0] if column else right)
    if law.discrete or law.support > 1:
        refuse(node, "a product is of real numbers")
    if None not in left.type.shape and left.type.shape[0] != left.type.shape[1]:
        refuse(node, f"the matrix is not square but of shape {left.type.shape}")
    turned = Turned(law, left)
    return Column(turned) if column else turned


def _is_column(matrix: Any) -> bool:
    """Tell whether a matrix is a vector with a second axis."""
    node = matrix.owner
    return isinstance(node.op, DimShuffle) and tuple(node.op.new_order) == (0, "x")
