from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import bearing, trust
from audio.dsp.direct_path import Heard
from audio.dsp.gcc import pair
from audio.dsp.trust import Answer

OF = pair(48000, 0.14, 343.2)


def signs(strength: float, blocks: int = 4) -> np.ndarray:
    """The signs of a block whose windows all saw a talker straight ahead, `strength` times as loud as noise."""
    random = np.random.default_rng(1)
    near = np.exp(-0.5 * (np.degrees(OF.yaw) / 4) ** 2)
    ratios = bearing.ratios(strength * (near + 0.1 * random.normal(size=(8, len(OF.yaw)))))
    logs, belief = bearing.evidence(ratios), bearing.nothing_known(OF)
    for _ in range(blocks):
        before = bearing.predict(belief, OF)
        belief = bearing.update(before, logs)
    answer = Answer(before, belief, logs, int(np.argmax(bearing.around(belief.density, OF))))
    weight = np.full((8, len(OF.frequency)), 0.02 * strength / 10, np.float32)
    rise = np.full(8, 0.1 * strength, np.float32)
    heard = Heard(np.ones_like(weight) + 0j, weight, rise, 0.15 * strength, -0.05 * strength)
    return trust.first_signs(answer, ratios, heard, blocks, OF)


@pytest.mark.parametrize("regression", ["alone", "session"])
def test_a_clear_talker_is_trusted_and_noise_is_not(regression: str) -> None:
    clear, none = (trust.confidence(signs(s), regression) for s in (10.0, 0.1))
    assert 0 <= none < 0.2 < 0.7 < clear <= 1


def test_signs_fit_the_regressions() -> None:
    count = len(signs(1.0))
    for regression in ("alone", "session"):
        assert len(trust.fitted()[regression]) == 1 + count + count * (count + 1) // 2
