"""Run arms on one model, in a process of its own; a line of JSON for each run.

Called by ``python -m benches.posteriors``. The log densities of both packages are compiled before
the first run that needs them, and are not part of any time.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from benches.ess import smallest_ess
from benches.posteriors.arms import ARMS, Arm
from benches.posteriors.judge import converged_after, is_right, largest_rhat, largest_z
from benches.posteriors.models import Posterior, posteriors
from benches.posteriors.packages import PREPARE, Prepared


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posteriordb", type=Path)
    parser.add_argument("--gallery", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--runs", required=True, help="arm:seed,arm:seed")
    parser.add_argument("--draws", type=int, required=True)
    parser.add_argument("--chains", type=int, required=True)
    parser.add_argument("--cores", type=int, required=True)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    posterior = posteriors(arguments.posteriordb, arguments.gallery)[arguments.model]
    prepared: dict[str, Prepared | str] = {}
    for run in arguments.runs.split(","):
        name, _, seed = run.partition(":")
        arm = ARMS[name]
        if arm.package not in prepared:
            prepared[arm.package] = prepare(arm.package, posterior)
        row: dict[str, Any] = {"model": posterior.name, "arm": name, "seed": int(seed)}
        row |= measure(posterior, prepared[arm.package], arm, int(seed), arguments)
        print(json.dumps(row), flush=True)


def prepare(package: str, posterior: Posterior) -> Prepared | str:
    """Compile a model, or say why that is impossible."""
    try:
        return PREPARE[package](posterior)
    except Exception as error:
        return reason(error)


def measure(
    posterior: Posterior,
    prepared: Prepared | str,
    arm: Arm,
    seed: int,
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    """Sample once and judge the result, or say why there is none."""
    if isinstance(prepared, str):
        return {"failed": prepared}
    options = dict(arm.options)
    if posterior.target_accept is not None:
        options.setdefault("target_accept", posterior.target_accept)
    begin = time.perf_counter()
    try:
        result = prepared.sample(
            arguments.draws, arguments.chains, arguments.cores, seed, arm.pooled, **options
        )
    except Exception as error:
        return {"failed": reason(error)}
    seconds = time.perf_counter() - begin
    return {"version": prepared.version, "seconds": seconds} | judge(posterior, prepared, result)


def judge(posterior: Posterior, prepared: Prepared, result: Any) -> dict[str, Any]:
    """Return the figures of one run by name."""
    draws = {name: np.asarray(result.posterior[name], float) for name in prepared.free}
    steps = np.asarray(result["sample_stats"]["n_steps"])
    warmup = int(result["warmup_sample_stats"]["n_steps"].sum())
    gradients = warmup + int(steps.sum())
    ess, rhat, z = smallest_ess(draws), largest_rhat(draws), largest_z(posterior, result)
    enough = converged_after(draws)
    right = is_right(rhat, z)
    stats = result["sample_stats"]
    return {
        "ess": ess,
        "gradients": gradients,
        "warmup_gradients": warmup,
        "warmup_draws": int(result["warmup_sample_stats"].sizes["draw"]),
        "per_1000_gradients": 1000 * ess / gradients if right else 0.0,
        "to_converged": None if enough is None else warmup + int(steps[:, :enough].sum()),
        "rhat": rhat,
        "max_z": z,
        "right": right,
        "divergences": int(stats["diverging"].sum()),
        "step_size": float(np.median(stats["step_size"])),
        "metric": metric_of(stats),
    }


def metric_of(stats: Any) -> str | None:
    """Return the kind of metric that a run ended with, where that is known."""
    if "metric_kind" not in stats:
        return None
    code = int(stats["metric_kind"].values[0, -1])
    return str(stats["metric_kind"].attrs["flag_meanings"]).split()[code]


def reason(error: Exception) -> str:
    """Return an error in one line."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


if __name__ == "__main__":
    main()
