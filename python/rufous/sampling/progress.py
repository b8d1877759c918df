"""Progress of a run: the choice of a display, and the one without pictures, the log."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from typing import Protocol

from rufous._core import ChainProgress
from rufous.sampling.notebook import NotebookTable, notebook_shell
from rufous.sampling.summary import summarise
from rufous.sampling.terminal import TerminalBars

__all__ = ["Display", "LogLines", "Silent", "choose_display"]

_LOGGER = logging.getLogger("rufous")


class Display(Protocol):
    """What is told how the chains are doing."""

    def update(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Show a snapshot; called every 50 ms, to be drawn as often as the display likes."""
        ...

    def close(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Show the last snapshot and leave the display in order."""
        ...


class Silent:
    """Shows nothing."""

    def update(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Ignore a snapshot."""

    def close(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Ignore the last one."""


class LogLines:
    """One line to the logger ``rufous`` for every 10 % of the run, at level INFO."""

    def __init__(self) -> None:
        self._next_tenth = 1

    def update(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Log a line when another tenth is done."""
        run = summarise(chains, elapsed)
        tenth = 10 * run.finished // max(run.total, 1)
        if tenth >= self._next_tenth:
            self._next_tenth = tenth + 1
            _LOGGER.info(
                "sampling: %d %% (%d of %d draws), %s, %s",
                10 * tenth,
                run.finished,
                run.total,
                run.divergences_text(),
                run.time_text(),
            )

    def close(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Log the last tenth."""
        self.update(chains, elapsed)


def choose_display(*, progressbar: bool, quiet: bool) -> Display:
    """Choose how to show progress here.

    Parameters
    ----------
    progressbar : bool
        False shows nothing.
    quiet : bool
        True shows nothing either.

    Returns
    -------
    Display
        A table in a notebook, bars when standard error is a terminal, log lines otherwise.
    """
    if quiet or not progressbar:
        return Silent()
    shell = notebook_shell()
    if shell is not None:
        return NotebookTable(shell)
    if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return TerminalBars(sys.stderr)
    return LogLines()
