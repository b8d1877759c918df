"""Every public argument of `sample`, given wrongly: one clear error each."""

from __future__ import annotations

import numpy as np
import pytest

from rufous.errors import ModelError, SettingsError, UnknownNameError
from rufous.sampling.sample import sample
from targets import compiled

NAN = float("nan")
INFINITY = float("inf")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"draws": 0}, "`draws` must be an integer of at least 1, got 0; typical values are 500"),
        ({"draws": -1}, "`draws` must be an integer of at least 1, got -1"),
        ({"draws": 10.0}, "`draws` must be an integer of at least 1, got 10.0"),
        ({"draws": True}, "`draws` must be an integer of at least 1, got True"),
        ({"draws": "100"}, r"`draws` must be an integer of at least 1, got '100' \(str\)"),
        ({"draws": NAN}, "`draws` must be an integer of at least 1, got nan"),
        ({"draws": [100]}, r"`draws` must be an integer of at least 1, got \[100\] \(list\)"),
        ({"tune": -1}, "`tune` must be an integer of at least 0, got -1; typical values are 200"),
        ({"tune": 1.5}, "`tune` must be an integer of at least 0, got 1.5"),
        ({"chains": 0}, "`chains` must be an integer of at least 1, got 0; typical values are 4"),
        ({"chains": None}, r"`chains` must be an integer of at least 1, got None \(NoneType\)"),
        ({"cores": 0}, "`cores` must be an integer of at least 1, got 0; typical values are None"),
        ({"cores": True}, "`cores` must be an integer of at least 1, got True"),
        ({"cores": "all"}, r"`cores` must be an integer of at least 1, got 'all' \(str\)"),
        ({"target_accept": 1.5}, r"`target_accept` must be a number in \(0, 1\), got 1.5; typical"),
        ({"target_accept": 0}, r"`target_accept` must be a number in \(0, 1\), got 0"),
        ({"target_accept": 1}, r"`target_accept` must be a number in \(0, 1\), got 1"),
        ({"target_accept": -1}, r"`target_accept` must be a number in \(0, 1\), got -1"),
        ({"target_accept": NAN}, r"`target_accept` must be a number in \(0, 1\), got nan"),
        ({"target_accept": True}, r"`target_accept` must be a number in \(0, 1\), got True"),
        ({"target_accept": "0.8"}, r"must be a number in \(0, 1\), got '0.8' \(str\)"),
        ({"target_accept": None}, r"must be a number in \(0, 1\), got None \(NoneType\)"),
        ({"max_treedepth": 0}, "`max_treedepth` must be an integer from 1 to 20, got 0; typical"),
        ({"max_treedepth": 21}, "`max_treedepth` must be an integer from 1 to 20, got 21"),
        ({"max_treedepth": 10.0}, "`max_treedepth` must be an integer from 1 to 20, got 10.0"),
        ({"jitter": -0.1}, "`jitter` must be a finite number of at least 0, got -0.1; typical"),
        ({"jitter": INFINITY}, "`jitter` must be a finite number of at least 0, got inf"),
        ({"jitter": None}, "`jitter` must be a finite number of at least 0, got None"),
        ({"progressbar": 1}, "`progressbar` must be True or False, got 1"),
        ({"progressbar": None}, r"`progressbar` must be True or False, got None \(NoneType\)"),
        ({"quiet": "yes"}, r"`quiet` must be True or False, got 'yes' \(str\)"),
        ({"discard_tuned_samples": 0}, "`discard_tuned_samples` must be True or False, got 0"),
        ({"store_unconstrained": None}, "`store_unconstrained` must be True or False, got None"),
        ({"backend": "stan"}, r"`backend` must be one of 'rust', got 'stan' \(str\)"),
        ({"backend": None}, r"`backend` must be one of 'rust', got None \(NoneType\)"),
        ({"evaluator": "numba"}, "`evaluator` must be left out for a CompiledModel"),
        ({"evaluator": "jax"}, "`evaluator` must be left out for a CompiledModel"),
        ({"random_seed": -1}, "`random_seed` must be a non-negative integer, .* got -1"),
        ({"random_seed": 1.0}, r"`random_seed` must be .* got 1.0 \(float\)"),
        ({"random_seed": True}, r"`random_seed` must be .* got True \(bool\)"),
        ({"random_seed": "one"}, r"`random_seed` must be .* got 'one' \(str\)"),
        ({"random_seed": [1, -2]}, "`random_seed` must be .* got -2"),
        ({"random_seed": []}, "`random_seed` is an empty sequence"),
        ({"var_names": "x"}, r"`var_names` must be a sequence of names, .* 'x'; write \['x'\]"),
        ({"var_names": []}, "`var_names` is empty; name at least one variable"),
        ({"initvals": 3}, r"`initvals` must be a dict of values .* got 3 \(int\)"),
        ({"initvals": "x"}, r"`initvals` must be a dict of values .* got 'x' \(str\)"),
        ({"initvals": [{}]}, "`initvals` must hold one dict for each of the 4 chains, got 1"),
        ({"initvals": [{}, {}, {}, 5]}, r"`initvals\[3\]` must be a dict .* got 5 \(int\)"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(SettingsError, match=message) as error:
        sample(compiled(), **arguments)
    assert "\n" not in str(error.value)


def test_refused_before_compiling(monkeypatch):
    def never(*args, **kwargs):
        raise AssertionError

    monkeypatch.setattr("rufous.sampling.sampleable.compile_model", never)
    with pytest.raises(SettingsError, match="`chains`"):
        sample(chains=0)


@pytest.mark.parametrize("model", ["model", 1.5, [1], object()])
def test_other_models_are_refused(model):
    with pytest.raises(
        ModelError, match=r"`model` must be a Model, a CompiledModel, a pymc\.Model or None"
    ):
        sample(model)


def test_without_a_model():
    with pytest.raises(ModelError, match="model"):
        sample()
    with pytest.raises(ModelError, match="model"):
        sample(100)


def test_an_integer_in_first_place_means_draws():
    with pytest.raises(SettingsError, match="`draws` was given twice: 100 in first place"):
        sample(100, 200)
    with pytest.raises(SettingsError, match="`draws` must be an integer of at least 1, got True"):
        sample(True)
    with pytest.raises(SettingsError, match="`draws` must be an integer of at least 1, got 0"):
        sample(np.int64(0))


def test_unknown_names_are_refused():
    with pytest.raises(UnknownNameError, match="'theta'"):
        sample(compiled(), var_names=["theta"])
    with pytest.raises(UnknownNameError, match="'theta'"):
        sample(compiled(), initvals={"theta": 1.0})


def test_unknown_arguments_are_refused():
    with pytest.raises(TypeError, match="no argument `sampler_kwargs`"):
        sample(compiled(), sampler_kwargs={})


@pytest.mark.filterwarnings("ignore::rufous.errors.ConvergenceWarning")
def test_numpy_numbers_are_taken():
    idata = sample(
        compiled(),
        np.int64(120),
        tune=np.uint8(100),
        chains=np.int32(2),
        cores=np.int64(1),
        target_accept=np.float32(0.75),
        max_treedepth=np.int8(9),
        jitter=np.float64(0.5),
        progressbar=np.bool_(False),
        random_seed=np.int64(3),
    )
    assert idata.posterior["x"].shape == (2, 120, 2)
