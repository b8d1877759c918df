"""Labelled results: from arrays and layouts to what ArviZ reads.

The object is an ``arviz.InferenceData`` where ArviZ is older than 1 and an
``xarray.DataTree`` otherwise; both hold the same groups. Importing this package loads neither
xarray nor ArviZ.
"""

from rufous.results.attrs import run_attrs
from rufous.results.chains import ChainTrace, DrawBlock
from rufous.results.inference_data import (
    extend,
    get_group,
    group_names,
    has_group,
    is_preloaded,
    preload,
    to_inference_data,
)
from rufous.results.labels import GroupSpec
from rufous.results.phase import common_length
from rufous.results.stats import describe_statistics
from rufous.results.trace import from_trace

__all__ = [
    "ChainTrace",
    "DrawBlock",
    "GroupSpec",
    "common_length",
    "describe_statistics",
    "extend",
    "from_trace",
    "get_group",
    "group_names",
    "has_group",
    "is_preloaded",
    "preload",
    "run_attrs",
    "to_inference_data",
]
