"""The logger of Rufous: silent unless the program that uses it says otherwise."""

from __future__ import annotations

import logging

__all__ = ["LOGGER"]

LOGGER = logging.getLogger("rufous")
LOGGER.addHandler(logging.NullHandler())
