"""Names of variables, dims and coords."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from rufous.errors import ModelError

__all__ = ["check_name", "known_names"]

# Axes that every result has; a variable or dim of that name could not be stored next to them.
_RESERVED = ("chain", "draw", "sample", "__sample__")


def check_name(name: Any, what: str) -> str:
    """Return `name` if it can be the name of a variable or dim.

    Parameters
    ----------
    name : object
        What the user gave.
    what : str
        What is named, for the message, for example ``"a variable"``.

    Raises
    ------
    ModelError
        When it is not a string, empty, or reserved.
    """
    if not isinstance(name, str):
        raise ModelError(
            f"the name of {what} must be a string, got {name!r}; "
            'the name comes first, for example Normal("x", 0, 1)'
        )
    if not name.strip() or name != name.strip():
        raise ModelError(
            f"the name of {what} must not be empty or padded with spaces, got {name!r}; "
            "give a plain name"
        )
    if "/" in name or "\0" in name:
        raise ModelError(
            f"the name {name!r} of {what} must not contain '/', which files use for groups; "
            "write '_' instead"
        )
    if name in _RESERVED:
        raise ModelError(
            f"the name {name!r} is reserved for an axis of the results; name {what} otherwise"
        )
    return name


def known_names(name: str, known: Iterable[str]) -> str:
    """Say which names there are, the likely one first.

    Parameters
    ----------
    name : str
        The name that was not found.
    known : iterable of str
        The names that exist.

    Returns
    -------
    str
        End of a sentence, for example ``"did you mean 'school'? There are: school, obs"``.
    """
    names = list(known)
    if not names:
        return "there are none"
    listed = "there are: " + ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    close = get_close_matches(str(name), names, n=1)
    return f"did you mean {close[0]!r}? T{listed[1:]}" if close else listed
