"""Tables of a race, and factors between arms with bootstrap intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean, geometric_mean
from typing import Any

import numpy as np

__all__ = ["MEASURES", "report", "scores", "table"]

Rows = Sequence[Mapping[str, Any]]
#: Scores of the runs of one model and one arm, and of all of them.
Runs = dict[str, dict[str, list[float]]]

#: The better one of these, model by model, is what the first arm is held against.
RIVALS = ("nutpie", "nutpie-low-rank")

#: What is reported: a name, what it is, and how it follows from a run. More is better.
MEASURES = {
    "per_1000_gradients": "smallest effective sample size per 1,000 gradients",
    "per_second": "smallest effective sample size per second",
    "converged_per_second": "one by the seconds until R-hat < 1.01 and ESS >= 400",
}


def score(row: Mapping[str, Any], measure: str) -> float:
    """Return one score of a run; 0 if it failed or its posterior is wrong."""
    if not row.get("right", False):
        return 0.0
    if measure == "per_1000_gradients":
        return float(row["per_1000_gradients"])
    if measure == "per_second":
        return float(row["ess"] / row["seconds"])
    if row["to_converged"] is None:
        return 0.0
    return float(row["gradients"] / row["to_converged"] / row["seconds"])


def collect(rows: Rows, measure: str) -> Runs:
    """Return the scores of all runs by model and arm; those that could not run are left out."""
    runs: Runs = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if "failed" not in row:
            runs[row["model"]][row["arm"]].append(score(row, measure))
    return runs


def scores(rows: Rows, measure: str) -> dict[str, dict[str, float]]:
    """Average a score over seeds: model, arm, score."""
    return {
        model: {arm: fmean(values) for arm, values in arms.items()}
        for model, arms in collect(rows, measure).items()
    }


def table(rows: Rows, arms: Sequence[str], measure: str) -> str:
    """Lay out the scores: a line for each model, the best arm marked."""
    lines = [f"{'model':<27}" + "".join(f"{arm:>18}" for arm in arms) + f"{'to rival':>10}"]
    for model, found in scores(rows, measure).items():
        best = max(found.values(), default=0.0)
        cells = []
        for arm in arms:
            value = found.get(arm)
            mark = "*" if value is not None and value == best > 0 else " "
            cells.append(f"{'-' if value is None else f'{value:.3g}{mark}':>18}")
        rival = max((found.get(arm, 0.0) for arm in RIVALS), default=0.0)
        ratio = f"{found[arms[0]] / rival:.2f}" if rival > 0 and arms[0] in found else "-"
        lines.append(f"{model:<27}" + "".join(cells) + f"{ratio:>10}")
    return "\n".join(lines)


def report(rows: Rows, arms: Sequence[str]) -> str:
    """Return all tables, and the factors between the first arm and the others."""
    parts = []
    for measure, meaning in MEASURES.items():
        lines = [f"{meaning}; the mean over seeds", "", table(rows, arms, measure), ""]
        runs = collect(rows, measure)
        for other in [*arms[1:], *(["better of both"] if set(RIVALS) <= set(arms) else [])]:
            lines.append(factor(runs, arms[0], other))
        parts.append("\n".join(lines))
    right = [f"{arm} {sum(r.get('right', False) for r in rows if r['arm'] == arm)}" for arm in arms]
    parts.append(f"runs that are right: {', '.join(right)}")
    return "\n\n".join(parts)


def factor(runs: Runs, arm: str, other: str, repeats: int = 2000) -> str:
    """Say by what factor `arm` is better than `other`.

    It is a geometric mean over the models in which both have a score; models in which one of them
    is always wrong are counted apart. The bootstrap draws models, and seeds within them.
    """
    rivals = RIVALS if other == "better of both" else (other,)
    pairs = {
        model: (found[arm], [found[rival] for rival in rivals])
        for model, found in runs.items()
        if arm in found and all(rival in found for rival in rivals)
    }
    ratios = {}
    for model, (own, others) in pairs.items():
        mine, best = fmean(own), max(fmean(values) for values in others)
        if mine > 0 and best > 0:
            ratios[model] = mine / best
    if not ratios:
        return f"{arm} / {other}: no model in which both are right"
    low, high = _interval([pairs[model] for model in ratios], repeats)
    worst = min(ratios, key=lambda model: ratios[model])
    lost = sum(fmean(own) == 0 for own, _ in pairs.values())
    won = sum(max(fmean(values) for values in others) == 0 for _, others in pairs.values())
    return (
        f"{arm} / {other}: {geometric_mean(ratios.values()):.2f} [{low:.2f}, {high:.2f}] on "
        f"{len(ratios)} models; worst {ratios[worst]:.2f} ({worst}); "
        f"always wrong: {lost} against {won}"
    )


def _interval(
    pairs: list[tuple[list[float], list[list[float]]]], repeats: int
) -> tuple[float, float]:
    """Return the 95 % interval of the geometric mean of ratios."""
    rng = np.random.default_rng(1)

    def mean(values: list[float]) -> float:
        return float(rng.choice(values, len(values)).mean())

    means = []
    for _ in range(repeats):
        logs = []
        for index in rng.integers(len(pairs), size=len(pairs)):
            own, others = pairs[index]
            mine, best = mean(own), max(mean(values) for values in others)
            if mine > 0 and best > 0:
                logs.append(np.log(mine / best))
        means.append(np.exp(np.mean(logs)) if logs else np.nan)
    low, high = np.nanquantile(means, [0.025, 0.975])
    return float(low), float(high)
