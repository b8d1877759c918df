"""Graphs over many draws at once: every variable gets a leading axis of draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.graph.basic import Variable
from pytensor.graph.replace import _vectorize_node
from pytensor.graph.traversal import toposort
from pytensor.tensor.basic import ScalarFromTensor
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.shape import Shape, Shape_i
from pytensor.tensor.subtensor import Subtensor, indices_from_subtensor
from pytensor.tensor.type_other import NoneTypeT

from rufous.distributions.one_by_one import OneByOneRV
from rufous.errors import UnsupportedError
from rufous.model.seeds import generator
from rufous.predictive.numpy_ops import fast_outputs

if TYPE_CHECKING:
    from pytensor.graph.basic import Apply
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.evaluate import Evaluator

__all__ = ["Batched"]


class Batched:
    """Rebuild graphs for `num_draws` draws, each random variable drawn that many times.

    Parameters
    ----------
    num_draws : TensorVariable
        Scalar integer.
    seed : SeedSequence
        Each random variable gets a generator of its own, keyed by its name.
    evaluator : Evaluator
        Shapes of the variables of one draw.
    """

    def __init__(
        self, num_draws: TensorVariable, seed: np.random.SeedSequence, evaluator: Evaluator
    ) -> None:
        self.num_draws = num_draws
        self.seed = seed
        self.evaluator = evaluator
        self.updates: dict[Variable, Variable] = {}
        self.drawn: list[TensorVariable] = []
        self.elements = 0
        self._inside: list[str] = []
        self._batched: dict[Variable, Variable] = {}
        self._same: dict[Variable, Variable] = {}

    def give(self, variable: TensorVariable, name: str) -> TensorVariable:
        """Take the values of a variable from an input of the program, and return that input."""
        static = tuple(1 if n == 1 else None for n in variable.type.shape)
        given = pt.tensor(name, dtype=variable.dtype, shape=(None, *static))
        self._batched[variable] = given
        self._count(variable)
        return given

    def has(self, variable: Variable) -> bool:
        """Tell whether a variable differs between draws."""
        return variable in self._batched

    def add(self, graphs: Sequence[TensorVariable]) -> list[TensorVariable]:
        """Return graphs with a leading axis of draws; constant ones are repeated along it."""
        for node in toposort(list(graphs), blockers=[*self._batched, *self._same]):
            self._add_node(node)
        return [self._result(graph) for graph in graphs]

    def _result(self, graph: TensorVariable) -> TensorVariable:
        if graph in self._batched:
            return self._batched[graph]
        constant = self._same.get(graph, graph)
        shape = self.evaluator.shape(graph)
        return pt.alloc(constant, self.num_draws, *shape)

    def _add_node(self, node: Apply) -> None:
        if isinstance(node.op, RandomVariable):
            self._draw(node)
        elif isinstance(node.op, Shape | Shape_i):
            # The shape of one draw: downstream code means that, not the one with the draws axis.
            shape = self.evaluator.shape(node.inputs[0])
            value = shape[node.op.i] if isinstance(node.op, Shape_i) else shape
            self._same[node.outputs[0]] = pt.constant(np.asarray(value, dtype=np.int64))
        elif any(i in self._batched for i in node.inputs):
            self._vectorize(node)
        else:
            inputs = [self._same.get(i, i) for i in node.inputs]
            rebuilt = node.clone_with_new_inputs(inputs, strict=False).outputs
            self._same.update(zip(node.outputs, fast_outputs(node.op, rebuilt), strict=True))

    def _input(self, variable: Variable) -> Variable:
        return self._batched.get(variable, self._same.get(variable, variable))

    def _vectorize(self, node: Apply) -> None:
        inputs = [self._input(i) for i in node.inputs]
        if isinstance(node.op, ScalarFromTensor):
            self._batched[node.outputs[0]] = inputs[0]  # one number for each draw
            return
        if isinstance(node.op, Subtensor) and any(i in self._batched for i in node.inputs[1:]):
            self._batched[node.outputs[0]] = self._at_random_index(node, inputs)
            self._count(node.outputs[0])
            return
        try:
            found = _vectorize_node(node.op, node, *inputs)
        except NotImplementedError as error:
            raise UnsupportedError(
                f"{node.op} cannot be evaluated for many draws at once: {error}"
            ) from error
        outputs = _fast(node, found.outputs if hasattr(found, "outputs") else found)
        for old, new in zip(node.outputs, outputs, strict=True):
            self._batched[old] = new
            self._count(old)

    def _at_random_index(self, node: Apply, inputs: Sequence[Any]) -> TensorVariable:
        """Take of each draw the entries at its own index."""
        base, *index = inputs
        entries = indices_from_subtensor(index, node.op.idx_list)
        for entry in entries:
            ends = (entry.start, entry.stop, entry.step) if isinstance(entry, slice) else ()
            if any(end in index and end.type.ndim for end in ends if isinstance(end, Variable)):
                raise UnsupportedError(
                    f"{node.op} cannot be evaluated for many draws at once: a slice ends at random"
                )
        # An index array in front of the others keeps the axis of the draws in front.
        if node.inputs[0] in self._batched:
            return base[(pt.arange(self.num_draws), *entries)]
        return base[None][(pt.zeros(self.num_draws, dtype="int64"), *entries)]

    def _draw(self, node: Apply) -> None:
        op, rv = node.op, node.outputs[1]
        shape = self.evaluator.shape(rv)
        batch = shape[: len(shape) - op.ndim_supp]
        if self._written_out(node, batch):
            return
        parameters = [
            _aligned(self._batched[p], len(batch) - (p.ndim - n))
            if p in self._batched
            else self._same.get(p, p)
            for p, n in zip(op.dist_params(node), op.ndims_params, strict=True)
        ]
        rng = pytensor.shared(generator(self.seed, rv.name or self._key()))
        if getattr(op, "draws_one_by_one", False):
            ndims = [parameter.type.ndim for parameter in op.dist_params(node)]
            op = OneByOneRV(op, ndims, sized=not isinstance(node.inputs[1].type, NoneTypeT))
        size = pt.stack([self.num_draws, *(pt.constant(n, dtype="int64") for n in batch)])
        next_rng, drawn = op.make_node(rng, size, *parameters).outputs
        self.updates[rng] = next_rng
        drawn.name = rv.name
        self.drawn.append(drawn)
        self._batched[rv] = drawn
        self._count(rv)

    def _written_out(self, node: Apply, batch: Sequence[int]) -> bool:
        """Draw the graph of other variables for which an op stands, where there is one."""
        op, rv = node.op, node.outputs[1]
        graph = op.graph(op.dist_params(node), tuple(batch)) if hasattr(op, "graph") else None
        if graph is None:
            return False
        outside, self._inside = self._inside, [str(rv.name or self._key())]
        self._batched[rv] = self.add([pt.cast(graph, rv.dtype)])[0]
        self._inside = outside
        self.drawn.append(self._batched[rv])
        self._count(rv)
        return True

    def _key(self) -> str:
        """Make a key for the generator of a variable without a name.

        Inside a graph that stands for a variable it depends on that graph alone, so that the draws
        do not depend on which others are drawn.
        """
        if not self._inside:
            return f"#{len(self.updates)}"
        self._inside.append("")
        return f"{self._inside[0]}#{len(self._inside)}"

    def _count(self, variable: Variable) -> None:
        self.elements += int(np.prod(self.evaluator.shape(variable), dtype=np.int64))


def _fast(node: Apply, outputs: Sequence[Any]) -> Sequence[Any]:
    """Use the quick version of an elementwise operation when it still is one after vectorising."""
    owners = {output.owner for output in outputs}
    if len(owners) == 1 and None not in owners:
        [owner] = owners
        return fast_outputs(owner.op, outputs)
    return outputs


def _aligned(parameter: TensorVariable, missing: int) -> TensorVariable:
    """Insert axes after that of the draws, so that the batch axes line up with the others."""
    if missing <= 0:
        return parameter
    axes = range(1, parameter.ndim)
    return parameter.dimshuffle(0, *["x"] * missing, *axes)
