"""What a run has learnt, taken from its result and given to another run."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rufous import _core
from rufous._typing import FloatArray
from rufous.errors import SettingsError
from rufous.results import get_group, has_group

__all__ = ["WARM_START", "WarmStart", "learnt_text"]

#: Attribute of ``sample_stats`` that holds it.
WARM_START = "warm_start"


@dataclass(frozen=True, slots=True, eq=False)
class WarmStart:
    """Metric, step size and positions at the end of a run.

    Parameters
    ----------
    metric : rufous._core.Metric
        The metric of the first chain; chains that adapt together have one.
    step_size : float
        Geometric mean over the chains.
    positions : ndarray, shape (chains, dim)
        Unconstrained position of each chain at its end.
    """

    metric: _core.Metric
    step_size: float
    positions: FloatArray

    @classmethod
    def of(cls, chains: Sequence[_core.ChainTrace]) -> WarmStart | None:
        """Take it from the traces of chains; None when none of them has taken a draw."""
        known = [
            (chain.metric, chain.step_size, chain.position)
            for chain in chains
            if chain.metric is not None and chain.position is not None and len(chain.draws.values)
        ]
        if not known:
            return None
        metrics, steps, positions = zip(*known, strict=True)
        return cls(metrics[0], float(np.exp(np.mean(np.log(steps)))), np.stack(positions))

    @classmethod
    def read(cls, source: Any) -> WarmStart:
        """Take it from a result of `rufous.sample`, or return it as it is.

        Raises
        ------
        SettingsError
            When `source` is something else, or holds none.
        """
        if isinstance(source, WarmStart):
            return source
        text = None
        try:
            if has_group(source, "sample_stats"):
                text = get_group(source, "sample_stats").attrs.get(WARM_START)
        except SettingsError:
            pass
        if text is None:
            raise SettingsError(
                "`warm_start` must be a result of rufous.sample with the group `sample_stats`, "
                f"got {type(source).__name__}."
            )
        return cls.from_text(str(text))

    def to_text(self) -> str:
        """Write it as text, exactly."""
        arrays = dict(self.metric.arrays())
        return json.dumps(
            {
                "kind": self.metric.kind,
                "dim": self.metric.dim,
                "step_size": self.step_size,
                "positions": _encoded(self.positions),
                "arrays": {name: _encoded(array) for name, array in arrays.items()},
            }
        )

    @classmethod
    def from_text(cls, text: str) -> WarmStart:
        """Read what :meth:`to_text` wrote.

        Raises
        ------
        SettingsError
            When the text was changed.
        """
        try:
            parts = json.loads(text)
            arrays = {name: _decoded(array) for name, array in parts["arrays"].items()}
            metric = _core.Metric(parts["kind"], parts["dim"], **arrays)
            positions = np.array(_decoded(parts["positions"])).reshape(-1, parts["dim"])
            return cls(metric, float(parts["step_size"]), positions)
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise SettingsError(
                f"`warm_start` holds nothing that can be read ({error}); give a result of "
                "rufous.sample as it came, or as ArviZ saved it."
            ) from error

    def for_chains(self, chains: int, dim: int) -> FloatArray:
        """Return one position for each chain, in turn where there are more chains than before.

        Raises
        ------
        SettingsError
            When it is of a model with another number of parameters.
        """
        if self.metric.dim != dim:
            raise SettingsError(
                f"`warm_start` is of a model with {self.metric.dim} unconstrained parameters, and "
                f"this one has {dim}."
            )
        return np.ascontiguousarray(self.positions[np.arange(chains) % len(self.positions)])


def learnt_text(chains: Sequence[_core.ChainTrace]) -> str | None:
    """Write what a run has learnt as text; None when it has taken no draw."""
    learnt = WarmStart.of(chains)
    return None if learnt is None else learnt.to_text()


def _encoded(numbers: Any) -> str:
    return base64.b64encode(np.asarray(numbers, dtype="<f8").tobytes()).decode("ascii")


def _decoded(text: str) -> list[float]:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f8").tolist()
