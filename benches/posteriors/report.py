"""Tables of a race, and factors between arms with bootstrap intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean, geometric_mean
from typing import Any

import numpy as np

__all__ = ["MEASURES", "RIVALS", "Rows", "report", "scores", "summary"]

#: Runs with verdicts.
Rows = Sequence[Mapping[str, Any]]
#: Scores of the runs of one model and one arm, and of all of them.
Runs = dict[str, dict[str, list[float]]]

#: The better one of these, model by model, is what the first arm is held against.
RIVALS = ("nutpie", "nutpie-low-rank")
BETTER = "better of both"

#: What is reported: a name, and what it is. More is better.
MEASURES = {
    "per_1000_gradients": "smallest effective sample size per 1,000 gradients",
    "per_second": "smallest effective sample size per second of one core",
    "converged_per_second": "one by the seconds until R-hat < 1.01 and ESS >= 400",
}


def score(row: Mapping[str, Any], measure: str) -> float:
    """Return one score of a run; 0 if its posterior is wrong."""
    if not row["right"]:
        return 0.0
    if measure == "per_1000_gradients":
        return float(1000.0 * row["ess"] / row["gradients"])
    if measure == "per_second":
        return float(row["ess"] / row["seconds"])
    return float(row["gradients"] / row["to_converged"] / row["seconds"])


def collect(rows: Rows, measure: str) -> Runs:
    """Return the scores of all runs by model and arm."""
    runs: Runs = defaultdict(lambda: defaultdict(list))
    for row in rows:
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
    lines = [f"{'model':<27}" + "".join(f"{arm:>18}" for arm in arms) + f"{'to better':>11}"]
    for model, found in scores(rows, measure).items():
        best = max(found.values(), default=0.0)
        cells = []
        for arm in arms:
            value = found.get(arm)
            mark = "*" if value is not None and value == best > 0 else " "
            cells.append(f"{'-' if value is None else f'{value:.3g}{mark}':>18}")
        rival = max((found.get(arm, 0.0) for arm in RIVALS), default=0.0)
        ratio = f"{found[arms[0]] / rival:.2f}" if rival > 0 and arms[0] in found else "-"
        lines.append(f"{model:<27}" + "".join(cells) + f"{ratio:>11}")
    return "\n".join(lines)


def report(rows: Rows, arms: Sequence[str]) -> str:
    """Return all tables, and the factors between the first arm and the others."""
    parts = []
    for measure, meaning in MEASURES.items():
        lines = [f"{meaning}; the mean over seeds", "", table(rows, arms, measure), ""]
        lines += [_in_words(arms[0], found) for found in factors(rows, arms, measure)]
        parts.append("\n".join(lines))
    parts.append(_wrong(rows, arms))
    return "\n\n".join(parts)


def _wrong(rows: Rows, arms: Sequence[str]) -> str:
    """List the runs that count 0, and why."""
    counts = {arm: [row["right"] for row in rows if row["arm"] == arm] for arm in arms}
    lines = [f"{arm}: {sum(right)} of {len(right)} runs are right" for arm, right in counts.items()]
    lines += [
        f"  {row['model']}, {row['arm']}, seed {row['seed']}: R-hat {row['rhat']:.2f}, "
        f"{row['max_z']:.1f} standard errors off, {row['divergences']} divergences"
        for row in rows
        if not row["right"]
    ]
    return "\n".join(lines)


def summary(rows: Rows, arms: Sequence[str]) -> dict[str, Any]:
    """Return all scores and factors as plain data."""
    return {
        measure: {
            "meaning": meaning,
            "scores": scores(rows, measure),
            "factors": factors(rows, arms, measure),
        }
        for measure, meaning in MEASURES.items()
    }


def factors(rows: Rows, arms: Sequence[str], measure: str) -> list[dict[str, Any]]:
    """Return by what factor the first arm is better than each other one, and than the rivals."""
    runs = collect(rows, measure)
    others = [*arms[1:], *([BETTER] if set(RIVALS) <= set(arms) else [])]
    return [factor(runs, arms[0], other) for other in others]


def factor(runs: Runs, arm: str, other: str, repeats: int = 500) -> dict[str, Any]:
    """Return by what factor `arm` is better than `other`.

    It is a geometric mean over the models in which both have a score; models in which one of them
    is always wrong are counted apart. The bootstrap draws models, and seeds within them.
    """
    rivals = RIVALS if other == BETTER else (other,)
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
    interval = _interval([pairs[model] for model in ratios], repeats) if ratios else None
    return {
        "to": other,
        "mean": geometric_mean(ratios.values()) if ratios else None,
        "interval": interval,
        "ratios": ratios,
        "lost": [m for m, (own, rest) in pairs.items() if fmean(own) == 0 < _best(rest)],
        "won": [m for m, (own, rest) in pairs.items() if _best(rest) == 0 < fmean(own)],
    }


def _best(others: list[list[float]]) -> float:
    return max(fmean(values) for values in others)


def _in_words(arm: str, found: Mapping[str, Any]) -> str:
    title = f"{arm} / {found['to']}:"
    if found["mean"] is None:
        return f"{title} no model in which both are right"
    (low, high), ratios = found["interval"], found["ratios"]
    worst = min(ratios, key=lambda model: ratios[model])
    return (
        f"{title} {found['mean']:.2f} [{low:.2f}, {high:.2f}] on {len(ratios)} models; "
        f"worst {ratios[worst]:.2f} ({worst}); always wrong where the other is not: "
        f"{len(found['lost'])} against {len(found['won'])}"
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
