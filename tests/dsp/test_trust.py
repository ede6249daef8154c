from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import bearing, trust
from audio.dsp.direct_path import Heard
from audio.dsp.gcc import pair
from audio.dsp.trust import Answer, Trees

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
    heard = Heard(np.ones_like(weight) + 0j, weight, rise, 0.15 * strength, -0.05 * strength, 1.0)
    return trust.first_signs(answer, ratios, heard, blocks, OF)


@pytest.mark.parametrize("model", ["alone", "session"])
def test_a_clear_talker_is_trusted_and_noise_is_not(model: str) -> None:
    clear, none = (trust.confidence(signs(s), model) for s in (10.0, 0.1))
    assert 0 <= none < 0.2 < 0.7 < clear <= 1


def test_from_every_node_a_leaf_is_reached() -> None:
    for model in ("alone", "session", "second"):
        trees = trust.fitted(model)
        own = np.broadcast_to(np.arange(trees.value.shape[1]), trees.value.shape)
        leaf = trees.left == own
        assert (leaf == (trees.right == own)).all()
        assert (trees.left[~leaf] > own[~leaf]).all() and (trees.right[~leaf] > own[~leaf]).all()
        assert not trees.value[~leaf].any()


def test_nodes_ask_for_signs_that_are_there() -> None:
    for model in ("alone", "session"):
        assert 0 <= trust.fitted(model).sign.min() <= trust.fitted(model).sign.max() == len(signs(1.0)) - 1


def test_log_odds_are_the_sum_of_the_leaves() -> None:
    stump = np.array([[0, 1, 2]])
    trees = Trees(
        sign=np.array([[1, 0, 0]]),
        limit=np.array([[0.5, 0, 0]]),
        left=np.where(stump == 0, 1, stump),
        right=np.where(stump == 0, 2, stump),
        value=np.array([[0, -2.0, 3.0]]),
        start=np.array(0.25),
        depth=np.array(1),
    )
    assert trees.log_odds(np.array([9.0, 0.5])) == -1.75
    assert trees.log_odds(np.array([9.0, 0.6])) == 3.25
