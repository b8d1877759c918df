"""Count chains that end far from the mass, from starts without any initial value.

    python -m benches.stuck_chains [--models a,b] [--arms pooled,nutpie-like]
        [--starts jitter,prior] [--seeds 1-20] [--draws 300] [--out folder] [--report]

For each model, start and arm it says how many chains are stuck (`benches.stuck_chains.judge` says
when one is), in how many runs a chain is stuck without a ConvergenceWarning, how many gradients a
draw takes, warm-up included, and the seconds of a run. Each run appends a line to
``runs.jsonl`` in the folder ``--out``; what is there is not run again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from benches.stuck_chains.measure import ARMS, Subject
from benches.stuck_chains.models import MODELS

Rows = list[dict[str, Any]]


def main() -> None:
    """Run what is missing, and report."""
    arguments = parse_arguments()
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "runs.jsonl"
    for name in arguments.models:
        if not arguments.report:
            with path.open("a") as file:
                for row in missing(name, read(path), arguments):
                    file.write(json.dumps(row) + "\n")
                    file.flush()
        print(table([row for row in read(path) if row["model"] == name], arguments), flush=True)


def missing(name: str, done: Rows, arguments: argparse.Namespace) -> Any:
    """Run one after the other what is not among the rows `done`."""
    have = {(row["arm"], row["init"], row["seed"]) for row in done if row["model"] == name}
    todo = [
        (arm, init, seed)
        for seed in arguments.seeds
        for init in arguments.starts
        for arm in arguments.arms
        if (arm, init, seed) not in have
    ]
    if todo:
        subject = Subject(name, arguments.cores)
        yield from (subject.run(*one, arguments.draws) for one in todo)


def table(rows: Rows, arguments: argparse.Namespace) -> str:
    """Lay out the counts: a line for each start and arm."""
    lines = []
    for init in arguments.starts:
        for arm in arguments.arms:
            found = [row for row in rows if (row["init"], row["arm"]) == (init, arm)]
            if found:
                lines.append(f"| {found[0]['model']} | {init} | {arm} | {summary(found)} |")
    return "\n".join(lines)


def summary(rows: Rows) -> str:
    """Return the figures of some runs, as cells."""
    stuck = sum(len(row["stuck"]) for row in rows)
    silent = sum(bool(row["stuck"]) and not row["warned"] for row in rows)
    restarted = sum(sum(count > 0 for count in row["restarts"]) for row in rows)
    gradients = float(np.mean([row["gradients_per_draw"] for row in rows]))
    seconds = float(np.median([row["seconds"] for row in rows]))
    return (
        f"{stuck} of {4 * len(rows)} | {silent} of {len(rows)} | {restarted} | {gradients:.1f} | "
        f"{seconds:.1f}"
    )


def read(path: Path) -> Rows:
    """Return the runs that are in a file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=_names, default=list(MODELS))
    parser.add_argument("--arms", type=_names, default=["pooled", "nutpie-like"])
    parser.add_argument("--starts", type=_names, default=["jitter", "prior"])
    parser.add_argument("--seeds", type=_seeds, default=_seeds("1-20"), help="as 1-20 or 1,2,7")
    parser.add_argument("--draws", type=int, default=300, help="of each of the four chains")
    parser.add_argument("--cores", type=int)
    parser.add_argument("--out", type=Path, default=Path("stuck"), help="folder for the results")
    parser.add_argument("--report", action="store_true", help="run nothing")
    arguments = parser.parse_args()
    for given, known in ((arguments.models, MODELS), (arguments.arms, ARMS)):
        unknown = set(given) - set(known)
        if unknown:
            there = ", ".join(known)
            parser.error(f"no such name: {', '.join(sorted(unknown))}; there are {there}")
    return arguments


def _names(text: str) -> list[str]:
    return text.split(",")


def _seeds(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else [int(s) for s in text.split(",")]


if __name__ == "__main__":
    main()
