"""The bytes of a saved plan: a header, arrays, a checksum; nothing that is executed.

``RUFPLAN`` and the version of the format, the SHA-256 of all that follows, the length of the
header, the header as JSON, and the blobs that it names by their place. Arrays are little-endian
and row-major. Reading checks the checksum before anything else, and every length against what is
there.
"""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

import numpy as np

from rufous._typing import Array
from rufous.errors import CompileError

__all__ = ["FORMAT_VERSION", "Blobs", "pack", "unpack"]

MAGIC = b"RUFPLAN"
FORMAT_VERSION = 1
#: Types that an array of a plan may have.
_DTYPES = ("float64", "float32", "int64", "int32", "int16", "int8", "uint8", "bool")
_PREFIX = struct.Struct("<7sB32sQ")


class Blobs:
    """Arrays and bytes after the header, written one after the other.

    Parameters
    ----------
    content : bytes, default b""
        What was read; empty to write.
    """

    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)

    def add(self, raw: bytes) -> list[int]:
        """Append bytes; return where they are."""
        place = [len(self.content), len(raw)]
        self.content += raw
        return place

    def add_array(self, array: Array) -> dict[str, Any]:
        """Append an array; return what the header says of it."""
        if array.dtype.name not in _DTYPES:
            raise CompileError(f"a plan cannot hold an array of {array.dtype}")
        little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
        return {
            "at": self.add(little.tobytes()),
            "dtype": array.dtype.name,
            "shape": list(array.shape),
        }

    def read(self, place: list[int]) -> bytes:
        """Return bytes by their place."""
        start, length = (int(n) for n in place)
        if min(start, length) < 0 or start + length > len(self.content):
            raise CompileError("the plan is damaged: a part lies outside of it")
        return bytes(self.content[start : start + length])

    def read_array(self, entry: dict[str, Any]) -> Array:
        """Return an array by what the header says of it."""
        if entry["dtype"] not in _DTYPES:
            raise CompileError(f"the plan holds an array of the unknown type {entry['dtype']!r}")
        dtype = np.dtype(entry["dtype"])
        flat = np.frombuffer(self.read(entry["at"]), dtype=dtype.newbyteorder("<"))
        shape = [int(n) for n in entry["shape"]]
        if min(shape, default=0) < 0 or int(np.prod(shape)) != flat.size:
            raise CompileError("the plan is damaged: an array has another size than it says")
        return flat.reshape(shape).astype(dtype)


def pack(header: dict[str, Any], blobs: Blobs) -> bytes:
    """Give the bytes of a plan."""
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    body = struct.pack("<Q", len(text)) + text + bytes(blobs.content)
    return _PREFIX.pack(MAGIC, FORMAT_VERSION, hashlib.sha256(body).digest(), len(body)) + body


def unpack(raw: bytes) -> tuple[dict[str, Any], Blobs]:
    """Read the bytes of a plan.

    Raises
    ------
    CompileError
        When they are not those of a plan, are damaged, or are of another version.
    """
    if len(raw) < _PREFIX.size or raw[: len(MAGIC)] != MAGIC:
        raise CompileError("this is not a saved plan: it does not begin as one")
    _, version, digest, length = _PREFIX.unpack_from(raw)
    if version != FORMAT_VERSION:
        raise CompileError(
            f"the plan has version {version} of the format, this version of Rufous reads "
            f"{FORMAT_VERSION}; save it again from the model"
        )
    body = raw[_PREFIX.size :]
    if len(body) != length or hashlib.sha256(body).digest() != digest:
        raise CompileError("the plan is damaged: its checksum does not fit its content")
    (size,) = struct.unpack_from("<Q", body)
    header = json.loads(body[8 : 8 + size])
    return header, Blobs(body[8 + size :])
