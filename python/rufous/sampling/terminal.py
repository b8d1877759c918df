"""Progress bars in a terminal: one line for each chain, redrawn in place."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from rufous._core import ChainProgress
from rufous.sampling.summary import TITLES, RunSummary, cells, summarise

__all__ = ["TerminalBars", "bar", "lines"]

#: Seconds between two drawings.
_INTERVAL = 0.1

_UP = "\x1b[{}A"
_CLEAR_LINE = "\x1b[2K"
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_PLAIN = "\x1b[0m"
_COLOURS = {
    "warmup": "\x1b[33m",
    "sampling": "\x1b[36m",
    "finished": "\x1b[32m",
    "failed": "\x1b[31m",
}
_RED = _COLOURS["failed"]
#: A bar is between these widths; columns that leave it less room are not shown.
_NARROWEST, _WIDEST = 10, 40


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
        self._colour = "NO_COLOR" not in os.environ
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
        drawn = lines(
            chains, elapsed, columns=columns, rows=rows, fancy=self._fancy, colour=self._colour
        )
        back = "\r" + (_UP.format(self._num_drawn) if self._num_drawn else "")
        self._write(hide + back + "".join(f"{_CLEAR_LINE}{line}\n" for line in drawn))
        self._num_drawn = len(drawn)

    def _write(self, text: str) -> None:
        # A terminal that went away, closed or not, is no reason to stop the chains.
        with suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def lines(
    chains: Sequence[ChainProgress],
    elapsed: float,
    *,
    columns: int,
    rows: int,
    fancy: bool,
    colour: bool = False,
) -> list[str]:
    """Write the chains as a table of lines of at most `columns` characters.

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
    colour : bool, default False
        Whether bars and divergences are coloured.

    Returns
    -------
    list of str
    """
    run = summarise(chains, elapsed)
    # A character in the last column would make some terminals begin a new line.
    columns = max(columns - 1, 0)
    table = [] if len(chains) + 3 > rows else _table(chains, columns, fancy, colour)
    return [*table, _total_line(run, columns)]


def bar(fraction: float, width: int, *, fancy: bool) -> str:
    """Draw a bar of `width` characters of which `fraction` is full."""
    halves = round(2 * width * min(max(fraction, 0.0), 1.0))
    if not fancy:
        return ("#" * (halves // 2)).ljust(width, ".")
    return ("━" * (halves // 2) + "╸" * (halves % 2)).ljust(width, "─")


def _table(chains: Sequence[ChainProgress], columns: int, fancy: bool, colour: bool) -> list[str]:
    texts = [cells(chain) for chain in chains]
    # What a cell may come to hold, so that columns do not move.
    widest = ("", f"{chains[0].total_draws}/{chains[0].total_draws}", "", "cancelled", "", "")
    widths = [max(map(len, column)) for column in zip(TITLES, widest, *texts, strict=True)]
    while len(widths) > 2 and _room(widths, columns) < _NARROWEST:
        widths.pop()
    width = min(_room(widths, columns), _WIDEST)
    if width < _NARROWEST:
        return []
    drawn = [_line(TITLES, " " * width, widths)]
    for chain, text in zip(chains, texts, strict=True):
        fraction = chain.finished_draws / max(chain.total_draws, 1)
        picture = bar(fraction, width, fancy=fancy)
        shown = _line(text, picture, widths)
        drawn.append(_coloured(shown, picture, chain) if colour else shown)
    return drawn


def _room(widths: Sequence[int], columns: int) -> int:
    """Count the characters that a bar may have beside columns of these widths."""
    return columns - sum(widths) - 2 * len(widths)


def _line(texts: Sequence[str], picture: str, widths: Sequence[int]) -> str:
    """Put the bar after the first column; the others are aligned at their right."""
    aligned = [text.rjust(width) for text, width in zip(texts, widths, strict=False)]
    return "  ".join([aligned[0], picture, *aligned[1:]])


def _coloured(line: str, picture: str, chain: ChainProgress) -> str:
    colour = _COLOURS.get(chain.phase)
    before, _, after = line.partition(picture)
    if chain.divergences:
        count = f" {chain.divergences} "
        after = after.replace(count, f"{_RED}{count}{_PLAIN}", 1)
    return f"{before}{colour}{picture}{_PLAIN}{after}" if colour else before + picture + after


def _total_line(run: RunSummary, columns: int) -> str:
    """Say how all chains are doing, as far as there is room for whole words."""
    line = f"{100 * run.fraction:3.0f} %"[:columns]
    for part in (run.divergences_text(), *run.time_text().split(", ")):
        if len(line) + len(part) + 2 > columns:
            break
        line += f", {part}"
    return line


def _can_show(stream: TextIO, characters: str) -> bool:
    try:
        characters.encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
