"""Models to race on: a folder like posteriordb's, or a file with a dict of functions."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Posterior", "posteriors"]


@dataclass(frozen=True)
class Posterior:
    """A model and what is known of its posterior.

    Parameters
    ----------
    name : str
        What it is called in tables.
    build : callable
        Takes the modelling package (`rufous` or `pymc`) and returns the model.
    reference : dict or None
        Moments of reference draws, in the format of the folder; None where there are none.
    compare : callable or None
        Takes a result and the reference, and returns z scores by parameter.
    target_accept : float or None
        The acceptance rate that the model asks for.
    """

    name: str
    build: Callable[[Any], Any]
    reference: dict[str, Any] | None = None
    compare: Callable[[Any, Any], dict[str, dict[str, float]]] | None = None
    target_accept: float | None = None


def posteriors(folder: Path | None, gallery: Path | None) -> dict[str, Posterior]:
    """Return all posteriors of a folder with references and of a gallery, by name.

    Parameters
    ----------
    folder : Path or None
        Holds ``models.py``, ``compare.py``, ``data/`` and ``reference/``.
    gallery : Path or None
        A file with a dict ``ALL`` of functions that take the modelling package.
    """
    found = _with_references(folder) if folder is not None else {}
    if gallery is not None:
        functions = runpy.run_path(str(gallery))["ALL"]
        found |= {name: Posterior(name, build) for name, build in functions.items()}
    return found


def _with_references(folder: Path) -> dict[str, Posterior]:
    models = runpy.run_path(str(folder / "models.py"))
    compare = runpy.run_path(str(folder / "compare.py"))["compare_posterior"]
    found = {}
    for path in sorted((folder / "reference").glob("*.json")):
        reference = json.loads(path.read_text())
        data = json.loads((folder / "data" / f"{reference['data']}.json").read_text())
        function = models[path.stem]
        asked = models.get("SAMPLE_KWARGS", {}).get(path.stem, {})
        found[path.stem] = Posterior(
            path.stem,
            lambda package, function=function, data=data: function(package, data),
            reference,
            compare,
            asked.get("target_accept"),
        )
    return found
