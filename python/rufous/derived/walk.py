"""From an expression to its law: one rule per op, and an error where there is none."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any, NoReturn

from pytensor.graph.basic import Apply, Variable
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.shape import Shape, Shape_i

from rufous.derived.law import Drawn, Law
from rufous.errors import UnsupportedError
from rufous.model.subsampling import is_minibatch_index

__all__ = [
    "check_apart",
    "elementwise_rule",
    "law_of",
    "op_rule",
    "random_inputs",
    "refuse",
    "sources",
]

Rule = Callable[[Any, Apply], Law]
_ELEMENTWISE: dict[type, Rule] = {}


@singledispatch
def op_rule(op: Any, node: Apply) -> Law:
    """Return the law of the output of a node; the rule is chosen by the type of the op."""
    refuse(node, f"{name_of(node)} has no rule")


def elementwise_rule(*scalar_ops: type) -> Callable[[Rule], Rule]:
    """Register a rule for elementwise ops, by the type of their scalar op."""

    def register(rule: Rule) -> Rule:
        _ELEMENTWISE.update(dict.fromkeys(scalar_ops, rule))
        return rule

    return register


@op_rule.register(Elemwise)
def _(op: Elemwise, node: Apply) -> Law:
    rule = _ELEMENTWISE.get(type(op.scalar_op))
    if rule is None:
        refuse(node, f"{name_of(node)} has no rule")
    return rule(op.scalar_op, node)


@op_rule.register(RandomVariable)
def _(op: RandomVariable, node: Apply) -> Law:
    return Drawn(node)


def law_of(variable: Variable) -> Law:
    """Derive the law of an expression of random variables.

    Parameters
    ----------
    variable : TensorVariable
        The expression.

    Returns
    -------
    Law

    Raises
    ------
    UnsupportedError
        Names the op that stands in the way.
    """
    return op_rule(variable.owner.op, variable.owner)


def sources(variable: Variable) -> frozenset[Variable]:
    """Return the random variables that a variable is made of, not those behind their parameters.

    A shape is not random.
    """
    found, todo, seen = set(), [variable], set()
    while todo:
        current = todo.pop()
        if current in seen or current.owner is None or is_minibatch_index(current):
            continue
        seen.add(current)
        if isinstance(current.owner.op, RandomVariable):
            found.add(current)
        elif not isinstance(current.owner.op, Shape | Shape_i):
            todo.extend(current.owner.inputs)
    return frozenset(found)


def random_inputs(node: Apply) -> list[int]:
    """Return which inputs of a node are random.

    Where variables without a name (made with ``.dist()``) meet variables of a model, the latter
    are taken as given: in ``mu + Normal.dist(0, 1)`` only the second is random.
    """
    found = {i: made_of for i, each in enumerate(node.inputs) if (made_of := sources(each))}
    own = [i for i, made_of in found.items() if any(rv.name is None for rv in made_of)]
    return own or list(found)


def refuse(node: Apply, why: str) -> NoReturn:
    """Raise, naming the op that stands in the way."""
    made_of = sorted(str(rv.name or rv.owner.op.name) for rv in sources(node.outputs[-1]))
    raise UnsupportedError(
        f"the density of an expression of {', '.join(made_of) or 'no random variable'} cannot be "
        f"derived: {why}. Write it yourself, with CustomDist(logp=...) or a Potential"
    )


def name_of(node: Apply) -> str:
    """Name the op of a node as its user would."""
    op = getattr(node.op, "core_op", node.op)
    return f"the op {type(op.scalar_op if isinstance(op, Elemwise) else op).__name__}"


def check_apart(node: Apply, parts: list[Variable]) -> None:
    """Refuse parts that share a random variable, as they are not independent."""
    seen: set[Variable] = set()
    for part in parts:
        shared = seen & sources(part)
        if shared:
            names = ", ".join(str(rv.name or rv.owner.op.name) for rv in shared)
            refuse(node, f"{name_of(node)} combines several expressions of {names}")
        seen |= sources(part)
