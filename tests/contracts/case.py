"""What the contract tests know of one distribution, and the grids they look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

WIDE = np.concatenate([-np.logspace(8, -8, 9), [0.0], np.logspace(-8, 8, 9)])
ABOVE = np.logspace(-12, 6, 19)
INSIDE = np.concatenate([np.logspace(-12, -1, 6), [0.3, 0.5, 0.9, 1 - 1e-6]])
COUNTS = np.concatenate([np.arange(20), [50, 200, 1000]])


@dataclass(frozen=True)
class Case:
    """A distribution in one parametrisation.

    `parameters` are whole numbers wherever the range allows, so that they can be written in any
    dtype. `bad` holds parameters that must be refused and the text that the error must contain.
    """

    distribution: Any
    parameters: dict[str, Any]
    reference: Any
    values: Any
    outside: tuple[float, ...] = ()
    bad: tuple[tuple[dict[str, Any], str], ...] = ()
    transform: str | None = None
    label: str = ""
    # Parameters that are no real numbers by themselves: neither differentiated nor cast.
    fixed: tuple[str, ...] = ()
    # Where the density has a kink, if not at the median.
    kink: float | None = None
    # Where the density lives, when the unconstrained space goes round a circle.
    circle: tuple[float, float] | None = None

    @property
    def name(self) -> str:
        return f"{self.distribution.__name__}-{self.label or '-'.join(self.parameters)}"

    @property
    def discrete(self) -> bool:
        return hasattr(self.reference, "pmf") or hasattr(self.reference, "logpmf")

    def logdensity(self, values: Any) -> Any:
        with np.errstate(all="ignore"):
            if self.discrete:
                return self.reference.logpmf(values)
            return self.reference.logpdf(values)


def needs_positive(name: str, bad: float = -1.0, **others: Any) -> tuple[dict[str, Any], str]:
    """Return parameters of which one is not positive, and what the refusal must say."""
    return {**others, name: bad}, f"`{name}` > 0"
