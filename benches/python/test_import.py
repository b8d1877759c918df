"""What `import rufous` costs in a fresh process."""

from __future__ import annotations

import subprocess
import sys


def test_import(benchmark):
    benchmark.pedantic(
        subprocess.run,
        args=([sys.executable, "-c", "import rufous"],),
        kwargs={"check": True},
        rounds=5,
        warmup_rounds=1,
    )


def test_import_of_pytensor_alone(benchmark):
    benchmark.pedantic(
        subprocess.run,
        args=([sys.executable, "-c", "import pytensor"],),
        kwargs={"check": True},
        rounds=5,
        warmup_rounds=1,
    )
