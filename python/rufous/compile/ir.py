"""Write the bytes of a plan: the form in which a graph goes to the native evaluator.

The layout is described once, in ``rust/evaluator/src/source.rs``; this file is its writer and
knows nothing of PyTensor.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

MAGIC = b"RUFOUSPL"
FORMAT_VERSION = 1

FLOAT64, INT64, BOOL, FLOAT32 = range(4)


def dtype_code(dtype: str) -> int:
    """Code of a NumPy dtype in a plan.

    Parameters
    ----------
    dtype : str
        Name of the dtype, as in ``"float64"``.

    Returns
    -------
    int
        The code; integers of all sizes share one, as do ``float32`` and ``float16``.

    Raises
    ------
    TypeError
        For complex numbers and objects.
    """
    kind = np.dtype(dtype)
    if kind == np.float64:
        return FLOAT64
    if kind.kind in "iu":
        return INT64
    if kind.kind == "b":
        return BOOL
    if kind.kind == "f":
        return FLOAT32
    raise TypeError(f"numbers of dtype {dtype} have no place in a plan")


@dataclass
class GraphWriter:
    """One graph: nodes in order of evaluation."""

    strings: "Strings"
    body: bytearray = field(default_factory=bytearray)
    count: int = 0

    def add(
        self,
        op: str,
        inputs: Sequence[int] = (),
        attributes: Sequence[int] = (),
        *,
        dtype: str = "float64",
        shape: Sequence[int | None] = (),
        origin: str = "",
    ) -> int:
        """Add a node and return its number."""
        lengths = [-1 if n is None else int(n) for n in shape]
        self.body += struct.pack(
            f"<IIBB{len(lengths)}qI{len(attributes)}qI{len(inputs)}I",
            self.strings.index(op),
            self.strings.index(origin),
            dtype_code(dtype),
            len(lengths),
            *lengths,
            len(attributes),
            *attributes,
            len(inputs),
            *inputs,
        )
        self.count += 1
        return self.count - 1

    def to_bytes(self, outputs: Sequence[int]) -> bytes:
        """Give the bytes of the graph with these outputs."""
        return b"".join(
            (
                struct.pack("<I", self.count),
                self.body,
                struct.pack(f"<I{len(outputs)}I", len(outputs), *outputs),
            )
        )


class Strings:
    """Names, each written once."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}

    def index(self, text: str) -> int:
        """Return the number of a name."""
        return self._index.setdefault(text, len(self._index))

    def to_bytes(self) -> bytes:
        """Give the bytes of the table of names."""
        parts = [struct.pack("<I", len(self._index))]
        for text in self._index:
            raw = text.encode()
            parts.append(struct.pack("<I", len(raw)) + raw)
        return b"".join(parts)


@dataclass
class PlanWriter:
    """Everything that a plan says."""

    strings: Strings = field(default_factory=Strings)
    slots: list[bytes] = field(default_factory=list)
    parameters: list[bytes] = field(default_factory=list)
    constants: list[bytes] = field(default_factory=list)
    graphs: list[bytes] = field(default_factory=list)
    groups: list[bytes] = field(default_factory=list)

    def add_slot(self, name: str, dtype: str, ndim: int) -> int:
        """Add a place for data given when binding; return its number."""
        self.slots.append(struct.pack("<IBB", self.strings.index(name), dtype_code(dtype), ndim))
        return len(self.slots) - 1

    def add_parameter(self, name: str, axes: Iterable[tuple[int, int]]) -> int:
        """Add a free variable.

        The length of each axis is a pair: the number of the slot that holds a length (-1: none)
        and a number to be added to it.
        """
        axes = list(axes)
        raw = struct.pack("<IB", self.strings.index(name), len(axes))
        self.parameters.append(raw + b"".join(struct.pack("<iq", *axis) for axis in axes))
        return len(self.parameters) - 1

    def add_constant(self, value: np.ndarray) -> int:
        """Add an array that is part of the plan; return its number."""
        raw = struct.pack(
            f"<BB{value.ndim}q", dtype_code(value.dtype.name), value.ndim, *value.shape
        )
        self.constants.append(raw + np.ascontiguousarray(value, dtype="<f8").tobytes())
        return len(self.constants) - 1

    def add_group(self, name: str, first: int, count: int) -> None:
        """Name a range of the outputs of the first graph."""
        self.groups.append(struct.pack("<III", self.strings.index(name), first, count))

    def to_bytes(self) -> bytes:
        """Give the bytes of the plan."""
        sections = (self.slots, self.parameters, self.constants, self.graphs, self.groups)
        parts = [self.strings.to_bytes()]
        for section in sections:
            parts.append(struct.pack("<I", len(section)))
            parts.extend(section)
        body = b"".join(parts)
        return MAGIC + struct.pack("<II", FORMAT_VERSION, zlib.crc32(body)) + body
