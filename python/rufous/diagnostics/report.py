"""The outcome of the checks: numbers, a verdict in words, and warnings with a remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rufous.diagnostics.advice import problems
from rufous.diagnostics.thresholds import BFMI_MIN, TREE_DEPTH_MAX_FRACTION
from rufous.diagnostics.verdict import verdict
from rufous.errors import warn

__all__ = ["Report", "VariableCheck"]


@dataclass(frozen=True)
class VariableCheck:
    """One number for every scalar variable, held against a limit.

    Parameters
    ----------
    name : str
        What was measured.
    threshold : float
        The limit.
    worst : tuple of (str, float)
        The worst variables with their value, worst first; at most five.
    num_failing : int
        How many variables are beyond the limit.
    num_checked : int
        How many variables have the number at all.
    """

    name: str
    threshold: float
    worst: tuple[tuple[str, float], ...]
    num_failing: int
    num_checked: int

    @property
    def extreme(self) -> float:
        """The worst value; NaN when there is none."""
        return self.worst[0][1] if self.worst else float("nan")


@dataclass(frozen=True)
class Report:
    """What the checks of one run found; made by :func:`rufous.diagnostics.check`.

    Parameters
    ----------
    num_chains, num_draws : int
        Size of the posterior.
    rhat, ess_bulk, ess_tail : VariableCheck
        Agreement of the chains, and effective sample sizes.
    mcse : VariableCheck
        Monte Carlo errors of means, in standard deviations; there is no limit, as what is
        precise enough depends on the question.
    constant, not_finite : tuple of str
        Variables without such numbers, because their draws are all the same or not finite.
    divergences : int or None
        Number of diverging transitions; None where it was not recorded.
    divergence_reasons : mapping of str to int
        How many of them for which reason.
    cut_off : int or None
        Number of trajectories that reached the tree-depth limit.
    bfmi : tuple of float
        E-BFMI of each chain.
    chains : tuple of int
        Numbers of the chains of `bfmi`.
    restarts : tuple of int
        How often each chain was brought back during tuning from a place of next to no mass.
    complete : bool, default True
        Whether every chain ran to its end.
    target_accept, max_treedepth, local_steps : float, int and bool, optional
        Settings of the run, for the advice.
    """

    num_chains: int
    num_draws: int
    rhat: VariableCheck
    ess_bulk: VariableCheck
    ess_tail: VariableCheck
    mcse: VariableCheck
    constant: tuple[str, ...] = ()
    not_finite: tuple[str, ...] = ()
    divergences: int | None = None
    divergence_reasons: Mapping[str, int] = field(default_factory=dict)
    cut_off: int | None = None
    bfmi: tuple[float, ...] = ()
    chains: tuple[int, ...] = ()
    restarts: tuple[int, ...] = ()
    complete: bool = True
    target_accept: float | None = None
    max_treedepth: int | None = None
    local_steps: bool | None = None

    @property
    def num_transitions(self) -> int:
        """Number of draws in all chains together."""
        return self.num_chains * self.num_draws

    @property
    def low_bfmi(self) -> dict[int, float]:
        """E-BFMI of the chains where it is below the limit."""
        return {
            chain: value
            for chain, value in zip(self.chains, self.bfmi, strict=True)
            if value < BFMI_MIN
        }

    @property
    def num_brought_back(self) -> int:
        """Number of chains that did not find by themselves the place where they are."""
        return sum(count > 0 for count in self.restarts)

    @property
    def many_brought_back(self) -> bool:
        """Whether so many chains were stuck that the agreement of the others says little."""
        return len(self.restarts) > 1 and 2 * self.num_brought_back >= len(self.restarts)

    @property
    def many_cut_off(self) -> bool:
        """Whether too many trajectories reached the tree-depth limit."""
        limit = TREE_DEPTH_MAX_FRACTION * self.num_transitions
        return bool(self.cut_off) and (self.cut_off or 0) >= limit

    @property
    def ok(self) -> bool:
        """Whether no check found a problem."""
        return not problems(self)

    def warn(self) -> None:
        """Give one warning for each problem: what was seen, why it matters, what to try.

        The warnings point to the line that called into Rufous.
        """
        for problem in problems(self):
            warn(problem.text, problem.category)

    def __str__(self) -> str:
        """Return the verdict in words, for a terminal."""
        return verdict(self)
