"""Groups in and out of the two generations of ArviZ containers.

ArviZ before 1 keeps its groups in ``arviz.InferenceData``, later ones in ``xarray.DataTree``.
Nothing else in Rufous needs to know which: this file makes, extends and reads both. A DataTree
is made by xarray alone, so that current ArviZ is not imported before the user does.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from rufous.errors import SettingsError, UnknownNameError
from rufous.results.attrs import package_versions
from rufous.results.labels import GroupSpec, to_dataset

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "extend",
    "get_group",
    "group_names",
    "has_group",
    "is_preloaded",
    "preload",
    "to_inference_data",
]

_IMPORT_LOCK = threading.Lock()


def to_inference_data(
    groups: Mapping[str, GroupSpec],
    *,
    coords: Mapping[str, ArrayLike | None] | None = None,
    attrs: Mapping[str, object] | None = None,
) -> Any:
    """Label groups of arrays and put them in the container of the installed ArviZ.

    Parameters
    ----------
    groups : mapping of str to GroupSpec
        Groups by name, as in the ArviZ schema; one without variables is left out.
    coords : mapping of str to array_like, optional
        Labels of the dims; None for a dim without labels.
    attrs : mapping of str to object, optional
        Attributes that every group gets.

    Returns
    -------
    InferenceData or DataTree
        InferenceData where ArviZ is older than 1, else an xarray DataTree.

    Raises
    ------
    ShapeError
        When dims, shapes and labels do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> from rufous.results import GroupSpec, get_group, to_inference_data
    >>> draws = np.zeros((4, 100, 2))
    >>> idata = to_inference_data(
    ...     {"posterior": GroupSpec({"theta": draws}, dims={"theta": ("school",)})},
    ...     coords={"school": ["Choate", "Deerfield"]},
    ... )
    >>> get_group(idata, "posterior")["theta"].dims
    ('chain', 'draw', 'school')
    """
    return _container(_datasets(groups, coords, attrs))


def extend(
    idata: Any,
    groups: Mapping[str, GroupSpec],
    *,
    coords: Mapping[str, ArrayLike | None] | None = None,
    attrs: Mapping[str, object] | None = None,
) -> Any:
    """Add groups to a result in place; a group of the same name is replaced.

    Parameters
    ----------
    idata : InferenceData or DataTree
        The result to extend.
    groups, coords, attrs
        As for :func:`to_inference_data`.

    Returns
    -------
    InferenceData or DataTree
        The same object.
    """
    datasets = _datasets(groups, coords, attrs)
    if _is_datatree(idata):
        import xarray as xr

        for name, dataset in datasets.items():
            idata[name] = xr.DataTree(dataset)
    else:
        idata.extend(type(idata)(**datasets), join="right")
    return idata


def get_group(idata: Any, name: str) -> xr.Dataset:
    """Return one group of a result as a dataset.

    Parameters
    ----------
    idata : InferenceData or DataTree
        A result.
    name : str
        Name of the group.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    UnknownNameError
        When there is no such group; the message lists those there are.
    """
    if not has_group(idata, name):
        known = ", ".join(group_names(idata)) or "none"
        raise UnknownNameError(f"no group named {name!r}; there are: {known}")
    group = idata[name]
    dataset: xr.Dataset = group.to_dataset() if _is_datatree(idata) else group
    return dataset


def group_names(idata: Any) -> tuple[str, ...]:
    """Return the names of the groups of a result, warm-up groups included."""
    if _is_datatree(idata):
        return tuple(idata.children)
    if not callable(getattr(idata, "groups", None)):
        raise SettingsError(
            "`idata` must be the result of a run (an InferenceData or a DataTree), got "
            f"{type(idata).__name__}"
        )
    return tuple(name.lstrip("/") for name in idata.groups())


def has_group(idata: Any, name: str) -> bool:
    """Return whether a result holds a group of that name."""
    return name in group_names(idata)


def is_preloaded() -> bool:
    """Return whether what labelling needs has been imported, or is being imported."""
    return "xarray" in sys.modules and (_arviz_generation() > 0 or "arviz" in sys.modules)


def preload() -> None:
    """Import what labelling needs, so that it may happen while the chains run."""
    package_versions()
    if _arviz_generation() == 0:
        _inference_data_class()
    else:
        import xarray  # noqa: F401


def _datasets(
    groups: Mapping[str, GroupSpec],
    coords: Mapping[str, ArrayLike | None] | None,
    attrs: Mapping[str, object] | None,
) -> dict[str, xr.Dataset]:
    return {
        name: to_dataset(spec, coords, attrs) for name, spec in groups.items() if spec.variables
    }


def _container(datasets: dict[str, xr.Dataset]) -> Any:
    if _arviz_generation() == 0:
        return _inference_data_class()(**datasets)
    import xarray as xr

    return xr.DataTree.from_dict(dict(datasets))


def _inference_data_class() -> Any:
    # The lock: warning filters belong to the process, and several threads may come here at once.
    with _IMPORT_LOCK, warnings.catch_warnings():
        # Once a day this generation announces the next one; the user did not ask for either.
        warnings.simplefilter("ignore", FutureWarning)
        import arviz
    return arviz.InferenceData


def _is_datatree(idata: Any) -> bool:
    # InferenceData has `groups` as a method, DataTree as a property; only the latter has children.
    return hasattr(idata, "children")


@cache
def _arviz_generation() -> int:
    """Major version of the installed ArviZ, without importing it; 1 where there is none."""
    from importlib import metadata

    try:
        return int(metadata.version("arviz").split(".")[0])
    except metadata.PackageNotFoundError:
        return 1
