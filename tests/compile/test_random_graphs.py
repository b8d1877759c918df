"""The native evaluator against PyTensor's Python linker on random log densities."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from benches.evaluator.roundings import Drawn
from hypothesis import HealthCheck, given, note, settings
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from pytensor.graph.rewriting.utils import rewrite_graph

from compile.random_graphs import densities
from rufous._core import NativePlan
from rufous.compile.native import NativeParameter, import_graph

WRITTEN = Mode(linker="py", optimizer=None)
# Fused operations run element by element there, and some of them in single precision.
REWRITTEN = Mode(
    linker="py", optimizer=RewriteDatabaseQuery(include=["fast_run"], exclude=["fusion"])
)
DRAWS = 12


def native(inputs, density):
    parameters = [NativeParameter(x, [(None, n) for n in x.type.shape]) for x in inputs]
    imported = import_graph(parameters, {"logdensity": [("density", density)]})
    target = NativePlan.from_bytes(imported.plan).bind(imported.data()).target()

    def evaluate(points):
        value, slope = target.logp_dlogp(np.concatenate([p.ravel() for p in points]))
        return np.concatenate([[value], slope])

    return evaluate


def reference(inputs, density, mode):
    """Value and gradient by PyTensor, in its own language."""
    if mode is not WRITTEN:
        density = rewrite_graph(density, include=("canonicalize", "stabilize"))
    gradient = pytensor.grad(density, inputs, disconnected_inputs="ignore")
    return pytensor.function(inputs, [density, *gradient], mode=mode, on_unused_input="ignore")


def numbers(function, points):
    """The outputs of a reference as one line, NaN where it cannot say."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of matrices that are nearly singular
            return np.concatenate([np.ravel(v) for v in function(*points)])
    except (ValueError, NotImplementedError):
        # Without rewriting, an elementwise op may write into what it was given to read, and takes
        # 32 numbers at most; with rewriting axes may be lost.
        return np.array([np.nan])


def digits_lost(written, rewritten, draws):
    """How far the references are from each other, and from themselves when they round anew."""
    apart = np.abs(written - rewritten).max()
    return apart + max(np.abs(draw - rewritten).max() for draw in draws)


def agree(ours, written, rewritten, drawn):
    """Whether the native numbers are right, as far as anybody's are.

    `drawn` gives the reference's numbers with its roundings drawn.
    """
    if not (np.isfinite(written).all() and np.isfinite(rewritten).all()):
        return True  # a stable form may have a value where another one has none
    scale = max(1.0, np.abs(rewritten).max())
    error = np.abs(ours - rewritten).max()
    if error <= 1e-10 * scale:
        return True
    draws = [drawn() for _ in range(DRAWS)]
    if not all(np.isfinite(v).all() for v in draws):
        return True
    noise = digits_lost(written, rewritten, draws)
    return bool(noise > 1e-6 * scale or error <= 1e-10 * scale + 100 * noise)


def check(case, seed):
    inputs, density = case
    evaluate = native(inputs, density)
    written, rewritten = (reference(inputs, density, mode) for mode in (WRITTEN, REWRITTEN))
    drawn = Drawn(rewritten, seed)
    rng = np.random.default_rng(seed)
    for scale in (0.1, 0.5, 1.0, 3.0, 30.0):
        points = [scale * rng.normal(size=x.type.shape) for x in inputs]
        found = [evaluate(points), numbers(written, points), numbers(rewritten, points)]
        if not agree(*found, functools.partial(numbers, drawn, points)):
            note(pytensor.printing.debugprint(density, file="str"))
            note("at {}: {} for {} and {}".format(points, *(v[:9] for v in found)))
            raise AssertionError("the native evaluator disagrees with PyTensor")


def judged(build, point, change):
    """Whether PyTensor's numbers agree with themselves when `change` is added to them."""
    x = pt.tensor("x", shape=np.shape(point), dtype="float64")
    functions = [reference([x], build(x), mode) for mode in (WRITTEN, REWRITTEN)]
    found = [numbers(function, [point]) for function in functions]
    drawn = functools.partial(numbers, Drawn(functions[1], 0), [point])
    return agree(found[1] + change, *found, drawn)


def test_a_wrong_digit_is_seen():
    point = np.array([0.3, -1.2])
    assert judged(lambda x: pt.exp(x).sum(), point, [0, 0, 0])
    assert not judged(lambda x: pt.exp(x).sum(), point, [0, 1e-8, 0])


def test_digits_that_are_lost_are_no_ones_and_the_others_count():
    point = np.array([0.3, -1.2])
    assert judged(lambda x: (1 + 1e-8 * x - pt.exp(-1e-8 * x)).sum() * 1e8, point, [1e-9, 0, 0])
    assert not judged(lambda x: (1 + 1e-8 * x - pt.exp(-1e-8 * x)).sum() * 1e8, point, [1e-4, 0, 0])

    # Of three numbers added at once the largest two leave nothing but their roundings.
    three = [lambda x: pt.add(x, pt.exp(x), -1.0 * pt.exp(x)), np.array(25.24)]
    assert judged(*three, [1e-6, 0])
    # The logarithm of a share near one is zero, of either sign, and the angle goes by the sign.
    turned = [lambda x: pt.arctan2(pt.special.log_softmax(x)[0], -1.0), np.array([41.0, -20.0])]
    assert judged(*turned, [2 * np.pi, 0, 0])
    # The hyperbolic tangent is one here but for its last digit, and floor tells the two apart.
    far = np.array([-20.0, -30.0])
    assert judged(lambda x: pt.floor(-pt.tanh(x)).sum(), far, [1, 0, 0])


@given(densities())
@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
def test_a_few_random_densities(case):
    check(case, 1)


@pytest.mark.slow
@given(densities())
@settings(suppress_health_check=list(HealthCheck), deadline=None)
def test_many_random_densities(case):
    check(case, 2)
