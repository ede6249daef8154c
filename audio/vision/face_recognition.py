"""Who it is: dlib's network, which makes of a face 128 numbers that are alike for one person.

The chip, in one light, and its mirror image are heard; their vectors are averaged. The direction of a vector counts:
where its length does too, as in dlib, three more of a hundred people are missed at the same rate of false accepts
(measured).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.vision import face_mesh, models
from audio.vision.age_gender import MEAN, template
from audio.vision.face_detection import Face
from audio.vision.gaze import straightened
from audio.vision.patches import batch, cut, fitted, mirrored

Floats = NDArray[np.float32]

MODEL = "face_recognition"
_SIZE, _PADDING = 150, 0.25
# Chosen once: percent of the pixels, where they come to lie, and the least contrast that is not taken for noise.
_SHADES, _LIGHTS, _LEAST_CONTRAST = (2, 98), (25, 225), 30.0
# Distances of one person's pictures are .21 .29 .37 (5, 50, 95 %), of two people's .37 .41 .55 (.1, 1, 50 %): measured
# on a development set of 160 people. Below the limit are less than one in 2000 pairs of two people: so one in a hundred
# strangers is taken for one of an album of 20. At the limit that the network comes with three of ten are.
_LIMIT, _SLOPE = 0.353, 0.0285


def vector(rgb: NDArray[np.uint8], face: Face) -> Floats:
    """128 numbers of a face that was detected, of length 1."""
    mesh, _ = straightened(rgb, face_mesh.fit(rgb, face))
    chip = _lit(cut(rgb, fitted(mesh.five, template(_SIZE, _PADDING), _SIZE), _SIZE))
    (vectors,) = models.load(MODEL)(batch([chip, mirrored(chip)], MEAN, 255))
    return _unit(vectors.mean(axis=0))


def _lit(chip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """In one light: what is dark and what is bright in it are always as far apart."""
    dark, bright = np.percentile(chip.mean(axis=2), _SHADES)
    first, last = _LIGHTS
    stretched = (chip - dark) * ((last - first) / max(bright - dark, _LEAST_CONTRAST)) + first
    return np.asarray(np.clip(stretched, 0, 255), np.uint8)


def confidence(one: Floats, samples: Floats) -> float:
    """That `one` (128) is who the samples (n x 128) show: one half at the limit between somebody and nobody.

    `one` may be a mean of several; samples are of length 1.
    """
    distance = float(np.linalg.norm(samples - _unit(one), axis=1).min())
    return float(1 / (1 + np.exp((distance - _LIMIT) / _SLOPE)))


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
