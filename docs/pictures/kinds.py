"""Kinds of small pictures: each shows two or three distributions side by side, with a legend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import rufous as rf
from rufous.model.python_linker import run

__all__ = ["components", "contours", "curves", "histograms", "images", "masses", "paths", "scatter"]

# A distribution of each label.
Labelled = dict[str, Any]
# Draws one picture into a figure.
Picture = Callable[[Figure], None]

SEED = 8
COLOURS = ("#b5452c", "#2f6f8f", "#7a9a3a")


def curves(
    lower: float,
    upper: float,
    shown: Labelled,
    atoms: tuple[float, ...] = (),
    height: str = "density",
) -> Picture:
    """Show densities of numbers; `atoms` are values that have a probability of their own."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure, "x", height)
        grid = np.linspace(lower, upper, 401)
        grid = grid[~np.isin(grid, atoms)]
        for colour, (label, dist) in zip(COLOURS, shown.items(), strict=False):
            axes.plot(grid, _density(dist, grid), color=colour, label=label)
            if atoms:
                axes.vlines(atoms, 0, _density(dist, np.array(atoms)), color=colour, lw=1)
                axes.plot(atoms, _density(dist, np.array(atoms)), "o", color=colour, ms=4)
        axes.set_ylim(bottom=0)
        figure.legend(loc="outside upper left")

    return draw


def masses(lower: int, upper: int, shown: Labelled) -> Picture:
    """Show probabilities of whole numbers."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure, "x", "probability")
        grid = np.arange(lower, upper + 1)
        for colour, (label, dist) in zip(COLOURS, shown.items(), strict=False):
            axes.plot(grid, _density(dist, grid), "-o", color=colour, lw=0.7, ms=3.5, label=label)
        axes.set_ylim(bottom=0)
        axes.xaxis.get_major_locator().set_params(integer=True)
        figure.legend(loc="outside upper left")

    return draw


def contours(reach: float, shown: Labelled) -> Picture:
    """Show densities of two numbers by lines of equal height."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure, "x[0]", "x[1]")
        grid = np.linspace(-reach, reach, 81)
        points = np.stack(np.meshgrid(grid, grid), axis=-1)
        for colour, (label, dist) in zip(COLOURS, shown.items(), strict=False):
            density = _density(dist, points)
            heights = density.max() * np.array([0.1, 0.4, 0.7])
            axes.contour(grid, grid, density, heights, colors=colour, linewidths=1)
            axes.plot([], [], color=colour, label=label)
        figure.legend(loc="outside upper left")

    return draw


def histograms(what: str, lower: float, upper: float, shown: Labelled) -> Picture:
    """Show draws of numbers by the share that falls into each of many bins."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure, what, "density of draws")
        edges = np.linspace(lower, upper, 41)
        for colour, (label, dist) in zip(COLOURS, shown.items(), strict=False):
            drawn = rf.draw(dist, 4000, random_seed=SEED)
            axes.hist(drawn, edges, density=True, histtype="step", color=colour, label=label)
        figure.legend(loc="outside upper left")

    return draw


def scatter(shown: Labelled, draws: int = 250) -> Picture:
    """Show draws of vectors by their first two elements."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure, "x[0]", "x[1]")
        for colour, (label, dist) in zip(COLOURS, shown.items(), strict=False):
            drawn = rf.draw(dist, draws, random_seed=SEED)
            axes.plot(*drawn[:, :2].T, ".", color=colour, ms=4, alpha=0.6, label=label)
        figure.legend(loc="outside upper left")

    return draw


def components(shown: Labelled) -> Picture:
    """Show the elements of vectors by mean and the middle 80 % of the draws."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure, "element", "mean and middle 80 %")
        for shift, (label, dist) in enumerate(shown.items()):
            drawn = rf.draw(dist, 1000, random_seed=SEED)
            mean, ends = drawn.mean(axis=0), np.quantile(drawn, [0.1, 0.9], axis=0)
            places = np.arange(len(mean)) + 0.15 * (shift - 1)
            axes.vlines(places, *ends, color=COLOURS[shift], lw=2, alpha=0.5)
            axes.plot(places, mean, "o", color=COLOURS[shift], ms=4, label=label)
        axes.xaxis.get_major_locator().set_params(integer=True)
        figure.legend(loc="outside upper left")

    return draw


def paths(shown: Labelled) -> Picture:
    """Show a few draws of series over time."""

    def draw(figure: Figure) -> None:
        axes = _axes(figure, "time", "x")
        for colour, (label, dist) in zip(COLOURS, shown.items(), strict=False):
            drawn = rf.draw(dist, 3, random_seed=SEED)
            for i, series in enumerate(drawn):
                axes.plot(series, color=colour, lw=0.9, label=None if i else label)
        figure.legend(loc="outside upper left")

    return draw


def images(what: str, shown: Labelled, measure: Callable[[Any], Any]) -> Picture:
    """Show a matrix for each distribution: what `measure` makes of its draws."""

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(shown), squeeze=False)[0]
        matrices = [measure(rf.draw(dist, 2000, random_seed=SEED)) for dist in shown.values()]
        reach = max(np.abs(matrix).max() for matrix in matrices)
        for axes, label, matrix in zip(panels, shown, matrices, strict=True):
            image = axes.imshow(matrix, cmap="RdBu_r", vmin=-reach, vmax=reach)
            axes.set_title(label, fontsize=7)
            axes.set_xticks([])
            axes.set_yticks([])
        figure.colorbar(image, ax=panels, label=what, shrink=0.7)

    return draw


def _axes(figure: Figure, x: str, y: str) -> Any:
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _density(dist: Any, values: Any) -> Any:
    """Evaluate the density of a distribution with Rufous itself."""
    [logdensity] = run([rf.logp(dist, values)])
    return np.exp(logdensity)
