"""Every command that a person or the continuous integration runs.

``nox`` checks everything, ``nox -s dev`` makes a working environment, ``nox -s local`` is the
loop before a commit, ``nox -l`` lists the rest.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.sessions = [
    "lint",
    "rust",
    "types",
    "tests",
    "from_pymc",
    "statistical",
    "examples",
    "docs",
]
nox.options.error_on_missing_interpreters = True

ROOT = Path(__file__).parent
PYTHONS = os.environ.get("RUFOUS_PYTHONS", "3.11 3.12 3.13 3.14").split()
ONE_PYTHON = PYTHONS[-1]
# One BLAS thread a process: chains are the parallel unit, and results must not depend on cores.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def readme_commands() -> tuple[str, str]:
    """Return the two commands with which the README begins: main job, tests."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return blocks[0].strip(), blocks[1].strip()


def run_shell(session: nox.Session, command: str) -> None:
    """Run one README command, whose parts are joined by ``&&``, inside the session."""
    for part in command.split("&&"):
        words = [word.strip('"') for word in part.split()]
        if words[0] == "pip":
            session.install(*words[2:])
        else:
            session.run(*words, env=ONE_THREAD)


def debug_library() -> Path:
    """Return where cargo puts the extension of a debug build."""
    names = {"win32": "_core.dll", "darwin": "lib_core.dylib"}
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "debug" / names.get(sys.platform, "lib_core.so")


@nox.session(python=ONE_PYTHON)
def lint(session: nox.Session) -> None:
    """Format, lint and layers of both languages."""
    session.run("cargo", "fmt", "--all", "--check", external=True)
    clippy = ["cargo", "clippy", "--workspace", "--all-targets", "--all-features"]
    session.run(*clippy, "--", "-D", "warnings", external=True)
    session.install("ruff>=0.13", "import-linter>=2.3", "numpy", "pytensor")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports", env={"PYTHONPATH": str(ROOT / "python")})


@nox.session(python=ONE_PYTHON)
def rust(session: nox.Session) -> None:
    """Test and document the crates."""
    packages = ["-p", "rufous-core", "-p", "rufous-evaluator", "--all-features"]
    if shutil.which("cargo-nextest"):
        session.run("cargo", "nextest", "run", *packages, external=True)
        session.run("cargo", "test", "--doc", *packages, external=True)
    else:
        session.run("cargo", "test", *packages, external=True)
    session.run(
        "cargo", "doc", "--no-deps", *packages, env={"RUSTDOCFLAGS": "-D warnings"}, external=True
    )
    session.run("cargo", "build", "-p", "rufous-bindings", external=True)
    session.run("python", "tests/bindings/debug_build.py", str(debug_library()))


@nox.session(python=ONE_PYTHON)
def types(session: nox.Session) -> None:
    """Strict types of the package, and the stub of the extension against the built module."""
    session.install(".", "mypy>=1.18")
    session.run("mypy", env={"MYPYPATH": str(ROOT / "python")})
    # From a folder without sources, so that the installed extension is what is compared.
    session.chdir(session.create_tmp())
    session.run("python", "-m", "mypy.stubtest", "rufous._core")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the README's test command as it stands; further arguments go to pytest."""
    _, command = readme_commands()
    run_shell(session, " ".join([command, *session.posargs]))


@nox.session(python=ONE_PYTHON)
def from_pymc(session: nox.Session) -> None:
    """Compile and sample models of PyMC, which the other tests never import.

    Arguments go to pytest: ``--gallery FILE`` compares the models of a file in both packages.
    """
    session.install(".[test]", "pymc>=6.4")
    session.run("pytest", "tests/from_pymc", *session.posargs, env=ONE_THREAD)


@nox.session(python=ONE_PYTHON)
def statistical(session: nox.Session) -> None:
    """Compare draws with exact targets and reference posteriors: ten minutes on two cores.

    With ``whole`` as argument: as many draws and options as a release asks for, which is hours.
    Further arguments go to pytest, such as ``--posteriordb DIR``.
    """
    whole, rest = session.posargs[:1] == ["whole"], session.posargs
    selected = "statistical or exhaustive" if whole else "statistical"
    session.install(".[test]")
    session.run("pytest", "tests/statistical", "-m", selected, *rest[whole:], env=ONE_THREAD)


@nox.session(python=ONE_PYTHON)
def examples(session: nox.Session) -> None:
    """Run the README's main job and every example."""
    main_job, _ = readme_commands()
    session.chdir(ROOT)
    run_shell(session, main_job.replace("demo", f"demo --output {session.create_tmp()}", 1))
    for script in sorted((ROOT / "examples").rglob("*.py")):
        session.run("python", str(script), env=ONE_THREAD)


@nox.session(python=ONE_PYTHON)
def docs(session: nox.Session) -> None:
    """Build the documentation with warnings as errors."""
    session.install(".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")


@nox.session(python=ONE_PYTHON)
def bench(session: nox.Session) -> None:
    """Run the benches; arguments after ``--`` go to the comparison with nutpie."""
    session.install(".[test,bench]")
    session.run("cargo", "bench", "--workspace", external=True)
    session.run("pytest", "benches/python", "--benchmark-enable", "--benchmark-only")
    session.run("python", "-m", "benches.startup", env=ONE_THREAD)
    if session.posargs:
        session.run("python", "-m", "benches.versus_nutpie", *session.posargs, env=ONE_THREAD)


@nox.session(venv_backend="none")
def dev(session: nox.Session) -> None:
    """Make ``.venv`` with the editable package and all tools."""
    session.run(sys.executable, "-m", "venv", ".venv", external=True)
    scripts = ROOT / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    session.run(str(scripts / "pip"), "install", "-e", ".[test,dev]", external=True)


@nox.session(venv_backend="none")
def local(session: nox.Session) -> None:
    """Run what should pass before a commit, with the tools of the active environment."""
    session.run("cargo", "fmt", "--all", external=True)
    clippy = ["cargo", "clippy", "--workspace", "--all-targets", "--all-features"]
    session.run(*clippy, "--", "-D", "warnings", external=True)
    for words in ("ruff format .", "ruff check --fix .", "lint-imports", "mypy"):
        session.run(*words.split(), external=True)
    session.run("maturin", "develop", "--profile", "fast", external=True)
    session.run("cargo", "test", "-p", "rufous-core", "--all-features", external=True)
    session.run("pytest", "-m", "not slow and not statistical and not exhaustive", external=True)
