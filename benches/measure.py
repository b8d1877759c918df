"""Measure one package on one model, in a process of its own; prints one line of JSON.

Called by ``benches.versus_nutpie``, which sets the cache folder and the number of BLAS threads.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import runpy
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from benches.ess import smallest_ess
from benches.timing import nanoseconds_per_gradient

DRAWS = 1000
CHAINS = 4
#: Seeds in each process: the smallest ESS of one run says little.
RUNS = 5


@dataclass
class Prepared:
    """A compiled model, ready for a gradient."""

    free: list[str]
    gradient: Callable[[], None]
    address: int
    user_data: int
    start: np.ndarray
    sample: Callable[[int, int], Any]
    keep: Any


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", choices=["rufous", "nutpie"], required=True)
    parser.add_argument("--gallery", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--full", action="store_true", help="also time gradients and sample")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    json.dump(measure(arguments), sys.stdout)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one process by name, or the reason why there are none."""
    package = arguments.package
    born = time.perf_counter()
    module = importlib.import_module("pymc" if package == "nutpie" else "rufous")
    # Rufous loads what writes models, and PyTensor with it, when the first name is asked for.
    assert module.Model and module.Normal
    assert (importlib.import_module("nutpie") if package == "nutpie" else module).sample
    figures: dict[str, Any] = {"import": time.perf_counter() - born}
    gallery = runpy.run_path(arguments.gallery)["ALL"]
    try:
        begin = time.perf_counter()
        model = gallery[arguments.model](module)
        prepared = (prepare_rufous if package == "rufous" else prepare_nutpie)(model)
        prepared.gradient()
        figures["to_first_gradient"] = time.perf_counter() - begin
        if arguments.full:
            figures |= full(prepared, arguments, born)
    except Exception as error:
        figures["failed"] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return figures


def full(prepared: Prepared, arguments: argparse.Namespace, born: float) -> dict[str, float]:
    """Time the way to the first posterior, the gradient, and a run when everything is loaded."""
    prepared.sample(arguments.cores, arguments.seed)
    figures = {"to_posterior": time.perf_counter() - born}
    figures["ns_per_gradient"] = nanoseconds_per_gradient(
        prepared.address, prepared.user_data, prepared.start
    )
    runs = [one_run(prepared, arguments.cores, arguments.seed + i) for i in range(RUNS)]
    return figures | {key: median(run[key] for run in runs) for key in runs[0]}


def one_run(prepared: Prepared, cores: int, seed: int) -> dict[str, float]:
    """Sample with one seed."""
    begin = time.perf_counter()
    result = prepared.sample(cores, seed)
    seconds = time.perf_counter() - begin
    draws = {name: np.asarray(result.posterior[name]) for name in prepared.free}
    gradients = sum(
        int(result[group]["n_steps"].sum()) for group in ("warmup_sample_stats", "sample_stats")
    )
    ess = smallest_ess(draws)
    return {
        "sampling": seconds,
        "memory": peak_memory(),
        "gradients": gradients,
        "ess": ess,
        "ess_per_gradient": ess / gradients,
        "ess_per_second": ess / seconds,
        "divergences": int(result["sample_stats"]["diverging"].sum()),
    }


def peak_memory() -> float:
    """Return the largest memory that this process has had so far, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Bytes on macOS, kilobytes elsewhere.
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def prepare_rufous(model: Any) -> Prepared:
    """Compile with Rufous."""
    import rufous

    compiled = rufous.compile(model)
    start = compiled.initial_point()
    address, user_data, keep = c_function(compiled)

    def sample(cores: int, seed: int) -> Any:
        return rufous.sample(
            compiled,
            DRAWS,
            chains=CHAINS,
            cores=cores,
            random_seed=seed,
            progressbar=False,
            discard_tuned_samples=False,
        )

    return Prepared(
        free=[variable.name for variable in model.free_RVs],
        gradient=lambda: compiled.logp_dlogp(start),
        address=address,
        user_data=user_data,
        start=start,
        sample=sample,
        keep=keep,
    )


def c_function(compiled: Any) -> tuple[int, int, Any]:
    """Address and last argument of the log density as a C function, and what keeps it alive."""
    if compiled.evaluator == "native":
        function = compiled.source.bound.c_function()
        return function.address, function.user_data, function
    program, state = compiled.source.program, compiled.source.state
    arrays = [slot.array(state.inputs) for slot in program.slots]
    table = np.array([n for a in arrays for n in (a.ctypes.data, *a.shape)] or [0], dtype=np.int64)
    return program.logp_dlogp.address, table.ctypes.data, (arrays, table)


def prepare_nutpie(model: Any) -> Prepared:
    """Compile with nutpie."""
    import ctypes

    import nutpie

    compiled = nutpie.compile_pymc_model(model)
    start = np.array(compiled.initial_point_func(1), dtype=np.float64)
    address, user_data = compiled.compiled_logp_func.address, compiled.user_data.ctypes.data
    gradient, logdensity = np.empty_like(start), np.empty(1)
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
    function = kind(address)
    pointers = [array.ctypes.data for array in (start, gradient, logdensity)]

    def sample(cores: int, seed: int) -> Any:
        return nutpie.sample(
            compiled, draws=DRAWS, chains=CHAINS, cores=cores, seed=seed, progress_bar=False
        )

    return Prepared(
        free=[variable.name for variable in model.free_RVs],
        gradient=lambda: function(len(start), *pointers, user_data),
        address=address,
        user_data=user_data,
        start=start,
        sample=sample,
        keep=(compiled, gradient, logdensity),
    )


if __name__ == "__main__":
    main()
