"""Models of PyMC: these tests are collected where PyMC is installed (Python 3.12 and later)."""

from __future__ import annotations

from importlib.util import find_spec, module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

collect_ignore_glob = [] if find_spec("pymc") else ["test_*.py"]


def pytest_report_header(config: pytest.Config) -> str:
    """Say whether models of a gallery are compared, as they come from elsewhere."""
    gallery = config.getoption("--gallery")
    return (
        f"gallery of models: {gallery or 'none given, so test_gallery.py is left out (--gallery)'}"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the comparison out where no gallery is given."""
    without = config.getoption("--gallery") is None and collection_path.name == "test_gallery.py"
    return True if without else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a case of each model of the gallery."""
    if "write" in metafunc.fixturenames:
        models = _models(metafunc.config.getoption("--gallery"))
        metafunc.parametrize("write", models.values(), ids=list(models))


def _models(path: Path) -> dict[str, Any]:
    spec = spec_from_file_location("gallery", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ALL
