from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import bearing, confidence
from audio.dsp.confidence import Answer, Trees
from audio.dsp.direct_path import WeightedBins
from audio.dsp.gcc import microphone_pair

PAIR = microphone_pair(48000, 0.14, 343.2)


def features(strength: float, blocks: int = 4) -> np.ndarray:
    """The features of a block whose windows all saw a talker straight ahead, `strength` times as loud as noise."""
    random = np.random.default_rng(1)
    near = np.exp(-0.5 * (np.degrees(PAIR.yaw) / 4) ** 2)
    ratios = bearing.ratios(strength * (near + 0.1 * random.normal(size=(8, len(PAIR.yaw)))))
    logs, posterior = bearing.evidence(ratios), bearing.nothing_known(PAIR)
    for _ in range(blocks):
        before = bearing.predict(posterior, PAIR)
        posterior = bearing.update(before, logs)
    answer = Answer(before, posterior, logs, int(np.argmax(bearing.around(posterior.density, PAIR))))
    weight = np.full((8, len(PAIR.frequency)), 0.02 * strength / 10, np.float32)
    rise = np.full(8, 0.1 * strength, np.float32)
    heard = WeightedBins(np.ones_like(weight) + 0j, weight, rise, 0.15 * strength, -0.05 * strength, 1.0)
    return confidence.first_features(answer, ratios, heard, blocks, PAIR)


@pytest.mark.parametrize("model", ["alone", "session"])
def test_a_clear_talker_is_trusted_and_noise_is_not(model: str) -> None:
    clear, none = (confidence.probability(features(s), model) for s in (10.0, 0.1))
    assert 0 <= none < 0.2 < 0.7 < clear <= 1


def test_from_every_node_a_leaf_is_reached() -> None:
    for model in ("alone", "session", "second"):
        trees = confidence.fitted(model)
        own = np.broadcast_to(np.arange(trees.value.shape[1]), trees.value.shape)
        leaf = trees.left == own
        assert (leaf == (trees.right == own)).all()
        assert (trees.left[~leaf] > own[~leaf]).all() and (trees.right[~leaf] > own[~leaf]).all()
        assert not trees.value[~leaf].any()


def test_nodes_ask_for_features_that_are_there() -> None:
    for model in ("alone", "session"):
        assert (
            0
            <= confidence.fitted(model).feature.min()
            <= confidence.fitted(model).feature.max()
            == len(features(1.0)) - 1
        )


def test_log_odds_are_the_sum_of_the_leaves() -> None:
    stump = np.array([[0, 1, 2]])
    trees = Trees(
        feature=np.array([[1, 0, 0]]),
        limit=np.array([[0.5, 0, 0]]),
        left=np.where(stump == 0, 1, stump),
        right=np.where(stump == 0, 2, stump),
        value=np.array([[0, -2.0, 3.0]]),
        start=np.array(0.25),
        depth=np.array(1),
    )
    assert trees.log_odds(np.array([9.0, 0.5])) == -1.75
    assert trees.log_odds(np.array([9.0, 0.6])) == 3.25
