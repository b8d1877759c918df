"""From everything that NumPy calls a seed to the one number that the sampler takes."""

from __future__ import annotations

import operator
import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np

from rufous._typing import RandomSeed
from rufous.errors import SettingsError

__all__ = ["resolve_seed"]

# Seeds stay below 2**63, so that every file format can hold one as a signed integer.
_LIMIT = 2**63


def resolve_seed(random_seed: RandomSeed) -> int:
    """Turn `random_seed` into an integer in [0, 2**63).

    Parameters
    ----------
    random_seed : int, sequence of int, SeedSequence, Generator or None
        An integer below 2**63 is taken as it is. A larger one, a sequence and a SeedSequence are
        hashed by NumPy's SeedSequence. A Generator is advanced by one number, so that a second
        call with the same Generator gives other draws. None takes entropy from the operating
        system; the seed that came out is recorded with the results.

    Returns
    -------
    int

    Raises
    ------
    SettingsError
        When a number is negative or the type is another one.

    Examples
    --------
    >>> from rufous.sampling.seeds import resolve_seed
    >>> resolve_seed(42)
    42
    >>> resolve_seed([1, 2, 3]) == resolve_seed([1, 2, 3])
    True
    """
    if random_seed is None:
        return secrets.randbelow(_LIMIT)
    if isinstance(random_seed, np.random.Generator):
        return int(random_seed.integers(0, _LIMIT, dtype=np.int64))
    if isinstance(random_seed, np.random.SeedSequence):
        return _hashed(random_seed)
    if isinstance(random_seed, Sequence | np.ndarray) and not isinstance(random_seed, str | bytes):
        return _of_sequence(random_seed)
    number = _non_negative(random_seed)
    return number if number < _LIMIT else _hashed(np.random.SeedSequence(number))


def _of_sequence(seeds: Sequence[Any] | np.ndarray[Any, Any]) -> int:
    if isinstance(seeds, np.ndarray) and seeds.ndim == 0:
        return resolve_seed(seeds.item())
    numbers = [_non_negative(seed) for seed in seeds]
    if not numbers:
        raise SettingsError(
            "`random_seed` is an empty sequence; give at least one integer, or None for a "
            "seed from the operating system."
        )
    return _hashed(np.random.SeedSequence(numbers))


def _non_negative(seed: Any) -> int:
    number = -1
    if not isinstance(seed, bool | np.bool_):
        try:
            number = operator.index(seed)
        except TypeError:
            pass
    if number < 0:
        raise SettingsError(
            "`random_seed` must be a non-negative integer, a sequence of them, a SeedSequence, "
            f"a Generator or None, got {seed!r} ({type(seed).__name__})."
        )
    return number


def _hashed(sequence: np.random.SeedSequence) -> int:
    return int(sequence.generate_state(1, np.uint64)[0]) % _LIMIT
