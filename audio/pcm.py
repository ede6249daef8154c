"""Sound in memory: 16 bit samples and their rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.errors import BadInput

Samples = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Pcm:
    """A sound.

    samples: int16, shape (frames, channels). rate: frames a second, in Hz.
    """

    samples: Samples
    rate: int

    def __post_init__(self) -> None:
        if self.samples.dtype != np.int16 or self.samples.ndim != 2 or self.samples.shape[1] < 1:
            raise ValueError(
                f"Pcm wants int16 samples of shape (frames, channels), not {self.samples.dtype} {self.samples.shape}"
            )
        if self.rate <= 0:
            raise ValueError(f"Pcm wants a rate above 0 Hz, not {self.rate}")

    @property
    def frames(self) -> int:
        return int(self.samples.shape[0])

    @property
    def channels(self) -> int:
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        return self.frames / self.rate

    def pick(self, channels: Sequence[int]) -> Pcm:
        """Some of its channels, counted from 0, in the order in which they are named. Raises BadInput."""
        require_channels(channels, self.channels)
        return Pcm(self.samples[:, list(channels)], self.rate)

    def chunks(self, frames: int) -> list[Pcm]:
        """This sound cut into pieces of `frames` frames, the last one as short as it is."""
        if frames < 1:
            raise ValueError(f"A chunk holds at least one frame, not {frames}")
        return [Pcm(self.samples[i : i + frames], self.rate) for i in range(0, self.frames, frames)]


def require_channels(wanted: Sequence[int], there: int) -> None:
    """Raises BadInput unless each of the `wanted` channels, counted from 0, is one of the `there` first."""
    if not wanted or len(set(wanted)) < len(wanted):
        raise BadInput(f"Channels must differ, and be one at least: {', '.join(map(str, wanted)) or 'none'}.")
    if missing := [c for c in wanted if not 0 <= c < there]:
        raise BadInput(f"There is no channel {missing[0]}: there are {there}, counted from 0.")
