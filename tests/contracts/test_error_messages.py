"""Every error of the model layer names who, what came, and the way out."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from types import TracebackType

import pytest

import rufous
from contracts.error_cases import CASES, scene

PACKAGE = Path(rufous.__file__).parent
LAYERS = ("model", "derived")


@cache
def raised(label: str) -> Exception:
    model = scene()
    with model, pytest.raises(rufous.RufousError) as caught:
        CASES[label].does(model)
    return caught.value


@pytest.mark.parametrize("label", CASES)
def test_it_says_who_what_and_what_to_do(label):
    case, text = CASES[label], str(raised(label))
    for part in (case.who, case.came, case.way_out):
        assert any(each in text for each in part.split("|")), f"{part!r} is not in: {text}"
    assert not re.search(r"0x[0-9a-f]{6}|Traceback", text)
    assert len(text) < 600


def function_of(traceback: TracebackType) -> tuple[str, str]:
    """Return file and function that raised, inside the layers that are looked at."""
    found = ("", "")
    step: TracebackType | None = traceback
    while step is not None:
        path = Path(step.tb_frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE) and path.relative_to(PACKAGE).parts[0] in LAYERS:
            found = (path.relative_to(PACKAGE).as_posix(), step.tb_frame.f_code.co_name)
        step = step.tb_next
    return found


def functions_that_raise() -> set[tuple[str, str]]:
    """List the functions with a raise of their own in them."""
    found = set()
    for layer in LAYERS:
        for path in (PACKAGE / layer).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef) and raises(node):
                    found.add((path.relative_to(PACKAGE).as_posix(), node.name))
    return found


def raises(function: ast.AST) -> bool:
    """Tell whether a function has a raise of its own, not one in a function inside it."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.FunctionDef):
            continue
        if (isinstance(node, ast.Raise) and node.exc is not None) or raises(node):
            return True
    return False


# Errors that need several steps, or an op of one's own: the name of their test.
ELSEWHERE = {
    ("model/checks.py", "check_dims"): "test_dims_are_checked_before_the_log_density",
    (
        "model/checks.py",
        "check_observed_shapes",
    ): "test_an_incomplete_exchange_is_refused_before_the_log_density",
    ("model/evaluate.py", "_at_hand"): "test_the_shape_of_an_input_is_unknown",
    ("model/joint.py", "rng_fn"): "test_parts_of_vectors",
    ("model/members.py", "__getattr__"): "test_variables_are_attributes_too",
    ("model/missing.py", "check_same_missing"): "test_a_compiled_model_keeps_its_missing",
    ("model/missing.py", "missing_in"): "test_vectors_that_were_whole_stay_whole",
    ("model/pictures.py", "_package"): "test_a_package_that_is_missing_is_named",
    ("model/pictures.py", "_save"): "test_a_graphviz_picture",
    ("model/registry.py", "logdensity"): "test_a_missing_log_density_says_how_to_register_one",
    ("model/registry.py", "support_point"): "test_a_missing_support_point_says_to_give_initval",
    ("model/shape_rules.py", "_check_index"): "test_an_index_out_of_range_is_refused",
    ("model/shape_rules.py", "_shapes_by_running"): "test_an_op_that_fails_says_so",
}


def test_every_function_that_raises_has_a_case():
    reached = {function_of(raised(label).__traceback__) for label in CASES}
    assert functions_that_raise() - reached == set(ELSEWHERE)
    tests = "".join(
        path.read_text("utf-8")
        for folder in ("model", "derived", "compile")
        for path in (Path(__file__).parents[1] / folder).glob("test_*.py")
    )
    for site, test in ELSEWHERE.items():
        assert f"def {test}(" in tests, site
