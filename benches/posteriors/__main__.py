"""Race samplers on posteriors by effective draws per gradient and per second, warm-up included.

    python -m benches.posteriors --posteriordb folder [--gallery models.py] [--models a,b]
        [--arms pooled,nutpie] [--seeds 1-2,3-5] [--out folder] [--report]

All arms sample the same machine code: what nutpie compiles from PyMC's model. The score of a run is
the smallest effective sample size over all elements of the free variables, of the element or of its
squared distance from the mean, per 1,000 gradients of warm-up and draws together, or per second of
processor time. The third measure is the time until R-hat < 1.01 and bulk ESS >= 400, warm-up
included, by the smallest number of draws that reaches both.

A run whose posterior is wrong scores 0: an R-hat above 1.05, or a mean or a standard deviation more
than five standard errors from the reference. Where there is no reference, the median over all runs
of all arms stands for it, of the variables on the unconstrained scale. All arms run with the same
seeds, 4 chains of 1,000 draws, and the length of warm-up that each has by default.

Each run appends a line to ``runs.jsonl`` in the folder ``--out``, which also gets the table, the
scores as JSON and a figure. What is there already is not run again, so that a race may be run in
pieces; ``--report`` only reports. The race goes over all models once for each group of seeds, those
that took longest before at last. Scores by gradient do not depend on how busy the machine is; those
by second are comparable only within one race.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, TextIO

from benches.posteriors.arms import ARMS
from benches.posteriors.figure import draw
from benches.posteriors.judge import with_verdicts
from benches.posteriors.models import posteriors
from benches.posteriors.report import report, summary

DEFAULT_ARMS = ("pooled", "nutpie-like", "stan-like", "nutpie", "nutpie-low-rank")
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}


def main() -> None:
    """Run what is missing, and report."""
    arguments = parse_arguments()
    names = list(posteriors(arguments.posteriordb, arguments.gallery))
    unknown = set(arguments.models or []) - set(names)
    if unknown:
        sys.exit(f"no such model: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "runs.jsonl"
    models = arguments.models or names
    if not arguments.report:
        with path.open("a") as file:
            for seeds in arguments.seeds:
                for model in by_time(models, read(path)):
                    race(model, seeds, read(path), arguments, file)
    rows = [row for row in read(path) if row["model"] in models and row["arm"] in arguments.arms]
    rows = with_verdicts(rows)
    text = report(rows, arguments.arms)
    print(text)
    (arguments.out / "report.txt").write_text(text + "\n")
    (arguments.out / "race.json").write_text(json.dumps(summary(rows, arguments.arms), indent=1))
    draw(rows, arguments.arms, arguments.out / "race.svg")


def read(path: Path) -> list[dict[str, Any]]:
    """Return the runs that are in a file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def by_time(models: list[str], done: list[dict[str, Any]]) -> list[str]:
    """Sort models by the longest run that each had; those that have not run keep their order."""

    def longest(model: str) -> float:
        runs = (row for row in done if row["model"] == model)
        return max((float(row.get("wall_seconds", 0.0)) for row in runs), default=0.0)

    return sorted(models, key=longest)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posteriordb", type=Path, help="folder with models and references")
    parser.add_argument("--gallery", type=Path, help="file with further models, in a dict ALL")
    parser.add_argument("--models", type=_names, help="default: all")
    parser.add_argument(
        "--arms",
        type=_names,
        default=list(DEFAULT_ARMS),
        help=f"the first is compared with the others; any of {', '.join(ARMS)}",
    )
    parser.add_argument(
        "--seeds", type=_seeds, default=_seeds("1-2,3-5"), help="groups, as 1-2,3-5"
    )
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("race"), help="folder for the results")
    parser.add_argument("--report", action="store_true", help="run nothing")
    arguments = parser.parse_args()
    unknown = set(arguments.arms) - set(ARMS)
    if unknown:
        parser.error(f"no such arm: {', '.join(unknown)}; there are {', '.join(ARMS)}")
    return arguments


def _names(text: str) -> list[str]:
    return text.split(",")


def _seeds(text: str) -> list[list[int]]:
    ends = (group.partition("-") for group in text.split(","))
    return [list(range(int(first), int(last or first) + 1)) for first, _, last in ends]


def race(
    model: str,
    seeds: list[int],
    done: list[dict[str, Any]],
    arguments: argparse.Namespace,
    file: TextIO,
) -> None:
    """Run on one model, in a fresh process, what is not done yet."""
    have = {(row["arm"], row["seed"]) for row in done if row["model"] == model}
    todo = [(arm, seed) for seed in seeds for arm in arguments.arms if (arm, seed) not in have]
    if not todo:
        return
    command = [sys.executable, "-m", "benches.posteriors.measure", "--model", model]
    command += ["--runs", ",".join(f"{arm}:{seed}" for arm, seed in todo)]
    for name in ("posteriordb", "gallery", "draws", "chains", "cores"):
        value = getattr(arguments, name)
        command += [f"--{name}", str(value)] if value is not None else []
    with subprocess.Popen(
        command, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                file.write(line)
                file.flush()
                say(json.loads(line))
    if process.returncode:
        print(f"{model}: ended with {process.returncode}", file=sys.stderr)


def say(row: dict[str, Any]) -> None:
    """Print one run for people."""
    title = f"{row['model']:27} {row['arm']:16} {row['seed']:2}"
    if "failed" in row:
        print(f"{title} {row['failed']}", flush=True)
        return
    print(
        f"{title} {1000 * row['ess'] / row['gradients']:9.3g} per 1000 gradients, "
        f"{row['ess'] / row['seconds']:8.3g} per second, {row['wall_seconds']:6.1f} s, "
        f"R-hat {row['rhat']:.3f}, {row['divergences']} divergences",
        flush=True,
    )


if __name__ == "__main__":
    main()
