"""The two figures of the demo, drawn with matplotlib and without a display."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rufous._typing import FloatArray
from rufous.cli.summary import ACTION_LEVEL, activity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_counties", "draw_traces"]

# Okabe and Ito's palette, which people with any colour vision can tell apart.
_PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
_LINE_STYLES = ("-", "--", ":")
_DPI = 150
_MAX_RANK_BINS = 20


def draw_traces(draws: Mapping[str, FloatArray], path: Path) -> None:
    """Draw density, trace and ranks of each variable, one colour for each chain.

    Parameters
    ----------
    draws : mapping of str to ndarray, shape (num_chains, num_draws)
        Scalar variables.
    path : Path
        Where to write the PNG file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 1.2 + 2.1 * len(draws)), layout="constrained")
    grid = figure.subplots(len(draws), 3, squeeze=False)
    for row, (name, values) in zip(grid, draws.items(), strict=True):
        _density(row[0], values)
        _trace(row[1], values)
        _ranks(row[2], values)
        row[0].set_ylabel(name.replace("_", " "), fontsize=11)
    for axes, title in zip(grid[0], ("density", "draws in order", "ranks"), strict=True):
        axes.set_title(title)
    for axes, label in zip(
        grid[-1],
        (
            "value, on the scale of log(pCi/L)",
            "draw",
            "rank among all draws (flat: the chains agree)",
        ),
        strict=True,
    ):
        axes.set_xlabel(label)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 8))
    figure.suptitle("Radon model: main parameters by chain", fontsize=14)
    figure.savefig(path, dpi=_DPI)


def draw_counties(
    levels: FloatArray,
    counties: Sequence[str],
    houses: np.ndarray[tuple[int], np.dtype[np.int64]],
    highlighted: str,
    path: Path,
) -> None:
    """Draw the radon level of every county with its uncertainty, from low to high.

    Parameters
    ----------
    levels : ndarray, shape (num_chains, num_draws, num_counties)
        Draws of the county levels, log(pCi/L + 0.1) in a basement.
    counties : sequence of str
        Names.
    houses : ndarray, shape (num_counties,)
        Number of measurements in each county.
    highlighted : str
        County to draw in another colour.
    path : Path
        Where to write the PNG file.
    """
    from matplotlib.figure import Figure

    radon = activity(levels.reshape(-1, len(counties)))
    quantiles = np.quantile(radon, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    order = np.argsort(quantiles[2])
    figure = Figure(figsize=(9, 1.6 + 0.17 * len(counties)), layout="constrained")
    axes = figure.subplots()
    for height, index in enumerate(order):
        chosen = counties[index] == highlighted
        _interval(axes, height, quantiles[:, index], _PALETTE[5 if chosen else 0])
    axes.axvline(ACTION_LEVEL, color="0.4", linestyle="--", linewidth=1)
    axes.text(
        ACTION_LEVEL, 0, " action recommended from 4 pCi/L", color="0.3", fontsize=8, va="center"
    )
    axes.set_yticks(
        range(len(counties)), [f"{counties[i]} ({houses[i]})" for i in order], fontsize=7.5
    )
    for label, index in zip(axes.get_yticklabels(), order, strict=True):
        if counties[index] == highlighted:
            label.set(color=_PALETTE[5], fontweight="bold")
    axes.set_ylim(-1, len(counties))
    _log_axis(axes, quantiles)
    axes.set_xlabel("typical radon activity in a basement, pCi/L (log scale)")
    axes.grid(axis="both", color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(
        "Radon in the counties of Minnesota\n"
        "dot: median; thick line: 50 % interval; thin line: 90 %; in brackets: houses measured",
        fontsize=11,
    )
    figure.savefig(path, dpi=_DPI)


def _style(chain: int) -> dict[str, Any]:
    return {
        "color": _PALETTE[chain % len(_PALETTE)],
        "linestyle": _LINE_STYLES[chain // len(_PALETTE) % len(_LINE_STYLES)],
    }


def _density(axes: Axes, values: FloatArray) -> None:
    edges = np.linspace(np.min(values), np.max(values), 31)
    for chain, draws in enumerate(values):
        heights, _ = np.histogram(draws, bins=edges, density=True)
        middles = (edges[1:] + edges[:-1]) / 2
        axes.plot(middles, heights, label=f"chain {chain}", linewidth=1.2, **_style(chain))
    axes.set_yticks([])


def _trace(axes: Axes, values: FloatArray) -> None:
    for chain, draws in enumerate(values):
        axes.plot(draws, linewidth=0.4, alpha=0.8, **_style(chain))
    axes.margins(x=0.01)


def _ranks(axes: Axes, values: FloatArray) -> None:
    """Draw how many draws of each chain have which rank, in shares of the expected number."""
    ranks = np.argsort(np.argsort(values, axis=None)).reshape(values.shape)
    num_bins = max(2, min(_MAX_RANK_BINS, values.shape[1] // 5))
    edges = np.linspace(0, values.size, num_bins + 1)
    expected = values.shape[1] / num_bins
    axes.axhline(1, color="0.6", linewidth=0.8)
    for chain, mine in enumerate(ranks):
        counts, _ = np.histogram(mine, bins=edges)
        axes.stairs(counts / expected, edges, baseline=None, linewidth=1.2, **_style(chain))
    axes.set_ylim(bottom=0)
    axes.set_ylabel("share of expected", fontsize=8)
    axes.margins(x=0.01)


def _interval(axes: Axes, height: int, quantiles: FloatArray, colour: str) -> None:
    low, lower, middle, upper, high = quantiles
    axes.plot([low, high], [height, height], color=colour, linewidth=1)
    axes.plot([lower, upper], [height, height], color=colour, linewidth=3, solid_capstyle="butt")
    axes.plot(
        middle,
        height,
        "o",
        color=colour,
        markersize=5,
        markeredgecolor="white",
        markeredgewidth=0.7,
    )


def _log_axis(axes: Axes, quantiles: FloatArray) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    low, high = float(np.min(quantiles)), float(np.max(quantiles))
    axes.set_xscale("log")
    ticks = [tick for tick in (0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16) if low < tick < high]
    axes.xaxis.set_major_locator(FixedLocator([*ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
