"""Run the command line with ``python -m rufous``."""

from rufous.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
