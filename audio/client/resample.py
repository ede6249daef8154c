"""Change of sampling rate for sound that comes in pieces.

Goal: the pieces, put together, are what one call on the whole sound gives; no seam, no frame more or less.
Conventions: int16 in and out, shape (frames, channels). Frame k of the output is the sound at k / rate_out seconds
since the last `clear`: the delay of the filter is taken out, so the output of a piece may come with the next one.
Source: the SoX resampler library, quality HQ (pass band to 0.91 of half the lower rate, stop band 120 dB down).
"""

from __future__ import annotations

import numpy as np
import soxr

from audio.pcm import Samples

_SCALE = np.float32(32768.0)


class StreamResampler:
    """Sound of one rate to another, piece by piece."""

    def __init__(self, rate_in: int, rate_out: int, channels: int) -> None:
        self.rate_in, self.rate_out, self.channels = rate_in, rate_out, channels
        # Rounding is done here, not in soxr: it would add dither, which costs 5 dB and makes two runs differ.
        self._stream = None
        if rate_in != rate_out:
            self._stream = soxr.ResampleStream(rate_in, rate_out, channels, dtype="float32", quality="HQ")

    def resample(self, samples: Samples, *, last: bool = False) -> Samples:
        """What is ready of the output once `samples` are in; all of it with `last`, and the next call begins afresh.

        samples: int16 (frames, channels), of any number of frames, also none. Equal rates: the very same samples.
        """
        if self._stream is None:
            return samples
        sound = np.ascontiguousarray(samples, dtype=np.float32) / _SCALE
        ready = self._stream.resample_chunk(sound, last=last)
        if last:
            self.clear()
        rounded: Samples = np.clip(np.rint(ready * _SCALE), -32768, 32767).astype(np.int16)
        return rounded.reshape(-1, self.channels)

    def clear(self) -> None:
        """Forget all that came: what comes next has nothing to do with it."""
        if self._stream is not None:
            self._stream.clear()
