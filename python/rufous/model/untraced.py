"""Graphs written without a record of the line that wrote each node.

PyTensor keeps eight lines of the stack for every node, which takes a third of the time that it
takes to write a graph. For what users write, that record tells where an error comes from; for the
many nodes that the package writes, it would point into the package.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pytensor import config

__all__ = ["untraced"]

_LOCK = threading.Lock()


class _Depth:
    """How many threads and calls write untraced, and the limit to which they return."""

    count = 0
    limit = 0


@contextmanager
def untraced() -> Iterator[None]:
    """Write graphs without a record of where; may be nested, and used in several threads.

    The setting belongs to the process, so the first who comes turns it off and the last who goes
    turns it on again.
    """
    with _LOCK:
        if _Depth.count == 0:
            _Depth.limit = config.traceback__limit
            config.traceback__limit = 0
        _Depth.count += 1
    try:
        yield
    finally:
        with _LOCK:
            _Depth.count -= 1
            if _Depth.count == 0:
                config.traceback__limit = _Depth.limit
