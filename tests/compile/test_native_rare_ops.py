"""Rare operations of the native evaluator against PyTensor's Python linker."""

from __future__ import annotations

import numpy as np
import pytensor.sparse as sparse
import pytensor.tensor as pt
import pytest
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from scipy import special
from scipy.interpolate import InterpolatedUnivariateSpline
from scipy.sparse import random as random_sparse

from compile.test_native_ops import RNG, check, native

SHAPES = RNG.uniform(0.3, 6.0, size=12)
OTHERS = RNG.uniform(0.3, 6.0, size=12)
PARTS = RNG.uniform(0.02, 0.98, size=12)


def test_incomplete_beta_with_all_derivatives():
    check(pt.betainc, SHAPES, OTHERS, PARTS)
    check(pt.betainc, [40.0, 300.0], [60.0, 20.0], [0.35, 0.94], tolerance=1e-9)
    check(lambda a, x: pt.betainc(a, np.float64(2.0), x), 1.5, PARTS)


def test_incomplete_gamma_with_all_derivatives():
    x = 3 * OTHERS
    for function, known in ((pt.gammainc, special.gammainc), (pt.gammaincc, special.gammaincc)):
        check(lambda v, f=function: f(SHAPES, v), x)
        shapes = pt.tensor("k", shape=SHAPES.shape, dtype="float64")
        _, model = native([shapes], [function(shapes, x)])
        slope = model.target().logp_dlogp(SHAPES)[1]
        # Earlier versions of PyTensor know only a few digits of this derivative.
        weights, step = np.cos(np.arange(12) + 1.0), 1e-3
        nodes = [(1, 8), (-1, -8), (2, -1), (-2, 1)]
        expected = sum(w * known(SHAPES + k * step, x) for k, w in nodes) / (12 * step)
        np.testing.assert_allclose(slope, weights * expected, rtol=1e-8, atol=1e-10)


def test_inverses_of_distribution_functions():
    check(pt.erfinv, 2 * PARTS - 1)
    check(pt.erfcinv, 2 * PARTS)
    shape = np.float64(2.5)  # as a Python number it is one of single precision
    check(lambda p: [pt.gammaincinv(shape, p), pt.gammainccinv(shape, p)], PARTS)
    check(lambda p: pt.betaincinv(shape, shape, p), PARTS, tolerance=1e-9)


def test_bessel_functions_of_any_order():
    for order in (0.0, 0.3, 1.5, 4.0):
        check(lambda x, v=order: [pt.kve(v, x), pt.ive(v, x)], OTHERS)


def test_polygamma():
    check(lambda x: [pt.polygamma(2, x), pt.polygamma(3, x), pt.tri_gamma(x)], OTHERS)


def test_owens_t():
    check(pt.owens_t, OTHERS - 3.0, SHAPES - 3.0)


def test_eigenvalues_and_eigenvectors():
    a = RNG.normal(size=(5, 5))

    def build(x):
        values, vectors = pt.linalg.eigh(x @ x.T + pt.eye(5))
        # The sign of an eigenvector is nobody's; that of their squares is.
        return [values, vectors**2]

    check(build, a, tolerance=1e-9)
    check(lambda x: pt.linalg.eigh(x, lower=False)[0], a + a.T, tolerance=1e-9)


def test_what_does_not_depend_on_the_basis_of_equal_eigenvalues_has_its_slope():
    y = RNG.normal(size=4)

    def by_vectors(scale, noise):
        values, vectors = pt.linalg.eigh(pt.eye(4) * scale + 0.5)
        return (pt.dot(y, vectors) ** 2 / (values + noise)).sum()

    def by_solving(scale, noise):
        return pt.dot(y, pt.linalg.solve(pt.eye(4) * (scale + noise) + 0.5, y))

    for at in ((0.7, 0.3), (3.0, 1e-3)):
        slopes = []
        for build in (by_vectors, by_solving):
            inputs = [pt.tensor(name, shape=(), dtype="float64") for name in ("scale", "noise")]
            _, model = native(inputs, [build(*inputs)])
            slopes.append(model.target().logp_dlogp(np.array(at))[1])
        np.testing.assert_allclose(*slopes, rtol=1e-10)


def test_matrix_exponential():
    check(pt.linalg.expm, RNG.normal(size=(4, 4)))


def test_searches_in_sorted_vectors():
    line = np.sort(RNG.normal(size=9))
    for side in ("left", "right"):
        check(lambda x, s=side: pt.extra_ops.searchsorted(pt.constant(line), x, side=s), line[::2])
        check(lambda x, s=side: pt.extra_ops.searchsorted(pt.sort(x), 0.1, side=s), line[::-1])


class SplineWrapper(Op):
    """A spline of SciPy as an op, as PyMC has it."""

    __props__ = ("spline",)

    def __init__(self, spline):
        self.spline = spline

    def make_node(self, x):
        return Apply(self, [pt.as_tensor(x)], [pt.as_tensor(x).type()])

    def perform(self, node, inputs, outputs):
        outputs[0][0] = np.asarray(self.spline(inputs[0]))

    def grad(self, inputs, gradients):
        return [gradients[0] * SplineWrapper(self.spline.derivative())(inputs[0])]

    def pullback(self, inputs, outputs, gradients):
        return self.grad(inputs, gradients)


@pytest.mark.filterwarnings("ignore:SplineWrapper should implement")
@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("outside", ["zeros", "extrapolate", "const"])
def test_splines_of_scipy(degree, outside):
    x = np.linspace(-1, 2, 8)
    spline = InterpolatedUnivariateSpline(x, np.cos(3 * x), k=degree, ext=outside)
    check(SplineWrapper(spline), np.array([-1.4, -1.0, -0.33, 0.2, 1.1, 2.0, 2.3]), tolerance=1e-9)


def test_products_with_sparse_matrices():
    matrix = random_sparse(6, 4, density=0.4, format="csr", rng=np.random.default_rng(3))
    left = sparse.as_sparse_variable(matrix)
    check(lambda x: sparse.structured_dot(left, x), RNG.normal(size=(4, 3)))
    check(lambda x: sparse.dot(left, x), RNG.normal(size=(4, 2)))
    check(lambda x: sparse.dot(x, left), RNG.normal(size=(2, 6)))


def test_convolutions():
    for mode in ("full", "valid"):
        check(
            lambda x, k, m=mode: pt.signal.convolve1d(x, k, mode=m),
            RNG.normal(size=9),
            RNG.normal(size=4),
        )


def test_orders_of_any_axis():
    x = RNG.normal(size=(3, 4, 2))
    check(lambda v: [pt.sort(v, axis=0), pt.sort(v, axis=1), pt.sort(v)], x)
    check(lambda v: [pt.argsort(v, axis=1), pt.argmax(v, axis=0), pt.argmax(v, axis=1)], x)
    check(lambda v: [pt.argmax(v), pt.cumsum(v), pt.cumprod(v)], x)


def test_blocks_along_the_diagonal():
    a, b = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 1))
    check(lambda x, y: pt.linalg.block_diag(x, y, x.T), a, b)


def test_diagonals_filled():
    check(lambda v, d: pt.extra_ops.fill_diagonal(v, d), RNG.normal(size=(3, 4)), 0.7)
