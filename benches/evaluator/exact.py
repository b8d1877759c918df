"""Values of PyTensor graphs in high precision, by mpmath, to say which of two results is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath as mp
import numpy as np
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import toposort

__all__ = ["derivative", "evaluate"]

DIGITS = 120

Number = Any


def derivative(
    output: Variable, given: Mapping[Variable, Any], along: Mapping[Variable, Any]
) -> Any:
    """Differentiate a number along a direction, by a central difference of 120 digits.

    Parameters
    ----------
    output : TensorVariable
        A number.
    given : mapping of TensorVariable to ndarray
        Values of the inputs.
    along : mapping of TensorVariable to ndarray
        The direction, for each input.

    Returns
    -------
    mpf
    """
    mp.mp.dps = DIGITS
    step = mp.mpf(10) ** (-DIGITS // 3)
    sides = []
    for sign in (1, -1):
        moved = {
            variable: exact(value) + sign * step * exact(along[variable])
            for variable, value in given.items()
        }
        sides.append(evaluate(output, moved))
    return (sides[0] - sides[1]) / (2 * step)


def evaluate(output: Variable, given: Mapping[Variable, Any]) -> Any:
    """Evaluate a number from the un-rewritten graph.

    Parameters
    ----------
    output : TensorVariable
        A number.
    given : mapping of TensorVariable to ndarray
        Values of the inputs.

    Returns
    -------
    mpf
        Where the arithmetic of the graph itself loses digits, enough are left.

    Raises
    ------
    NotImplementedError
        For an op that is not written here.
    """
    mp.mp.dps = DIGITS
    graph = FunctionGraph([*given], [output], clone=True)
    while inlined := [n for n in graph.toposort() if type(n.op).__name__.startswith("OpFromGraph")]:
        for node in inlined[:1]:
            inner = node.op.fgraph
            outs = clone_replace(inner.outputs, dict(zip(inner.inputs, node.inputs, strict=True)))
            graph.replace_all(list(zip(node.outputs, outs, strict=True)), import_missing=True)
    values: dict[Variable, Any] = {
        variable: exact(value) for variable, value in zip(graph.inputs, given.values(), strict=True)
    }
    for node in toposort(graph.outputs):
        inputs = [values[x] if x in values else exact(known(x)) for x in node.inputs]
        for variable, value in zip(node.outputs, apply(node, inputs), strict=False):
            values[variable] = value
    return np.asarray(values[graph.outputs[0]]).item()


def known(variable: Variable) -> Any:
    """Value of a constant or of shared data."""
    return variable.data if isinstance(variable, Constant) else variable.get_value()


def exact(value: Any) -> Any:
    """Array of high-precision numbers; integers, truth values and slices as they are."""
    if not isinstance(value, np.ndarray | np.generic | float | mp.mpf):
        return value
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return array
    return wrap(np.frompyfunc(lambda x: mp.mpf(float(x)), 1, 1)(array))


def wrap(value: Any) -> Any:
    """Keep single numbers arrays."""
    if isinstance(value, np.ndarray):
        return value
    out = np.empty((), dtype=object)
    out[()] = value
    return out


def apply(node: Any, inputs: list[Any]) -> list[Any]:
    """Compute the outputs of one node."""
    name = type(node.op).__name__
    if name == "Elemwise":
        return [elementwise(type(node.op.scalar_op).__name__, node, inputs)]
    if name in REDUCTIONS:
        return [reduced(name, node.op.axis, inputs[0])]
    if name in ARRAYS:
        return [wrap(ARRAYS[name](node, *inputs))]
    if name == "Blockwise":
        core = type(node.op.core_op).__name__
        if core not in ARRAYS:
            raise NotImplementedError(core)
        return [wrap(ARRAYS[core](node, *inputs))]
    if name in SCALARS:
        return [elementwise(name, node, inputs)]
    storage: list[list[Any]] = [[None] for _ in node.outputs]
    for k, x in enumerate(node.inputs):
        dtype = getattr(x.type, "dtype", "float64")
        value = inputs[k]
        if isinstance(value, np.ndarray) and value.dtype.kind == "O" and dtype[0] in "uib":
            inputs[k] = value.astype(dtype)
    try:
        node.op.perform(node, list(inputs), storage)
    except Exception as error:
        raise NotImplementedError(f"{node.op}: {error}") from error
    return [cell[0] for cell in storage]


def elementwise(name: str, node: Any, inputs: Sequence[Any]) -> Any:
    """Compute a function of single numbers for all elements."""
    if name == "Cast" and node.outputs[0].type.dtype.startswith("float"):
        return wrap(
            np.frompyfunc(lambda x: x if isinstance(x, mp.mpf) else mp.mpf(int(x)), 1, 1)(inputs[0])
        )
    if name == "Cast":
        return np.asarray(inputs[0]).astype(node.outputs[0].type.dtype)
    if name not in SCALARS:
        raise NotImplementedError(name)
    function = SCALARS[name]
    return wrap(np.frompyfunc(lambda *x: function(*map(number, x)), len(inputs), 1)(*inputs))


def number(x: Any) -> Any:
    """One high-precision number; truth values stay what they are."""
    if isinstance(x, mp.mpf | bool):
        return x
    return mp.mpf(int(x)) if isinstance(x, int | np.integer) else mp.mpf(float(x))


def reduced(name: str, axis: Any, x: Any) -> Any:
    """Reduce along some axes, or all."""
    axes = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else axis
    kept = [k for k in range(x.ndim) if k not in axes]
    lines = np.transpose(x, [*kept, *axes]).reshape([*(x.shape[k] for k in kept), -1])
    out = np.empty(lines.shape[:-1], dtype=object)
    for place in np.ndindex(out.shape):
        out[place] = REDUCTIONS[name](list(lines[place]))
    return out


def log(x: Any) -> Any:
    """Logarithm as NumPy has it at zero and below."""
    if x == 0:
        return -mp.inf
    return mp.log(x) if x > 0 else mp.nan


def divide(a: Any, b: Any) -> Any:
    """Ratio as NumPy has it at zero."""
    if b == 0:
        return mp.nan if a == 0 or mp.isnan(a) else mp.inf * mp.sign(a)
    return a / b


def power(a: Any, b: Any) -> Any:
    """Power as NumPy has it at zero and below."""
    if a == 0:
        return mp.mpf(1) if b == 0 else mp.mpf(0) if b > 0 else mp.inf
    if a < 0 and b != int(b):
        return mp.nan
    return mp.power(a, int(b)) if a < 0 else mp.power(a, b)


def log1mexp(x: Any) -> Any:
    """``log(1 - exp(x))``."""
    return log(-mp.expm1(x))


def cholesky(_: Any, a: Any) -> Any:
    """Lower factor of the last two axes; NaN where a matrix is not positive definite."""
    out = np.empty_like(a)
    for place in np.ndindex(a.shape[:-2]):
        try:
            factor = mp.cholesky(mp.matrix(a[place].tolist()))
        except ValueError:
            factor = mp.matrix(a.shape[-1]) * mp.nan
        out[place] = np.array(factor.tolist(), dtype=object)
    return out


def solve_triangular(node: Any, a: Any, b: Any) -> Any:
    """Solve with one triangle of a matrix, without batches."""
    core = getattr(node.op, "core_op", node.op)
    n = a.shape[-1]
    if a.ndim > 2 or b.ndim > 2:
        raise NotImplementedError("batches of SolveTriangular")
    x = np.array(b, dtype=object)
    for i in range(n) if core.lower else reversed(range(n)):
        others = range(i) if core.lower else range(i + 1, n)
        for j in others:
            x[i] = x[i] - a[i, j] * x[j]
        if not core.unit_diagonal:
            x[i] = x[i] / a[i, i]
    return x


def inverse(_: Any, a: Any) -> Any:
    """Inverse of a matrix."""
    return np.array((mp.matrix(a.tolist()) ** -1).tolist(), dtype=object)


def logabsdet(_: Any, a: Any) -> Any:
    """Logarithm of the size of a determinant."""
    return log(abs(mp.det(mp.matrix(a.tolist()))))


def matmul(_: Any, a: Any, b: Any) -> Any:
    """Matrix product, as NumPy's."""
    return np.matmul(a, b) if min(np.ndim(a), np.ndim(b)) else a * b


def alloc(_: Any, value: Any, *shape: Any) -> Any:
    """Repeat a value to a shape."""
    return np.broadcast_to(value, [int(n) for n in shape]).copy()


def join(node: Any, *parts: Any) -> Any:
    """Put arrays one after the other; the axis is a property of the op or its first input."""
    axis = getattr(node.op, "axis", None)
    if axis is None:
        axis, *parts = parts
    return np.concatenate([np.asarray(p, dtype=object) for p in parts], axis=int(axis))


def cumulate(node: Any, x: Any) -> Any:
    """Compute running sums or products."""
    function = np.cumsum if node.op.mode == "add" else np.cumprod
    return function(x, axis=node.op.axis, dtype=object)


def outer_zeros(_: Any, *shape: Any) -> Any:
    """Allocate an array that is written before it is read."""
    return np.full([int(n) for n in shape], mp.mpf(0), dtype=object)


def place(node: Any, x: Any, y: Any, *index: Any) -> Any:
    """Set or add to some elements."""
    from pytensor.tensor.subtensor import indices_from_subtensor

    out = np.array(x, dtype=object)
    if hasattr(node.op, "idx_list"):
        where = tuple(indices_from_subtensor(index, node.op.idx_list))
    else:
        where = tuple(index)
    if node.op.set_instead_of_inc:
        out[where] = y
    else:
        np.add.at(out, where, y)
    return out


def stack(_: Any, *parts: Any) -> Any:
    """Numbers as a vector."""
    return np.array([np.asarray(p).item() for p in parts], dtype=object)


def softmax(node: Any, x: Any) -> Any:
    """Softmax along an axis."""
    powers = np.frompyfunc(mp.exp, 1, 1)(x)
    return powers / np.expand_dims(reduced("Sum", node.op.axis, powers), node.op.axis or 0)


REDUCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "Sum": lambda line: mp.fsum(number(x) for x in line),
    "Prod": lambda line: mp.fprod(number(x) for x in line),
    "LogSumExp": lambda line: log(mp.fsum(mp.exp(number(x)) for x in line)),
    "Max": max,
    "Min": min,
    "All": lambda line: all(bool(x) for x in line),
    "Any": lambda line: any(bool(x) for x in line),
}

ARRAYS: dict[str, Callable[..., Any]] = {
    "Cholesky": cholesky,
    "SolveTriangular": solve_triangular,
    "MatrixInverse": inverse,
    "SLogDet": logabsdet,
    "Dot": matmul,
    "Dot22": matmul,
    "MatMul": matmul,
    "Alloc": alloc,
    "AllocEmpty": outer_zeros,
    "Join": join,
    "CumOp": cumulate,
    "IncSubtensor": place,
    "AdvancedIncSubtensor": place,
    "AdvancedIncSubtensor1": place,
    "MakeVector": stack,
    "Softmax": softmax,
    "CheckAndRaise": lambda node, value, *conditions: value,
    "CheckParameterValue": lambda node, value, *conditions: (
        value if all(np.all(c) for c in conditions) else np.full(np.shape(value), -mp.inf)
    ),
    "SpecifyShape": lambda node, value, *shape: value,
    "TensorFromScalar": lambda node, value: value,
    "ScalarFromTensor": lambda node, value: np.asarray(value).item(),
    "AllocDiag": lambda node, x: np.diag(x),
}

SCALARS: dict[str, Callable[..., Any]] = {
    "Add": lambda *x: sum(x[1:], x[0]),
    "Mul": lambda *x: mp.fprod(x),
    "LogAddExp": lambda *x: log(mp.fsum(map(mp.exp, x))),
    "Sub": lambda a, b: a - b,
    "TrueDiv": divide,
    "Pow": power,
    "Neg": lambda x: -x,
    "Abs": abs,
    "Sqr": lambda x: x * x,
    "Sqrt": lambda x: mp.sqrt(x) if x >= 0 else mp.nan,
    "Reciprocal": lambda x: divide(mp.mpf(1), x),
    "Exp": mp.exp,
    "Expm1": mp.expm1,
    "Log": log,
    "Log1p": lambda x: log(1 + x),
    "Log1mexp": log1mexp,
    "Softplus": lambda x: mp.log1p(mp.exp(x)),
    "Sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "Sin": mp.sin,
    "Cos": mp.cos,
    "Tanh": mp.tanh,
    "ArcTan": mp.atan,
    "GammaLn": lambda x: mp.log(abs(mp.gamma(x))) if x < 0 else mp.loggamma(x) if x else mp.inf,
    "Psi": mp.digamma,
    "Erf": mp.erf,
    "Erfc": mp.erfc,
    "Erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "BetaInc": lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True),
    "GammaInc": lambda a, x: mp.gammainc(a, 0, x, regularized=True),
    "GammaIncC": lambda a, x: mp.gammainc(a, x, mp.inf, regularized=True),
    "Sign": mp.sign,
    "Floor": mp.floor,
    "Ceil": mp.ceil,
    "Maximum": max,
    "Minimum": min,
    "ScalarMaximum": max,
    "ScalarMinimum": min,
    "Clip": lambda x, low, high: min(max(x, low), high),
    "Switch": lambda c, a, b: a if c else b,
    "GT": lambda a, b: a > b,
    "LT": lambda a, b: a < b,
    "GE": lambda a, b: a >= b,
    "LE": lambda a, b: a <= b,
    "EQ": lambda a, b: a == b,
    "NEQ": lambda a, b: a != b,
    "AND": lambda a, b: bool(a) and bool(b),
    "OR": lambda a, b: bool(a) or bool(b),
    "XOR": lambda a, b: bool(a) != bool(b),
    "Invert": lambda a: not a,
    "IsNan": mp.isnan,
    "IsInf": mp.isinf,
    "Identity": lambda x: x,
    "Second": lambda a, b: b,
    "IntDiv": lambda a, b: mp.floor(a / b),
    "Mod": lambda a, b: a - b * mp.floor(a / b),
}
