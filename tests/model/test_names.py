"""Names of variables and dims."""

import pytest

import rufous as rf
from rufous.model.names import check_name, known_names


@pytest.mark.parametrize("name", ["", "  ", " x", "a/b", "chain", "draw", "sample", "__sample__"])
def test_names_that_results_cannot_hold_are_refused(name):
    with pytest.raises(rf.ModelError, match="name"):
        check_name(name, "a variable")


@pytest.mark.parametrize("name", [None, 3, 0.5, ["x"]])
def test_names_must_be_strings(name):
    with pytest.raises(rf.ModelError, match="must be a string"):
        check_name(name, "a variable")


def test_names_of_any_alphabet_are_fine():
    assert check_name("σ²", "a variable") == "σ²"


def test_the_likely_name_comes_first():
    assert (
        known_names("scool", ["school", "obs"]) == "did you mean 'school'? There are: school, obs"
    )
    assert known_names("q", ["school"]) == "there are: school"
    assert known_names("q", []) == "there are none"


def test_duplicate_names_are_refused():
    with rf.Model(coords={"school": ["a"]}):
        rf.Normal("x", 0, 1)
        for write in (
            lambda: rf.Normal("x", 0, 1),
            lambda: rf.Data("x", [1.0]),
            lambda: rf.Deterministic("x", 1.0),
            lambda: rf.Potential("x", 1.0),
        ):
            with pytest.raises(rf.ModelError, match="named 'x' already"):
                write()
        with pytest.raises(rf.ModelError, match="'school' is the name of a dim"):
            rf.Normal("school", 0, 1)


def test_a_dim_cannot_have_the_name_of_a_variable():
    with rf.Model() as model:
        rf.Normal("x", 0, 1)
        with pytest.raises(rf.ModelError, match="'x' is the name of a variable"):
            model.add_coord("x", [1, 2])
