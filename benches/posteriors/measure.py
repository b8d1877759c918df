"""Run arms on one model, in a process of its own; a line of JSON for each run.

Called by ``python -m benches.posteriors``. The log density is compiled once, before the first run,
and is not part of any time. For each seed all arms run one after the other, so that what else the
machine does hits all alike.
"""

from __future__ import annotations

import argparse
import json
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benches.ess import smallest_ess
from benches.posteriors.arms import ARMS
from benches.posteriors.density import Density, compile_density
from benches.posteriors.judge import draws_to_converge, largest_rhat, largest_z, moments
from benches.posteriors.models import Posterior, posteriors
from benches.posteriors.packages import Finished, Size, sample

#: Draws of the run of each package that is not measured: it loads what is loaded once.
FIRST_DRAWS = 20


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
    logging.disable(logging.WARNING)
    np.seterr(all="ignore")
    size = Size(arguments.draws, arguments.chains, arguments.cores)
    posterior = posteriors(arguments.posteriordb, arguments.gallery)[arguments.model]
    density = prepare(posterior)
    met: set[str] = set()
    for run in arguments.runs.split(","):
        arm, _, seed = run.partition(":")
        if isinstance(density, Density) and ARMS[arm].package not in met:
            met.add(ARMS[arm].package)
            measure(posterior, density, arm, 0, Size(FIRST_DRAWS, size.chains, size.cores))
        row: dict[str, Any] = {"model": posterior.name, "arm": arm, "seed": int(seed)}
        print(json.dumps(row | measure(posterior, density, arm, int(seed), size)), flush=True)


def prepare(posterior: Posterior) -> Density | str:
    """Compile a model, or say why that is impossible."""
    import pymc

    try:
        return compile_density(posterior.build(pymc))
    except Exception as error:
        return reason(error)


def measure(
    posterior: Posterior, density: Density | str, arm: str, seed: int, size: Size
) -> dict[str, Any]:
    """Sample once and look at the result, or say why there is none."""
    if isinstance(density, str):
        return {"failed": density}
    asked = posterior.target_accept
    options = {} if asked is None else {"target_accept": asked}
    try:
        finished = sample(density, ARMS[arm], size, seed, **options)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic in an extension need not be an Exception
        return {"failed": reason(error)}
    return figures(posterior, density, finished)


def figures(posterior: Posterior, density: Density, finished: Finished) -> dict[str, Any]:
    """Return the figures of one run by name."""
    result, size = finished.result, finished.result["sample_stats"].sizes["draw"]
    draws = {name: np.asarray(result["posterior"][name], float) for name in density.free}
    values = unconstrained(result, density)
    stats = result["sample_stats"]
    of_draws = int(stats["n_steps"].sum())
    warmup = int(result["warmup_sample_stats"]["n_steps"].sum())
    needed, z = draws_to_converge(draws), largest_z(posterior, result)
    return {
        "version": finished.version,
        "seconds": finished.seconds,
        "wall_seconds": finished.wall_seconds,
        "ess": smallest_ess(draws),
        "gradients": warmup + of_draws,
        "warmup_gradients": warmup,
        "warmup_draws": int(result["warmup_sample_stats"].sizes["draw"]),
        "draws_to_converge": needed,
        "to_converged": warmup + of_draws * needed / size,
        "rhat": largest_rhat(draws),
        "max_z": z,
        "divergences": int(stats["diverging"].sum()),
        "step_size": float(np.median(stats["step_size"])),
        "metric": metric_of(stats),
        "moments": moments(values) if z is None else None,
    }


def unconstrained(result: Any, density: Density) -> dict[str, NDArray[np.float64]]:
    """Return the draws of the free variables on the unconstrained scale."""
    posterior = result["posterior"]
    apart = posterior
    if "unconstrained_posterior" in result.children:
        apart = result["unconstrained_posterior"]
    groups = {name: posterior if name in posterior else apart for name in density.values}
    return {name: np.asarray(group[name], float) for name, group in groups.items()}


def metric_of(stats: Any) -> str | None:
    """Return the kind of metric that a run ended with, where that is known."""
    if "metric_kind" not in stats:
        return None
    code = int(stats["metric_kind"].values[0, -1])
    return str(stats["metric_kind"].attrs["flag_meanings"]).split()[code]


def reason(error: BaseException) -> str:
    """Return an error in one line."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


if __name__ == "__main__":
    main()
