"""What has to hold or to happen while chains run: one BLAS thread, and imports for later."""

from __future__ import annotations

import weakref
from contextlib import ExitStack

from rufous.compile.blas import single_threaded_blas
from rufous.sampling.preload import Preload

__all__ = ["Background"]


class Background:
    """Keeps the BLAS at one thread, and loads what labels the draws, until it is closed.

    Closes itself when nothing refers to it any more.
    """

    def __init__(self) -> None:
        stack = ExitStack()
        stack.enter_context(single_threaded_blas())
        self._close = weakref.finalize(self, stack.close)
        self._preload = Preload()

    def close(self) -> None:
        """Give the BLAS its threads back and wait for the imports; again is harmless.

        Raises
        ------
        Exception
            What an import raised.
        """
        self._close()
        self._preload.wait()
