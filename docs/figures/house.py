"""Draw the picture of the house: ``python docs/figures/house.py`` writes ``house.svg``."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.patches import FancyBboxPatch

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "rufous"  # the same file from the same script

PYTHON, RUST, GROUND = "#cfe3f2", "#f6d5b8", "#e8e8e8"

# (x, y, width, floors, label, what it does, colour); y counts floors from the ground.
ROOMS = [
    (0, 8, 12, 1, "cli", "python -m rufous demo", PYTHON),
    (0, 7, 6, 1, "predictive", "prior and posterior draws of data", PYTHON),
    (6, 7, 6, 1, "sampling", "settings, seeds, progress, the run", PYTHON),
    (0, 5, 6, 2, "diagnostics", "R-hat, ESS, divergences, in words", PYTHON),
    (6, 6, 6, 1, "compile", "graph to plan or C pointer, CompiledModel", PYTHON),
    (6, 5, 6, 1, "gp", "covariances, Gaussian processes", PYTHON),
    (0, 3, 6, 2, "results", "arrays to labelled groups", PYTHON),
    (6, 4, 6, 1, "distributions", "densities, draws, constraints", PYTHON),
    (6, 3, 6, 1, "derived", "densities of expressions, observe", PYTHON),
    (0, 2, 12, 1, "model", "Model, Data, dims, shapes, registry of densities", PYTHON),
    (0, 1, 12, 1, "transforms", "constrained to unconstrained, with Jacobians", PYTHON),
    (0, 0, 12, 1, "layout · errors · typing", "names, shapes, slices; what may go wrong", GROUND),
    (
        13.4,
        7,
        6.6,
        1,
        "bindings (rufous._core)",
        "types in, one call, types out; GIL released",
        RUST,
    ),
    (13.4, 6, 3.3, 1, "run · progress", "chains on threads", RUST),
    (16.7, 6, 3.3, 1, "evaluator", "plans, gradients, SIMD", RUST),
    (13.4, 4.5, 6.6, 1.5, "chain · adapt · init · sink", "one chain as a state machine", RUST),
    (13.4, 3, 6.6, 1.5, "nuts · trajectory", "one transition", RUST),
    (13.4, 1.5, 6.6, 1.5, "hamiltonian · integrator · metric", "one leapfrog", RUST),
    (
        13.4,
        0,
        6.6,
        1.5,
        "logdensity · expand · point · vector",
        "what a target is; memory; arithmetic",
        RUST,
    ),
]
GAP = 0.2


def draw_room(axes: plt.Axes, room: tuple[float, float, float, float, str, str, str]) -> None:
    x, y, width, floors, label, what, colour = room
    box = FancyBboxPatch(
        (x + 0.12, y + 0.1),
        width - 0.24,
        floors - GAP,
        boxstyle="round,pad=0,rounding_size=0.12",
        facecolor=colour,
        edgecolor="#555555",
        linewidth=0.8,
    )
    axes.add_patch(box)
    middle, height = x + width / 2, y + floors / 2
    axes.text(middle, height + 0.13, label, ha="center", va="center", fontsize=10, weight="bold")
    axes.text(middle, height - 0.18, what, ha="center", va="center", fontsize=8, color="#333333")


def arrow(axes: plt.Axes, start: tuple[float, float], end: tuple[float, float], text: str) -> None:
    style = {"arrowstyle": "-|>", "color": "#a33b20", "linewidth": 1.6}
    axes.annotate("", xy=end, xytext=start, arrowprops=style)
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    axes.text(x, y + 0.1, text, ha="center", va="bottom", fontsize=7.5, color="#a33b20")


def main() -> None:
    """Write the picture beside this script."""
    figure, axes = plt.subplots(figsize=(11, 7))
    for room in ROOMS:
        draw_room(axes, room)
    arrow(axes, (11.95, 7.62), (13.45, 7.62), "positions")
    arrow(axes, (13.45, 7.3), (11.95, 7.3), "draws")
    arrow(axes, (11.95, 6.62), (13.45, 7.12), "plans")
    axes.text(6, 9.15, "python/rufous", ha="center", fontsize=11, style="italic")
    axes.text(16.7, 8.15, "rust", ha="center", fontsize=11, style="italic")
    note = (
        "a room may use the rooms below it,\nnever one beside or above\n"
        "(sampling and predictive may use both\nrooms under them)"
    )
    axes.text(16.7, 8.55, note, ha="center", va="bottom", fontsize=7.5, color="#555555")
    axes.set_xlim(0, 20.1)
    axes.set_ylim(0, 9.7)
    axes.axis("off")
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.99)
    target = Path(__file__).parent
    figure.savefig(target / "house.svg", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
