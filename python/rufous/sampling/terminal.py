"""Progress bars in a terminal: one line for each chain, redrawn in place."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from rufous._core import ChainProgress
from rufous.sampling.summary import RunSummary, chain_text, phase_text, summarise

__all__ = ["TerminalBars", "bar", "lines"]

#: Seconds between two drawings.
_INTERVAL = 0.1

_UP = "\x1b[{}A"
_CLEAR_LINE = "\x1b[2K"
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class TerminalBars:
    """Draws the chains on a terminal.

    Parameters
    ----------
    stream : TextIO
        The terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        if os.name == "nt":
            # An empty command makes an old Windows console obey escape sequences.
            os.system("")
        self._stream = stream
        self._fancy = _can_show(stream, "━╸─")
        self._num_drawn = 0
        self._last = -_INTERVAL

    def update(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Draw, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._last >= _INTERVAL:
            self._last = now
            self._draw(chains, elapsed, hide=_HIDE_CURSOR)

    def close(self, chains: Sequence[ChainProgress], elapsed: float) -> None:
        """Draw for the last time and give the cursor back."""
        self._draw(chains, elapsed, hide="")
        self._write(_SHOW_CURSOR)

    def _draw(self, chains: Sequence[ChainProgress], elapsed: float, *, hide: str) -> None:
        columns, rows = shutil.get_terminal_size()
        drawn = lines(chains, elapsed, columns=columns, rows=rows, fancy=self._fancy)
        back = "\r" + (_UP.format(self._num_drawn) if self._num_drawn else "")
        self._write(hide + back + "".join(f"{_CLEAR_LINE}{line}\n" for line in drawn))
        self._num_drawn = len(drawn)

    def _write(self, text: str) -> None:
        # A terminal that went away, closed or not, is no reason to stop the chains.
        with suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def lines(
    chains: Sequence[ChainProgress], elapsed: float, *, columns: int, rows: int, fancy: bool
) -> list[str]:
    """Write the chains as lines of at most `columns` characters.

    Parameters
    ----------
    chains : sequence of ChainProgress
        A snapshot.
    elapsed : float
        Seconds since the start.
    columns, rows : int
        Size of the terminal. With more chains than rows, only the sum of all is shown.
    fancy : bool
        Whether line-drawing characters can be shown.

    Returns
    -------
    list of str
    """
    run = summarise(chains, elapsed)
    chain_lines = [_chain_line(chain, columns, fancy) for chain in chains]
    if len(chain_lines) + 2 > rows:
        chain_lines = []
    return [*chain_lines, _total_line(run, columns, fancy)]


def bar(fraction: float, width: int, *, fancy: bool) -> str:
    """Draw a bar of `width` characters of which `fraction` is full."""
    halves = round(2 * width * min(max(fraction, 0.0), 1.0))
    if not fancy:
        return ("#" * (halves // 2)).ljust(width, ".")
    return ("━" * (halves // 2) + "╸" * (halves % 2)).ljust(width, "─")


def _chain_line(chain: ChainProgress, columns: int, fancy: bool) -> str:
    fraction = chain.finished_draws / max(chain.total_draws, 1)
    count = f"{chain.finished_draws:>{len(str(chain.total_draws))}}/{chain.total_draws}"
    words = f" {count} {phase_text(chain):<9} {chain_text(chain)}"
    return _fitted(f"chain {chain.chain:<2} ", fraction, words, columns, fancy)


def _total_line(run: RunSummary, columns: int, fancy: bool) -> str:
    words = f" {100 * run.fraction:3.0f} %  {run.divergences_text()}, {run.time_text()}"
    return _fitted("all      ", run.fraction, words, columns, fancy)


def _fitted(label: str, fraction: float, words: str, columns: int, fancy: bool) -> str:
    """Give the bar the room that the words leave, from 5 to 30 characters."""
    # A character in the last column would make some terminals begin a new line.
    width = min(max(columns - 1 - len(label) - len(words), 5), 30)
    return f"{label}{bar(fraction, width, fancy=fancy)}{words}"[: max(columns - 1, 0)]


def _can_show(stream: TextIO, characters: str) -> bool:
    try:
        characters.encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
