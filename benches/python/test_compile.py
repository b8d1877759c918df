"""From a model to a function: each step, with a warm cache on disk."""

from __future__ import annotations

import numpy as np
from benches.python.schools import Y, eight_schools

import rufous as rf
from rufous.compile.flatten import flatten


def test_write_the_model(benchmark):
    benchmark(eight_schools)


def test_flatten(benchmark):
    model = eight_schools()
    benchmark(flatten, model, ["mu", "tau", "z", "theta"])


def test_compile_warm(benchmark, compiled):
    benchmark(rf.compile, eight_schools())


def test_bind(benchmark, compiled):
    benchmark(compiled.bind, {"y": Y + 1.0})


def test_initial_point(benchmark, compiled):
    benchmark(compiled.initial_point, 1)


def test_gradient(benchmark, compiled):
    position = np.full(compiled.dim, 0.1)
    benchmark(compiled.target.logp_dlogp, position)


def test_expand(benchmark, compiled):
    position = np.full(compiled.dim, 0.1)
    benchmark(compiled.target.expand, position)
