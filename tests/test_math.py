"""The functions for writing models, against NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import linalg, special, stats

import rufous.math as rm
from contracts.graph_tools import AS_WRITTEN, evaluate
from rufous.errors import SettingsError, ShapeError

NUMPY_NAMES = """
exp expm1 log log2 log10 log1p sqrt sin cos tan sinh cosh tanh arctan arcsinh floor ceil abs round
""".split()
SPECIAL = {
    "gamma": special.gamma,
    "gammaln": special.gammaln,
    "digamma": special.digamma,
    "erf": special.erf,
    "erfc": special.erfc,
    "sigmoid": special.expit,
    "invlogit": special.expit,
    "softplus": lambda x: np.logaddexp(0, x),
    "log1pexp": lambda x: np.logaddexp(0, x),
    "invprobit": stats.norm.cdf,
    "i0": special.i0,
    "i1": special.i1,
    "sqr": np.square,
}
IN_UNIT = {
    "logit": special.logit,
    "probit": special.ndtri,
    "erfinv": special.erfinv,
    "erfcinv": special.erfcinv,
    "arcsin": np.arcsin,
    "arccos": np.arccos,
    "arctanh": np.arctanh,
}
# The names of PyMC 6.4.
PYMC_NAMES = """
abs all and_ any arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort
as_tensor batched_diag betainc block_diag broadcast_arrays broadcast_to cartesian ceil cho_solve
cholesky clip concatenate constant cos cosh cumprod cumsum det diag diff digamma dot eigh eq erf
erfc erfcinv erfinv exp expand_dims expand_packed_triangular expm1 eye flat_outer flatten
flatten_list floor full full_like gamma gammainc gammaincc gammaln ge gt i0 i1 invlogit invprobit iv
kron kron_diag kron_dot kron_solve_lower kron_solve_upper kronecker kv le linspace log log1mexp
log1p log1pexp log2 log10 log_softmax logaddexp logbern logdet logdiffexp logit logsumexp lt matmul
matrix_inverse max maximum mean min minimum moveaxis neq norm ones ones_like or_ polygamma probit
prod repeat reshape round sgn sigmoid sin sinh slogdet softmax softplus solve solve_triangular sort
sqr sqrt squeeze stack std sum swapaxes switch take tan tanh tile trace transpose tril triu unique
var where zeros zeros_like
""".split()


@pytest.mark.parametrize("name", PYMC_NAMES)
def test_every_name_of_pymc_is_there(name):
    assert callable(getattr(rm, name))


@pytest.mark.parametrize("name", [*NUMPY_NAMES, *SPECIAL])
@pytest.mark.parametrize("kind", [int, np.int8, np.float32, float, list])
def test_integers_mean_real_numbers(name, kind):
    reference = SPECIAL.get(name) or getattr(np, name)
    value = [16, 100] if kind is list else kind(16)
    got = evaluate(getattr(rm, name)(value))
    np.testing.assert_allclose(got, reference(np.asarray(value, dtype=float)), rtol=1e-13)


@pytest.mark.parametrize("name", IN_UNIT)
def test_functions_of_probabilities(name):
    p = np.array([1e-12, 1e-3, 0.25, 0.5, 0.99])
    np.testing.assert_allclose(evaluate(getattr(rm, name)(p)), IN_UNIT[name](p), rtol=1e-12)


def test_two_and_three_arguments():
    x, y = np.array([0.5, 2.0, 3.0]), 2
    for name in ("gammainc", "gammaincc"):
        got = evaluate(getattr(rm, name)(y, x))
        np.testing.assert_allclose(got, getattr(special, name)(y, x), rtol=1e-12)
    np.testing.assert_allclose(evaluate(rm.arctan2(1, x)), np.arctan2(1, x))
    np.testing.assert_allclose(evaluate(rm.betainc(2, 3, 0.3)), special.betainc(2, 3, 0.3))
    np.testing.assert_allclose(evaluate(rm.iv(2, x)), special.iv(2, x))
    np.testing.assert_allclose(evaluate(rm.kv(2, x)), special.kv(2, x))
    np.testing.assert_allclose(evaluate(rm.polygamma(1, x)), special.polygamma(1, x))


def test_integer_constants_do_not_overflow():
    assert evaluate(rm.constant(100) * rm.as_tensor(100)) == 10_000
    assert evaluate(rm.sqr(100)) == 10_000


def test_variables_and_lists_of_them():
    x = pt.iscalar("x")
    assert rm.exp(x).dtype == "float64"
    assert evaluate(rm.exp(x), {x: 1}) == np.exp(1)
    np.testing.assert_allclose(evaluate(rm.exp([x, 2.0]), {x: 1}), np.exp([1, 2]))


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1)])
def test_log_sum_exp_and_softmax_neither_overflow_nor_underflow(axis):
    x = np.array([[1000.0, -1000.0, 999.0], [-np.inf, -2000.0, -2001.0]])
    np.testing.assert_allclose(evaluate(rm.logsumexp(x, axis=axis)), special.logsumexp(x, axis))
    kept = evaluate(rm.logsumexp(x, axis=axis, keepdims=True))
    np.testing.assert_allclose(kept, special.logsumexp(x, axis, keepdims=True))
    np.testing.assert_allclose(evaluate(rm.softmax(x, axis)), special.softmax(x, axis))
    np.testing.assert_allclose(evaluate(rm.log_softmax(x, axis)), special.log_softmax(x, axis))


def test_log_sum_exp_of_nothing_but_minus_infinity():
    assert evaluate(rm.logsumexp(np.full(3, -np.inf))) == -np.inf
    assert evaluate(rm.logaddexp(-np.inf, -np.inf)) == -np.inf


def test_logaddexp_and_its_gradient():
    a, b = np.array([1000.0, -5.0, 0.0, -np.inf]), np.array([1.0, 1000.0, 0.0, 3.0])
    np.testing.assert_allclose(evaluate(rm.logaddexp(a, b)), np.logaddexp(a, b))
    three = evaluate(rm.logaddexp(a, b, 2))
    np.testing.assert_allclose(three, np.logaddexp(np.logaddexp(a, b), 2))
    x, y = pt.vectors("x", "y")
    gradient = pytensor.grad(rm.logaddexp(x, y).sum(), [x, y])
    function = pytensor.function([x, y], gradient, mode=AS_WRITTEN)
    for got, weight in zip(function(a, b), (a - b, b - a), strict=True):
        np.testing.assert_allclose(got, special.expit(weight))


def test_log_of_one_minus_exp():
    x = -np.array([1e-15, 1e-3, 0.5, 1, 50, 800])
    wanted = np.where(x > -0.7, np.log(-np.expm1(x)), np.log1p(-np.exp(x)))
    np.testing.assert_allclose(evaluate(rm.log1mexp(x)), wanted, rtol=1e-14)
    np.testing.assert_allclose(evaluate(rm.logdiffexp(x, 2 * x)), x + wanted, rtol=1e-14)
    assert evaluate(rm.logdiffexp(800, 700)) == 800
    assert evaluate(rm.logdiffexp(1, -np.inf)) == 1


def test_logbern_is_bernoulli():
    rng = np.random.default_rng(1)
    share = np.mean([rm.logbern(np.log(0.3), rng) for _ in range(2000)])
    assert abs(share - 0.3) < 5 * np.sqrt(0.3 * 0.7 / 2000)
    assert rm.logbern(0.0)
    with pytest.raises(SettingsError, match="log_p"):
        rm.logbern(np.nan)


def test_packing_and_joining():
    packed = np.arange(1.0, 7.0)
    lower = evaluate(rm.expand_packed_triangular(3, packed))
    np.testing.assert_array_equal(lower, [[1, 0, 0], [2, 3, 0], [4, 5, 6]])
    upper = evaluate(rm.expand_packed_triangular(3, packed, lower=False))
    np.testing.assert_array_equal(upper, [[1, 2, 3], [0, 4, 5], [0, 0, 6]])
    for is_lower, diagonal in ((True, [1, 3, 6]), (False, [1, 4, 6])):
        got = rm.expand_packed_triangular(3, packed, lower=is_lower, diagonal_only=True)
        np.testing.assert_array_equal(evaluate(got), diagonal)
    with pytest.raises(ShapeError, match="6 elements"):
        rm.expand_packed_triangular(3, packed[:4])
    np.testing.assert_array_equal(evaluate(rm.flatten_list([1, [[2, 3]], 4.0])), [1, 2, 3, 4])
    np.testing.assert_array_equal(evaluate(rm.flat_outer([1, 2], [3, 4])), [3, 4, 6, 8])


def test_diagonals():
    np.testing.assert_array_equal(evaluate(rm.diag([1, 2])), [[1, 0], [0, 2]])
    np.testing.assert_array_equal(evaluate(rm.diag([[1, 2], [3, 4]])), [1, 4])
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    matrices = evaluate(rm.batched_diag(rows))
    np.testing.assert_array_equal(matrices, [np.diag(row) for row in rows])
    np.testing.assert_array_equal(evaluate(rm.batched_diag(matrices)), rows)
    with pytest.raises(ShapeError, match="2 or 3 axes"):
        rm.batched_diag(1.0)
    with pytest.raises(ShapeError, match="1 or 2 axes"):
        rm.diag(1.0)


def test_cartesian_product_of_rows():
    got = rm.cartesian([1, 2], [[3, 4], [5, 6]])
    np.testing.assert_array_equal(got, [[1, 3, 4], [1, 5, 6], [2, 3, 4], [2, 5, 6]])


def test_kronecker_products():
    rng = np.random.default_rng(2)
    factors = [rng.normal(size=shape) for shape in ((2, 2), (3, 3), (2, 2))]
    product = np.kron(np.kron(*factors[:2]), factors[2])
    np.testing.assert_allclose(evaluate(rm.kronecker(*factors)), product)
    diagonal = evaluate(rm.kron_diag(*[np.diag(factor) for factor in factors]))
    np.testing.assert_allclose(diagonal, np.diag(product))
    for m in (rng.normal(size=12), rng.normal(size=(12, 3))):
        np.testing.assert_allclose(evaluate(rm.kron_dot(factors, m)), product @ m)
        for solve, part in ((rm.kron_solve_lower, np.tril), (rm.kron_solve_upper, np.triu)):
            parts = [part(factor) for factor in factors]
            whole = np.kron(np.kron(*parts[:2]), parts[2])
            np.testing.assert_allclose(evaluate(solve(parts, m)), np.linalg.solve(whole, m))
    wide = [rng.normal(size=(2, 3)), rng.normal(size=(4, 2))]
    got = evaluate(rm.kron_dot(wide, np.arange(6.0)))
    np.testing.assert_allclose(got, np.kron(*wide) @ np.arange(6.0))


def test_linear_algebra_of_integers():
    a = [[4, 1], [1, 3]]
    exact = np.asarray(a, dtype=float)
    np.testing.assert_allclose(evaluate(rm.cholesky(a)), np.linalg.cholesky(exact))
    np.testing.assert_allclose(evaluate(rm.matrix_inverse(a)), np.linalg.inv(exact))
    np.testing.assert_allclose(evaluate(rm.det(a)), np.linalg.det(exact))
    np.testing.assert_allclose(evaluate(rm.logdet(a)), np.log(np.linalg.det(exact)))
    np.testing.assert_allclose(evaluate(rm.solve(a, [1, 2])), np.linalg.solve(exact, [1, 2]))
    np.testing.assert_allclose(
        evaluate(rm.solve_triangular(np.tril(exact), [1, 2], lower=True)),
        linalg.solve_triangular(exact, [1, 2], lower=True),
    )
    np.testing.assert_array_equal(
        evaluate(rm.block_diagonal(exact, exact)), linalg.block_diag(exact, exact)
    )
