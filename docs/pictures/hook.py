"""A Sphinx extension that puts a small picture on the page of each distribution.

The pictures are drawn at each build from the density and the draws of Rufous; a distribution
without one is a warning, which the build of the documentation turns into an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pictures.draw import distribution_names, draw_picture
from pictures.table import PICTURES
from sphinx.util import logging

import rufous.distributions as rd

__all__ = ["setup"]

# Below the folder of the sources; git ignores it.
FOLDER = "generated/pictures"

logger = logging.getLogger(__name__)


def draw_all(app: Any) -> None:
    """Draw the pictures of all distributions before the pages are read."""
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name in PICTURES:
        draw_picture(name, folder / f"{name}.png")


def place(app: Any, what: str, name: str, each: Any, options: Any, lines: list[str]) -> None:
    """Put the picture of a distribution before the parameters on its page."""
    if what != "class" or getattr(rd, each.__name__, None) is not each:
        return
    if each.__name__ not in distribution_names():
        return
    if each.__name__ not in PICTURES:
        logger.warning("%s has no picture: write one into docs/pictures/table.py", name)
        return
    at = next((i for i, line in enumerate(lines) if line == ":Parameters:"), len(lines))
    lines[at:at] = [
        f".. image:: /{FOLDER}/{each.__name__}.png",
        "   :width: 504px",
        f"   :alt: {each.__name__} for some parameters",
        "",
    ]


def setup(app: Any) -> dict[str, Any]:
    """Connect the extension to a build."""
    app.connect("builder-inited", draw_all)
    # After numpydoc, which writes the docstring anew at priority 500.
    app.connect("autodoc-process-docstring", place, priority=600)
    return {"version": "1", "parallel_read_safe": True}
