"""Independent random generators, one per variable name."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from rufous.errors import SettingsError

if TYPE_CHECKING:
    from rufous._typing import RandomSeed

__all__ = ["generator", "seed_sequence"]


def seed_sequence(random_seed: RandomSeed) -> np.random.SeedSequence:
    """Convert what the user gave as `random_seed` to a seed sequence.

    Parameters
    ----------
    random_seed : int, sequence of int, numpy Generator or SeedSequence, or None
        None takes fresh entropy from the system. A Generator is asked for a seed, so it moves on.

    Raises
    ------
    SettingsError
        For a negative or non-integer seed.
    """
    if isinstance(random_seed, np.random.SeedSequence):
        return random_seed
    if isinstance(random_seed, np.random.Generator):
        return np.random.SeedSequence(int(random_seed.integers(2**63)))
    try:
        if isinstance(random_seed, bool):
            raise TypeError("a boolean is no seed")
        return np.random.SeedSequence(random_seed)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            "`random_seed` must be a non-negative integer, a sequence of them, a numpy Generator "
            f"or SeedSequence, or None; got {random_seed!r}"
        ) from error


def generator(seed: np.random.SeedSequence, name: str) -> np.random.Generator:
    """Return the generator of one variable.

    Parameters
    ----------
    seed : SeedSequence
        Seed of the whole call.
    name : str
        Name of the variable: its draws do not change when other variables come or go.
    """
    digest = hashlib.sha256(name.encode()).digest()[:16]
    words = tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
    keyed = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, *words))
    return np.random.Generator(np.random.PCG64(keyed))
