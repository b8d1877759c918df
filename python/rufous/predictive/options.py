"""Arguments that all functions of this layer share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rufous.errors import SettingsError
from rufous.model.python_linker import PYTHON_MODE

if TYPE_CHECKING:
    from rufous.results import GroupSpec

__all__ = ["Labels", "check_flag", "evaluation_mode"]


def check_flag(name: str, value: Any) -> bool:
    """Return a flag, or refuse what is none."""
    if not isinstance(value, bool):
        raise SettingsError(f"`{name}` must be True or False, got {value!r}; leave it out")
    return value


def evaluation_mode(
    backend: Any, compile_kwargs: Mapping[str, Any] | None, progressbar: Any = True
) -> Any:
    """Return the mode of PyTensor in which a graph is evaluated.

    Parameters
    ----------
    backend : None
        Refused when given: draws are made with NumPy in one call.
    compile_kwargs : mapping, optional
        May hold ``mode``.
    progressbar : bool
        Checked only: one call has no progress to show.

    Raises
    ------
    SettingsError
        For what would not act.
    """
    check_flag("progressbar", progressbar)
    if backend is not None:
        raise SettingsError(
            f"`backend` must be left out, got {backend!r}: all draws are made in one call with "
            "NumPy; compile_kwargs={'mode': ...} chooses another mode of PyTensor"
        )
    given = dict(compile_kwargs or {})
    mode = given.pop("mode", None)
    if given:
        raise SettingsError(
            f"`compile_kwargs` has {', '.join(map(repr, given))}, which does nothing here; it may "
            "hold 'mode' only"
        )
    return PYTHON_MODE if mode is None else mode


@dataclass(frozen=True)
class Labels:
    """Dims and labels that the user gives to a result, besides those of the model.

    Parameters
    ----------
    dims : dict of str to sequence of str
        By the name of the variable.
    coords : dict of str to array_like
        Labels of dims.
    """

    dims: dict[str, Any] = field(default_factory=dict)
    coords: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, idata_kwargs: Mapping[str, Any] | None) -> Labels:
        """Read what the user wrote for a result.

        Raises
        ------
        SettingsError
            For a key that would not act.
        """
        given = dict(idata_kwargs or {})
        dims, coords = given.pop("dims", None) or {}, given.pop("coords", None) or {}
        if given:
            raise SettingsError(
                f"`idata_kwargs` has {', '.join(map(repr, given))}, which does nothing here; it "
                "may hold 'dims' and 'coords'"
            )
        return cls(dict(dims), dict(coords))

    def on(self, groups: Mapping[str, GroupSpec]) -> dict[str, GroupSpec]:
        """Add the dims to those of groups."""
        return {
            name: replace(
                spec,
                dims={**spec.dims, **{v: d for v, d in self.dims.items() if v in spec.variables}},
            )
            for name, spec in groups.items()
        }
