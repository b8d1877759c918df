"""The arms of the race: ways to sample that are held side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ARMS", "Arm"]


@dataclass(frozen=True)
class Arm:
    """One way to sample.

    Parameters
    ----------
    name : str
        What it is called in tables.
    package : {"rufous", "nutpie"}
        Whose `sample` is called.
    options : mapping of str to object
        What it is called with, besides draws, chains and seed. The length of the warm-up is the
        arm's own default unless it is given here.
    pooled : mapping of str to object
        Settings of pooled warm-up in the core of Rufous that `sample` does not offer.
    """

    name: str
    package: str
    options: Mapping[str, Any] = field(default_factory=dict)
    pooled: Mapping[str, Any] = field(default_factory=dict)


_ALL = (
    Arm("pooled", "rufous", {"adaptation": "pooled"}),
    Arm("pooled-diagonal", "rufous", {"adaptation": "pooled", "metric": "diagonal"}),
    Arm("pooled-low-rank", "rufous", {"adaptation": "pooled", "metric": "low_rank"}),
    Arm("pooled-dense", "rufous", {"adaptation": "pooled", "metric": "dense"}),
    Arm("nutpie-like", "rufous", {"adaptation": "nutpie", "tune": 400}),
    Arm("nutpie-like-500", "rufous", {"adaptation": "nutpie", "tune": 500}),
    Arm(
        "nutpie-like-low-rank",
        "rufous",
        {"adaptation": "nutpie", "metric": "low_rank", "tune": 800},
    ),
    Arm("stan-like", "rufous", {"adaptation": "stan", "tune": 1000}),
    Arm("nutpie", "nutpie", {}),
    Arm("nutpie-low-rank", "nutpie", {"adaptation": "low_rank"}),
)

_POOLED = {"adaptation": "pooled"}

#: One decision of pooled warm-up made otherwise; each was settled by a race of these.
_VARIANTS = (
    Arm("early-20", "rufous", _POOLED, {"epoch_ends": [20, 40, 70, 110, 160]}),
    Arm("early-10", "rufous", _POOLED, {"epoch_ends": [10, 20, 40, 70, 110, 160]}),
    Arm("short-150", "rufous", _POOLED, {"epoch_ends": [20, 40, 70, 110]}),
    Arm("no-early-stop", "rufous", _POOLED, {"stops_early": False}),
    Arm("no-extension", "rufous", _POOLED, {"extends": False}),
    Arm("no-dense", "rufous", _POOLED, {"dense_dim": 0}),
    Arm("all-folds", "rufous", _POOLED, {"thorough_dim": 1_000_000}),
    Arm("no-cost-gate", "rufous", _POOLED, {"assumed_gradient_cost": 1e12}),
    Arm("no-depth-caps", "rufous", _POOLED, {"early_depths": [10, 10]}),
    Arm("no-quarantine", "rufous", _POOLED, {"quarantine": False}),
    Arm("no-restart", "rufous", _POOLED, {"patience": 1000}),
    Arm("accept-70", "rufous", {**_POOLED, "target_accept": 0.7}),
    Arm("accept-75", "rufous", {**_POOLED, "target_accept": 0.75}),
    Arm("accept-85", "rufous", {**_POOLED, "target_accept": 0.85}),
)

#: All arms by name.
ARMS = {arm.name: arm for arm in (*_ALL, *_VARIANTS)}
