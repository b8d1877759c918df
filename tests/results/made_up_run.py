"""A small run made by hand: two variables, dims, integers, booleans, warm-up."""

from __future__ import annotations

from importlib import metadata

import numpy as np

from rufous.layout import Layout
from rufous.results import ChainTrace, DrawBlock, from_trace, run_attrs

OLD_ARVIZ = metadata.version("arviz").startswith("0.")

STATISTICS = (
    ("lp", "float64", "Log density of the draw."),
    ("energy", "float64", "Energy."),
    ("diverging", "bool", "Whether the trajectory diverged."),
    ("reached_max_treedepth", "bool", "Whether the trajectory was cut off."),
    ("tree_depth", "int64", "Doublings."),
    ("divergence_reason", "int64", "Why it diverged."),
)
REASONS = ("", "energy error over the limit", "log density not finite")
STORED = Layout.from_shapes(
    {"mu": (), "theta": (3,), "count": (2,), "flag": (), "sigma": ()},
    dims={"theta": ("school",)},
    dtypes={"count": np.dtype(np.int64), "flag": np.dtype(np.bool_)},
)
UNCONSTRAINED = Layout.from_shapes(
    {"mu": (), "theta": (3,), "sigma_log__": ()}, dims={"theta": ("school",)}
)
COORDS = {"school": np.array(["Åse", "Bo", "Cy"]), "unused": None}


def block(rng, num_draws: int, unconstrained: bool = True) -> DrawBlock:
    values = rng.normal(size=(num_draws, STORED.size))
    values[:, STORED["count"].slice] = rng.poisson(3, size=(num_draws, 2))
    values[:, STORED["flag"].slice] = rng.integers(0, 2, size=(num_draws, 1))
    statistics = {
        "lp": rng.normal(size=num_draws),
        "energy": rng.normal(size=num_draws),
        "diverging": rng.random(num_draws) < 0.1,
        "reached_max_treedepth": rng.random(num_draws) < 0.05,
        "tree_depth": rng.integers(1, 5, size=num_draws),
        "divergence_reason": rng.integers(0, 3, size=num_draws),
    }
    positions = rng.normal(size=(num_draws, UNCONSTRAINED.size)) if unconstrained else None
    return DrawBlock(values, statistics, positions)


def run(lengths=(50, 50, 50, 50), *, warmup: int | None = None, outcomes=None, **kwargs):
    rng = np.random.default_rng(1)
    chains = [
        ChainTrace(
            number,
            block(rng, length),
            None if warmup is None else block(rng, warmup),
            outcome=outcomes[number] if outcomes else "complete",
            message="it broke" if outcomes and outcomes[number] == "failed" else None,
        )
        for number, length in enumerate(lengths)
    ]
    kwargs = {
        "stored": STORED,
        "unconstrained": UNCONSTRAINED,
        "coords": COORDS,
        "observed_data": {"y": (np.arange(3.0), ("school",))},
        "constant_data": {
            "x": (np.ones((3, 2), dtype=np.int8), ("school", None)),
            "label": (np.array("Å"), ()),
        },
        "statistics": STATISTICS,
        "divergence_reasons": REASONS,
        "attrs": run_attrs(
            settings={"target_accept": 0.8, "max_treedepth": 10, "nested": {"a": [1, 2]}},
            random_seed=2**64 - 1,
            cores=2,
            sampling_time=1.5,
            tuning_steps=500,
            backend="rust",
            evaluator="numba",
        ),
    } | kwargs
    return chains, from_trace(chains, **kwargs)
