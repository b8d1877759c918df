"""Attributes of results: what was run, with what, when; all of it storable in NetCDF."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np

__all__ = ["group_attrs", "package_versions", "plain_attrs", "run_attrs"]

_PACKAGES = ("rufous", "pytensor", "numba", "numpy")


def run_attrs(
    *,
    settings: Mapping[str, object],
    random_seed: int,
    cores: int,
    sampling_time: float,
    tuning_steps: int,
    backend: str,
    evaluator: str,
    **more: object,
) -> dict[str, object]:
    """Describe a sampling run for the attributes of its groups.

    Parameters
    ----------
    settings : mapping of str to object
        Every setting of the run; stored as JSON text.
    random_seed : int
        The seed that was used, also where the user gave none.
    cores : int
        Number of threads that were decided on.
    sampling_time : float
        Seconds from the first gradient to the last draw, tuning included.
    tuning_steps : int
        Tuning iterations per chain.
    backend, evaluator : str
        What sampled, and what computed the log density.
    **more : object
        Further attributes, for example ``complete`` or ``cores_decision``.

    Returns
    -------
    dict of str to object
        Attributes that NetCDF can hold.
    """
    return plain_attrs(
        {
            "inference_library": "rufous",
            "inference_library_version": package_versions()["rufous"],
            "versions": package_versions(),
            "settings": settings,
            "random_seed": random_seed,
            "cores": cores,
            "sampling_time": float(sampling_time),
            "tuning_steps": int(tuning_steps),
            "backend": backend,
            "evaluator": evaluator,
            "created_at": _now(),
            **more,
        }
    )


def group_attrs(attrs: Mapping[str, object], sample_dims: tuple[str, ...]) -> dict[str, Any]:
    """Complete the attributes of one group with those that the ArviZ schema asks for."""
    schema: dict[str, object] = {
        "created_at": _now(),
        "creation_library": "rufous",
        "creation_library_version": package_versions()["rufous"],
        "creation_library_language": "Python",
        "inference_library": "rufous",
        "inference_library_version": package_versions()["rufous"],
    }
    if sample_dims:
        schema["sample_dims"] = list(sample_dims)
    return plain_attrs({**schema, **attrs})


def plain_attrs(attrs: Mapping[str, object]) -> dict[str, Any]:
    """Turn attributes into text, numbers, lists of either, and arrays of numbers.

    Mappings and nested sequences become JSON text, booleans 0 or 1; None is left out.
    """
    return {key: _plain(value) for key, value in attrs.items() if value is not None}


def _plain(value: object) -> Any:
    if isinstance(value, bool | np.bool_):
        return int(value)
    if isinstance(value, str | int | float | np.number):
        return value
    if isinstance(value, np.ndarray) and value.ndim <= 1 and value.dtype.kind in "iuf":
        return value
    if isinstance(value, list | tuple) and value:
        kinds = {type(item) for item in value}
        if kinds <= {int, float} or kinds == {str}:
            return list(value)
    return json.dumps(value, default=_jsonable)


def _jsonable(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def _now() -> str:
    return datetime.now(UTC).isoformat()


@cache
def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide what the draws are."""
    # Not at the top: this import alone takes a tenth of that of the package.
    from importlib import metadata

    versions = {"python": sys.version.split()[0]}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = str(getattr(sys.modules.get(name), "__version__", "unknown"))
    return versions
