"""The command line: ``python -m rufous``."""
