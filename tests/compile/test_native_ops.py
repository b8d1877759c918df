"""Each op of the native evaluator against PyTensor's Python linker and finite differences."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.db import RewriteDatabaseQuery

from rufous._core import NativePlan
from rufous.compile.native import NativeParameter, import_graph
from rufous.compile.native_ops import UnsupportedOp

# Fused operations run element by element there, and some of them in single precision.
PYTHON = Mode(linker="py", optimizer=RewriteDatabaseQuery(include=["fast_run"], exclude=["fusion"]))
RNG = np.random.default_rng(8)
A = RNG.normal(size=(3, 4))
POSITIVE = RNG.uniform(0.1, 3, size=(3, 4))


def native(inputs, outputs):
    """The native function of some inputs: one number with its gradient, and the outputs."""
    total = pt.add(*[(o * pt.cos(pt.arange(o.size).reshape(o.shape) + 1.0)).sum() for o in outputs])
    parameters = [NativeParameter(x, [(None, n) for n in x.type.shape]) for x in inputs]
    groups = {"logdensity": [("total", total)], "stored": [("out", o) for o in outputs]}
    imported = import_graph(parameters, groups)
    return total, NativePlan.from_bytes(imported.plan).bind(imported.data())


def check(build, *points, tolerance=1e-10):
    """Compare value, gradient and outputs of `build(*inputs)` at a point."""
    points = [np.asarray(p, dtype=float) for p in points]
    inputs = [pt.tensor(f"x{k}", shape=p.shape, dtype="float64") for k, p in enumerate(points)]
    outputs = build(*inputs)
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    outputs = [pt.cast(o, "float64") for o in outputs]
    total, model = native(inputs, outputs)
    gradient = pytensor.grad(total, inputs, disconnected_inputs="ignore")
    reference = pytensor.function(
        inputs, [total, *gradient, *outputs], mode=PYTHON, on_unused_input="ignore"
    )
    expected = [np.asarray(v, dtype=float) for v in reference(*points)]
    position = np.concatenate([p.ravel() for p in points])
    target = model.target()
    value, slope = target.logp_dlogp(position)
    wanted = np.concatenate([v.ravel() for v in expected[1 : 1 + len(inputs)]])
    stored = np.concatenate([v.ravel() for v in expected[1 + len(inputs) :]])
    options = {"rtol": tolerance, "atol": tolerance}
    np.testing.assert_allclose(target.expand(position), stored, **options)
    np.testing.assert_allclose(value, expected[0], **options)
    np.testing.assert_allclose(slope, wanted, **options)


UNARY = {
    "neg": (pt.neg, A), "abs": (pt.abs, A), "exp": (pt.exp, A), "expm1": (pt.expm1, A),
    "log": (pt.log, POSITIVE), "log1p": (pt.log1p, POSITIVE), "log2": (pt.log2, POSITIVE),
    "log10": (pt.log10, POSITIVE), "sqrt": (pt.sqrt, POSITIVE), "sqr": (pt.sqr, A),
    "reciprocal": (pt.reciprocal, POSITIVE), "sin": (pt.sin, A), "cos": (pt.cos, A),
    "tan": (pt.tan, A), "arcsin": (pt.arcsin, A / 5), "arccos": (pt.arccos, A / 5),
    "arctan": (pt.arctan, A), "sinh": (pt.sinh, A), "cosh": (pt.cosh, A), "tanh": (pt.tanh, A),
    "arcsinh": (pt.arcsinh, A), "arccosh": (pt.arccosh, 1 + POSITIVE),
    "arctanh": (pt.arctanh, A / 5), "gammaln": (pt.gammaln, POSITIVE), "psi": (pt.psi, POSITIVE),
    "erf": (pt.erf, A), "erfc": (pt.erfc, A), "erfcx": (pt.erfcx, A), "sigmoid": (pt.sigmoid, A),
    "softplus": (pt.softplus, A), "log1mexp": (pt.log1mexp, -POSITIVE), "sign": (pt.sign, A),
    "ceil": (pt.ceil, A), "floor": (pt.floor, A), "round": (pt.round, 3 * A),
    "i0": (pt.i0, A), "i1": (pt.i1, POSITIVE), "isnan": (pt.isnan, A), "isinf": (pt.isinf, A),
}  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("size", [0, 1, 7, 300])
def test_functions_of_one_number(name, size):
    function, values = UNARY[name]
    check(function, np.resize(values, size))


BINARY = {
    "add": pt.add, "sub": pt.sub, "mul": pt.mul, "div": pt.true_div, "pow": pt.power,
    "maximum": pt.maximum, "minimum": pt.minimum, "arctan2": pt.arctan2, "lt": pt.lt, "le": pt.le,
    "gt": pt.gt, "ge": pt.ge, "eq": pt.eq, "neq": pt.neq,
}  # fmt: skip


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("shapes", [((), ()), ((5,), ()), ((3, 1), (1, 4)), ((2, 3, 4), (4,))])
def test_functions_of_two_numbers(name, shapes):
    a, b = (RNG.uniform(0.2, 3, size=shape) for shape in shapes)
    check(BINARY[name], a, b)


@pytest.mark.parametrize("size", [1, 40, 700])
def test_reductions(size):
    x = RNG.normal(size=(3, size))
    for function in (pt.sum, pt.mean, pt.max, pt.min, pt.prod):
        for axis in (0, 1, None):
            check(lambda v, f=function, k=axis: f(v, axis=k), x)
    check(lambda v: [pt.all(v > -9, axis=1), pt.any(v > 1, axis=0)], x)


def test_orders_of_an_axis():
    x = RNG.normal(size=(3, 5))
    check(lambda v: [pt.cumsum(v, axis=1), pt.cumsum(v, axis=0), pt.cumprod(v, axis=1)], x)
    check(lambda v: [pt.special.softmax(v, axis=-1), pt.special.log_softmax(v, axis=0)], x)
    check(lambda v: [pt.logsumexp(v, axis=1), pt.logsumexp(v)], x)
    check(lambda v: pt.sort(v), x[0])


@pytest.mark.parametrize(
    "build",
    [
        lambda v: v[1:],
        lambda v: v[::-1, ::2],
        lambda v: v[-1, 2],
        lambda v: v[[2, 0, 0, 1]],
        lambda v: v[:, [3, 3, 0]],
        lambda v: v[[0, 1], [2, 3]],
        lambda v: v[np.array([True, False, True])],
        lambda v: v[np.array([[0, 1], [2, 0]])],
        lambda v: v[None, :, 1:, None],
        lambda v: v.T.reshape((2, 6)),
        lambda v: v.dimshuffle(1, "x", 0) * 2.0,
        lambda v: pt.concatenate([v, v[:1] * 2.0], axis=0),
        lambda v: pt.stack([v[0], v[1] * 3.0], axis=1),
        lambda v: pt.set_subtensor(v[1:, 0], 7.0),
        lambda v: pt.inc_subtensor(v[:, 1], v[:, 0]),
        lambda v: pt.set_subtensor(v[[0, 2]], v[[1, 1]]),
        lambda v: pt.inc_subtensor(v[[0, 0, 2]], v[[1, 2, 1]]),
        lambda v: pt.diag(v[:, :3]),
        lambda v: pt.diag(v[0]),
        lambda v: pt.tril(v[:, :3]),
        lambda v: pt.repeat(v, 2, axis=1),
        lambda v: pt.tile(v, (2, 1)),
        lambda v: pt.broadcast_to(v[0], (5, 4)) * 1.5,
        lambda v: pt.switch(v > 0, v, v**2),
        lambda v: pt.clip(v, -0.5, 0.5),
        lambda v: v[pt.argmax(v[:, 0])],
    ],
)
def test_indexing_and_layout(build):
    check(build, A)


@pytest.mark.parametrize("windows", [[[0, 1, 2], [1, 2, 3], [2, 3, 4]], [[2, 1], [3, 2], [4, 3]]])
def test_windows_that_overlap_add_up_in_the_gradient(windows):
    check(lambda v: v[np.array(windows)], RNG.normal(size=6))
    check(lambda v: v[:, np.array(windows)], RNG.normal(size=(2, 6)))


def test_matrices():
    a, b, c = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 3)), RNG.normal(size=4)
    check(lambda x, y: [x @ y, pt.dot(y, x)], a, b)
    check(lambda x, y: [x @ y, pt.dot(x, y) ** 2], a, c)
    check(lambda x, y: pt.dot(x, y), c, c)
    check(lambda x: pt.dot(pt.constant(RNG.normal(size=(500, 4))), x), c)
    check(lambda x, y: pt.matmul(x[None], y[None].repeat(2, axis=0)), a, b)


def positive_definite(x):
    return x @ x.T + 3.0 * pt.eye(x.type.shape[0])


def test_linear_algebra():
    a, b = RNG.normal(size=(3, 4)), RNG.normal(size=3)
    lower, solve = pt.linalg.cholesky, pt.linalg.solve_triangular
    check(lambda x: lower(positive_definite(x)), a)
    check(lambda x, y: solve(lower(positive_definite(x)), y, lower=True), a, b)
    check(lambda x, y: solve(lower(positive_definite(x)).T, y, lower=False), a, b)
    check(lambda x: [pt.linalg.inv(positive_definite(x)), pt.linalg.det(positive_definite(x))], a)
    check(lambda x: pt.linalg.slogdet(positive_definite(x))[1], a)


def test_loops():
    def run(fn, **kwargs):
        try:
            return pytensor.scan(fn, return_updates=False, **kwargs)
        except TypeError:
            return pytensor.scan(fn, **kwargs)[0]

    x = RNG.normal(size=6)
    check(lambda v: run(lambda e, s: pt.tanh(s + e), sequences=[v], outputs_info=[v[0]]), x)
    check(
        lambda v: run(
            lambda a, b, k: 0.5 * a + k * b,
            outputs_info=[{"initial": v[:2], "taps": [-2, -1]}],
            non_sequences=[v[2]],
            n_steps=5,
        ),
        x,
    )
    check(lambda v: run(lambda e, k: e * k, sequences=[v], non_sequences=[v[1]]), x)


STABLE = {
    "log(exp(x))": (lambda x: pt.log(pt.exp(x)), [-800.0, 800.0]),
    "log(1 + x)": (lambda x: pt.log(1 + x), [1e-20]),
    "exp(x) - 1": (lambda x: pt.exp(x) - 1, [1e-20]),
    "log1p(exp(x))": (lambda x: pt.log1p(pt.exp(x)), [800.0, -50.0]),
    "log(sigmoid(x))": (lambda x: pt.log(pt.sigmoid(x)), [-800.0, 40.0]),
    "log(1 - sigmoid(x))": (lambda x: pt.log(1 - pt.sigmoid(x)), [800.0, 40.0]),
    "log1p(-exp(x))": (lambda x: pt.log1p(-pt.exp(x)), [-1e-20, -50.0]),
    "log(exp(a) + exp(b))": (lambda x: pt.log(pt.exp(x[0]) + pt.exp(x[1])), [800.0, 801.0]),
    "log(sum(exp(x)))": (lambda x: pt.log(pt.sum(pt.exp(x))), [-900.0, -901.0, -902.0]),
    "log(erfc(x))": (lambda x: pt.log(pt.erfc(x)), [30.0]),
    "1 - erf(x)": (lambda x: 1 - pt.erf(x), [9.0]),
    "log(1 - x)": (lambda x: pt.log(1 - x), [1e-20]),
    "log(1 - c**x)": (lambda x: pt.log(1 - pt.constant([0.3, 0.9]) ** x), [1e-18, 1e-18]),
    "log(sqrt(exp(x)))": (lambda x: pt.log(pt.sqrt(pt.exp(x))), [1500.0]),
}


@pytest.mark.parametrize("name", STABLE)
def test_stable_forms_are_finite_and_precise(name):
    build, values = STABLE[name]
    point = np.array(values)
    x = pt.tensor("x", shape=point.shape, dtype="float64")
    _, model = native([x], [build(x)])
    value, slope = model.target().logp_dlogp(point)
    assert np.isfinite(value) and np.isfinite(slope).all()
    assert np.any(slope != 0)


def test_the_slope_of_erfcx_keeps_its_digits_far_out():
    # 2 x erfcx(x) - 2 / sqrt(pi) in 80 digits.
    exact = {
        -2.0: -436.8919967270074,
        0.5: -0.5126888229025867,
        5.0: -0.02133278976482631,
        29.9: -6.3002159272752389e-4,
        30.1: -6.2169079004206298e-4,
        50.0: -2.2554056313532388e-4,
        1e3: -5.6418873726549668e-7,
        1e8: -5.641895835477562e-17,
        1e100: -5.6418958354775627e-201,
    }
    x = pt.tensor("x", shape=(len(exact),), dtype="float64")
    _, model = native([x], [pt.erfcx(x)])
    _, slope = model.target().logp_dlogp(np.array(list(exact)))
    weights = np.cos(np.arange(len(exact)) + 1.0)
    np.testing.assert_allclose(slope, weights * list(exact.values()), rtol=1e-12)


def test_slopes_of_narrow_intervals_keep_their_digits():
    # The logarithm of sigmoid(a + x) - sigmoid(b + x) has lost digits, its slope has not: it is
    # one less the sum of the two, whatever they were rounded to.
    bounds = np.array([[16.0, 15.0], [20.0, 18.5], [25.0, 24.0]])
    x = pt.tensor("x", shape=(3,), dtype="float64")
    inside = pt.sigmoid(bounds[:, 0] + x) - pt.sigmoid(bounds[:, 1] + x)
    _, model = native([x], [pt.log(inside)])
    _, slope = model.target().logp_dlogp(np.zeros(3))
    weights = np.cos(np.arange(3) + 1.0)
    expected = 1 - (1 / (1 + np.exp(-bounds))).sum(axis=1)
    np.testing.assert_allclose(slope, weights * expected, rtol=1e-12)


def test_long_nests_of_short_rows_read_known_arrays_and_parts_of_them():
    known = pt.constant(RNG.normal(size=(400, 5)))

    def build(a, b):
        return [
            (pt.tanh(a[:, None] - b) * known).sum(),
            (pt.sin(a[:200, None] - b) * known[:200]).sum(),
        ]

    check(build, RNG.normal(size=400), RNG.normal(size=5))


def test_products_with_zeros_have_slopes():
    rows = np.array([[2.0, 3.0, 4.0], [2.0, 0.0, 4.0], [0.0, 3.0, 0.0], [-0.0, 5.0, -2.0]])
    check(lambda x: pt.prod(x, axis=1), rows)
    check(pt.prod, rows[1])


def test_infinite_slopes_of_branches_not_taken_do_not_leak():
    x = pt.tensor("x", shape=(2,), dtype="float64")
    out = pt.switch(x > 1, pt.log(pt.erfcx(-40 * x)), x)
    _, model = native([x], [out])
    assert np.isfinite(model.target().logp_dlogp(np.array([0.5, 0.9]))[1]).all()


def test_zeros_of_a_known_mask_win_over_infinite_slopes():
    mask = np.array([True, False, False])
    x = pt.tensor("x", shape=(), dtype="float64")
    out = pt.switch(mask, pt.log1mexp(-(pt.constant([0.5, 0.0, 0.1]) ** x)), x)
    _, model = native([x], [out])
    assert np.isfinite(model.target().logp_dlogp(np.array([700.0]))[1]).all()


def test_points_have_no_distance_to_themselves():
    points = np.linspace(0, 1, 20)
    s = pt.tensor("s", shape=(), dtype="float64")
    scaled = points * s
    squares = scaled**2
    out = -2 * pt.outer(scaled, scaled) + (squares[:, None] + squares[None, :])
    _, model = native([s], [out])
    found = model.target().expand(np.array([1e9 / 3])).reshape(20, 20)
    assert (np.diag(found) == 0).all()
    np.testing.assert_allclose(found, np.subtract.outer(points, points) ** 2 * (1e9 / 3) ** 2)


def test_unsupported_ops_are_named_with_their_variable():
    x = pt.tensor("x", shape=(), dtype="float64")
    parameter = NativeParameter(x, [])
    with pytest.raises(UnsupportedOp, match=r"QR \(of covariance\)"):
        matrix = pt.stack([pt.stack([x, x]), pt.stack([x, 2 * x])])
        import_graph([parameter], {"logdensity": [("covariance", pt.linalg.qr(matrix)[0].sum())]})


def test_damaged_plans_are_refused():
    x = pt.tensor("x", shape=(3,), dtype="float64")
    plan = import_graph([NativeParameter(x, [(None, 3)])], {"logdensity": [("x", x.sum())]}).plan
    for bad in (b"", plan[:20], plan[:-1] + b"\x07", b"x" + plan[1:]):
        with pytest.raises(Exception, match="not a plan"):
            NativePlan.from_bytes(bad)
    assert NativePlan.from_bytes(plan).to_bytes() == plan
