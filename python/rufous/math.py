"""Functions for writing models: the names of ``pymc.math``.

Most are PyTensor's own. Those that return real numbers take integers, bools and float32 as the real
numbers that they mean: PyTensor alone would compute ``log(10)`` with 7 digits, because the literal
is an 8-bit integer there, and ``sqr(16)`` would be 0.

Examples
--------
>>> import rufous as rf
>>> with rf.Model():
...     eta = rf.Normal("eta", 0, 1, shape=3)
...     odds = rf.Deterministic("odds", rf.math.exp(eta))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce, wraps
from typing import Any

import numpy as np
import pytensor.tensor as pt
import pytensor.tensor.linalg as linalg
from pytensor.graph.basic import Variable
from pytensor.tensor import (
    abs,
    all,
    and_,
    any,
    arange,
    argmax,
    argmin,
    argsort,
    broadcast_arrays,
    broadcast_to,
    ceil,
    clip,
    concatenate,
    cumprod,
    cumsum,
    diff,
    dot,
    eq,
    expand_dims,
    eye,
    flatten,
    floor,
    full,
    full_like,
    ge,
    gt,
    le,
    linspace,
    lt,
    matmul,
    max,
    maximum,
    mean,
    min,
    minimum,
    moveaxis,
    neq,
    ones,
    ones_like,
    or_,
    prod,
    repeat,
    reshape,
    sgn,
    sort,
    squeeze,
    stack,
    std,
    sum,
    swapaxes,
    switch,
    take,
    tile,
    trace,
    transpose,
    tril,
    triu,
    unique,
    var,
    where,
    zeros,
    zeros_like,
)

from rufous.errors import SettingsError, ShapeError
from rufous.transforms import log_softmax as _log_softmax

# fmt: off
__all__ = [
    "abs", "all", "and_", "any", "arange", "arccos", "arccosh", "arcsin", "arcsinh", "arctan",
    "arctan2", "arctanh", "argmax", "argmin", "argsort", "as_tensor", "batched_diag", "betainc",
    "block_diag", "block_diagonal", "broadcast_arrays", "broadcast_to", "cartesian", "ceil",
    "cho_solve", "cholesky", "clip", "concatenate", "constant", "cos", "cosh", "cumprod",
    "cumsum", "det", "diag", "diff", "digamma", "dot", "eigh", "eq", "erf", "erfc", "erfcinv",
    "erfinv", "exp", "expand_dims", "expand_packed_triangular", "expm1", "eye", "flat_outer",
    "flatten", "flatten_list", "floor", "full", "full_like", "gamma", "gammainc", "gammaincc",
    "gammaln", "ge", "gt", "i0", "i1", "invlogit", "invprobit", "iv", "kron", "kron_diag",
    "kron_dot", "kron_solve_lower", "kron_solve_upper", "kronecker", "kv", "le", "linspace",
    "log", "log10", "log1mexp", "log1p", "log1pexp", "log2", "log_softmax", "logaddexp",
    "logbern", "logdet", "logdiffexp", "logit", "logsumexp", "lt", "matmul", "matrix_inverse",
    "max", "maximum", "mean", "min", "minimum", "moveaxis", "neq", "norm", "ones", "ones_like",
    "or_", "polygamma", "probit", "prod", "repeat", "reshape", "round", "sgn", "sigmoid", "sin",
    "sinh", "slogdet", "softmax", "softplus", "solve", "solve_triangular", "sort", "sqr",
    "sqrt", "squeeze", "stack", "std", "sum", "swapaxes", "switch", "take", "tan", "tanh",
    "tile", "trace", "transpose", "tril", "triu", "unique", "var", "where", "zeros",
    "zeros_like",
]
# fmt: on


def _as_real(value: Any) -> Any:
    """Return numbers as float64; leave float64 variables and everything else alone."""
    if isinstance(value, Variable):
        is_other = hasattr(value, "dtype") and value.dtype != "float64"
        return pt.cast(value, "float64") if is_other else value
    return pt.as_tensor_variable(_widened(value), dtype="float64")


def _widened(value: Any) -> Any:
    """Return numbers as an array of 64 bits; lists that hold variables stay lists."""
    array = np.asarray(value)
    return value if array.dtype == object else array


def _real(function: Callable[..., Any], n_arguments: int = 1) -> Callable[..., Any]:
    """Make a function take its first arguments as real numbers."""

    @wraps(function)
    def on_reals(*args: Any, **kwargs: Any) -> Any:
        reals = [_as_real(value) for value in args[:n_arguments]]
        return function(*reals, *args[n_arguments:], **kwargs)

    return on_reals


exp = _real(pt.exp)
expm1 = _real(pt.expm1)
log = _real(pt.log)
log2 = _real(pt.log2)
log10 = _real(pt.log10)
log1p = _real(pt.log1p)
sqrt = _real(pt.sqrt)
round = _real(pt.round)
sqr = _real(pt.sqr)
sin, cos, tan = _real(pt.sin), _real(pt.cos), _real(pt.tan)
sinh, cosh, tanh = _real(pt.sinh), _real(pt.cosh), _real(pt.tanh)
arcsin, arccos, arctan = _real(pt.arcsin), _real(pt.arccos), _real(pt.arctan)
arcsinh, arccosh, arctanh = _real(pt.arcsinh), _real(pt.arccosh), _real(pt.arctanh)
arctan2 = _real(pt.arctan2, 2)
sigmoid = invlogit = _real(pt.sigmoid)
softplus = log1pexp = _real(pt.softplus)
gamma, gammaln, digamma = _real(pt.gamma), _real(pt.gammaln), _real(pt.digamma)
gammainc, gammaincc = _real(pt.gammainc, 2), _real(pt.gammaincc, 2)
betainc = _real(pt.betainc, 3)
erf, erfc = _real(pt.erf), _real(pt.erfc)
erfinv, erfcinv = _real(pt.erfinv), _real(pt.erfcinv)
i0, i1, iv, kv = _real(pt.i0), _real(pt.i1), _real(pt.iv, 2), _real(pt.kv, 2)

cholesky = _real(linalg.cholesky)
cho_solve = linalg.cho_solve
det = _real(linalg.det)
eigh = _real(linalg.eigh)
matrix_inverse = _real(linalg.matrix_inverse)
norm = _real(linalg.norm)
slogdet = _real(linalg.slogdet)
solve = _real(linalg.solve, 2)
solve_triangular = _real(linalg.solve_triangular, 2)
block_diag = block_diagonal = linalg.block_diag


def polygamma(n: Any, x: Any) -> Any:
    """Return the derivative of order `n` of the digamma function.

    Parameters
    ----------
    n : int, array_like of int or TensorVariable
        Order; at least 0.
    x : float, array_like or TensorVariable
        Positive numbers.

    Returns
    -------
    TensorVariable
        Of the broadcast shape.
    """
    return pt.polygamma(n, _as_real(x))


def as_tensor(value: Any, *args: Any, **kwargs: Any) -> Any:
    """Turn anything array-like into a tensor variable.

    Parameters
    ----------
    value : array_like, list of variables or TensorVariable
        Python integers become 64-bit integers.
    *args, **kwargs
        As for ``pytensor.tensor.as_tensor``.

    Returns
    -------
    TensorVariable
    """
    return pt.as_tensor(value if isinstance(value, Variable) else _widened(value), *args, **kwargs)


def constant(value: Any, *args: Any, **kwargs: Any) -> Any:
    """Turn an array into a constant of the graph.

    Parameters
    ----------
    value : array_like
        Python integers become 64-bit integers.
    *args, **kwargs
        As for ``pytensor.tensor.constant``.

    Returns
    -------
    TensorConstant
    """
    return pt.constant(_widened(value), *args, **kwargs)


def log_softmax(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """Return the log of `softmax`, without overflow or underflow.

    Parameters
    ----------
    x : array_like or TensorVariable
        Any real numbers.
    axis : int or sequence of int, optional
        Along which the exponentials sum to one; default all axes together.

    Returns
    -------
    TensorVariable
        Of the shape of `x`.
    """
    return _log_softmax(_as_real(x), axis=axis)


def softmax(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """Return ``exp(x) / sum(exp(x))``.

    Parameters
    ----------
    x : array_like or TensorVariable
        Any real numbers.
    axis : int or sequence of int, optional
        Along which the result sums to one; default all axes together.

    Returns
    -------
    TensorVariable
        Of the shape of `x`.
    """
    return pt.exp(_log_softmax(_as_real(x), axis=axis))


def logsumexp(x: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """Return ``log(sum(exp(x)))``, without overflow or underflow.

    Parameters
    ----------
    x : array_like or TensorVariable
        Any real numbers, or -inf.
    axis : int or sequence of int, optional
        Summed over; default all axes.
    keepdims : bool, default False
        Keep the summed axes with length one.

    Returns
    -------
    TensorVariable
    """
    x = _as_real(x)
    top = pt.max(x, axis=axis, keepdims=True)
    top = pt.switch(pt.isinf(top), 0.0, top)
    total = top + pt.log(pt.sum(pt.exp(x - top), axis=axis, keepdims=True))
    return total if keepdims else pt.squeeze(total, axis=_summed_axes(axis, x.ndim))


def logaddexp(a: Any, b: Any, *more: Any) -> Any:
    """Return ``log(exp(a) + exp(b) + ...)``, without overflow or underflow.

    Parameters
    ----------
    a, b, *more : float, array_like or TensorVariable
        Any real numbers, or -inf.

    Returns
    -------
    TensorVariable
        Of the broadcast shape.
    """
    a, b = _as_real(a), _as_real(b)
    # Not maximum and minimum: where both are equal, PyTensor counts their gradients twice.
    in_order = pt.ge(a, b)
    high, low = pt.switch(in_order, a, b), pt.switch(in_order, b, a)
    both = high + pt.softplus(pt.switch(pt.isinf(high), 0.0, low - high))
    return logaddexp(both, *more) if more else both


def diag(x: Any) -> Any:
    """Return the diagonal matrix of a vector, or the diagonal of a matrix.

    Parameters
    ----------
    x : array_like or TensorVariable, shape (n,) or (m, n)
        Vector or matrix.

    Returns
    -------
    TensorVariable, shape (n, n) or (min(m, n),)

    Raises
    ------
    ShapeError
        When it has neither one nor two axes.
    """
    x = as_tensor(x)
    if x.ndim == 2:
        return pt.diagonal(x)
    if x.ndim != 1:
        raise ShapeError(f"`x` must have 1 or 2 axes, got {x.ndim}")
    index = pt.arange(x.shape[0])
    return pt.zeros((x.shape[0], x.shape[0]), dtype=x.dtype)[index, index].set(x)


def logit(p: Any) -> Any:
    """Return the log odds ``log(p / (1 - p))``.

    Parameters
    ----------
    p : float, array_like or TensorVariable
        Probabilities in [0, 1].

    Returns
    -------
    TensorVariable
        Of the shape of `p`; the inverse of `invlogit`.
    """
    p = _as_real(p)
    return pt.log(p) - pt.log1p(-p)


def probit(p: Any) -> Any:
    """Return the standard normal quantile of `p`.

    Parameters
    ----------
    p : float, array_like or TensorVariable
        Probabilities in [0, 1].

    Returns
    -------
    TensorVariable
        Of the shape of `p`.
    """
    return -np.sqrt(2.0) * pt.erfcinv(2.0 * _as_real(p))


def invprobit(x: Any) -> Any:
    """Return the standard normal cdf at `x`.

    Parameters
    ----------
    x : float, array_like or TensorVariable
        Any real numbers.

    Returns
    -------
    TensorVariable
        Of the shape of `x`; keeps its relative precision in the left tail.
    """
    return 0.5 * pt.erfc(-_as_real(x) / np.sqrt(2.0))


def log1mexp(x: Any) -> Any:
    """Return ``log(1 - exp(x))`` for negative `x`, without cancellation.

    Parameters
    ----------
    x : float, array_like or TensorVariable
        Numbers below zero.

    Returns
    -------
    TensorVariable
        Of the shape of `x`; -inf at zero, NaN above.

    References
    ----------
    .. [1] Maechler, M. (2012). Accurately computing log(1 - exp(-|a|)). R package Rmpfr.
    """
    return pt.log1mexp(_as_real(x))


def logdiffexp(a: Any, b: Any) -> Any:
    """Return ``log(exp(a) - exp(b))`` for ``a > b``, without overflow or cancellation.

    Parameters
    ----------
    a, b : float, array_like or TensorVariable
        Logarithms; `b` may be -inf.

    Returns
    -------
    TensorVariable
        Of the broadcast shape.
    """
    a, b = _as_real(a), _as_real(b)
    return a + pt.log1mexp(b - a)


def logdet(x: Any) -> Any:
    """Return the log of the absolute determinant.

    Parameters
    ----------
    x : array_like or TensorVariable, shape (..., n, n)
        Square matrices.

    Returns
    -------
    TensorVariable, shape (...)
    """
    return linalg.slogdet(_as_real(x))[1]


def logbern(log_p: float, rng: np.random.Generator | None = None) -> bool:
    """Draw success or failure with a given log probability of success (a number, not a graph).

    Parameters
    ----------
    log_p : float
        Log probability; at most 0, larger values count as 0.
    rng : numpy.random.Generator, optional
        Default a fresh one.

    Returns
    -------
    bool
    """
    if np.isnan(log_p):
        raise SettingsError("`log_p` must be a number, got nan")
    generator = np.random.default_rng() if rng is None else rng
    return bool(np.log1p(-generator.random()) < log_p)


def flatten_list(tensors: Sequence[Any]) -> Any:
    """Join tensors of any shapes into one vector.

    Parameters
    ----------
    tensors : sequence of array_like or TensorVariable
        At least one.

    Returns
    -------
    TensorVariable, shape (total size,)
    """
    return pt.concatenate([as_tensor(tensor).ravel() for tensor in tensors])


def flat_outer(a: Any, b: Any) -> Any:
    """Return all products of an element of `a` and one of `b`, those of `b` varying fastest.

    Parameters
    ----------
    a, b : array_like or TensorVariable, shape (m,) and (n,)
        Vectors.

    Returns
    -------
    TensorVariable, shape (m * n,)
    """
    return pt.outer(as_tensor(a), as_tensor(b)).ravel()


def cartesian(*arrays: Any) -> Any:
    """Return the Cartesian product of the rows of arrays.

    Parameters
    ----------
    *arrays : array_like, shape (n,) or (n, d)
        Numbers, not graphs; a vector counts as one column.

    Returns
    -------
    ndarray, shape (product of the n, sum of the d)
        The rows of the first array vary slowest.
    """
    columns = [np.asarray(array) for array in arrays]
    columns = [array[:, None] if array.ndim == 1 else array for array in columns]
    rows = np.indices([len(array) for array in columns]).reshape(len(columns), -1)
    return np.concatenate([a[row] for a, row in zip(columns, rows, strict=True)], axis=-1)


def kronecker(*matrices: Any) -> Any:
    """Return the Kronecker product of matrices.

    Parameters
    ----------
    *matrices : array_like or TensorVariable, shape (m, n)
        At least one.

    Returns
    -------
    TensorVariable, shape (product of the m, product of the n)
    """
    return reduce(_kronecker_of_two, [as_tensor(matrix) for matrix in matrices])


kron = kronecker


def kron_diag(*diagonals: Any) -> Any:
    """Return the diagonal of the Kronecker product of diagonal matrices.

    Parameters
    ----------
    *diagonals : array_like or TensorVariable, shape (n,)
        At least one.

    Returns
    -------
    TensorVariable, shape (product of the n,)
    """
    return reduce(flat_outer, [as_tensor(diagonal) for diagonal in diagonals])


def kron_dot(matrices: Sequence[Any], m: Any) -> Any:
    """Multiply the Kronecker product of matrices with `m`, without building the product.

    Parameters
    ----------
    matrices : sequence of array_like or TensorVariable, shape (a, b)
        Factors of the Kronecker product.
    m : array_like or TensorVariable, shape (product of the b,) or (product of the b, k)
        Vector or matrix.

    Returns
    -------
    TensorVariable, shape (product of the a,) or (product of the a, k)
    """
    return _along_factors(pt.dot, matrices, m)


def kron_solve_lower(matrices: Sequence[Any], m: Any) -> Any:
    """Solve the Kronecker product of lower triangular matrices for `m`, without building it.

    Parameters
    ----------
    matrices : sequence of array_like or TensorVariable, shape (a, a)
        Lower triangular factors.
    m : array_like or TensorVariable, shape (product of the a,) or (product of the a, k)
        Right-hand side.

    Returns
    -------
    TensorVariable
        Of the shape of `m`.
    """
    return _along_factors(_solve_lower, matrices, m)


def kron_solve_upper(matrices: Sequence[Any], m: Any) -> Any:
    """Solve the Kronecker product of upper triangular matrices for `m`, without building it.

    Parameters
    ----------
    matrices : sequence of array_like or TensorVariable, shape (a, a)
        Upper triangular factors.
    m : array_like or TensorVariable, shape (product of the a,) or (product of the a, k)
        Right-hand side.

    Returns
    -------
    TensorVariable
        Of the shape of `m`.
    """
    return _along_factors(_solve_upper, matrices, m)


def batched_diag(c: Any) -> Any:
    """Turn rows into diagonal matrices, or matrices into their diagonals.

    Parameters
    ----------
    c : array_like or TensorVariable, shape (batch, n) or (batch, n, n)
        Diagonals, or matrices.

    Returns
    -------
    TensorVariable, shape (batch, n, n) or (batch, n)

    Raises
    ------
    ShapeError
        When it has neither two nor three axes.
    """
    c = as_tensor(c)
    if c.ndim == 3:
        return pt.diagonal(c, axis1=-2, axis2=-1)
    if c.ndim == 2:
        return c[..., None] * pt.eye(c.shape[-1])
    raise ShapeError(f"`c` must have 2 or 3 axes, got {c.ndim}")


def expand_packed_triangular(
    n: int, packed: Any, lower: bool = True, diagonal_only: bool = False
) -> Any:
    """Unpack a vector, row by row, into a triangular matrix.

    Parameters
    ----------
    n : int
        Number of rows and columns.
    packed : array_like or TensorVariable, shape (n * (n + 1) / 2,)
        Elements of the triangle, row by row.
    lower : bool, default True
        Whether the triangle is the lower one.
    diagonal_only : bool, default False
        Return only the diagonal of the matrix.

    Returns
    -------
    TensorVariable, shape (n, n) or (n,)

    Raises
    ------
    ShapeError
        When `packed` is no vector, or of another length.
    """
    packed = as_tensor(packed)
    length = n * (n + 1) // 2
    if packed.ndim != 1 or packed.type.shape[0] not in (None, length):
        raise ShapeError(
            f"`packed` must be a vector of {length} elements for n={n}, "
            f"got shape {tuple(packed.type.shape)}"
        )
    rows, columns = np.tril_indices(n) if lower else np.triu_indices(n)
    if diagonal_only:
        return packed[np.flatnonzero(rows == columns)]
    return pt.zeros((n, n), dtype=packed.dtype)[rows, columns].set(packed)


def _summed_axes(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return (axis,) if isinstance(axis, int) else tuple(axis)


def _kronecker_of_two(a: Any, b: Any) -> Any:
    product = a[:, None, :, None] * b[None, :, None, :]
    return product.reshape((a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))


def _solve_lower(matrix: Any, right: Any) -> Any:
    return linalg.solve_triangular(matrix, right, lower=True, b_ndim=2)


def _solve_upper(matrix: Any, right: Any) -> Any:
    return linalg.solve_triangular(matrix, right, lower=False, b_ndim=2)


def _along_factors(operation: Callable[[Any, Any], Any], matrices: Sequence[Any], m: Any) -> Any:
    """Apply an operation to one factor of the row index after the other."""
    m = as_tensor(m)
    columns = m if m.ndim == 2 else m[:, None]
    n_columns = columns.shape[1]
    result = columns.T
    for factor in reversed([as_tensor(matrix) for matrix in matrices]):
        # The last factor's index varies fastest: it is brought to the front and rotated away.
        flat = result.reshape((-1, factor.shape[1]))
        result = operation(factor, flat.T)
    # Indices are now (first factor, ..., last factor, column) after all rotations.
    result = result.reshape((-1, n_columns))
    return result if m.ndim == 2 else result[:, 0]
