"""Draw the way from a model to numbers: ``python docs/figures/pipeline.py``."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "rufous"  # the same file from the same script

PYTHON, RUST, HOT = "#cfe3f2", "#f6d5b8", "#f3b48f"

# (x, y, label, what it does, colour), in the order of the arrows.
STEPS = [
    (0, 2, "model", "a graph of array operations", PYTHON),
    (5, 2, "import", "one walk; constants computed", PYTHON),
    (10, 2, "plan", "bytes: no code, no data", PYTHON),
    (0, 1, "specialise", "sizes known, data folded", RUST),
    (5, 1, "simplify", "while each node is made", RUST),
    (10, 1, "gradient", "one rule per operation", RUST),
    (15, 1, "schedule", "phases, loop nests, memory", RUST),
    (0, 0, "position", "from the sampler", HOT),
    (5, 0, "single numbers", "straight-line code", HOT),
    (10, 0, "loop nests", "blocks of 256, SIMD", HOT),
    (15, 0, "log density, gradient", "and the next position", HOT),
]
ROWS = [
    (2, "once", "a few ms"),
    (1, "for each data set", "from 0.2 ms"),
    (0, "for each position", "ns to us"),
]
WIDTH, HEIGHT = 4.2, 0.62


def box(axes: plt.Axes, step: tuple[float, float, str, str, str]) -> None:
    x, y, label, what, colour = step
    shape = FancyBboxPatch(
        (x, y),
        WIDTH,
        HEIGHT,
        boxstyle="round,pad=0,rounding_size=0.1",
        facecolor=colour,
        edgecolor="#555555",
        linewidth=0.8,
    )
    axes.add_patch(shape)
    axes.text(x + WIDTH / 2, y + 0.42, label, ha="center", va="center", weight="bold", fontsize=10)
    axes.text(x + WIDTH / 2, y + 0.19, what, ha="center", va="center", fontsize=8, color="#333333")


def arrow(axes: plt.Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": "#a33b20", "linewidth": 1.4}
    axes.annotate("", xy=end, xytext=start, arrowprops=style)


def main() -> None:
    """Write the picture beside this script."""
    figure, axes = plt.subplots(figsize=(11, 3.6))
    for step in STEPS:
        box(axes, step)
    for one, two in pairwise(STEPS):
        if one[1] == two[1]:
            middle = one[1] + HEIGHT / 2
            arrow(axes, (one[0] + WIDTH + 0.05, middle), (two[0] - 0.05, middle))
    for y in (2, 1):
        last = max(x for x, row, *_ in STEPS if row == y)
        axes.plot(
            [last + 2, last + 2, 2.1], [y, y - 0.19, y - 0.19], color="#a33b20", linewidth=1.4
        )
        arrow(axes, (2.1, y - 0.19), (2.1, y - 1 + HEIGHT))
    for y, when, cost in ROWS:
        axes.text(-0.3, y + 0.42, when, ha="right", va="center", fontsize=9, style="italic")
        axes.text(-0.3, y + 0.19, cost, ha="right", va="center", fontsize=8, color="#555555")
    axes.set_xlim(-4, 19.6)
    axes.set_ylim(-0.15, 2.8)
    axes.axis("off")
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.99)
    figure.savefig(Path(__file__).parent / "pipeline.svg", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
