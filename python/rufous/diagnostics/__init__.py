"""Whether a run can be trusted: what was checked, what was seen, and what to do about it."""

from rufous.diagnostics.checks import check
from rufous.diagnostics.report import Report

__all__ = ["Report", "check"]
