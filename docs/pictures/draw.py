"""From the table of parameters to the files of the pictures."""

from __future__ import annotations

import inspect
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure
from pictures.table import PICTURES

import rufous.distributions as rd

__all__ = ["distribution_names", "draw_picture"]

STYLE = {"font.size": 8, "legend.fontsize": 7, "legend.frameon": False, "axes.linewidth": 0.6}


def distribution_names() -> list[str]:
    """List the public distributions, each by the first of its names."""
    public = {name: getattr(rd, name) for name in rd.__all__}
    return [
        name
        for name, each in public.items()
        if inspect.isclass(each)
        and issubclass(each, rd.Distribution)
        and each is not rd.Distribution
        and each.__name__ == name
    ]


def draw_picture(name: str, path: Path) -> Figure:
    """Draw the picture of a distribution into a file."""
    with rc_context(STYLE):
        figure = Figure(figsize=(4.2, 2.8), layout="constrained")
        PICTURES[name](figure)
        figure.savefig(path, dpi=120)
    return figure
