"""The native evaluator against PyTensor's Python linker on random log densities."""

from __future__ import annotations

import numpy as np
import pytensor
import pytest
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


def native(inputs, density):
    parameters = [NativeParameter(x, [(None, n) for n in x.type.shape]) for x in inputs]
    imported = import_graph(parameters, {"logdensity": [("density", density)]})
    target = NativePlan.from_bytes(imported.plan).bind(imported.data()).target()

    def evaluate(points):
        value, slope = target.logp_dlogp(np.concatenate([p.ravel() for p in points]))
        return np.concatenate([[value], slope])

    return evaluate


def reference(inputs, density, mode):
    if mode is REWRITTEN:
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


def agree(ours, written, rewritten, nudged):
    """Whether the native numbers are right, as far as anybody's are.

    Digits that the two references do not share, or that changes of the position in its last digits
    change, are nobody's.
    """
    finite = [bool(np.isfinite(v).all()) for v in (written, rewritten)]
    if finite[0] != finite[1]:
        return True
    if not finite[0]:
        return True  # a stable form may have a value where another one has none
    if not all(np.isfinite(v).all() for v in nudged):
        return True
    noise = np.abs(written - rewritten).max()
    noise += max(np.abs(v - rewritten).max() for v in nudged)
    scale = max(1.0, np.abs(rewritten).max())
    if 1e13 < scale < 1e17:
        return True  # one over the rounding of a zero: log of probabilities that add up to one
    if noise > 1e-6 * scale:
        return True
    return bool(np.abs(ours - rewritten).max() <= 1e-10 * scale + 100 * noise)


def moved(rng, point):
    """A position as close as the rounding of the first few operations on it."""
    return point + rng.uniform(-1e-15, 1e-15, point.shape) * np.maximum(1, np.abs(point))


def is_rough(function, points, here, rng):
    """Whether a small step does not change the value as its slopes say.

    The logarithm of a probability near one moves in jumps of rounding, and so does one over it.
    """
    steps = [1e-7 * rng.normal(size=p.shape) * np.maximum(1, np.abs(p)) for p in points]
    there = function([p + step for p, step in zip(points, steps, strict=True)])
    flat = np.concatenate([step.ravel() for step in steps])
    with np.errstate(all="ignore"):
        gap = there[0] - here[0] - here[1:] @ flat if len(here) > 1 else np.nan
        return not abs(gap) <= 1e-9 * max(1.0, np.abs(here).max())


def check(case, seed):
    inputs, density = case
    functions = [native(inputs, density)]
    functions += [reference(inputs, density, mode) for mode in (WRITTEN, REWRITTEN)]
    rng = np.random.default_rng(seed)
    for scale in (0.1, 0.5, 1.0, 3.0, 30.0):
        points = [scale * rng.normal(size=x.type.shape) for x in inputs]
        ours, written, rewritten = (function(points) for function in functions)
        nudged = [functions[2]([moved(rng, p) for p in points]) for _ in range(6)]
        if is_rough(functions[2], points, rewritten, rng):
            continue
        if not agree(ours, written, rewritten, nudged):
            note(pytensor.printing.debugprint(density, file="str"))
            note(f"at {points}: {ours[:9]} for {written[:9]} and {rewritten[:9]}")
            raise AssertionError("the native evaluator disagrees with PyTensor")


@given(densities())
@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
def test_a_few_random_densities(case):
    check(case, 1)


@pytest.mark.slow
@given(densities())
@settings(suppress_health_check=list(HealthCheck), deadline=None)
def test_many_random_densities(case):
    check(case, 2)
