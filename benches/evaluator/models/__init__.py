"""Varied PyMC models to hold the native evaluator beside PyTensor on; one module per topic."""

from __future__ import annotations

from importlib import import_module

from benches.evaluator.models.registry import MODELS, build

__all__ = ["MODELS", "build"]

for _topic in (
    "regression", "counts", "survival", "series", "mixtures", "processes", "structure", "censored",
    "missing", "loops", "functions", "spatial",
):  # fmt: skip
    import_module(f"{__name__}.{_topic}")
