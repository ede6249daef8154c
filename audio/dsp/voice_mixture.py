"""Which of two experts on a voice to believe.

Goal: the odds of both in one. The first was fitted on voices of the whole band and is the better one in loud noise;
the second also on telephone lines, microphones with a low cut, whispers and hum. What lies low tells which is asked:
where next to nothing is there below 250 Hz, the line or the microphone has no bass; and, for an expert that stumbles
over it, where a voice seems to be and less rises below 400 Hz than above, its bass is cut off or covered. There the
second one knows more (a mixture of experts: R. Jacobs et al., "Adaptive mixtures of local experts", Neural Computation
1991, with a gate that is not fitted but set). Conventions: rows as of voice_features; log units are natural.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.dsp import voice_features
from audio.dsp.voice_features import BANDS

Array = NDArray[np.float32]
# Bands below 250 Hz, below about 400 Hz, and from there to 4 kHz.
_LOWEST, _LOW, _MIDDLE = 0, slice(0, 3), slice(4, 17)
# The means are over so many seconds of what may be a voice. Chosen, as all that follows.
MEMORY = 2.0
_KEEP = math.exp(-voice_features.HOP / voice_features.RATE / MEMORY)
# What the means are before anything was heard: no sign either way, of this weight.
_PRIOR = 0.3
# The log odds of the second expert: how much more the middle bands rise over their floors than the low ones, less
# the one; or, where that is more, STEEP times by how much their level is over the lowest band's, less the other.
# Chosen with benchmarks/voice_detectors.py.
MORE, NO_BASS, STEEP = 0.5, 5.5, 2.0


@dataclass(frozen=True)
class State:
    """Leaky sums over what may be a voice.

    Attributes
    ----------
    rise, tilt : of both differences, weighted.
    weight : of the weights.
    """

    rise: float = 0.0
    tilt: float = 0.0
    weight: float = _PRIOR


def mix(state: State, rows: Array, first: Array, second: Array, *, covered: bool) -> tuple[Array, State]:
    """The odds of both experts in one.

    Parameters
    ----------
    state : what the last call returned; ``State()`` at the beginning.
    rows : features, shape (n, FEATURES).
    first, second : log odds of a voice of the two experts at each, shape (n,).
    covered : whether the second is also asked where the bass of a voice is covered, and not just where there is none.

    Returns
    -------
    odds : shape (n,), between the two.
    state : where the stream stands now.
    """
    levels, risen = rows[:, :BANDS], rows[:, BANDS : 2 * BANDS]
    middle = risen[:, _MIDDLE].max(axis=1)
    rises = middle - risen[:, _LOW].max(axis=1)
    tilts = levels[:, _MIDDLE].max(axis=1) - levels[:, _LOWEST]
    weights = np.clip(middle - 1, 0, 4) / (1 + np.exp(-2 * np.clip(second, -20, 20)))
    rise, tilt, weight = state.rise, state.tilt, state.weight
    believed = np.empty(len(rows), np.float32)
    for i, (r, t, w) in enumerate(zip(rises.tolist(), tilts.tolist(), weights.tolist(), strict=True)):
        rise, tilt, weight = _KEEP * rise + w * r, _KEEP * tilt + w * t, _KEEP * weight + w
        total = weight + 1e-3
        no_bass = STEEP * (tilt / total - NO_BASS)
        believed[i] = max(rise / total - MORE, no_bass) if covered else no_bass
    share = (1 / (1 + np.exp(-believed))).astype(np.float32)
    return share * second + (1 - share) * first, State(rise, tilt, weight)
