"""The number of threads and the reason given for it."""

from __future__ import annotations

import pytest

from rufous.sampling import cores
from rufous.sampling.cores import available_cores, decide_cores


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Make a machine of 8 cores whose /proc and /sys are files of the test."""
    monkeypatch.setattr(cores, "_affinity", lambda: 8)

    def write(path, text):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return tmp_path

    return write


def test_without_quota_the_affinity_counts(machine, tmp_path):
    assert available_cores(tmp_path) == (8, "this process may run on 8 cores")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("200000 100000\n", 2), ("150000 100000\n", 2), ("50000 100000\n", 1), ("1000 100000", 1)],
)
def test_quota_of_version_2_is_rounded_up(machine, text, expected):
    machine("proc/self/cgroup", "0::/box\n")
    root = machine("sys/fs/cgroup/box/cpu.max", text)
    assert available_cores(root)[0] == expected
    assert "quota" in available_cores(root)[1]


@pytest.mark.parametrize("text", ["max 100000\n", "", "nonsense", "a b", "5 0", "-1 100000"])
def test_unlimited_and_unreadable_quotas_are_passed_over(machine, text):
    machine("proc/self/cgroup", "0::/box\n")
    root = machine("sys/fs/cgroup/box/cpu.max", text)
    assert available_cores(root)[0] == 8


def test_the_smallest_quota_on_the_way_up_counts(machine):
    machine("proc/self/cgroup", "0::/outer/inner\n")
    machine("sys/fs/cgroup/outer/cpu.max", "300000 100000\n")
    root = machine("sys/fs/cgroup/outer/inner/cpu.max", "500000 100000\n")
    assert available_cores(root) == (3, "the container's quota is 3 cores")


def test_the_quota_at_the_root_of_a_container_counts(machine):
    machine("proc/self/cgroup", "0::/\n")
    root = machine("sys/fs/cgroup/cpu.max", "250000 100000\n")
    assert available_cores(root) == (3, "the container's quota is 2.5 cores")


def test_quota_of_version_1(machine):
    machine("proc/self/cgroup", "5:memory:/box\n3:cpu,cpuacct:/box\n")
    machine("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "400000\n")
    root = machine("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n")
    assert available_cores(root)[0] == 4


def test_a_quota_above_the_affinity_does_not_count(machine):
    machine("proc/self/cgroup", "0::/box\n")
    root = machine("sys/fs/cgroup/box/cpu.max", "1600000 100000\n")
    assert available_cores(root)[0] == 8


def test_what_is_asked_for_is_done():
    assert decide_cores(3, 8).cores == 3
    assert decide_cores(3, 8).reason == "cores=3 was asked for"


def test_more_threads_than_chains_would_idle():
    decision = decide_cores(16, 2)
    assert decision.cores == 2
    assert decision.reason == "2 chains (cores=16 was asked for)"


def test_this_machine_has_at_least_one_core():
    assert decide_cores(None, 1000).cores >= 1
