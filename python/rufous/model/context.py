"""The stack of models that are open: each thread has its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rufous.errors import ModelError

if TYPE_CHECKING:
    from rufous.model.model import Model

__all__ = ["active_model", "current_model", "modelcontext", "pop_model", "push_model"]


class _Stack(threading.local):
    """Open models of one thread, innermost last."""

    def __init__(self) -> None:
        self.models: list[Model] = []


_STACK = _Stack()


def push_model(model: Model) -> None:
    """Open a model: variables written from now on belong to it."""
    _STACK.models.append(model)


def pop_model() -> None:
    """Close the innermost model."""
    _STACK.models.pop()


def current_model() -> Model | None:
    """Return the innermost open model of this thread, or None."""
    return _STACK.models[-1] if _STACK.models else None


def modelcontext(model: Model | None) -> Model:
    """Return `model` if given, else the innermost open one.

    Parameters
    ----------
    model : Model or None
        A model given explicitly wins.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        When there is neither.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     rf.modelcontext(None) is model
    True
    """
    return active_model(model, what="modelcontext")


class NoModelError(ModelError, TypeError):
    """Something that belongs to a model is written outside of one."""


def active_model(model: Model | None = None, *, what: str = "this call") -> Model:
    """Return `model` if given, else the innermost open one.

    Parameters
    ----------
    model : Model, optional
        A model given explicitly wins.
    what : str
        Who asks, for the message.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        When there is neither.
    """
    found = current_model() if model is None else model
    if found is None:
        raise NoModelError(
            f"{what} needs a model: write it inside `with rufous.Model():`, or pass model=. "
            "A variable without a model is made with .dist(), for example Normal.dist(0, 1)."
        )
    if not hasattr(found, "register_rv"):
        raise ModelError(
            f"model of {what} must be a rufous.Model, got {found!r}; leave it out "
            "inside a with block"
        )
    return found
