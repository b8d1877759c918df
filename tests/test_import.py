"""Importing Rufous is cheap, has no side effects, and loads nothing that is not needed yet."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = (
    "numba",
    "llvmlite",
    "arviz",
    "arviz_base",
    "arviz_stats",
    "xarray",
    "pandas",
    "matplotlib",
)


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


def test_import_loads_no_heavy_module() -> None:
    loaded = json.loads(
        run_python("import json, sys, rufous; print(json.dumps(sorted(sys.modules)))")
    )
    roots = {name.split(".")[0] for name in loaded}
    assert sorted(roots & {*HEAVY, "pytensor"}) == []


def test_writing_a_model_loads_no_heavy_module() -> None:
    code = "import json, sys, rufous; rufous.Model(); rufous.Normal; {}"
    loaded = json.loads(run_python(code.format("print(json.dumps(sorted(sys.modules)))")))
    roots = {name.split(".")[0] for name in loaded}
    assert "pytensor" in roots
    assert sorted(roots & set(HEAVY)) == []
    rooms = {".".join(name.split(".")[:2]) for name in loaded if name.startswith("rufous.")}
    assert not rooms & {"rufous.gp", "rufous.predictive", "rufous.diagnostics", "rufous.results"}


def test_public_names_are_loaded_when_asked_for_and_once() -> None:
    code = (
        "import rufous\n"
        "assert 'Normal' in dir(rufous) and 'Normal' not in vars(rufous)\n"
        "assert rufous.Normal is rufous.Normal and 'Normal' in vars(rufous)\n"
        "from rufous import *\n"
        "assert sample is rufous.sample and distributions.Normal is Normal\n"
        "assert callable(rufous.compile) and rufous.gp.cov and rufous.math.exp\n"
    )
    assert run_python(code) == ""


def test_a_name_that_is_mistyped_is_refused_so_that_python_says_what_was_meant() -> None:
    code = (
        "import rufous\n"
        "try:\n"
        "    rufous.Nomral\n"
        "except AttributeError as error:\n"
        "    assert \"no attribute 'Nomral'\" in str(error)\n"
        "    assert error.name == 'Nomral' and error.obj is rufous\n"
        "else:\n"
        "    print('not refused')\n"
    )
    assert run_python(code) == ""


def test_import_prints_nothing_and_installs_no_log_handler() -> None:
    code = (
        "import logging, rufous\n"
        "assert logging.getLogger().handlers == []\n"
        "handlers = logging.getLogger('rufous').handlers\n"
        "assert [type(h).__name__ for h in handlers] == ['NullHandler'], handlers\n"
    )
    assert run_python(code) == ""


def test_import_leaves_the_settings_of_pytensor_alone() -> None:
    code = (
        "import pytensor\n"
        "names = ('floatX', 'linker', 'mode', 'optimizer', 'cxx', 'gcc__cxxflags', 'compiledir')\n"
        "settings = lambda: [getattr(pytensor.config, name) for name in names]\n"
        "before = settings()\n"
        "import rufous\n"
        "assert settings() == before\n"
    )
    assert run_python(code) == ""


def test_every_public_name_exists_and_has_a_docstring() -> None:
    code = (
        "import inspect, rufous\n"
        "for name in rufous.__all__:\n"
        "    value = getattr(rufous, name)\n"
        "    if callable(value) or inspect.ismodule(value):\n"
        "        assert inspect.getdoc(value), name\n"
        "extra = {n for n in vars(rufous) if not n.startswith('_')} - set(rufous.__all__)\n"
        "left = {n for n in extra if not inspect.ismodule(getattr(rufous, n))}\n"
        "assert not left, left\n"
    )
    assert run_python(code) == ""
