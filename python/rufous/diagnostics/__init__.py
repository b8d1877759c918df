"""Whether a run can be trusted: what was checked, what was seen, and what to do about it."""

from rufous.diagnostics.checks import check
from rufous.diagnostics.report import Report

__all__ = ["Report", "check", "preload"]


def preload() -> None:
    """Import what the checks need, so that it may happen while the chains run."""
    import scipy.fft
    import scipy.special  # noqa: F401
