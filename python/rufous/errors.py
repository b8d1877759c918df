"""Every exception and warning that Rufous raises.

One base class, so that ``except rufous.RufousError`` catches all of them; each subclass also
inherits the built-in that describes it best, so that code which knows nothing of Rufous
(``except ValueError``) still works.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

__all__ = [
    "CheckpointError",
    "CompileError",
    "ConvergenceWarning",
    "DivergenceWarning",
    "ImputationWarning",
    "InitializationError",
    "LogDensityError",
    "ModelError",
    "RufousError",
    "RufousWarning",
    "SamplingError",
    "SamplingInterrupted",
    "SettingsError",
    "ShapeError",
    "TreeDepthWarning",
    "UnknownNameError",
    "UnsupportedError",
    "WrongTypeError",
]


class RufousError(Exception):
    """Base class of all errors raised by Rufous."""


class SettingsError(RufousError, ValueError):
    """An argument is out of range, of the wrong type, or in conflict with another one."""


class WrongTypeError(SettingsError, TypeError):
    """An argument is an object of another kind than asked for, or one that nobody takes."""


class ModelError(RufousError, ValueError):
    """The model as written cannot be given a meaning."""


class ShapeError(ModelError):
    """Shapes, dims, coords or observed data do not fit together."""


class UnknownNameError(RufousError, KeyError):
    """A variable, dim or coord of that name does not exist."""

    def __str__(self) -> str:
        # KeyError shows the repr of its argument; a sentence must stay a sentence.
        return str(self.args[0]) if self.args else ""


class UnsupportedError(RufousError, NotImplementedError):
    """The model is valid, but what was asked of it cannot be done; the message says what can."""


class CompileError(RufousError, RuntimeError):
    """A model could not be turned into native code."""


class LogDensityError(RufousError, RuntimeError):
    """A log density from elsewhere broke its contract or reported a fatal error."""


class InitializationError(RufousError, RuntimeError):
    """No starting point with a finite log density and gradient was found."""


class CheckpointError(RufousError, ValueError):
    """Bytes are not a checkpoint of this model: damaged, of another version, or another model."""


class SamplingError(RufousError, RuntimeError):
    """A chain failed while sampling.

    Attributes
    ----------
    partial : InferenceData, DataTree or None
        The draws of all chains up to the failure, or None when there are none.
    """

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial


class SamplingInterrupted(KeyboardInterrupt):
    """Sampling was interrupted from the keyboard.

    A subclass of KeyboardInterrupt, not of RufousError: a script that is interrupted must stop,
    and half a posterior must not pass for a whole one.

    Attributes
    ----------
    partial : InferenceData, DataTree or None
        The draws up to the interrupt, or None when there are none.
    """

    def __init__(self, message: str, partial: Any = None) -> None:
        super().__init__(message)
        self.partial = partial


class RufousWarning(UserWarning):
    """Base class of all warnings given by Rufous."""


class ImputationWarning(RufousWarning):
    """Observed data are missing and become a free variable."""


class DivergenceWarning(RufousWarning):
    """Some transitions diverged; the draws may miss part of the posterior."""


class ConvergenceWarning(RufousWarning):
    """The chains disagree or hold too few effective draws."""


class TreeDepthWarning(RufousWarning):
    """Trajectories were cut off at ``max_treedepth``."""


def warn(text: str, category: type[RufousWarning]) -> None:
    """Give a warning that points to the line that called into Rufous."""
    frame = sys._getframe(1)
    level = 2
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "rufous":
        frame = frame.f_back
        level += 1
    warnings.warn(text, category, stacklevel=level)
