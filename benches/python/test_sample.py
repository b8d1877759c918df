"""A whole run, and what it costs beside the draws."""

from __future__ import annotations

import warnings

import rufous as rf


def run(compiled: rf.CompiledModel, draws: int) -> None:
    """Sample four chains quietly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rf.sample(compiled, draws, tune=draws, random_seed=1, progressbar=False)


def test_a_thousand_draws(benchmark, compiled):
    benchmark.pedantic(run, args=(compiled, 1000), rounds=5, warmup_rounds=1)


def test_overhead(benchmark, compiled):
    """Ten draws: starting, storing, labelling and checking are what is left."""
    benchmark.pedantic(run, args=(compiled, 10), rounds=5, warmup_rounds=1)
