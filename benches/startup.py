"""Seconds by part, from the start of Python to the finished result of eight schools.

    python -m benches.startup [--repeats 5] [--packages rufous,nutpie]

Every run is a process of its own with byte-compiled packages and one BLAS thread, and the packages
take turns. "Cold" has no compiled model on disk, "warm" the one that the cold run left. The totals
end with the labelled result of four chains of 1000 draws after 1000 tuning iterations; what a
process does afterwards is not counted. The parts of Rufous are timed inside its one call of
`sample`: "chains" and "imports" are what was waited for each; they run side by side.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

DRAWS = 1000
CHAINS = 4
# Settings that would make the measured processes other than those of users.
UNWANTED = ("PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME")


def main() -> None:
    """Measure and print, or be one of the processes that are measured."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5, help="warm processes of each package")
    parser.add_argument("--packages", default="rufous,nutpie", help="separated by commas")
    parser.add_argument("--child", nargs=2, metavar=("PACKAGE", "BORN"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child is not None:
        package, born = arguments.child
        print(json.dumps(measure(package, float(born))))
        return
    packages = [name for name in arguments.packages.split(",") if find_spec(name) is not None]
    with tempfile.TemporaryDirectory() as folder:
        print(report(collect(packages, arguments.repeats, Path(folder))))


def collect(
    packages: list[str], repeats: int, folder: Path
) -> dict[str, dict[str, dict[str, float]]]:
    """Return seconds by part, for each package, cold and warm."""
    for package in packages:
        run(package, folder, "bytecode")
    cold = {package: run(package, folder, "cache") for package in packages}
    warm: dict[str, list[dict[str, float]]] = {package: [] for package in packages}
    for repeat in range(repeats):
        for package in packages if repeat % 2 == 0 else packages[::-1]:
            warm[package].append(run(package, folder, "cache"))
    return {
        package: {
            "cold": cold[package],
            "warm": {part: median(run[part] for run in warm[package]) for part in cold[package]},
        }
        for package in packages
    }


def run(package: str, folder: Path, cache: str) -> dict[str, float]:
    """Measure one process; the first one of a cache folder is cold."""
    compiled = folder / f"{cache}-{package}"
    environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    environment |= {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    environment |= {
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "PYTENSOR_FLAGS": f"base_compiledir={compiled}",
        "NUMBA_CACHE_DIR": str(compiled / "numba"),
    }
    command = [sys.executable, "-m", "benches.startup", "--child", package, repr(time.time())]
    completed = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(completed.stdout.splitlines()[-1])


def measure(package: str, born: float) -> dict[str, float]:
    """Run one package and return seconds by part; the parts add up to the total."""
    parts = Parts(born)
    parts.end("start of Python")
    (with_rufous if package == "rufous" else with_nutpie)(parts)
    return parts.seconds | {"total": time.time() - born}


class Parts:
    """Seconds of named parts, one after the other, some of them with parts inside.

    Parameters
    ----------
    born : float
        When the first part began.
    """

    def __init__(self, born: float) -> None:
        self._last = born
        self._inside: dict[str, float] = {}
        self.seconds: dict[str, float] = {}

    def end(self, part: str) -> None:
        """End a part; what was timed inside of it is not counted twice."""
        now = time.time()
        inside = sum(self._inside.values())
        self.seconds |= self._inside | {part: now - self._last - inside}
        self._inside = {}
        self._last = now

    def time_calls(self, owner: Any, name: str, part: str) -> None:
        """Count the calls of a function as a part."""
        function: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            begin = time.time()
            try:
                return function(*args, **kwargs)
            finally:
                self._inside[part] = self._inside.get(part, 0.0) + time.time() - begin

        setattr(owner, name, timed)


def eight_schools(modelling: Any) -> Any:
    """Write the non-centred eight schools with `pymc` or `rufous`."""
    import numpy as np

    effect = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
    error = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
    with modelling.Model(coords={"school": range(8)}) as model:
        mu = modelling.Normal("mu", 0, 5)
        tau = modelling.HalfCauchy("tau", 5)
        z = modelling.Normal("z", 0, 1, dims="school")
        theta = modelling.Deterministic("theta", mu + tau * z, dims="school")
        modelling.Normal("y", theta, error, observed=effect, dims="school")
    return model


def with_rufous(parts: Parts) -> None:
    """Do it with Rufous."""
    import warnings

    import rufous
    from rufous import diagnostics
    from rufous.sampling import run_handle, sample

    warnings.simplefilter("ignore", rufous.RufousWarning)
    # Loads what writes models, and PyTensor with it, as the first line of a model would.
    assert rufous.Model and rufous.Normal
    parts.end("import rufous")
    model = eight_schools(rufous)
    parts.end("model")
    compiled = rufous.compile(model)
    parts.end("compile")
    parts.time_calls(sample, "starting_positions", "starting positions")
    parts.time_calls(run_handle.RunHandle, "follow", "chains")
    parts.time_calls(run_handle, "from_trace", "labels")
    parts.time_calls(diagnostics, "check", "checks")
    rufous.sample(
        compiled, DRAWS, tune=1000, chains=CHAINS, random_seed=1, progressbar=False, quiet=True
    )
    parts.end("imports, after the chains")


def with_nutpie(parts: Parts) -> None:
    """Do it with nutpie on PyMC."""
    import nutpie
    import pymc

    parts.end("import pymc and nutpie")
    model = eight_schools(pymc)
    parts.end("model")
    compiled = nutpie.compile_pymc_model(model)
    parts.end("compile")
    nutpie.sample(compiled, draws=DRAWS, tune=1000, chains=CHAINS, seed=1, progress_bar=False)
    parts.end("sample and label")


def report(measured: dict[str, dict[str, dict[str, float]]]) -> str:
    """Lay out the seconds of all packages, and the ratio of the totals."""
    lines = []
    for package, figures in measured.items():
        lines.append(f"{package:<28}{'cold, s':>10}{'warm, s':>10}")
        lines += [
            f"  {part:<26}{figures['cold'][part]:>10.3f}{figures['warm'][part]:>10.3f}"
            for part in figures["cold"]
        ]
    if {"rufous", "nutpie"} <= measured.keys():
        ours, theirs = measured["rufous"], measured["nutpie"]
        ratios = [theirs[kind]["total"] / ours[kind]["total"] for kind in ("cold", "warm")]
        lines.append(f"{'nutpie / rufous':<28}{ratios[0]:>10.1f}{ratios[1]:>10.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
