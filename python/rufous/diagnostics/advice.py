"""What each problem means and the one thing to try first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rufous.diagnostics.convergence import MIN_DRAWS
from rufous.diagnostics.thresholds import BFMI_MIN
from rufous.errors import (
    ConvergenceWarning,
    DivergenceWarning,
    RufousWarning,
    TreeDepthWarning,
)

if TYPE_CHECKING:
    from rufous.diagnostics.report import Report, VariableCheck

__all__ = ["Problem", "listing", "problems"]

_HIGH_TARGET_ACCEPT = 0.95
# Effective draws per draw below which more draws are no remedy.
_MIN_EFFICIENCY = 0.01


class Problem(NamedTuple):
    """A problem that a check found.

    Attributes
    ----------
    category : type
        Class of the warning.
    short : str
        A few words for the verdict.
    text : str
        What was seen, why it matters, what to try.
    """

    category: type[RufousWarning]
    short: str
    text: str


def problems(report: Report) -> list[Problem]:
    """List what the checks found, the most serious first."""
    return [
        *_not_checked(report),
        *_divergences(report),
        *_not_finite(report),
        *_rhat(report),
        *_brought_back(report),
        *_ess(report),
        *_bfmi(report),
        *_tree_depth(report),
    ]


def _not_checked(report: Report) -> Iterator[Problem]:
    if report.num_draws < MIN_DRAWS:
        yield Problem(
            ConvergenceWarning,
            f"only {report.num_draws} draws per chain",
            f"There are {report.num_draws} draws per chain, too few to check anything: R-hat and "
            f"effective sample sizes need {MIN_DRAWS} at least and hundreds to mean something. "
            "Try the default of 1000 draws.",
        )
    elif report.num_chains == 1:
        yield Problem(
            ConvergenceWarning,
            "a single chain",
            "There is only one chain, so nothing shows whether it found all of the posterior: "
            "R-hat compares chains. Try chains=4.",
        )


def _divergences(report: Report) -> Iterator[Problem]:
    if not report.divergences:
        return
    count = _share(report.divergences, report.num_transitions, "transition", "diverged")
    reasons = "; ".join(f"{n} x {text}" for text, n in report.divergence_reasons.items())
    target = report.target_accept
    if target is None or target < _HIGH_TARGET_ACCEPT:
        now = "" if target is None else f" (it was {target:g})"
        otherwise = "; if some remain, local_steps=True" if report.local_steps is False else ""
        remedy = f"Try target_accept={_HIGH_TARGET_ACCEPT:g}{now}{otherwise}."
    elif report.local_steps is False:
        remedy = (
            f"target_accept is {target:g} already, so try local_steps=True, which takes shorter "
            "steps where the posterior is sharp."
        )
    else:
        remedy = (
            f"target_accept is {target:g} already, so try another parametrisation, for example "
            "a non-centred one of hierarchical effects, or tighter priors on their scales."
        )
    yield Problem(
        DivergenceWarning,
        f"{report.divergences} divergences",
        f"{count}{f' ({reasons})' if reasons else ''}. The sampler could not follow the "
        "posterior there, and estimates may be biased because the draws avoid that region. "
        f"{remedy}",
    )


def _not_finite(report: Report) -> Iterator[Problem]:
    if report.not_finite:
        yield Problem(
            ConvergenceWarning,
            "draws that are not finite",
            f"Some draws are NaN or infinite in {listing(report.not_finite)}. Means and "
            "intervals of these variables mean nothing. Try to find the operation that leaves "
            "its domain, such as a logarithm or square root of a negative number.",
        )


def _rhat(report: Report) -> Iterator[Problem]:
    check = report.rhat
    if check.num_failing:
        yield Problem(
            ConvergenceWarning,
            f"R-hat up to {check.extreme:.3f}",
            f"R-hat is above {check.threshold:g} for {_failing(check)}. "
            "The chains disagree, so they have not all reached the same "
            "posterior and their draws cannot be pooled. "
            + (
                "Try to remove the divergences first."
                if report.divergences
                else "Try twice as many tuning iterations and draws; if it stays, another "
                "parametrisation or stronger priors."
            ),
        )


def _brought_back(report: Report) -> Iterator[Problem]:
    if not report.many_brought_back:
        return
    count = f"{report.num_brought_back} of {len(report.restarts)} chains"
    yield Problem(
        ConvergenceWarning,
        f"{count} brought back while tuning",
        f"{count} had to be brought back while tuning, from places of next to no mass. Where so "
        "many get lost, the others may have met in a wrong place, too, and R-hat, which compares "
        "chains, cannot tell. Try another random_seed, or more chains: if the results are the "
        "same, it is the right place; if not, give initvals.",
    )


def _ess(report: Report) -> Iterator[Problem]:
    failing = [check for check in (report.ess_bulk, report.ess_tail) if check.num_failing]
    if not failing:
        return
    check = min(failing, key=lambda each: each.extreme)
    yield Problem(
        ConvergenceWarning,
        f"{check.name} down to {check.extreme:.0f}",
        f"{check.name[0].upper()}{check.name[1:]} is below {check.threshold:g} (100 for each "
        f"chain) for {_failing(check)}. With so few effective draws, "
        + ("means" if check is report.ess_bulk else "intervals")
        + f" and the diagnostics themselves are noisy. {_more_draws(report, check)}",
    )


def _more_draws(report: Report, check: VariableCheck) -> str:
    if check.extreme < _MIN_EFFICIENCY * report.num_transitions:
        return (
            "Each takes more than a hundred draws, so rather than more of them try another "
            "parametrisation or stronger priors."
        )
    needed = 1.2 * report.num_draws * check.threshold / check.extreme
    step = 10 ** max(1, len(str(math.ceil(needed))) - 2)
    draws = math.ceil(needed / step) * step
    return f"Try draws={draws} (it was {report.num_draws})."


def _bfmi(report: Report) -> Iterator[Problem]:
    low = report.low_bfmi
    if low:
        values = ", ".join(f"chain {chain}: {value:.2f}" for chain, value in low.items())
        yield Problem(
            ConvergenceWarning,
            f"E-BFMI down to {min(low.values()):.2f}",
            f"E-BFMI is below {BFMI_MIN:g} in {len(low)} of {len(report.bfmi)} chains "
            f"({values}). The sampler moves slowly between regions of low and high density, so "
            "tails may be missed. Try another parametrisation of the variables with heavy "
            "tails or funnels, for example a non-centred one.",
        )


def _tree_depth(report: Report) -> Iterator[Problem]:
    if report.many_cut_off:
        share = _share(report.cut_off or 0, report.num_transitions, "trajectory", "reached")
        limit = report.max_treedepth
        known = "max_treedepth" if limit is None else f"max_treedepth={limit}"
        remedy = "a larger max_treedepth" if limit is None else f"max_treedepth={limit + 2}"
        yield Problem(
            TreeDepthWarning,
            "trajectories cut off at the tree-depth limit",
            f"{share} {known} and ended before turning back. The draws are valid, but they "
            f"explore slowly and cost a lot. Try {remedy}, or put the variables on similar "
            "scales.",
        )


def listing(names: Sequence[str], limit: int = 5) -> str:
    """Join names, and count those beyond a limit."""
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def _failing(check: VariableCheck) -> str:
    digits = 3 if check.name == "R-hat" else 0
    worst = check.worst[: min(3, check.num_failing)]
    shown = ", ".join(f"{label} {value:.{digits}f}" for label, value in worst)
    return f"{check.num_failing} of {check.num_checked} variables (worst: {shown})"


def _share(count: int, total: int, noun: str, verb: str) -> str:
    plural = {"transition": "transitions", "trajectory": "trajectories"}[noun]
    percent = 100 * count / total if total else 0.0
    return f"{count} of {total} {plural} ({percent:.2g} %) {verb}"
