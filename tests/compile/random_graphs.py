"""Random log densities: expressions of every kind of operation over a few free variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from hypothesis import strategies as st

Draw = Callable[[Any], Any]

SHAPES = [
    (), (1,), (4,), (7,), (3, 4), (4, 1), (1, 4), (4, 4), (2, 3, 4), (300,), (30, 17),
    (90, 4), (90, 1),
]  # fmt: skip
# In double precision: what PyTensor computes from constants in single precision stays there.
NUMBERS = [np.float64(x) for x in (-2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0)]

UNARY = [
    pt.neg, pt.exp, pt.tanh, pt.sigmoid, pt.softplus, pt.sqr, pt.abs, pt.sin, pt.cos, pt.arctan,
    pt.log1p, pt.log, pt.sqrt, pt.reciprocal, pt.expm1, pt.gammaln, pt.psi, pt.erf, pt.erfc,
    pt.sign, pt.floor, pt.cosh, pt.arcsinh, pt.log1mexp, pt.erfcx,
    lambda x: pt.log(1 + pt.exp(x)), lambda x: pt.log(pt.sigmoid(x)),
    lambda x: pt.log1p(-pt.sigmoid(x)),
    lambda x: 1 - pt.sigmoid(x), lambda x: pt.log(pt.exp(x)), lambda x: pt.log(pt.erfc(x)),
    lambda x: 1 / (1 + pt.exp(-x)), lambda x: pt.log(pt.sqr(x)), lambda x: pt.sqrt(pt.exp(x)),
    lambda x: pt.exp(-pt.sqr(x)), lambda x: pt.log1p(pt.exp(-x)),
    lambda x: pt.log(1 - pt.exp(-pt.softplus(x))),
]  # fmt: skip

BINARY = [
    pt.add, pt.sub, pt.mul, pt.true_div, pt.maximum, pt.minimum, pt.logaddexp,
    lambda a, b: pt.power(pt.exp(pt.tanh(a)), pt.tanh(b)),
    lambda a, b: pt.switch(a > b, a, pt.sqr(b)),
    lambda a, b: pt.switch(pt.le(a, 0.3), pt.log(b), b), lambda a, b: pt.clip(a, -1, pt.sqr(b)),
    lambda a, b: a * (b > 0), lambda a, b: pt.arctan2(a, b), lambda a, b: pt.mod(a, 1 + pt.sqr(b)),
    lambda a, b: -0.5 * pt.sqr((a - b) / 0.7) - pt.log(0.7),
    lambda a, b: a * pt.log(pt.sqr(b) + 1e-3),
]  # fmt: skip


@st.composite
def densities(draw: Draw) -> tuple[list[Any], Any]:
    """Free variables and a number that depends on them."""
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3))
    inputs = [pt.tensor(f"x{k}", shape=shape, dtype="float64") for k, shape in enumerate(shapes)]
    pool = list(inputs)
    for _ in range(draw(st.integers(1, 14))):
        step = draw(st.sampled_from(STEPS))
        found = step(draw, pool)
        if found is not None and found.type.ndim <= 3 and elements(found) <= 4000:
            pool.append(found)
    kept = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3))
    return inputs, pt.add(*[part.sum() for part in [*kept, pool[-1]]])


def elements(x: Any) -> float:
    """The number of elements, or infinity where it is not known."""
    return float("inf") if None in x.type.shape else float(np.prod(x.type.shape))


def pick(draw: Draw, pool: list[Any]) -> Any:
    """Choose one of the expressions there are, later ones more often."""
    return pool[-1] if draw(st.booleans()) else draw(st.sampled_from(pool))


def unary(draw: Draw, pool: list[Any]) -> Any:
    """A function of each element."""
    return draw(st.sampled_from(UNARY))(pick(draw, pool))


def binary(draw: Draw, pool: list[Any]) -> Any:
    """A function of two broadcast expressions."""
    a = pick(draw, pool)
    b = draw(st.sampled_from(pool)) if draw(st.booleans()) else draw(st.sampled_from(NUMBERS))
    if isinstance(b, float) and draw(st.booleans()):
        b = np.random.default_rng(draw(st.integers(0, 99))).normal(size=a.type.shape)
    if not fits(a.type.shape, np.shape(b) if not hasattr(b, "type") else b.type.shape):
        return None
    pair = (a, pt.as_tensor(b)) if draw(st.booleans()) else (pt.as_tensor(b), a)
    return draw(st.sampled_from(BINARY))(*pair)


def fits(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether two shapes broadcast."""
    return all(n == m or 1 in (n, m) for n, m in zip(reversed(a), reversed(b), strict=False))


def reduction(draw: Draw, pool: list[Any]) -> Any:
    """A reduction along one axis or all."""
    x = pick(draw, pool)
    if x.type.ndim == 0:
        return None
    axis = draw(st.sampled_from([None, *range(x.type.ndim)]))
    functions = [pt.sum, pt.mean, apart(pt.max), apart(pt.min), pt.logsumexp, pt.prod]
    function = draw(st.sampled_from(functions))
    return function(x, axis=axis, keepdims=draw(st.booleans()))


def apart(extremum: Any) -> Any:
    """The largest or smallest of numbers that were moved apart.

    PyTensor gives the slope to each of several equal ones, also where they are repetitions of one
    number, which then counts more than once; here a repetition is no number of its own.
    """

    def function(x: Any, **options: Any) -> Any:
        steps = np.random.default_rng(0).normal(size=x.type.shape)
        return extremum(x + steps, **options)

    return function


def along_axis(draw: Draw, pool: list[Any]) -> Any:
    """Running sums, softmax and sorting along an axis."""
    x = pick(draw, pool)
    if x.type.ndim == 0:
        return None
    axis = draw(st.integers(0, x.type.ndim - 1))
    kind = draw(st.integers(0, 3))
    if kind == 3:
        return pt.sort(x) if x.type.ndim == 1 else None
    functions = [pt.cumsum, pt.special.softmax, pt.special.log_softmax]
    return functions[kind](x, axis=axis)


def shape(draw: Draw, pool: list[Any]) -> Any:
    """Another order or number of axes."""
    x = pick(draw, pool)
    kind = draw(st.integers(0, 4))
    if kind == 0 and x.type.ndim >= 2:
        return x.dimshuffle(*draw(st.permutations(range(x.type.ndim))))
    if kind == 1:
        return x.reshape((int(elements(x)),))
    if kind == 2 and x.type.ndim < 3:
        return pt.expand_dims(x, draw(st.integers(0, x.type.ndim)))
    if kind == 3 and x.type.ndim:
        return pt.repeat(x, 2, axis=draw(st.integers(0, x.type.ndim - 1)))
    if kind == 4 and x.type.ndim == 2 and x.type.shape[0] == x.type.shape[1]:
        return pt.diagonal(x) if draw(st.booleans()) else pt.tril(x)
    return None


def index(draw: Draw, pool: list[Any]) -> Any:
    """Slices, single elements and index arrays."""
    x = pick(draw, pool)
    if x.type.ndim == 0:
        return None
    axis = draw(st.integers(0, x.type.ndim - 1))
    n = x.type.shape[axis]
    places = st.integers(-n, n - 1)
    kind = draw(st.integers(0, 3))
    if kind == 0:
        entry: Any = draw(places)
    elif kind == 1:
        step = draw(st.sampled_from([1, 1, 2, -1]))
        entry = slice(draw(st.one_of(st.none(), places)), draw(st.one_of(st.none(), places)), step)
    elif kind == 2:
        entry = np.array(draw(st.lists(places, min_size=1, max_size=20)))
    else:
        entry = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    found = x[(slice(None),) * axis + (entry,)]
    return found if 0 not in found.type.shape else None


def update(draw: Draw, pool: list[Any]) -> Any:
    """Elements set or increased."""
    x = pick(draw, pool)
    if x.type.ndim != 1:
        return None
    n = x.type.shape[0]
    entry: Any = np.array(
        draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=6, unique=True))
    )
    if draw(st.booleans()):
        entry = slice(draw(st.integers(0, n - 1)), None)
    part = x[entry]
    value = pt.sin(part) * 2 if draw(st.booleans()) else pt.zeros_like(part)
    return part.set(value) if draw(st.booleans()) else part.inc(value)


def join(draw: Draw, pool: list[Any]) -> Any:
    """Expressions one after the other, or on top of each other."""
    x = pick(draw, pool)
    if x.type.ndim == 0:
        return pt.stack([x, 2 * x])
    axis = draw(st.integers(0, x.type.ndim - 1))
    if draw(st.booleans()) and x.type.ndim < 3:
        return pt.stack([x, pt.cos(x)], axis=axis)
    return pt.concatenate([x, pt.ones_like(x), pt.tanh(x)], axis=axis)


def product(draw: Draw, pool: list[Any]) -> Any:
    """Products of matrices and vectors, with data and among each other."""
    x = pick(draw, pool)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    if x.type.ndim == 1:
        n = x.type.shape[0]
        kind = draw(st.integers(0, 2))
        if kind == 0:
            return pt.dot(rng.normal(size=(draw(st.sampled_from([2, 5, 600])), n)), x)
        return pt.dot(x, pt.sin(x)) if kind == 1 else pt.outer(x, x[:3])
    if x.type.ndim == 2:
        n, m = x.type.shape
        other = rng.normal(size=(m, 3)) if draw(st.booleans()) else x.T
        return pt.dot(x, other)
    if x.type.ndim == 3:
        return pt.matmul(x, x.dimshuffle(0, 2, 1))
    return None


def matrix(draw: Draw, pool: list[Any]) -> Any:
    """Factors, solutions and determinants of positive definite matrices."""
    x = pick(draw, pool)
    if x.type.ndim != 2 or x.type.shape[0] > 8:
        return None
    n = x.type.shape[0]
    bounded = pt.tanh(x)
    positive = pt.dot(bounded, bounded.T) + 0.5 * np.eye(n)
    kind = draw(st.integers(0, 4))
    factor = pt.linalg.cholesky(positive)
    if kind == 0:
        return factor
    if kind == 1:
        return pt.linalg.solve_triangular(factor, pt.arange(n) + bounded[:, 0], lower=True)
    if kind == 2:
        return pt.log(pt.linalg.det(positive))
    if kind == 3:
        return pt.linalg.inv(positive)
    return pt.log(pt.diagonal(factor)).sum() + pt.linalg.solve(positive, pt.ones(n))


def loop(draw: Draw, pool: list[Any]) -> Any:
    """A recurrence along the first axis."""
    x = pick(draw, pool)
    if x.type.ndim not in (1, 2) or x.type.shape[0] > 40:
        return None
    rate = draw(st.sampled_from([0.3, -0.5, 0.9]))
    arguments = {"sequences": [x], "outputs_info": [pt.zeros_like(x[0])]}
    try:
        states = pytensor.scan(
            lambda e, state: pt.tanh(rate * state + e), return_updates=False, **arguments
        )
    except TypeError:  # older versions of PyTensor
        states, _ = pytensor.scan(lambda e, state: pt.tanh(rate * state + e), **arguments)
    return pt.specify_shape(states, x.type.shape)


def likelihood(draw: Draw, pool: list[Any]) -> Any:
    """Squares of the residuals of many rows, by groups of rows or whitened."""
    x = pick(draw, pool)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    if x.type.ndim == 1:
        rows = draw(st.sampled_from([20, 60, 300]))
        group = rng.integers(0, x.type.shape[0], rows)
        known = [rng.normal(size=rows) for _ in range(2)]
        mean = x[group] + draw(st.sampled_from([pt.sin(x)[group], x.sum(), 0.5])) * known[0]
        scale = draw(st.sampled_from([1.0, pt.exp(x[0]), pt.exp(x)[group], known[0]]))
        return pt.sqr((known[1] - mean) * scale)
    if x.type.ndim == 2 and x.type.shape[0] == x.type.shape[1]:
        n = x.type.shape[0]
        factor = pt.tril(pt.tanh(x)) + 1.5 * np.eye(n)
        rows = rng.normal(size=(draw(st.sampled_from([6, 40])), n)) - pt.sin(x[:, 0])
        return pt.sqr(pt.linalg.solve_triangular(factor, rows.T, lower=True))
    return None


STEPS = [
    unary, unary, unary, binary, binary, binary, reduction, along_axis, shape, index, update, join,
    product, matrix, loop, likelihood,
]  # fmt: skip
