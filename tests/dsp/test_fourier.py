from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import fourier


@pytest.mark.parametrize("size", [256, 320, 512, 684, 2048])
def test_a_spectrum_is_the_usual_one_in_single_precision(size: int) -> None:
    frames = np.random.default_rng(0).standard_normal((3, 2, size)).astype(np.float32)
    shape = np.hanning(size + 1)[:-1]
    found = fourier.spectra(frames, fourier.window(shape))
    assert found.dtype == np.complex64
    assert np.abs(found - np.fft.rfft(frames * shape)).max() < 1e-6 * size


def test_silence_has_none_and_no_frames_give_no_spectra() -> None:
    window = fourier.window(np.ones(8))
    assert not fourier.spectra(np.zeros((2, 8), np.float32), window).any()
    assert fourier.spectra(np.zeros((0, 8), np.float32), window).shape == (0, 5)
