"""What progress looks like in a terminal, in a notebook, and in a log."""

from __future__ import annotations

import io
import logging
import math
import re
import sys
from types import SimpleNamespace

import pytest

from rufous.sampling import notebook, progress, terminal
from rufous.sampling.progress import LogLines, Silent, choose_display
from rufous.sampling.sample import sample
from rufous.sampling.summary import duration_text, summarise
from targets import compiled


def chain(number=0, finished=500, phase="sampling", **changes):
    return SimpleNamespace(
        **{
            "chain": number,
            "phase": phase,
            "finished_draws": finished,
            "total_draws": 1000,
            "divergences": 0,
            "step_size": 0.5123,
            "tree_depth": 3,
            "n_steps": 7,
            "num_gradients": 7 * finished,
            **changes,
        }
    )


class Terminal(io.StringIO):
    """A terminal that remembers what was written."""

    encoding = "utf-8"

    def isatty(self):
        return True


def shown(stream):
    """Return the lines that are on the screen in the end."""
    lines, cursor = [], 0
    for text in re.split(r"(\n|\x1b\[\d+A)", stream.getvalue()):
        if text == "\n":
            cursor += 1
        elif up := re.fullmatch(r"\x1b\[(\d+)A", text):
            cursor -= int(up[1])
        else:
            plain = re.sub(r"\x1b\[[?\d]*[a-zA-Z]|\r", "", text)
            if plain:
                lines += [""] * (cursor + 1 - len(lines))
                lines[cursor] = plain
    return lines


@pytest.fixture
def elsewhere(monkeypatch):
    """Be neither in a notebook nor in a terminal."""
    monkeypatch.setattr(progress, "notebook_shell", lambda: None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (3.26, "3.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (61.4, "1 min 01 s"),
        (3599.6, "1 h 00 min"),
        (7384, "2 h 03 min"),
    ],
)
def test_durations(seconds, text):
    assert duration_text(seconds) == text


def test_summary_adds_up_the_chains():
    run = summarise([chain(0, 1000, divergences=2), chain(1, 0, divergences=1)], 10.0)
    assert (run.finished, run.total, run.divergences, run.left) == (1000, 2000, 3, 10.0)
    assert run.time_text() == "10.0 s elapsed, 10.0 s left"
    assert run.divergences_text() == "3 divergences"


def test_summary_before_the_first_draw():
    run = summarise([chain(finished=0, divergences=1)], 1.0)
    assert math.isnan(run.left)
    assert run.time_text() == "1.0 s elapsed"
    assert run.divergences_text() == "1 divergence"


def test_terminal_shows_one_line_for_each_chain():
    chains = [chain(0), chain(1, 1000, "finished", divergences=12), chain(2, 0, "waiting")]
    chains[2].step_size = math.nan
    drawn = terminal.lines(chains, 4.0, columns=100, rows=40, fancy=True)
    titles = "draws  divergences      phase  step size  gradients/draw"
    assert drawn == [
        f"chain                                      {titles}",
        "    0  ━━━━━━━━━━━━━━━───────────────   500/1000            0   sampling      0.512"
        "             7.0",
        "    1  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  1000/1000           12       done      0.512"
        "             7.0",
        "    2  ──────────────────────────────     0/1000            0    waiting          -"
        "               -",
        " 50 %, 12 divergences, 4.0 s elapsed, 4.0 s left",
    ]


def test_columns_of_the_terminal_do_not_move():
    early = [chain(0, 1, "warmup"), chain(1, 0, "waiting")]
    late = [chain(0, 1000, "finished"), chain(1, 1000, "cancelled", divergences=300)]
    first, last = (
        terminal.lines(chains, 1.0, columns=100, rows=40, fancy=True) for chains in (early, late)
    )
    assert first[0] == last[0]
    assert {len(line) for line in (*first[:-1], *last[:-1])} == {len(first[0])}


def test_narrow_terminals_show_fewer_columns():
    for columns, title in [(90, "gradients/draw"), (64, "step size"), (40, "draws")]:
        drawn = terminal.lines([chain()] * 2, 1.0, columns=columns, rows=40, fancy=True)
        assert drawn[0].endswith(title)
    assert len(terminal.lines([chain()] * 2, 1.0, columns=20, rows=40, fancy=True)) == 1


def test_colours_tell_phases_and_divergences():
    chains = [chain(0, phase="warmup"), chain(1, 1000, "finished", divergences=12)]
    plain = terminal.lines(chains, 4.0, columns=100, rows=40, fancy=True)
    drawn = terminal.lines(chains, 4.0, columns=100, rows=40, fancy=True, colour=True)
    assert "\x1b[33m━" in drawn[1]
    assert "\x1b[31m" not in drawn[1]
    assert "\x1b[32m━" in drawn[2]
    assert "\x1b[31m 12 \x1b[0m" in drawn[2]
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in drawn] == plain


def test_no_colours_where_they_are_not_wanted(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    terminal.TerminalBars(stream).close([chain(0, phase="warmup")], 1.0)
    assert "\x1b[33m" not in stream.getvalue()


def test_terminal_lines_never_wrap():
    for columns in (10, 40, 60, 80, 200):
        drawn = terminal.lines([chain()] * 3, 4.0, columns=columns, rows=40, fancy=True)
        assert max(map(len, drawn)) < columns
        assert len(drawn) == (1 if columns == 10 else 5)


def test_terminal_with_more_chains_than_rows_shows_the_sum():
    drawn = terminal.lines([chain(i) for i in range(30)], 4.0, columns=80, rows=24, fancy=True)
    assert len(drawn) == 1
    assert drawn[0].startswith(" 50 %, 0 divergences")


def test_bars():
    assert terminal.bar(0.0, 4, fancy=True) == "────"
    assert terminal.bar(0.375, 4, fancy=True) == "━╸──"
    assert terminal.bar(1.0, 4, fancy=True) == "━━━━"
    assert terminal.bar(0.5, 4, fancy=False) == "##.."


def test_terminal_is_redrawn_in_place(monkeypatch):
    monkeypatch.setattr(terminal, "_INTERVAL", 0.0)
    stream = Terminal()
    bars = terminal.TerminalBars(stream)
    bars.update([chain(0, 100), chain(1, 0)], 1.0)
    bars.update([chain(0, 600), chain(1, 300)], 2.0)
    bars.close([chain(0, 1000, "finished"), chain(1, 1000, "finished")], 3.0)
    lines = shown(stream)
    assert len(lines) == 4
    assert re.search(r"1000/1000 +0 +done", lines[1])
    assert "100 %, 0 divergences, 3.0 s elapsed" in lines[3]
    assert "left" not in lines[3]
    assert stream.getvalue().endswith("\x1b[?25h")


def test_terminal_is_not_redrawn_all_the_time():
    stream = Terminal()
    bars = terminal.TerminalBars(stream)
    for finished in range(100):
        bars.update([chain(0, finished)], 1.0)
    assert stream.getvalue().count("chain") == 1


def test_terminal_without_line_drawing_characters():
    stream = Terminal()
    stream.encoding = "ascii"
    terminal.TerminalBars(stream).close([chain()], 1.0)
    assert stream.getvalue().isascii()


def test_a_terminal_that_goes_away_does_not_stop_the_run():
    stream = Terminal()
    bars = terminal.TerminalBars(stream)
    stream.close()
    bars.update([chain()], 1.0)
    bars.close([chain()], 1.0)


class FakeShell:
    """IPython's shell behind a notebook, as far as it is used."""

    kernel = object()

    def __init__(self):
        self.published = []
        self.display_pub = SimpleNamespace(publish=lambda **message: self.published.append(message))


def test_notebook_updates_one_table(monkeypatch):
    monkeypatch.setattr(notebook, "_INTERVAL", 0.0)
    shell = FakeShell()
    table = notebook.NotebookTable(shell)
    table.update([chain(0, 100, "warmup")], 1.0)
    table.update([chain(0, 600)], 2.0)
    table.close([chain(0, 1000, "finished", divergences=3)], 3.0)
    assert [message["update"] for message in shell.published] == [False, True, True]
    assert len({message["transient"]["display_id"] for message in shell.published}) == 1
    html = [message["data"]["text/html"] for message in shell.published]
    assert "<td>tuning</td>" in html[0]
    assert '<progress value="600" max="1000"></progress>' in html[1]
    assert '<td><span style="color: #c62828">3</span></td>' in html[2]
    assert shell.published[2]["data"]["text/plain"] == (
        "sampling: 100 %, 3 divergences, 3.0 s elapsed"
    )


def test_notebook_is_recognised_by_its_kernel(monkeypatch):
    shell = FakeShell()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert isinstance(choose_display(progressbar=True, quiet=False), notebook.NotebookTable)
    del FakeShell.kernel
    try:
        assert notebook.notebook_shell() is None
    finally:
        FakeShell.kernel = object()


def test_terminal_is_recognised(monkeypatch, elsewhere):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(choose_display(progressbar=True, quiet=False), terminal.TerminalBars)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(choose_display(progressbar=True, quiet=False), LogLines)
    monkeypatch.setattr(sys, "stderr", None)
    assert isinstance(choose_display(progressbar=True, quiet=False), LogLines)


def test_silence_when_asked_for(elsewhere):
    assert isinstance(choose_display(progressbar=False, quiet=False), Silent)
    assert isinstance(choose_display(progressbar=True, quiet=True), Silent)


def test_log_has_one_line_for_each_tenth(caplog):
    display = LogLines()
    with caplog.at_level(logging.INFO, logger="rufous"):
        for finished in range(1001):
            display.update([chain(0, finished, divergences=1)], finished / 100)
        display.close([chain(0, 1000, "finished", divergences=1)], 10.0)
    assert len(caplog.messages) == 10
    assert caplog.messages[0] == (
        "sampling: 10 % (100 of 1000 draws), 1 divergence, 1.0 s elapsed, 9.0 s left"
    )
    assert caplog.messages[-1] == (
        "sampling: 100 % (1000 of 1000 draws), 1 divergence, 10.0 s elapsed"
    )


def test_log_skips_the_tenths_that_passed_unseen(caplog):
    display = LogLines()
    with caplog.at_level(logging.INFO, logger="rufous"):
        display.update([chain(0, 450)], 1.0)
        display.close([chain(0, 460)], 1.0)
    assert [message[:14] for message in caplog.messages] == ["sampling: 40 %"]


def test_a_run_logs_and_prints_nothing(caplog, capfd, elsewhere):
    with caplog.at_level(logging.INFO, logger="rufous"):
        sample(compiled(), 200, tune=200, adaptation="nutpie", chains=2, random_seed=1)
    assert caplog.messages[-1].startswith("sampling: 100 % (800 of 800 draws)")
    assert {record.name for record in caplog.records} == {"rufous"}
    assert capfd.readouterr() == ("", "")
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        sample(compiled(), 200, tune=200, adaptation="nutpie", chains=2, random_seed=1, quiet=True)
        sample(
            compiled(),
            200,
            tune=200,
            adaptation="nutpie",
            chains=2,
            random_seed=1,
            progressbar=False,
        )
    assert caplog.messages == []
    assert capfd.readouterr() == ("", "")


def test_a_run_draws_in_a_terminal(monkeypatch, elsewhere):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    sample(compiled(), 200, tune=200, adaptation="nutpie", chains=2, random_seed=1)
    lines = shown(stream)
    assert [line[:7] for line in lines] == ["chain  ", "    0  ", "    1  ", "100 %, "]
    assert re.search(r"400/400 +0 +done", lines[1])


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (80, " 50 %, 2 divergences, 10.0 s elapsed, 10.0 s left"),
        (40, " 50 %, 2 divergences, 10.0 s elapsed"),
        (30, " 50 %, 2 divergences"),
        (4, " 50"),
    ],
)
def test_the_last_line_drops_what_does_not_fit(columns, text):
    drawn = terminal.lines([chain(divergences=2)], 10.0, columns=columns, rows=2, fancy=True)
    assert drawn == [text]
