"""Checking a run, beside the same numbers from ArviZ."""

from __future__ import annotations

from importlib import metadata

import numpy as np

from rufous.diagnostics.convergence import convergence

DRAWS = np.random.default_rng(1).normal(size=(4, 1000, 100))


def test_hundred_variables(benchmark):
    benchmark(convergence, DRAWS)


def test_hundred_variables_by_arviz(benchmark):
    if metadata.version("arviz").startswith("0."):
        import arviz

        data = arviz.convert_to_dataset({"x": DRAWS})
        functions = (
            lambda _: arviz.rhat(data),
            lambda _: arviz.ess(data),
            lambda _: arviz.ess(data, method="tail", prob=(0.05, 0.95)),
        )
    else:
        from arviz_stats.base import array_stats

        functions = (
            lambda x: array_stats.rhat(x, chain_axis=0, draw_axis=1),
            lambda x: array_stats.ess(x, chain_axis=0, draw_axis=1),
            lambda x: array_stats.ess(
                x, chain_axis=0, draw_axis=1, method="tail", prob=(0.05, 0.95)
            ),
        )
    benchmark(lambda: [function(DRAWS) for function in functions])
