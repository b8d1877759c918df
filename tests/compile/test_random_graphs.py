"""The native evaluator against PyTensor's Python linker on random log densities."""

from __future__ import annotations

import functools

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import HealthCheck, given, note, settings
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.utils import rewrite_graph

from compile.random_graphs import densities
from compile.roundings import Roundings
from rufous._core import NativePlan
from rufous.compile.native import NativeParameter, import_graph

WRITTEN = Mode(linker="py", optimizer=None)
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
    if mode is not WRITTEN:
        density = rewrite_graph(density, include=("canonicalize", "stabilize"))
    gradient = pytensor.grad(density, inputs, disconnected_inputs="ignore")
    function = pytensor.function(inputs, [density, *gradient], mode=mode, on_unused_input="ignore")

    def evaluate(points):
        try:
            with np.errstate(all="ignore"):
                return np.concatenate([np.ravel(v) for v in function(*points)])
        except (ValueError, NotImplementedError) as error:
            # Without rewriting, an elementwise op may write into what it was given to read; and it
            # takes 32 numbers at most.
            if not any(limit in str(error) for limit in ("read-only", "32 operands")):
                raise
            return np.array([np.nan])

    return evaluate


def digits_lost(written, rewritten, draws):
    """How far the references are from each other, and from themselves when they round anew."""
    apart = np.abs(written - rewritten).max()
    return apart + max(np.abs(draw - rewritten).max() for draw in draws)


def agree(ours, written, rewritten, draw):
    """Whether the native numbers are right, as far as anybody's are.

    `draw` evaluates the reference with roundings at random.
    """
    if not (np.isfinite(written).all() and np.isfinite(rewritten).all()):
        return True  # a stable form may have a value where another one has none
    scale = max(1.0, np.abs(rewritten).max())
    error = np.abs(ours - rewritten).max()
    if error <= 1e-10 * scale:
        return True
    draws = [draw() for _ in range(DRAWS)]
    if not all(np.isfinite(v).all() for v in draws):
        return True
    noise = digits_lost(written, rewritten, draws)
    return bool(noise > 1e-6 * scale or error <= 1e-10 * scale + 100 * noise)


def check(case, seed):
    inputs, density = case
    roundings = Roundings(seed)
    functions = [native(inputs, density)]
    functions += [reference(inputs, density, mode) for mode in (WRITTEN, roundings.mode)]
    rng = np.random.default_rng(seed)

    for scale in (0.1, 0.5, 1.0, 3.0, 30.0):
        points = [scale * rng.normal(size=x.type.shape) for x in inputs]
        ours, written, rewritten = (function(points) for function in functions)
        draw = functools.partial(roundings.draw, functions[2], points)
        if not agree(ours, written, rewritten, draw):
            note(pytensor.printing.debugprint(density, file="str"))
            note(f"at {points}: {ours[:9]} for {written[:9]} and {rewritten[:9]}")
            raise AssertionError("the native evaluator disagrees with PyTensor")


def judged(build, point, change):
    """Whether PyTensor's numbers agree with themselves, `change` added to the first slope."""
    x = pt.tensor("x", shape=np.shape(point), dtype="float64")
    roundings = Roundings(0)
    functions = [reference([x], build(x), mode) for mode in (WRITTEN, roundings.mode)]
    written, rewritten = (function([point]) for function in functions)
    ours = rewritten + change * (np.arange(rewritten.size) == 1)
    return agree(ours, written, rewritten, lambda: roundings.draw(functions[1], [point]))


def test_a_wrong_digit_is_seen():
    point = np.array([0.3, -1.2])
    assert judged(lambda x: pt.exp(x).sum(), point, 0.0)
    assert not judged(lambda x: pt.exp(x).sum(), point, 1e-8)
    # Half of the digits are lost, and half are not.
    assert judged(lambda x: (1 + 1e-8 * x - pt.exp(-1e-8 * x)).sum() * 1e8, point, 1e-9)
    assert not judged(lambda x: (1 + 1e-8 * x - pt.exp(-1e-8 * x)).sum() * 1e8, point, 1e-4)


def test_digits_that_no_one_has_are_no_ones():
    # The hyperbolic tangent is one here but for its last digit, and floor tells the two apart.
    x = pt.tensor("x", shape=(2,), dtype="float64")
    roundings = Roundings(0)
    function = reference([x], pt.floor(-pt.tanh(x)).sum(), roundings.mode)
    point = np.array([-20.0, -30.0])
    found = function([point])
    assert agree(np.add(found, [1, 0, 0]), found, found, lambda: roundings.draw(function, [point]))


@given(densities())
@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
def test_a_few_random_densities(case):
    check(case, 1)


@pytest.mark.slow
@given(densities())
@settings(suppress_health_check=list(HealthCheck), deadline=None)
def test_many_random_densities(case):
    check(case, 2)
