from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import bearing
from audio.dsp.gcc import microphone_pair

PAIR = microphone_pair(48000, 0.14, 343.2)


def seen(yaw: float, strength: float = 3.0) -> np.ndarray:
    """Evidence for an angle in degrees."""
    return np.asarray(strength * np.exp(-0.5 * ((np.degrees(PAIR.yaw) - yaw) / 5) ** 2))


def heard(yaws: list[float]) -> bearing.Posterior:
    posterior = bearing.nothing_known(PAIR)
    for yaw in yaws:
        posterior = bearing.update(bearing.predict(posterior, PAIR), seen(yaw))
    return posterior


def best(posterior: bearing.Posterior) -> float:
    return float(np.degrees(PAIR.yaw[np.argmax(bearing.around(posterior.density, PAIR))]))


@pytest.mark.parametrize("yaw", [-90.0, -40.0, 0.0, 85.0])
def test_one_who_stands_is_known_better_with_time(yaw: float) -> None:
    masses = [bearing.around(heard([yaw] * n).density, PAIR).max() for n in (1, 3, 10)]
    assert masses == sorted(masses)
    assert masses[-1] > 0.95
    assert best(heard([yaw] * 10)) == pytest.approx(yaw, abs=10.5)


def test_one_who_walks_is_followed() -> None:
    path = np.linspace(-60, 60, 25).tolist()
    posterior = heard(path)
    assert best(posterior) == pytest.approx(60, abs=8)
    assert posterior.walks > 0.5


@pytest.mark.parametrize("pace", [-5.0, 5.0])
def test_one_who_walks_is_expected_further_on(pace: float) -> None:
    posterior = heard([pace * n for n in range(-8, 4)])
    unheard = bearing.predict(posterior, PAIR, 3)
    assert best(unheard) == pytest.approx(best(posterior) + 3 * pace, abs=5)


def test_one_who_turns_round_is_soon_believed() -> None:
    """Three blocks after the turn; by way of standing still it would take five."""
    path = [-60 + 5.5 * k for k in range(16)]
    back = [path[-1] - 5.5 * k for k in (1, 2, 3)]
    posterior = heard(path + back)
    assert posterior.motions[1].sum() > 0.6
    assert best(posterior) == pytest.approx(back[-1], abs=5)


def test_one_who_stands_is_expected_there() -> None:
    posterior = heard([20.0] * 10)
    assert posterior.walks < 0.2
    assert best(bearing.predict(posterior, PAIR, 3)) == pytest.approx(best(posterior), abs=1.5)


def test_memory_fades_in_silence() -> None:
    posterior = heard([20.0] * 10)
    masses = [bearing.around(bearing.predict(posterior, PAIR, n).density, PAIR).max() for n in (0, 10, 100, 400)]
    assert masses == sorted(masses, reverse=True)
    assert masses[-1] < 0.4


def test_a_belief_sums_to_one() -> None:
    posterior = heard([0.0, 50.0, -50.0])
    assert posterior.density.sum() == pytest.approx(1)
    assert (posterior.density >= 0).all()


def test_no_window_rules_out_an_angle_for_good() -> None:
    ratios = np.full((1, len(PAIR.yaw)), 1e-12)
    assert bearing.evidence(ratios).min() > -0.5


def test_what_the_first_explains_says_nothing_of_a_second() -> None:
    ratios = np.full((1, len(PAIR.yaw)), 0.01)
    ratios[:, 40] = 100.0
    ratios[:, 140] = 100.0
    beside = bearing.evidence_beside(ratios, 40, PAIR)
    ratios[:, 40] = 0.01
    alone = bearing.evidence_beside(ratios, 40, PAIR)
    assert beside[140] < alone[140] / 2


def test_the_mass_at_a_point_is_that_around_it() -> None:
    density = heard([20.0, 25.0]).density
    around = bearing.around(density, PAIR)
    assert [bearing.mass(density, at, PAIR) for at in range(len(density))] == pytest.approx(around.tolist())
