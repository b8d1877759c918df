"""Imports that labelling needs, made while the chains run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rufous import results

__all__ = ["preloading"]

# Seconds that Ctrl-C waits to be heard.
_SLICE = 0.05


@contextmanager
def preloading() -> Iterator[None]:
    """Import what labels the draws in the background, and wait for it at the end.

    The chains do not hold the GIL, so the import costs nothing as long as they run. Whoever leaves
    by an exception does not wait; the import then goes on by itself, and the next who needs it
    waits for it as for any import of another thread.

    Raises
    ------
    Exception
        What the import raised, at the end.
    """
    if results.is_preloaded():
        yield
        return
    failures: list[BaseException] = []

    def work() -> None:
        try:
            results.preload()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work, name="rufous-preload", daemon=True)
    thread.start()
    yield
    while thread.is_alive():
        # In slices, so that Ctrl-C is heard on every system.
        thread.join(_SLICE)
    for failure in failures:
        failure.add_note("Raised by the import of what labels the draws, after they were made.")
        raise failure
