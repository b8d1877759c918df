"""A function of the user that is called once per block of draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from rufous.errors import SettingsError
from rufous.sampling.checks import check_integer

if TYPE_CHECKING:
    from rufous.sampling.run_handle import RunHandle

__all__ = ["Blocks", "Callback", "checked_blocks"]

#: Called with the run; a true answer stops it.
Callback: TypeAlias = "Callable[[RunHandle], object]"


@dataclass(frozen=True, slots=True)
class Blocks:
    """When to call what.

    Parameters
    ----------
    callback : callable
        Called with the run while all chains are parked.
    every : int
        Draws of each chain between two calls.
    """

    callback: Callback
    every: int

    def next_after(self, draws: int) -> int:
        """Return the first end of a block after this number of draws."""
        return (draws // self.every + 1) * self.every


def checked_blocks(callback: Any, callback_every: Any) -> Blocks | None:
    """Check the arguments `callback` and `callback_every` of `rufous.sample`.

    Raises
    ------
    SettingsError
        When `callback` cannot be called or the block has no length.
    """
    every = check_integer("callback_every", callback_every, minimum=1, typical="50 to 500")
    if callback is None:
        return None
    if not callable(callback):
        raise SettingsError(
            "`callback` must be a function of the run, or None, got "
            f"{callback!r:.60} ({type(callback).__name__})."
        )
    return Blocks(callback, every)
