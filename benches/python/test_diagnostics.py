"""R-hat, bulk and tail ESS of the check after a run, beside the same numbers from ArviZ."""

from __future__ import annotations

from importlib import metadata

import numpy as np

from rufous import _core

DRAWS = np.random.default_rng(1).normal(size=(4, 1000, 1000))
QUANTITIES = ("rhat", "ess_bulk", "ess_tail")


def test_thousand_variables(benchmark):
    benchmark(_core.diagnose, [DRAWS], QUANTITIES)


def test_thousand_variables_on_one_thread(benchmark):
    benchmark(_core.diagnose, [DRAWS], QUANTITIES, 1)


def test_thousand_variables_by_arviz(benchmark):
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
    benchmark.pedantic(lambda: [function(DRAWS) for function in functions], rounds=2)
