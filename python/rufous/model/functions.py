"""The log density as Python functions of a point: a convenience for looking, not for sampling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import Mode
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.replace import clone_replace
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from pytensor.graph.traversal import ancestors, explicit_graph_inputs
from pytensor.tensor.random.op import RandomVariable

from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.model.arrays import to_array
from rufous.model.context import active_model
from rufous.model.names import known_names
from rufous.model.seeds import generator, seed_sequence

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import RandomSeed
    from rufous.model.model import Model

__all__ = [
    "PointFunction",
    "check_point_names",
    "compile_fn",
    "point_function",
    "point_value",
    "stable_mode",
]


def stable_mode() -> Mode:
    """Return the mode that keeps the digits of a log density: PyTensor's Python linker."""
    # As written, log(1 - sigmoid(x)) and its kin lose digits: the stabilising rewrites are needed.
    query = RewriteDatabaseQuery(include=["canonicalize", "stabilize"])
    return Mode(linker="py", optimizer=query)


class PointFunction:
    """A function of a point: a dict of unconstrained values by the name of the value variable.

    Parameters
    ----------
    inputs : sequence of TensorVariable
        The value variables.
    outputs : TensorVariable or list of TensorVariable
        What to compute.
    mode : str or Mode, optional
        How PyTensor compiles; default its Python linker.
    updates : mapping of TensorVariable to TensorVariable, optional
        New values of shared variables after each call, such as random generators.

    Notes
    -----
    PyTensor's Python linker evaluates it: no waiting for a compiler, and slow for loops. `compile`
    is what makes it fast.
    """

    def __init__(
        self,
        inputs: Sequence[TensorVariable],
        outputs: TensorVariable | list[TensorVariable],
        *,
        mode: Any = None,
        updates: Mapping[Any, Any] | None = None,
    ) -> None:
        self._inputs = list(inputs)
        self._function = pytensor.function(
            self._inputs,
            outputs,
            mode=stable_mode() if mode is None else mode,
            updates=updates,
            on_unused_input="ignore",
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the values that a point must hold."""
        return tuple(str(i.name) for i in self._inputs)

    @property
    def f(self) -> Any:
        """The function of PyTensor, which takes the values in the order of `names`."""
        return self._function

    def __call__(self, point: Mapping[str, Any]) -> Any:
        """Evaluate at a point; `Model.initial_point` shows the names and shapes."""
        check_point_names(point, self.names)
        with np.errstate(all="ignore"):
            return self._function(*(point_value(i, point[str(i.name)]) for i in self._inputs))


def check_point_names(point: Any, names: Sequence[str]) -> None:
    """Refuse a point that is no dict, lacks a value or has one too many."""
    if not isinstance(point, Mapping):
        raise ModelError(
            f"a point is a dict of values by name ({', '.join(names)}), got {point!r:.60}"
        )
    for name in point:
        if name not in names:
            raise UnknownNameError(f"the model has no value {name!r}; {known_names(name, names)}")
    missing = [name for name in names if name not in point]
    if missing:
        raise UnknownNameError(f"the point lacks {', '.join(map(repr, missing))}")


def point_value(variable: TensorVariable, value: Any) -> Any:
    """Convert the value of a variable at a point, or refuse its shape."""
    array = to_array(value, f"value {variable.name!r}").astype(variable.dtype)
    static = variable.type.shape
    fits = array.ndim == len(static) and all(
        n is None or n == m for n, m in zip(static, array.shape, strict=True)
    )
    if not fits:
        wanted = tuple("?" if n is None else n for n in static)
        raise ShapeError(f"value {variable.name!r} has shape {array.shape}, expected {wanted}")
    return array


def compile_fn(
    outs: Any,
    *,
    inputs: Sequence[Variable] | None = None,
    mode: Any = None,
    point_fn: bool = True,
    model: Model | None = None,
    on_unused_input: str = "ignore",
    givens: Mapping[Variable, Any] | None = None,
    random_seed: RandomSeed = None,
) -> Any:
    """Make a Python function of expressions over the variables of a model.

    Parameters
    ----------
    outs : TensorVariable or sequence of them
        Expressions of value variables, data and random variables; the last are drawn anew at each
        call. ``model.replace_rvs_by_values`` turns random variables into their values.
    inputs : sequence of TensorVariable, optional
        Arguments of the function; default the value variables of the model (`point_fn`), or what
        `outs` depends on.
    mode : str or Mode, optional
        How PyTensor compiles; default its Python linker, so that nothing waits for a compiler.
    point_fn : bool, default True
        Make a function of a dict of values by name; else one of the values in order.
    model : Model, optional
        Default: the innermost open model.
    on_unused_input : {"ignore", "warn", "raise"}, default "ignore"
        What to do about an input that `outs` does not depend on.
    givens : mapping of TensorVariable to array_like, optional
        Replace variables in `outs`.
    random_seed : int, sequence of int, Generator or SeedSequence, optional
        For random variables in `outs`; default fresh entropy.

    Returns
    -------
    PointFunction or pytensor function

    Raises
    ------
    ModelError
        When `outs` holds anything but variables, or depends on an input without a value.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.HalfNormal("x", 1)
    >>> [constrained] = model.replace_rvs_by_values([x])
    >>> model.compile_fn(2 * constrained)({"x_log__": 0.0})
    array(2.)
    """
    owner = active_model(model, what="compile_fn")
    single = isinstance(outs, Variable)
    graphs = [outs] if single else list(outs)
    for graph in graphs:
        if not isinstance(graph, Variable):
            raise ModelError(f"compile_fn needs variables, got {graph!r:.60}")
    if givens:
        replace = {old: pt.as_tensor(new) for old, new in givens.items()}
        graphs = clone_replace(graphs, replace=replace, rebuild_strict=False)
    return point_function(
        owner,
        graphs[0] if single else graphs,
        inputs,
        mode=mode,
        point_fn=point_fn,
        on_unused_input=on_unused_input,
        random_seed=random_seed,
    )


def point_function(
    model: Model,
    outputs: Any,
    inputs: Sequence[Any] | None = None,
    *,
    mode: Any = None,
    point_fn: bool = True,
    on_unused_input: str = "ignore",
    random_seed: RandomSeed = None,
) -> Any:
    """Compile expressions over the value variables of a model; see `compile_fn`."""
    graphs = [outputs] if isinstance(outputs, Variable) else outputs
    graphs, updates = _with_own_generators(graphs, random_seed)
    outputs = graphs[0] if isinstance(outputs, Variable) else graphs
    needed = [
        v for v in explicit_graph_inputs(graphs) if not isinstance(v, Constant | SharedVariable)
    ]
    if inputs is None:
        values = model.root.value_vars
        inputs = [*values, *(v for v in needed if v not in values)] if point_fn else needed
    for variable in needed:
        if variable not in inputs:
            raise ModelError(
                f"the expression depends on {variable}, which is not among the inputs: "
                f"{', '.join(map(str, inputs)) or 'none'}; add it, or leave `inputs` out"
            )
    if point_fn:
        return PointFunction(inputs, outputs, mode=mode, updates=updates)
    return pytensor.function(
        list(inputs),
        outputs,
        mode=stable_mode() if mode is None else mode,
        updates=updates,
        on_unused_input=on_unused_input,
    )


def _with_own_generators(
    graphs: Sequence[Variable], random_seed: RandomSeed
) -> tuple[list[Any], dict[Any, Any]]:
    """Give the random variables in graphs generators of their own, which move on at each call."""
    nodes = {
        v.owner: None
        for v in ancestors(list(graphs))
        if v.owner is not None and isinstance(v.owner.op, RandomVariable)
    }
    if not nodes:
        return list(graphs), {}
    seed = seed_sequence(random_seed)
    own: dict[Any, Any] = {}
    for i, node in enumerate(nodes):
        rng = node.op.rng_param(node)
        if rng not in own:
            own[rng] = pytensor.shared(generator(seed, node.outputs[1].name or f"#{i}"))
    rebuilt = clone_replace(
        [*graphs, *(node.outputs[0] for node in nodes)], replace=own, rebuild_strict=False
    )
    moved = rebuilt[len(graphs) :]
    updates = {own[node.op.rng_param(node)]: new for node, new in zip(nodes, moved, strict=True)}
    return rebuilt[: len(graphs)], updates
