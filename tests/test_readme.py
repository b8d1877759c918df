"""The README keeps its word: its code runs, its links lead somewhere, its commands are these."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    return (root / "README.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_it_begins_with_the_two_commands(readme: str) -> None:
    main_job, tests = blocks(readme, "sh")[:2]
    assert main_job.strip() == "pip install . && python -m rufous demo"
    assert tests.strip() == 'pip install ".[test]" && pytest'


@pytest.mark.slow
def test_python_blocks_run_one_after_the_other(readme: str, tmp_path: Path) -> None:
    script = tmp_path / "readme.py"
    script.write_text("\n".join(blocks(readme, "python")), "utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_relative_links_exist(readme: str, root: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", readme)
    assert targets
    assert [target for target in targets if not (root / target).exists()] == []
