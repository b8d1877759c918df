"""The exceptions and warnings."""

import pickle

import pytest

from rufous import errors

ERRORS = [
    getattr(errors, name)
    for name in errors.__all__
    if issubclass(getattr(errors, name), errors.RufousError)
]
WARNINGS = [
    getattr(errors, name) for name in errors.__all__ if issubclass(getattr(errors, name), Warning)
]


def test_every_name_is_an_error_a_warning_or_the_interrupt():
    known = [*ERRORS, *WARNINGS, errors.SamplingInterrupted]
    assert {each.__name__ for each in known} == set(errors.__all__)


@pytest.mark.parametrize(
    ("error", "built_in"),
    [
        (errors.SettingsError, ValueError),
        (errors.ModelError, ValueError),
        (errors.ShapeError, errors.ModelError),
        (errors.UnknownNameError, KeyError),
        (errors.UnsupportedError, NotImplementedError),
        (errors.CompileError, RuntimeError),
        (errors.LogDensityError, RuntimeError),
        (errors.InitializationError, RuntimeError),
        (errors.SamplingError, RuntimeError),
    ],
)
def test_code_that_knows_nothing_of_rufous_catches_them(error, built_in):
    assert issubclass(error, built_in)


@pytest.mark.parametrize("error", [*ERRORS, errors.SamplingInterrupted], ids=lambda e: e.__name__)
def test_a_message_is_a_sentence_and_survives_pickling(error):
    original = error("a 'sentence' stays a sentence")
    assert str(original) == "a 'sentence' stays a sentence"
    copy = pickle.loads(pickle.dumps(original))
    assert type(copy) is error
    assert str(copy) == str(original)


@pytest.mark.parametrize("error", [errors.SamplingError, errors.SamplingInterrupted])
def test_partial_results_are_kept(error):
    assert error("stopped").partial is None
    original = error("stopped", partial={"x": 1})
    assert original.partial == {"x": 1}
    assert pickle.loads(pickle.dumps(original)).partial == {"x": 1}


def test_an_interrupt_is_not_caught_with_the_errors():
    assert issubclass(errors.SamplingInterrupted, KeyboardInterrupt)
    assert not issubclass(errors.SamplingInterrupted, Exception)


def test_warnings_share_a_base():
    for warning in WARNINGS:
        assert issubclass(warning, errors.RufousWarning)
        assert issubclass(warning, UserWarning)


def test_every_class_is_documented():
    for each in [*ERRORS, *WARNINGS, errors.SamplingInterrupted]:
        assert each.__doc__
