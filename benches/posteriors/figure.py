"""A figure of a race."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan
from pathlib import Path

from benches.posteriors.report import MEASURES, RIVALS, Rows, scores

__all__ = ["draw"]

COLOURS = ("#b7410e", "#e3a587", "#9a9a9a", "#2b6cb0", "#12355b")
#: Where scores of 0, and lower ones, are drawn.
LEFT = 0.02
TICKS = (LEFT, 0.1, 0.3, 1, 3)


def draw(rows: Rows, arms: Sequence[str], path: Path) -> None:
    """Draw a panel for each measure, a row for each model, and each arm as a dot.

    Scores are relative to the better of the rivals; without rivals, to the last arm.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    base = [arm for arm in arms if arm in RIVALS] or [arms[-1]]
    order = _order(rows, arms, base)
    figure = Figure(figsize=(11, 1.5 + 0.24 * len(order)), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(MEASURES), sharey=True)
    for panel, (measure, meaning) in zip(panels, MEASURES.items(), strict=True):
        ratios = relative(rows, measure, base)
        panel.axvline(1.0, color="0.6", linewidth=1)
        for i, arm in reversed(list(enumerate(arms))):
            found = [ratios.get(model, {}).get(arm, nan) for model in order]
            x = [ratio if isnan(ratio) else max(ratio, LEFT) for ratio in found]
            colour = COLOURS[i % len(COLOURS)]
            label = arm if panel is panels[0] else None
            panel.scatter(x, range(len(order)), s=24, color=colour, label=label, zorder=3)
        panel.set_xscale("log")
        panel.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
        panel.minorticks_off()
        panel.set_title(meaning.replace(" per ", "\nper ").replace(" until ", "\nuntil "), size=9)
        panel.grid(axis="x", color="0.92")
        panel.spines[["top", "right", "left"]].set_visible(False)
    panels[0].set_yticks(range(len(order)), order, size=8)
    figure.supxlabel(f"relative to {' or '.join(base)}, whichever is better", size=9)
    dots, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        dots[::-1], labels[::-1], loc="outside upper center", ncols=len(arms), frameon=False
    )
    figure.savefig(path)


def relative(rows: Rows, measure: str, base: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return scores in units of the best arm of `base`, for the models that it is right on."""
    found = {}
    for model, of in scores(rows, measure).items():
        best = max((of.get(arm, 0.0) for arm in base), default=0.0)
        if best > 0:
            found[model] = {arm: value / best for arm, value in of.items()}
    return found


def _order(rows: Rows, arms: Sequence[str], base: Sequence[str]) -> list[str]:
    ratios = relative(rows, next(iter(MEASURES)), base)
    return sorted(ratios, key=lambda model: ratios[model].get(arms[0], 0.0))
