"""Read the command line and run what it asks for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import rufous

__all__ = ["main"]

_DEMO = """\
Fit a hierarchical model to radon measurements in 919 houses in Minnesota, print a summary, the
diagnostics and a prediction for a new house, and write the result and two figures.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: those of the process.

    Returns
    -------
    int
        Exit status: 0 when done, 1 when it failed, 130 when interrupted. Wrong arguments end
        the process with 2.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    from rufous.cli.demo import DemoOptions, find_county, run_demo

    try:
        county = find_county(options.county)
        output = _prepare(options.output)
    except (ValueError, OSError) as error:
        options.parser.error(str(error))
    try:
        run_demo(
            DemoOptions(
                output=output,
                draws=options.draws,
                tune=options.tune,
                chains=options.chains,
                seed=options.seed,
                county=county,
                floor=options.floor,
                quiet=options.quiet,
            )
        )
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    except rufous.RufousError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rufous", description="Probabilistic programming with samplers in Rust."
    )
    parser.add_argument("--version", action="version", version=f"rufous {rufous.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser("demo", help="fit a model to real data", description=_DEMO)
    demo.set_defaults(parser=demo)
    add = demo.add_argument
    add(
        "--output",
        metavar="DIR",
        type=Path,
        default=Path("rufous-demo"),
        help="where to write; files of the same name are replaced (default: ./rufous-demo)",
    )
    add("--draws", type=_at_least(4), default=2000, help="draws per chain (default: 2000)")
    add("--tune", type=_at_least(1), default=None, help="tuning iterations per chain")
    add("--chains", type=_at_least(1), default=4, help="chains (default: 4)")
    add("--seed", type=_at_least(0), default=1, help="random seed (default: 1)")
    add("--county", metavar="NAME", default="Hennepin", help="of the new house (default: Hennepin)")
    add(
        "--floor",
        choices=("basement", "first"),
        default="basement",
        help="where the new house is measured (default: basement)",
    )
    add("--quiet", action="store_true", help="print nothing but problems")
    return parser


def _at_least(low: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if value < low:
            raise argparse.ArgumentTypeError(
                f"must be a whole number of at least {low}, got {text!r}"
            )
        return value

    return whole_number


def _prepare(folder: Path) -> Path:
    """Make the output folder before anything is computed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"argument --output: cannot make the folder {folder}: {error}") from error
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
