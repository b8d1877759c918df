"""The report as a person reads it in a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rufous.diagnostics.advice import listing, problems
from rufous.diagnostics.convergence import MIN_DRAWS
from rufous.diagnostics.thresholds import BFMI_MIN

if TYPE_CHECKING:
    from rufous.diagnostics.report import Report, VariableCheck

__all__ = ["verdict"]


def verdict(report: Report) -> str:
    """Write one line for each check, the verdict, and the advice for each problem."""
    found = problems(report)
    chains = f"{report.num_chains} chain{'s' if report.num_chains != 1 else ''}"
    lines = [f"Diagnostics of {chains} of {report.num_draws} draws"]
    if not report.complete:
        lines[0] += " (the run did not finish)"
    lines += [f"  {mark:<5}{name:<12}{text}" for mark, name, text in _rows(report)]
    if found:
        lines.append(f"Verdict: look closer at {', '.join(problem.short for problem in found)}.")
        lines += [f"  - {problem.text}" for problem in found]
    else:
        lines.append("Verdict: no problem found.")
    return "\n".join(lines)


def _rows(report: Report) -> Iterator[tuple[str, str, str]]:
    if report.divergences is not None:
        yield (
            _mark(not report.divergences),
            "divergences",
            f"{report.divergences} of {report.num_transitions} transitions",
        )
    yield from _variable_row(report.rhat, "at most", "limit")
    yield from _variable_row(report.ess_bulk, "at least", "wanted")
    yield from _variable_row(report.ess_tail, "at least", "wanted")
    yield from _precision_row(report.mcse)
    if report.cut_off is not None:
        limit = "" if report.max_treedepth is None else f" of {report.max_treedepth}"
        yield (
            _mark(not report.many_cut_off),
            "tree depth",
            f"{report.cut_off} of {report.num_transitions} at the limit{limit}",
        )
    known = [value for value in report.bfmi if not math.isnan(value)]
    if known:
        yield (
            _mark(not report.low_bfmi),
            "E-BFMI",
            f"at least {min(known):.2f} (wanted {BFMI_MIN:g})",
        )
    yield from _remarks(report)


def _variable_row(check: VariableCheck, bound: str, limit: str) -> Iterator[tuple[str, str, str]]:
    if check.worst:
        label, value = check.worst[0]
        number = f"{value:.3f}" if check.name == "R-hat" else f"{value:.0f}"
        yield (
            _mark(not check.num_failing),
            check.name,
            f"{bound} {number} in {label} ({limit} {check.threshold:g})",
        )


def _precision_row(check: VariableCheck) -> Iterator[tuple[str, str, str]]:
    if check.worst:
        label, value = check.worst[0]
        yield _mark(True), "MCSE", f"at most {100 * value:.2g} % of the sd, in {label}"


def _remarks(report: Report) -> Iterator[tuple[str, str, str]]:
    if report.num_draws < MIN_DRAWS:
        yield "-", "not checked", f"everything that needs {MIN_DRAWS} draws per chain"
    elif report.num_chains == 1:
        yield "-", "not checked", "R-hat, which needs two chains"
    if report.num_brought_back:
        text = f"{report.num_brought_back} of {len(report.restarts)} chains, while tuning"
        yield _mark(not report.many_brought_back), "restarted", text
    if report.constant:
        yield "-", "constant", f"{listing(report.constant)}: no such numbers"
    if report.not_finite:
        yield "!", "not finite", listing(report.not_finite)


def _mark(passed: bool) -> str:
    return "ok" if passed else "!"
