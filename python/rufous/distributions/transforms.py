"""The transforms under the path that PyMC users know; see `rufous.transforms`."""

from rufous.transforms import (
    Chain,
    ChainedTransform,
    Interval,
    LogOddsTransform,
    LogTransform,
    Ordered,
    SimplexTransform,
    Transform,
    ZeroSumTransform,
    log,
    logodds,
    ordered,
    simplex,
)

__all__ = [
    "Chain",
    "ChainedTransform",
    "Interval",
    "LogOddsTransform",
    "LogTransform",
    "Ordered",
    "SimplexTransform",
    "Transform",
    "ZeroSumTransform",
    "log",
    "logodds",
    "ordered",
    "simplex",
]
