"""One phase of a run (tuning or draws) across chains, cut to a rectangle.

Nothing is padded. Where chains hold different numbers of draws, after an interrupt or a failure,
the length is chosen that keeps the most draws in all: shorter chains are left out, longer ones
are cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rufous._typing import Array, FloatArray
from rufous.layout import Layout, VariableSpec
from rufous.results.chains import Block

__all__ = ["Phase", "common_length"]


@dataclass(frozen=True)
class Phase:
    """Chains that all hold the first `length` draws of a phase.

    Parameters
    ----------
    chains : tuple of int
        Numbers of the chains.
    blocks : tuple of Block
        What each of them holds.
    length : int
        Number of draws taken from each.
    """

    chains: tuple[int, ...]
    blocks: tuple[Block, ...]
    length: int

    @classmethod
    def from_blocks(cls, blocks: Sequence[tuple[int, Block]]) -> Phase | None:
        """Cut the chains to a rectangle; None when no chain holds a draw."""
        keep, length = common_length([len(block.values) for _, block in blocks])
        if length == 0:
            return None
        return cls(
            tuple(blocks[index][0] for index in keep),
            tuple(blocks[index][1] for index in keep),
            length,
        )

    def stored(self, layout: Layout, names: Sequence[str]) -> dict[str, Array]:
        """Return the stored variables by name, each of shape (chain, draw, *shape)."""
        matrices = [block.values for block in self.blocks]
        return {name: self._gather(matrices, layout[name]) for name in names}

    def unconstrained(self, layout: Layout) -> dict[str, Array]:
        """Return the value variables by name; empty when the positions were not kept."""
        matrices = [block.unconstrained for block in self.blocks if block.unconstrained is not None]
        if len(matrices) < len(self.blocks):
            return {}
        return {spec.name: self._gather(matrices, spec) for spec in layout}

    def statistics(self) -> dict[str, Array]:
        """Return the statistics by name, each of shape (chain, draw)."""
        return {
            name: np.stack([block.statistics[name][: self.length] for block in self.blocks])
            for name in self.blocks[0].statistics
        }

    def divergence_starts(self, dim: int) -> FloatArray | None:
        """Return where diverging leapfrogs set out, shape (chain, draw, dim); None when not kept.

        NaN for draws that did not diverge.
        """
        starts = np.full((len(self.blocks), self.length, dim), np.nan)
        for out, block in zip(starts, self.blocks, strict=True):
            if block.divergence_starts is None:
                return None
            draws = np.flatnonzero(block.statistics["diverging"][: self.length])
            out[draws] = block.divergence_starts[: len(draws)]
        return starts

    def _gather(self, matrices: Sequence[FloatArray], spec: VariableSpec) -> Array:
        """Copy one variable out of the flat draws, once, into its own dtype.

        A whole-number or boolean variable stays float64 where a value is not finite: a missing
        number must not become a number.
        """
        shape = (self.length, *spec.shape)
        rows = [matrix[: self.length, spec.slice].reshape(shape) for matrix in matrices]
        dtype = spec.dtype
        if dtype.kind in "iub" and not all(np.isfinite(row).all() for row in rows):
            dtype = np.dtype(np.float64)
        out = np.empty((len(rows), *shape), dtype=dtype)
        for target, row in zip(out, rows, strict=True):
            target[...] = row
        return out


def common_length(lengths: Sequence[int]) -> tuple[list[int], int]:
    """Choose the length that keeps the most draws in all.

    Parameters
    ----------
    lengths : sequence of int
        Number of draws of each chain.

    Returns
    -------
    keep : list of int
        Positions of the chains that hold at least `length` draws.
    length : int
        What all of them are cut to; 0 when there are no draws.

    Examples
    --------
    >>> from rufous.results import common_length
    >>> common_length([1000, 998, 1000, 3])
    ([0, 1, 2], 998)
    """
    best = max(
        set(lengths),
        key=lambda length: (length * sum(n >= length for n in lengths), -length),
        default=0,
    )
    return [index for index, n in enumerate(lengths) if n >= best > 0], best
