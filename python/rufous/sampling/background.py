"""What has to hold or to happen while chains run: one BLAS thread, and imports for later."""

from __future__ import annotations

import threading
import weakref
from contextlib import ExitStack

from rufous import results
from rufous.compile.blas import single_threaded_blas

__all__ = ["Background"]


class Background:
    """Keeps the BLAS at one thread, and loads what results and checks need, until it is closed.

    Closes itself when nothing refers to it any more.
    """

    def __init__(self) -> None:
        stack = ExitStack()
        stack.enter_context(single_threaded_blas())
        self._close = weakref.finalize(self, stack.close)
        self._preload = threading.Thread(target=results.preload, name="rufous-preload", daemon=True)
        self._preload.start()

    def close(self) -> None:
        """Wait for the imports and give the BLAS its threads back; again is harmless."""
        self._preload.join()
        self._close()
