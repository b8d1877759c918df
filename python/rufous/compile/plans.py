"""Saving a compiled model as a plan, and loading it where its model is not."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from rufous._core import NativePlan, __version__
from rufous._typing import Array
from rufous.compile.compiled_model import CompiledModel
from rufous.compile.plan_file import Blobs, pack, unpack
from rufous.compile.plan_program import Labelled, PlanProgram
from rufous.compile.saved_source import SavedSource
from rufous.errors import CompileError, UnsupportedError

__all__ = ["load_plan", "save_plan"]


def save_plan(compiled: CompiledModel, path: str | PathLike[str]) -> None:
    """Save a compiled model, with its data, as a plan.

    A plan is plain data: it holds no code and no pickled object, carries a version and a checksum,
    and is loaded without the model it came from.

    Parameters
    ----------
    compiled : CompiledModel
        Of the native evaluator.
    path : str or path-like
        File to write; one that exists is replaced.

    Raises
    ------
    UnsupportedError
        When another evaluator computes the log density.
    CompileError
        When a label of a dim is neither a number, a string nor a date.

    Examples
    --------
    >>> import tempfile
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     y = rf.Data("y", [0.3, 1.2])
    ...     mu = rf.Normal("mu", 0, 5)
    ...     _ = rf.Normal("obs", mu, 1, observed=y)
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     rf.save_plan(rf.compile(model), file.name)
    ...     loaded = rf.load_plan(file.name)
    >>> loaded.bind({"y": [1.0, 2.0, 3.0]}).observed_data["obs"][0]
    array([1., 2., 3.])
    """
    if compiled.evaluator != "native":
        raise UnsupportedError(
            f"only models of the native evaluator can be saved, this one runs on "
            f"{compiled.evaluator!r}"
        )
    source = compiled.source
    if not isinstance(source, SavedSource):
        source = source.saved()  # type: ignore[attr-defined]  # the native source has it
    Path(path).write_bytes(to_bytes(source))


def load_plan(path: str | PathLike[str]) -> CompiledModel:
    """Load a plan that :func:`save_plan` has written.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    CompiledModel
        With the data that it was saved with; :meth:`CompiledModel.bind` gives it others. It
        samples as the model does. Without the model it knows no transforms: `initvals` are
        unconstrained values.

    Raises
    ------
    CompileError
        When the file is no plan, is damaged, or has another version. Nothing in it is executed.

    Examples
    --------
    See :func:`save_plan`.
    """
    return from_bytes(Path(path).read_bytes()).compiled()


def to_bytes(source: SavedSource) -> bytes:
    """Give the bytes of a plan with its data."""
    blobs = Blobs()
    program = source.program
    header: dict[str, Any] = {
        "rufous": __version__,
        "plan": blobs.add(program.plan.to_bytes()),
        "sources": [s if isinstance(s, str) else blobs.add_array(s) for s in program.sources],
        "parameters": [_labelled(member) for member in program.parameters],
        "stored": [_labelled(member) for member in program.stored],
        "pointwise": [_labelled(member) for member in program.pointwise],
        "axes": program.axes,
        "resizable": sorted(program.resizable),
        "data": {
            name: [list(source.dims[name]), blobs.add_array(array)]
            for name, array in source.data.items()
        },
        "lengths": {name: int(n) for name, n in source.lengths.items()},
        "labels": {dim: _labels(dim, labels) for dim, labels in source.labels.items()},
        "observed": {
            name: [_labelled(entry), None]
            if isinstance(entry, Labelled)
            else [_labelled(entry[0]), blobs.add_array(entry[1])]
            for name, entry in source.observed.items()
        },
        "start": {name: blobs.add_array(array) for name, array in source.start.items()},
    }
    return pack(header, blobs)


def from_bytes(raw: bytes) -> SavedSource:
    """Read a plan with its data."""
    header, blobs = unpack(raw)
    try:
        return _read(header, blobs)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        if isinstance(error, CompileError):
            raise
        raise CompileError(f"the plan is damaged: {error}") from error


def _read(header: dict[str, Any], blobs: Blobs) -> SavedSource:
    members = {
        key: tuple(_member(entry) for entry in header[key])
        for key in ("parameters", "stored", "pointwise")
    }
    program = PlanProgram(
        plan=NativePlan.from_bytes(blobs.read(header["plan"])),
        sources=tuple(s if isinstance(s, str) else blobs.read_array(s) for s in header["sources"]),
        axes=tuple(tuple((key, int(n)) for key, n in own) for own in header["axes"]),
        resizable=frozenset(header["resizable"]),
        **members,
    )
    return SavedSource(
        program=program,
        data={name: blobs.read_array(entry) for name, (_, entry) in header["data"].items()},
        dims={name: tuple(dims) for name, (dims, _) in header["data"].items()},
        lengths={name: np.asarray(int(n)) for name, n in header["lengths"].items()},
        labels={
            dim: None if entry is None else np.asarray(entry[1]).astype(entry[0])
            for dim, entry in header["labels"].items()
        },
        observed={
            name: _member(member) if array is None else (_member(member), blobs.read_array(array))
            for name, (member, array) in header["observed"].items()
        },
        start={name: blobs.read_array(entry) for name, entry in header["start"].items()},
    )


def _labelled(member: Labelled) -> list[Any]:
    return [member.name, list(member.dims), member.dtype.name]


def _member(entry: list[Any]) -> Labelled:
    name, dims, dtype = entry
    return Labelled(str(name), tuple(dims), np.dtype(dtype))


def _labels(dim: str, labels: Array | None) -> list[Any] | None:
    """Write labels as JSON has them, with their type."""
    if labels is None:
        return None
    if labels.dtype.kind == "O":
        raise CompileError(
            f"a plan holds numbers, strings and dates as labels, dim {dim!r} has other objects"
        )
    plain = labels.astype(str) if labels.dtype.kind == "M" else labels
    return [labels.dtype.str, plain.tolist()]
