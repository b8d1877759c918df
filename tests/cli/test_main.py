"""The command line: help, version, and arguments that make no sense."""

from __future__ import annotations

import runpy
import sys

import pytest

from rufous.cli.main import main


def refused(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["demo", *arguments])
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()[-1]


@pytest.mark.parametrize("arguments", [["--help"], ["demo", "--help"], ["--version"]])
def test_help_and_version(capsys, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("rufous 0." if arguments == ["--version"] else "usage: rufous")


def test_no_command_prints_the_help(capsys) -> None:
    assert main([]) == 0
    assert "demo" in capsys.readouterr().out


def test_module_is_runnable(capsys, monkeypatch) -> None:
    monkeypatch.setattr(sys, "argv", ["rufous", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("rufous", run_name="__main__")
    assert end.value.code == 0


@pytest.mark.parametrize(
    ("option", "value", "low"),
    [
        ("--draws", "3", 4),
        ("--draws", "-5", 4),
        ("--draws", "many", 4),
        ("--draws", "1e3", 4),
        ("--tune", "0", 1),
        ("--chains", "0", 1),
        ("--seed", "-1", 0),
    ],
)
def test_numbers_out_of_range(capsys, option: str, value: str, low: int) -> None:
    message = refused(capsys, option, value)
    assert message.endswith(
        f"argument {option}: must be a whole number of at least {low}, got {value!r}"
    )


def test_unknown_county_offers_similar_ones(capsys, tmp_path) -> None:
    message = refused(capsys, "--county", "Hennipin", "--output", str(tmp_path / "x"))
    assert message.endswith("there is no county 'Hennipin' among the 85 in the data; try Hennepin")
    assert not (tmp_path / "x").exists()


def test_unknown_floor_and_command(capsys) -> None:
    assert "choose from" in refused(capsys, "--floor", "attic")
    with pytest.raises(SystemExit) as end:
        main(["sing"])
    assert end.value.code == 2


def test_output_that_is_a_file(capsys, tmp_path) -> None:
    path = tmp_path / "taken"
    path.write_text("")
    message = refused(capsys, "--output", str(path))
    assert f"argument --output: cannot make the folder {path}" in message
