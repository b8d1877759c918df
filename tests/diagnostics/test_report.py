"""What the checks say: the verdict in words, and one warning for each problem."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest

from diagnostics.made_up_draws import autoregressive, draws, result
from rufous import _core
from rufous.diagnostics import check
from rufous.errors import (
    ConvergenceWarning,
    DivergenceWarning,
    TreeDepthWarning,
    UnknownNameError,
)
from rufous.results import GroupSpec, to_inference_data


def statistics(*, diverging: int = 0, cut_off: int = 0, energy=None) -> dict[str, np.ndarray]:
    flags = np.zeros((2, 4000), dtype=bool)
    flags[0, :diverging] = True
    flags[1, :cut_off] = True
    return {
        "diverging": flags[0].reshape(4, 1000),
        "divergence_reason": flags[0].reshape(4, 1000).astype(np.int64),
        "reached_max_treedepth": flags[1].reshape(4, 1000),
        "energy": draws(4, 1000) if energy is None else energy,
    }


def collect(idata, **kwargs) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        check(idata, **kwargs).warn()
    return caught


def test_a_clean_run() -> None:
    idata = result({"mu": draws(4, 1000), "theta": draws(4, 1000, 3)}, statistics())
    report = check(idata)
    assert report.ok
    assert collect(idata) == []
    assert report.divergences == 0
    assert report.rhat.num_checked == 4
    assert report.max_treedepth == 10
    lines = str(report).splitlines()
    assert lines[0] == "Diagnostics of 4 chains of 1000 draws"
    assert lines[-1] == "Verdict: no problem found."
    assert [line.split()[0] for line in lines[1:-1]] == ["ok"] * 7


def test_divergences() -> None:
    (warning,) = collect(result(statistics=statistics(diverging=12)))
    assert warning.category is DivergenceWarning
    assert warning.filename == __file__
    assert str(warning.message) == (
        "12 of 4000 transitions (0.3 %) diverged (12 x the energy error was large). The sampler "
        "could not follow the posterior there, and estimates may be biased because the draws "
        "avoid that region. Try target_accept=0.95 (it was 0.8)."
    )


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        (
            {"target_accept": 0.8, "local_steps": False},
            "Try target_accept=0.95 (it was 0.8); if some remain, local_steps=True.",
        ),
        (
            {"target_accept": 0.96, "local_steps": False},
            "target_accept is 0.96 already, so try local_steps=True, which takes shorter steps "
            "where the posterior is sharp.",
        ),
        ({"target_accept": 0.8, "local_steps": True}, "Try target_accept=0.95 (it was 0.8)."),
    ],
)
def test_divergences_ask_for_local_steps_where_they_are_not_used(settings, advice) -> None:
    idata = result(statistics=statistics(diverging=1), attrs={"settings": settings})
    (warning,) = collect(idata)
    assert str(warning.message).endswith(advice)


def test_divergences_with_a_high_target_accept_ask_for_another_parametrisation() -> None:
    idata = result(statistics=statistics(diverging=1), attrs={"settings": {"target_accept": 0.99}})
    (warning,) = collect(idata)
    assert "target_accept is 0.99 already" in str(warning.message)
    assert "non-centred" in str(warning.message)


def test_rhat_names_the_worst_variable_by_label() -> None:
    theta = draws(4, 1000, 3)
    theta[3, :, 1] += 2
    idata = result({"theta": theta}, dims={"theta": ("school",)}, coords={"school": [*"abc"]})
    report = check(idata)
    assert report.rhat.worst[0][0] == "theta[b]"
    text = str(next(w.message for w in collect(idata) if "R-hat" in str(w.message)))
    assert re.match(
        r"R-hat is above 1.01 for 1 of 3 variables \(worst: theta\[b\] 1\.\d{3}\)\. The chains "
        r"disagree, .* Try twice as many tuning iterations and draws",
        text,
    )


def test_rhat_with_divergences_points_to_them_first() -> None:
    mu = draws(4, 1000)
    mu[0] += 3
    texts = [str(w.message) for w in collect(result({"mu": mu}, statistics(diverging=3)))]
    assert "diverged" in texts[0]
    assert "Try to remove the divergences first." in texts[1]


def test_few_effective_draws_say_how_many_to_take() -> None:
    slow = autoregressive((4, 1000, 1), 0.92)
    caught = collect(result({"slow": slow[:, :, 0], "quick": draws(4, 1000)}))
    text = str(next(w.message for w in caught if "ESS" in str(w.message)))
    assert all(w.category is ConvergenceWarning for w in caught)
    assert re.match(r"(Bulk|Tail) ESS is below 400 \(100 for each chain\) for 1 of 2", text)
    assert re.search(r"Try draws=\d\d00 \(it was 1000\)\.", text)


def test_a_short_run_of_good_draws_asks_for_more_of_them() -> None:
    (warning,) = collect(result({"mu": draws(4, 20)}))
    assert re.search(r"Try draws=\d\d0? \(it was 20\)\.", str(warning.message))


def test_the_verdict_lists_what_was_found() -> None:
    mu = draws(4, 1000)
    mu[0] += 3
    text = str(check(result({"mu": mu}, statistics(diverging=3))))
    (verdict,) = [line for line in text.splitlines() if line.startswith("Verdict")]
    pattern = r"Verdict: look closer at 3 divergences, R-hat up to 1\.\d{3}, bulk ESS down to \d+\."
    assert re.fullmatch(pattern, verdict)


def test_far_too_few_effective_draws_ask_for_another_model() -> None:
    slow = autoregressive((4, 1000, 1), 0.9995)[:, :, 0]
    text = next(str(w.message) for w in collect(result({"slow": slow})) if "ESS" in str(w.message))
    assert "Each takes more than a hundred draws" in text


def test_low_bfmi() -> None:
    energy = autoregressive((4, 1000, 1), 0.5)[:, :, 0]
    energy[2] = autoregressive((1, 1000, 1), 0.99)[0, :, 0]
    report = check(result(statistics=statistics(energy=energy)))
    assert list(report.low_bfmi) == [2]
    (warning,) = collect(result(statistics=statistics(energy=energy)))
    assert warning.category is ConvergenceWarning
    assert "E-BFMI is below 0.3 in 1 of 4 chains (chain 2: 0.0" in str(warning.message)


@pytest.mark.parametrize(
    ("restarts", "warns"),
    [([0, 0, 0, 0], False), ([0, 2, 0, 0], False), ([0, 1, 0, 2], True), ([1, 1, 1, 1], True)],
)
def test_chains_that_were_brought_back(restarts: list[int], warns: bool) -> None:
    idata = result(attrs={"restarts": restarts})
    report = check(idata)
    assert report.num_brought_back == sum(count > 0 for count in restarts)
    caught = collect(idata)
    assert [w.category for w in caught] == [ConvergenceWarning] * warns
    if warns:
        assert "chains had to be brought back while tuning" in str(caught[0].message)
        assert "Try another random_seed" in str(caught[0].message)
    assert ("restarted" in str(report)) == any(restarts)


@pytest.mark.parametrize(("cut_off", "warns"), [(0, False), (39, False), (40, True)])
def test_tree_depth(cut_off: int, warns: bool) -> None:
    caught = collect(result(statistics=statistics(cut_off=cut_off)))
    assert [w.category for w in caught] == [TreeDepthWarning] * warns
    if warns:
        assert "40 of 4000 trajectories (1 %) reached max_treedepth=10" in str(caught[0].message)
        assert "Try max_treedepth=12" in str(caught[0].message)


def test_arguments_win_over_the_attributes() -> None:
    report = check(result(), target_accept=0.9, max_treedepth=5)
    assert (report.target_accept, report.max_treedepth) == (0.9, 5)


def test_threads_are_those_of_the_run(monkeypatch) -> None:
    asked = []

    def recording(draws, quantities, num_threads):
        asked.append(num_threads)
        return diagnose(draws, quantities, num_threads)

    diagnose = _core.diagnose
    monkeypatch.setattr(_core, "diagnose", recording)
    check(result())
    check(result(attrs={"settings": {"num_threads": 1}}))
    assert asked == [None, 1]


def test_a_single_chain_is_said() -> None:
    idata = result({"mu": draws(1, 1000)})
    (warning,) = collect(idata)
    assert "only one chain" in str(warning.message)
    assert "Try chains=4." in str(warning.message)
    text = str(check(idata))
    assert "not checked R-hat, which needs two chains" in text
    assert text.startswith("Diagnostics of 1 chain of 1000 draws")


@pytest.mark.parametrize("num_draws", [1, 2, 3])
def test_too_few_draws_are_said(num_draws: int) -> None:
    idata = result({"mu": draws(4, num_draws)})
    (warning,) = collect(idata)
    assert "too few to check anything" in str(warning.message)
    assert not check(idata).ok
    assert "not checked" in str(check(idata))


def test_constant_variables_are_listed_without_warning() -> None:
    theta = draws(4, 1000, 3)
    theta[:, :, 0] = 0.0
    idata = result({"theta": theta, "fixed": np.ones((4, 1000))})
    report = check(idata)
    assert report.constant == ("theta[0]", "fixed")
    assert report.rhat.num_checked == 2
    assert collect(idata) == []
    assert "constant    theta[0], fixed: no such numbers" in str(report)


def test_draws_that_are_not_finite_are_a_problem() -> None:
    theta = draws(4, 1000, 8)
    theta[0, 0, :7] = np.nan
    (warning,) = collect(result({"theta": theta}))
    assert "theta[0], theta[1], theta[2], theta[3], theta[4] and 2 more" in str(warning.message)


def test_whole_numbers_and_booleans_are_checked() -> None:
    coins = draws(4, 1000) > 0
    report = check(result({"coin": coins, "count": np.round(draws(4, 1000)).astype(np.int64)}))
    assert report.ok
    assert report.rhat.num_checked == 2


def test_var_names() -> None:
    mu = draws(4, 1000)
    idata = result({"mu": mu, "bad": np.cumsum(mu, axis=1)})
    assert not check(idata).ok
    assert check(idata, var_names=["mu"]).ok
    with pytest.raises(UnknownNameError, match="no variable named 'tau' in the posterior; there "):
        check(idata, var_names=["tau"])


def test_without_statistics_their_checks_are_left_out() -> None:
    report = check(result())
    assert (report.divergences, report.cut_off, report.bfmi) == (None, None, ())
    assert "divergences" not in str(report)


def test_without_draws() -> None:
    idata = to_inference_data({"warmup_posterior": GroupSpec({"mu": draws(4, 100)})})
    (warning,) = collect(idata)
    assert "0 draws per chain" in str(warning.message)


def test_an_interrupted_run_is_said() -> None:
    report = check(result(attrs={"complete": False}))
    assert "(the run did not finish)" in str(report).splitlines()[0]


def test_chain_numbers_are_kept() -> None:
    energy = autoregressive((2, 500, 1), 0.99)[:, :, 0]
    spec = {
        "posterior": GroupSpec({"mu": draws(2, 500)}),
        "sample_stats": GroupSpec({"energy": energy}, coords={"chain": [1, 3]}),
    }
    assert set(check(to_inference_data(spec)).low_bfmi) == {1, 3}
