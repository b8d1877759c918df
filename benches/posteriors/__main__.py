"""Race samplers on posteriors by effective draws per gradient and per second, warm-up included.

    python -m benches.posteriors --posteriordb folder [--gallery models.py] [--models a,b]
        [--arms pooled,nutpie] [--seeds 1-5] [--out folder] [--report]

The score of a run is the smallest effective sample size over all elements of the free variables,
of the element or of its squared distance from the mean, per 1,000 gradients of warm-up and draws
together. A run whose posterior is wrong scores 0: a mean or a standard deviation more than five
standard errors from the reference, or an R-hat above 1.05. All arms run with the same seeds,
4 chains of 1,000 draws, and the length of warm-up that each has by default.

Each run appends a line to ``runs.jsonl`` in the folder ``--out``. What is there already is not run
again, so that a race may be run in pieces; ``--report`` only reports. Scores by gradient do not
depend on how busy the machine is; those by second do.
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
from benches.posteriors.models import posteriors
from benches.posteriors.report import report, table

DEFAULT_ARMS = ("pooled", "nutpie-like", "stan-like", "nutpie", "nutpie-low-rank")


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
            for model in models:
                race(model, read(path), arguments, file)
                rows = [row for row in read(path) if row["model"] == model]
                print(table(rows, arguments.arms, "per_1000_gradients"), flush=True)
    rows = [row for row in read(path) if row["model"] in models and row["arm"] in arguments.arms]
    text = report(rows, arguments.arms)
    print(text)
    (arguments.out / "report.txt").write_text(text + "\n")
    draw(rows, arguments.arms, arguments.out / "race.svg")


def read(path: Path) -> list[dict[str, Any]]:
    """Return the runs that are in a file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


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
    parser.add_argument("--seeds", type=_seeds, default=_seeds("1-5"), help="as 1-5 or 1,2,7")
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=Path("race"), help="folder for the results")
    parser.add_argument("--report", action="store_true", help="run nothing")
    arguments = parser.parse_args()
    unknown = set(arguments.arms) - set(ARMS)
    if unknown:
        parser.error(f"no such arm: {', '.join(sorted(unknown))}; there are {', '.join(ARMS)}")
    return arguments


def _names(text: str) -> list[str]:
    return text.split(",")


def _seeds(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else [int(s) for s in text.split(",")]


def race(
    model: str, done: list[dict[str, Any]], arguments: argparse.Namespace, file: TextIO
) -> None:
    """Run on one model, in a fresh process, what is not done yet."""
    have = {(row["arm"], row["seed"]) for row in done if row["model"] == model}
    todo = [(a, s) for s in arguments.seeds for a in arguments.arms if (a, s) not in have]
    if not todo:
        return
    command = [sys.executable, "-m", "benches.posteriors.measure", "--model", model]
    command += ["--runs", ",".join(f"{arm}:{seed}" for arm, seed in todo)]
    for name in ("posteriordb", "gallery", "draws", "chains", "cores"):
        value = getattr(arguments, name)
        command += [f"--{name}", str(value)] if value is not None else []
    one_thread = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    with subprocess.Popen(
        command, env={**os.environ, **one_thread}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("{"):
                file.write(line)
                file.flush()
                row = json.loads(line)
                if "failed" in row:
                    print(f"{model}, {row['arm']}: {row['failed']}", file=sys.stderr)
    if process.returncode:
        print(f"{model}: ended with {process.returncode}", file=sys.stderr)


if __name__ == "__main__":
    main()
