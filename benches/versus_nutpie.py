"""Hold Rufous beside nutpie on PyMC, in one run on one machine.

    python -m benches.versus_nutpie --gallery models.py [--models a,b] [--out folder]

`models.py` has a dict ``SPEED`` of functions that take the modelling module (`pymc` or `rufous`)
and return a model. Each figure comes from a process of its own with one BLAS thread; the packages
take turns, so that what else the machine does falls on both. "Cold" starts from an empty cache
folder, "warm" uses the one that the cold start filled. The smallest ESS is over all elements of
the free variables, of their location and of their spread, and gradients count the warm-up. Both
packages tune as they do by default. Ratios above 1 are in favour of Rufous.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import runpy
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benches.report import markdown, table

PACKAGES = ("rufous", "nutpie")


def main() -> None:
    """Measure all models and write the report."""
    arguments = parse_arguments()
    models = arguments.models or list(runpy.run_path(arguments.gallery)["SPEED"])
    results: dict[str, Any] = {"machine": machine(arguments.cores), "models": {}}
    with tempfile.TemporaryDirectory() as caches:
        for name in models:
            results["models"][name] = compare(name, arguments, Path(caches))
            print(table({name: results["models"][name]}), flush=True)
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "versus_nutpie.json").write_text(json.dumps(results, indent=1) + "\n")
        (arguments.out / "versus_nutpie.md").write_text(markdown(results))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gallery", required=True, type=Path, help="file with the models")
    parser.add_argument(
        "--models", type=lambda text: text.split(","), help="names; default: those in SPEED"
    )
    parser.add_argument("--repeats", type=int, default=3, help="warm processes of each package")
    parser.add_argument("--cores", type=int, default=os.cpu_count(), help="threads of a run")
    parser.add_argument("--out", type=Path, help="folder for the report as JSON and Markdown")
    return parser.parse_args()


def compare(name: str, arguments: argparse.Namespace, caches: Path) -> dict[str, Any]:
    """Measure both packages on one model: cold once, warm several times, taking turns."""
    runs: dict[str, list[dict[str, Any]]] = {package: [] for package in PACKAGES}
    for repeat in range(arguments.repeats + 1):
        for package in PACKAGES if repeat % 2 == 0 else PACKAGES[::-1]:
            if runs[package] and "failed" in runs[package][0]:
                continue
            cache = caches / f"{name}-{package}"
            runs[package].append(run(package, name, arguments, cache, repeat))
    return {package: summary(runs[package]) for package in PACKAGES}


def run(
    package: str, name: str, arguments: argparse.Namespace, cache: Path, repeat: int
) -> dict[str, Any]:
    """Measure in a fresh process; the first one of a cache folder is cold and only compiles."""
    command = [sys.executable, "-m", "benches.measure", "--package", package, "--model", name]
    command += ["--gallery", str(arguments.gallery), "--cores", str(arguments.cores)]
    command += ["--seed", str(1000 * (repeat + 1))]
    command += ["--full"] if repeat else []
    one_thread = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    folders = {
        "PYTENSOR_FLAGS": f"base_compiledir={cache}",
        "NUMBA_CACHE_DIR": str(cache / "numba"),
    }
    completed = subprocess.run(
        command, env={**os.environ, **one_thread, **folders}, capture_output=True, text=True
    )
    if completed.returncode:
        return {"failed": completed.stderr.strip().splitlines()[-1]}
    return json.loads(completed.stdout.splitlines()[-1])


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Take the cold figure from the first run and medians of the others."""
    failed = [measured["failed"] for measured in runs if "failed" in measured]
    if failed:
        return {"failed": failed[0]}
    cold, *warm = runs
    figures = {key: median(measured[key] for measured in warm) for key in warm[0]}
    figures["cold"] = cold["to_first_gradient"]
    figures["warm"] = figures.pop("to_first_gradient")
    return figures


def machine(cores: int) -> dict[str, Any]:
    """Describe where the figures come from."""
    packages = ("rufous", "pymc", "nutpie", "pytensor", "numba", "numpy")
    return {
        "processor": processor(),
        "cores": cores,
        "python": platform.python_version(),
        **{package: installed(package) for package in packages},
    }


def installed(package: str) -> str:
    """Return the version of a package; the source tree's when it is not installed."""
    try:
        return version(package)
    except ImportError:
        module = __import__(package)
        return str(module.__version__)


def processor() -> str:
    """Name the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
