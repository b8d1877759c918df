"""A debug build of the extension warns when imported: `python debug_build.py LIBRARY`.

Not collected by pytest, which runs against an optimised build; `nox -s rust` builds the library
and runs this.
"""

from __future__ import annotations

import sys
import warnings
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def warnings_of(library: Path) -> list[warnings.WarningMessage]:
    """Load the extension from its file and return the warnings of doing so."""
    loader = ExtensionFileLoader("_core", str(library))
    spec = spec_from_file_location("_core", library, loader=loader)
    assert spec is not None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        loader.exec_module(module_from_spec(spec))
    return caught


if __name__ == "__main__":
    (caught,) = warnings_of(Path(sys.argv[1]))
    assert caught.category is RuntimeWarning, caught.category
    assert "built without optimisations" in str(caught.message), caught.message
    assert "pip install ." in str(caught.message), caught.message
