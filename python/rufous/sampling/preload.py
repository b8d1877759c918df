"""Imports that labelling needs, made while the chains run."""

from __future__ import annotations

import threading

from rufous import results

__all__ = ["Preload"]

# Seconds that Ctrl-C waits to be heard.
_SLICE = 0.05


class Preload:
    """The import of what labels the draws, begun in the background when this is made.

    The chains do not hold the GIL, so the import costs nothing as long as they run. Who does not
    wait for it leaves it to go on by itself; the next who needs it waits for it as for any import
    of another thread.
    """

    def __init__(self) -> None:
        self._failures: list[BaseException] = []
        self._thread: threading.Thread | None = None
        if not results.is_preloaded():
            self._thread = threading.Thread(target=self._work, name="rufous-preload", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait for the import; again is harmless.

        Raises
        ------
        Exception
            What the import raised.
        """
        while self._thread is not None and self._thread.is_alive():
            # In slices, so that Ctrl-C is heard on every system.
            self._thread.join(_SLICE)
        for failure in self._failures:
            failure.add_note("Raised by the import of what labels the draws, after they were made.")
            raise failure

    def _work(self) -> None:
        try:
            results.preload()
        except BaseException as error:
            self._failures.append(error)
