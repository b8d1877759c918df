"""What progress displays say about chains: numbers and words, without any display."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rufous._core import ChainProgress

__all__ = ["TITLES", "RunSummary", "cells", "duration_text", "phase_text", "summarise"]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """All chains taken together.

    Parameters
    ----------
    finished, total : int
        Iterations, tuning included.
    divergences : int
        After tuning.
    elapsed : float
        Seconds so far.
    left : float
        Seconds still to go at the pace so far; NaN before there is one.
    """

    finished: int
    total: int
    divergences: int
    elapsed: float
    left: float

    @property
    def fraction(self) -> float:
        """Part of all iterations that is done."""
        return self.finished / self.total if self.total else 1.0

    def time_text(self) -> str:
        """Say how long it took and how long it will take."""
        text = f"{duration_text(self.elapsed)} elapsed"
        if self.finished < self.total and math.isfinite(self.left):
            text += f", {duration_text(self.left)} left"
        return text

    def divergences_text(self) -> str:
        """Say how many transitions diverged."""
        return f"{self.divergences} divergence{'' if self.divergences == 1 else 's'}"


def summarise(chains: Sequence[ChainProgress], elapsed: float) -> RunSummary:
    """Add up all chains."""
    finished = sum(chain.finished_draws for chain in chains)
    total = sum(chain.total_draws for chain in chains)
    return RunSummary(
        finished=finished,
        total=total,
        divergences=sum(chain.divergences for chain in chains),
        elapsed=elapsed,
        left=elapsed * (total - finished) / finished if finished else math.nan,
    )


#: What is said of each chain.
TITLES = ("chain", "draws", "divergences", "phase", "step size", "gradients/draw")


def cells(chain: ChainProgress) -> tuple[str, ...]:
    """Say how a chain is doing, one text for each of the titles."""
    step = f"{chain.step_size:.3g}" if math.isfinite(chain.step_size) else "-"
    per_draw = f"{chain.num_gradients / chain.finished_draws:.1f}" if chain.finished_draws else "-"
    return (
        str(chain.chain),
        f"{chain.finished_draws}/{chain.total_draws}",
        str(chain.divergences),
        phase_text(chain),
        step,
        per_draw,
    )


def phase_text(chain: ChainProgress) -> str:
    """Name the phase in the words of the Python API."""
    return {"warmup": "tuning", "finished": "done"}.get(chain.phase, chain.phase)


def duration_text(seconds: float) -> str:
    """Write a duration the way people say it."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"
