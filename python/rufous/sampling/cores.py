"""How many threads to sample on, and why."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CoresDecision", "available_cores", "decide_cores"]


@dataclass(frozen=True, slots=True)
class CoresDecision:
    """The number of threads and the reason for it.

    Parameters
    ----------
    cores : int
        Threads that run chains.
    reason : str
        What limited the number, in words; stored with the results.
    """

    cores: int
    reason: str


def decide_cores(requested: int | None, chains: int) -> CoresDecision:
    """Decide on the number of threads.

    Parameters
    ----------
    requested : int or None
        What the user asked for; None leaves it to the machine.
    chains : int
        Number of chains; more threads than chains would be idle.

    Returns
    -------
    CoresDecision
    """
    if requested is not None:
        limit, reason = requested, f"cores={requested} was asked for"
    else:
        limit, reason = available_cores()
    if chains < limit:
        return CoresDecision(chains, f"{chains} chains ({reason})")
    return CoresDecision(limit, reason)


def available_cores(root: Path = Path("/")) -> tuple[int, str]:
    """Count the cores that this process may use.

    Parameters
    ----------
    root : Path, default "/"
        Where ``proc`` and ``sys`` are mounted.

    Returns
    -------
    tuple of (int, str)
        The count and what set it: the CPU affinity, or the quota of the control group
        (a container's CPU limit), rounded up.
    """
    allowed = _affinity()
    quota = _cgroup_quota(root)
    if quota is not None and math.ceil(quota) < allowed:
        return max(1, math.ceil(quota)), f"the container's quota is {quota:g} cores"
    return allowed, f"this process may run on {allowed} cores"


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def _cgroup_quota(root: Path) -> float | None:
    """Return the smallest CPU quota on the way from our control group up to the root."""
    quotas = [
        quota
        for hierarchy, group, read in _cgroups(root)
        for folder in (group, *group.parents)
        if (quota := read(root / "sys/fs/cgroup" / hierarchy / folder)) is not None
    ]
    return min(quotas, default=None)


def _cgroups(root: Path) -> Iterator[tuple[str, Path, Callable[[Path], float | None]]]:
    """List (hierarchy, path of our group, reader) for version 2 and for version 1's cpu."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        group = Path(path.lstrip("/"))
        if not controllers:
            yield "", group, _quota_v2
        elif "cpu" in controllers.split(","):
            yield controllers, group, _quota_v1


def _quota_v2(folder: Path) -> float | None:
    words = _text(folder / "cpu.max").split()
    return _ratio(*words) if len(words) == 2 else None


def _quota_v1(folder: Path) -> float | None:
    return _ratio(
        _text(folder / "cpu.cfs_quota_us").strip(), _text(folder / "cpu.cfs_period_us").strip()
    )


def _ratio(quota: str, period: str) -> float | None:
    """Divide quota by period; None for ``max``, -1, an empty file and anything unreadable."""
    try:
        cores = float(quota) / float(period)
    except (ValueError, ZeroDivisionError):
        return None
    return cores if cores > 0 and math.isfinite(cores) else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
