"""Sound in memory: 16 bit samples and their rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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

    def chunks(self, frames: int) -> list[Pcm]:
        """This sound cut into pieces of `frames` frames, the last one as short as it is."""
        if frames < 1:
            raise ValueError(f"A chunk holds at least one frame, not {frames}")
        return [Pcm(self.samples[i : i + frames], self.rate) for i in range(0, self.frames, frames)]
