"""What the sampler hands over, chain by chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from rufous._typing import Array, FloatArray

__all__ = ["Block", "Chain", "ChainTrace", "DrawBlock"]


class Block(Protocol):
    """The draws of one chain in one phase."""

    @property
    def values(self) -> FloatArray:
        """Stored variables, shape (num_draws, num_values)."""

    @property
    def statistics(self) -> Mapping[str, Array]:
        """One array of shape (num_draws,) per statistic."""

    @property
    def unconstrained(self) -> FloatArray | None:
        """Unconstrained positions, shape (num_draws, dim), where they were kept."""

    @property
    def divergence_starts(self) -> FloatArray | None:
        """Where diverging leapfrogs set out, one row per diverging draw, where that was kept."""


class Chain(Protocol):
    """One chain."""

    @property
    def chain(self) -> int:
        """Number of the chain, from 0."""

    @property
    def draws(self) -> Block:
        """The draws after tuning."""

    @property
    def warmup(self) -> Block | None:
        """The draws of the tuning phase, where they were kept."""

    @property
    def outcome(self) -> str:
        """``complete``, ``running``, ``cancelled`` or ``failed``."""

    @property
    def message(self) -> str | None:
        """Why the chain failed."""


@dataclass(frozen=True)
class DrawBlock:
    """The draws of one chain in one phase.

    Parameters
    ----------
    values : ndarray, shape (num_draws, num_values)
        Stored variables, one row per draw that was really made.
    statistics : mapping of str to ndarray, shape (num_draws,)
        Statistics by name.
    unconstrained : ndarray, shape (num_draws, dim), optional
        Unconstrained positions.
    divergence_starts : ndarray, shape (num_diverging, dim), optional
        Unconstrained positions from which the diverging leapfrogs set out, one row for each draw
        whose statistic ``diverging`` is true.
    """

    values: FloatArray
    statistics: Mapping[str, Array] = field(default_factory=dict)
    unconstrained: FloatArray | None = None
    divergence_starts: FloatArray | None = None


@dataclass(frozen=True)
class ChainTrace:
    """One chain.

    Parameters
    ----------
    chain : int
        Number of the chain, from 0.
    draws : DrawBlock
        Draws after tuning.
    warmup : DrawBlock, optional
        Draws of the tuning phase.
    outcome : str, default "complete"
        ``complete``, ``running``, ``cancelled`` or ``failed``.
    message : str, optional
        Why the chain failed.
    """

    chain: int
    draws: DrawBlock
    warmup: DrawBlock | None = None
    outcome: str = "complete"
    message: str | None = None
