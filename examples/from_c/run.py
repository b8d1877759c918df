"""Sample a log density written in C.

The C compiler is looked for under the names ``cc``, ``gcc`` and ``clang``, or taken from the
environment variable ``CC``. Run it with ``python examples/from_c/run.py``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cffi
import numpy as np

import rufous

FOLDER = Path(__file__).resolve().parent
SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")

DECLARATIONS = """
    struct data { uint64_t num_observations; const double *observations; };
    int64_t logp_dlogp(uint64_t, const double *, double *, double *, void *);
    int64_t expand(uint64_t, const double *, uint64_t, double *, void *);
"""


def build(folder: Path) -> Path:
    """Compile normal.c to a shared library in `folder`."""
    compiler = os.environ.get("CC") or next(filter(shutil.which, ("cc", "gcc", "clang")), None)
    if compiler is None:
        sys.exit("no C compiler found; install one, or name it in the environment variable CC")
    library = folder / f"normal{SUFFIX}"
    subprocess.run(
        [
            *compiler.split(),
            "-O2",
            "-shared",
            "-fPIC",
            f"-I{rufous.get_include()}",
            str(FOLDER / "normal.c"),
            "-o",
            str(library),
            "-lm",
        ],
        check=True,
    )
    return library


def check(name: str, draws: np.ndarray, expected: float) -> None:
    """Compare a mean with its exact value, in Monte Carlo standard errors from batch means."""
    batches = draws.reshape(-1, 50).mean(axis=1)
    error = batches.std(ddof=1) / np.sqrt(batches.size)
    z = (draws.mean() - expected) / error
    print(f"{name:<12} mean {draws.mean():8.4f}   exact {expected:8.4f}   z {z:5.2f}")
    if abs(z) > 5:
        sys.exit(f"the mean of {name} is wrong")


def main() -> None:
    observations = np.random.default_rng(1).normal(1.5, 2.0, size=40)
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        library = ffi.dlopen(str(build(Path(folder))))
        buffer = ffi.from_buffer("double[]", observations)
        data = ffi.new("struct data *", {"num_observations": 40, "observations": buffer})
        compiled = rufous.from_pointers(
            2,
            library.logp_dlogp,
            expand=library.expand,
            user_data=data,
            # `library` owns the code, `buffer` the numbers that `data` points at.
            keep_alive=(library, buffer),
            variables=["mu", "log_sigma"],
            stored=["mu", "sigma", "p_negative"],
        )
        idata = rufous.sample(compiled, draws=2000, random_seed=1)

    # Exact: mu is Student t, sigma squared scaled inverse chi squared, both with n - 1 degrees.
    n, mean, variance = observations.size, observations.mean(), observations.var(ddof=1)
    mu, sigma = (idata.posterior[name].to_numpy() for name in ("mu", "sigma"))
    factor = (n - 1) / (n - 3)
    check("mu", mu, mean)
    check("var of mu", (mu - mean) ** 2, variance / n * factor)
    check("sigma^2", sigma**2, variance * factor)


if __name__ == "__main__":
    main()
