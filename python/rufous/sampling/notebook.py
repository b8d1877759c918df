"""Progress in a notebook: one table, updated in place."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from html import escape
from typing import Any

from rufous._core import ChainProgress
from rufous.sampling.summary import TITLES, RunSummary, cells, summarise

__all__ = ["NotebookTable", "notebook_shell", "table_html"]

#: Seconds between two updates; each one travels to the browser.
_INTERVAL = 0.25


def notebook_shell() -> Any:
    """Return IPython's shell when it runs behind a notebook, else None.

    IPython is looked up, never imported: whoever runs in a notebook has loaded it.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if getattr(shell, "kernel", None) is not None else None


class NotebookTable:
    """Shows the chains as a table.

    Parameters
    ----------
    shell : IPython.InteractiveShell
        The shell of the notebook.
    """

    def __init__(self, shell: Any) -> None:
        self._publisher = shell.display_pub
        self._display_id = f"rufous-progress-{id(self):x}-{time.monotonic_ns():x}"
        self._shown = False
        self._last = -_INTERVAL

    def update(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Redraw, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._last >= _INTERVAL:
            self._last = now
            self._publish(chains, elapsed)

    def close(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Redraw for the last time."""
        self._publish(chains, elapsed)

    def _publish(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        run = summarise(chains, elapsed)
        self._publisher.publish(
            data={"text/html": table_html(chains, run), "text/plain": _plain(run)},
            metadata={},
            transient={"display_id": self._display_id},
            update=self._shown,
        )
        self._shown = True


def table_html(chains: Sequence[ChainProgress], run: RunSummary) -> str:
    """Write the chains as an HTML table."""
    head = "".join(f"<th>{title}</th>" for title in (TITLES[0], "", *TITLES[1:]))
    body = "".join(_row(chain) for chain in chains)
    return (
        '<div style="font-variant-numeric: tabular-nums">'
        f"<p>{100 * run.fraction:.0f} %, {run.divergences_text()}, {escape(run.time_text())}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(chain: ChainProgress) -> str:
    number, draws, divergences, *rest = map(escape, cells(chain))
    if chain.divergences:
        divergences = f'<span style="color: #c62828">{divergences}</span>'
    picture = f'<progress value="{chain.finished_draws}" max="{chain.total_draws}"></progress>'
    texts = (number, picture, draws, divergences, *rest)
    return "<tr>" + "".join(f"<td>{text}</td>" for text in texts) + "</tr>"


def _plain(run: RunSummary) -> str:
    return f"sampling: {100 * run.fraction:.0f} %, {run.divergences_text()}, {run.time_text()}"
