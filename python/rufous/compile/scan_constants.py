"""Arrays inside the step of a loop become inputs of the loop.

Rewriting moves constants into the inner graph of a ``Scan``, where they would end up in the code.
Here they come out again, so that they can be lifted like all other arrays.
"""

from __future__ import annotations

from dataclasses import replace

from pytensor.graph.basic import Apply
from pytensor.graph.fg import AbstractFunctionGraph, FunctionGraph
from pytensor.scan.op import Scan
from pytensor.tensor.variable import TensorConstant

__all__ = ["take_out_of_scans"]


def take_out_of_scans(graph: FunctionGraph, max_size: int) -> None:
    """Make the large constants inside loops non-sequences of the loops, in place.

    Parameters
    ----------
    graph : FunctionGraph
        A rewritten graph.
    max_size : int
        Constants of up to so many elements stay where they are.
    """
    for node in graph.toposort():
        if isinstance(node.op, Scan):
            inner = _mutable(node.op.fgraph)
            constants = _large_constants(inner, max_size)
            if constants:
                new = _with_non_sequences(node, inner, constants)
                outputs = list(zip(node.outputs, new.outputs, strict=True))
                graph.replace_all(outputs, reason="take_out_of_scans", import_missing=True)


def _large_constants(inner: AbstractFunctionGraph, max_size: int) -> list[TensorConstant]:
    found = {
        variable: None
        for node in inner.toposort()
        for variable in node.inputs
        if isinstance(variable, TensorConstant) and variable.data.size > max_size
    }
    return list(found)


def _mutable(inner: AbstractFunctionGraph) -> FunctionGraph:
    # Newer versions of PyTensor freeze the inner graph.
    return inner.unfreeze() if hasattr(inner, "unfreeze") else inner.clone()


def _with_non_sequences(
    node: Apply, inner: FunctionGraph, constants: list[TensorConstant]
) -> Apply:
    """Rebuild a loop with inputs in the place of constants; non-sequences are the last inputs."""
    op = node.op
    added = [constant.type() for constant in constants]
    for constant, variable in zip(constants, added, strict=True):
        inner.add_input(variable)
        inner.replace(constant, variable)
    new_op = Scan(
        list(inner.inputs),
        list(inner.outputs),
        replace(op.info, n_non_seqs=op.info.n_non_seqs + len(added)),
        mode=op.mode,
        truncate_gradient=op.truncate_gradient,
        name=op.name,
        profile=op.profile,
        allow_gc=op.allow_gc,
        strict=op.strict,
    )
    for name in ("destroy_map", "view_map"):
        if hasattr(op, name):
            setattr(new_op, name, getattr(op, name))
    outer = [TensorConstant(constant.type, constant.data) for constant in constants]
    made = new_op.make_node(*node.inputs, *outer)
    return Apply(new_op, made.inputs, [output.type() for output in node.outputs])
