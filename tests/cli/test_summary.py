"""What the demo prints."""

from __future__ import annotations

import numpy as np
import pytest

from rufous.cli.summary import activity, describe_prediction, summary_table
from rufous.results import GroupSpec, to_inference_data


def test_activity_undoes_the_logarithm() -> None:
    assert activity(np.log(np.array([4.1, 0.1, 0.05]))) == pytest.approx([4.0, 0.0, 0.0])


def test_summary_table() -> None:
    rng = np.random.default_rng(1)
    draws = {"mu": rng.normal(3, 2, size=(4, 1000)), "sigma": rng.gamma(2, size=(4, 1000))}
    lines = summary_table(to_inference_data({"posterior": GroupSpec(draws)}), ["mu", "sigma"])
    head, first, second = lines.splitlines()
    assert head.split() == [
        "mean",
        "sd",
        "5",
        "%",
        "95",
        "%",
        "bulk",
        "ESS",
        "tail",
        "ESS",
        "R-hat",
    ]
    assert len(head) == len(first) == len(second)
    name, *numbers = first.split()
    assert name == "mu"
    assert float(numbers[0]) == pytest.approx(3, abs=0.2)
    assert float(numbers[-1]) == pytest.approx(1, abs=0.01)


def test_prediction() -> None:
    draws = np.log(np.array([[1.0, 2.0, 3.0, 5.0]]) + 0.1)
    text = describe_prediction(draws, "Hennepin", "first")
    assert text.startswith("A new house in Hennepin county, measured on the first floor: 2.5 pCi/L")
    assert text.endswith("action is recommended: 25 %.")
