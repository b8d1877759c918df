"""Sample a log density written in Rust.

Builds the small crate next to this file with cargo and hands its functions to Rufous through
ctypes. Run it with ``python examples/from_rust/run.py``.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import rufous

FOLDER = Path(__file__).resolve().parent
LIBRARY = {"win32": "counts.dll", "darwin": "libcounts.dylib"}.get(sys.platform, "libcounts.so")


class Data(ctypes.Structure):
    """The struct of the same name in src/lib.rs."""

    _fields_ = (
        ("shape", ctypes.c_double),
        ("rate", ctypes.c_double),
        ("num_counts", ctypes.c_uint64),
        ("counts", ctypes.POINTER(ctypes.c_double)),
    )


def build(folder: Path) -> Path:
    """Compile the crate into `folder`."""
    if shutil.which("cargo") is None:
        sys.exit("cargo was not found; install Rust from https://rustup.rs")
    manifest = FOLDER / "Cargo.toml"
    command = ["cargo", "build", "--quiet", "--release", "--manifest-path", str(manifest)]
    subprocess.run([*command, "--target-dir", str(folder)], check=True)
    return folder / "release" / LIBRARY


def check(name: str, draws: np.ndarray, expected: float) -> None:
    """Compare a mean with its exact value, in Monte Carlo standard errors from batch means."""
    batches = draws.reshape(-1, 50).mean(axis=1)
    error = batches.std(ddof=1) / np.sqrt(batches.size)
    z = (draws.mean() - expected) / error
    print(f"{name:<22} mean {draws.mean():8.4f}   exact {expected:8.4f}   z {z:5.2f}")
    if abs(z) > 5:
        sys.exit(f"the mean of {name} is wrong")


def main() -> None:
    counts = np.array([0.0, 2.0, 5.0, 11.0, 3.0])
    sites = ["north", "east", "south", "west", "centre"]
    data = Data(2.0, 0.5, counts.size, counts.ctypes.data_as(ctypes.POINTER(ctypes.c_double)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        library = ctypes.CDLL(str(build(Path(folder))))
        compiled = rufous.from_pointers(
            counts.size,
            library.logp_dlogp,
            expand=library.expand,
            user_data=data,
            keep_alive=(library, counts),
            variables={"log_rate": counts.size},
            stored={"rate": counts.size},
            dims={"rate": "site"},
            coords={"site": sites},
        )
        idata = rufous.sample(compiled, draws=2000, random_seed=1)

    # Exact: each rate has the gamma density with shape 2 + count and rate 0.5 + 1.
    for site, count in zip(sites, counts, strict=True):
        rate = idata.posterior["rate"].sel(site=site).to_numpy()
        mean, variance = (2 + count) / 1.5, (2 + count) / 1.5**2
        check(f"rate in {site}", rate, mean)
        check(f"its variance in {site}", (rate - mean) ** 2, variance)


if __name__ == "__main__":
    main()
