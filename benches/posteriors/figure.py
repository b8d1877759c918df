"""A figure of a race."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benches.posteriors.report import MEASURES, Rows, scores

__all__ = ["draw"]


def draw(rows: Rows, arms: Sequence[str], path: Path) -> None:
    """Draw the scores by gradient of all arms as dots on a log scale, a row for each model."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    found = scores(rows, "per_1000_gradients")
    models = sorted(found, key=lambda model: max(found[model].values()))
    figure, axes = pyplot.subplots(figsize=(8, 1.5 + 0.3 * len(models)))
    for arm in arms:
        points = [(found[model].get(arm, 0.0), i) for i, model in enumerate(models)]
        points = [point for point in points if point[0] > 0]
        if points:
            axes.plot(*zip(*points, strict=True), "o", label=arm, alpha=0.7)
    axes.set_xscale("log")
    axes.set_yticks(range(len(models)), models)
    axes.set_xlabel(MEASURES["per_1000_gradients"] + ", warm-up included")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
