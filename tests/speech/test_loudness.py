from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.speech.engine import Speech
from audio.speech.loudness import CEILING, TARGET_LUFS, finish, limit, loudness


def tone(seconds: float, rate: int, level: float, frequency: float = 997.0) -> NDArray[np.float32]:
    t = np.arange(round(seconds * rate)) / rate
    return (10 ** (level / 20) * np.sin(2 * np.pi * frequency * t)).astype(np.float32)


def speech(x: NDArray[np.float32], rate: int) -> Speech:
    return Speech((x * 32767).astype("<i2").tobytes(), rate)


@pytest.mark.parametrize("rate", [16000, 22050, 48000])
@pytest.mark.parametrize("level", [-3.0, -20.0, -40.0])
def test_a_tone_of_997_hz_has_the_loudness_of_the_standard(rate: int, level: float) -> None:
    # BS.1770: a full-scale sine of 997 Hz in one channel reads -3.01 LUFS.
    assert loudness(tone(3, rate, level), rate) == pytest.approx(level - 3.01, abs=0.1)


@pytest.mark.parametrize("rate", [16000, 22050, 24000, 48000])
def test_low_and_high_frequencies_are_weighted(rate: int) -> None:
    # The curve of the standard: flat low down, +4 dB well above 2 kHz, and by definition +0.69 dB at 997 Hz.
    assert loudness(tone(3, rate, -20, 150.0), rate) == pytest.approx(-23.01 - 0.69, abs=0.2)
    assert loudness(tone(3, rate, -20, 6000.0), rate) == pytest.approx(-23.01 - 0.69 + 4.0, abs=0.3)


def test_pauses_do_not_count() -> None:
    x = tone(2, 16000, -20)
    with_pause = np.concatenate([x, np.zeros(32000, np.float32), x])
    assert loudness(with_pause, 16000) == pytest.approx(-23.01, abs=0.35)


def test_what_is_ten_lu_below_the_rest_does_not_count() -> None:
    # The relative gate: half of the sound is 15 dB lower; counted in, the whole would read 2.9 LU less.
    x = np.concatenate([tone(4, 16000, -20), tone(4, 16000, -35)])
    assert loudness(x, 16000) == pytest.approx(-23.01, abs=0.5)


def test_what_is_less_than_ten_lu_below_counts() -> None:
    x = np.concatenate([tone(4, 16000, -20), tone(4, 16000, -26)])
    assert loudness(x, 16000) == pytest.approx(-23.01 - 2.04, abs=0.3)


def test_silence_has_no_loudness() -> None:
    assert loudness(np.zeros(16000, np.float32), 16000) is None
    assert loudness(np.zeros(0, np.float32), 16000) is None


@pytest.mark.parametrize("level", [-1.0, -20.0, -35.0])
def test_speech_is_brought_to_the_target(level: float) -> None:
    samples, rate = finish([[(speech(tone(2, 16000, level), 16000), 0.3)]], 1.0)
    assert loudness(samples.astype(np.float32) / 32768, rate) == pytest.approx(TARGET_LUFS, abs=0.3)
    assert np.max(np.abs(samples)) < 32767


def test_offset_goes_and_ends_are_silent() -> None:
    x = np.concatenate([np.zeros(8000, np.float32), tone(1, 16000, -20) + 0.05, np.zeros(16000, np.float32)])
    samples, rate = finish([[(speech(x, 16000), 0.3)]], 1.0)
    assert abs(float(np.mean(samples))) < 30
    loud = np.flatnonzero(np.abs(samples) > 300)
    assert 0.03 < loud[0] / rate < 0.12
    assert 0.1 < (len(samples) - loud[-1]) / rate < 0.25


def test_pauses_are_between_the_pieces_and_not_after_the_last() -> None:
    one = speech(tone(1, 16000, -20), 16000)
    alone = len(finish([[(one, 0.5)]], 1.0)[0])
    both = len(finish([[(one, 0.5), (one, 0.5)]], 1.0)[0])
    assert both - alone == pytest.approx(16000 * 1.5, abs=200)
    assert len(finish([[(one, 0.5)], [(one, 0.5)]], 1.0)[0]) == both


def test_a_part_sounds_the_same_alone_as_in_its_place() -> None:
    loud, quiet = speech(tone(1, 16000, -10), 16000), speech(tone(0.7, 16000, -30, 300.0), 16000)
    parts = [[(loud, 0.15), (quiet, 0.35)], [(quiet, 0.6)], [(loud, 0.35)]]
    whole = finish(parts, 0.8)[0]
    alone = [finish([part], 0.8, begins=i == 0, ends=i == 2)[0] for i, part in enumerate(parts)]
    assert np.array_equal(np.concatenate(alone), whole)


def test_parts_are_equally_loud_and_nothing_clicks_between_them() -> None:
    loud, quiet = speech(tone(2, 16000, -10), 16000), speech(tone(2, 16000, -30), 16000)
    samples, rate = finish([[(loud, 0.3)], [(quiet, 0.3)]], 1.0)
    x = samples.astype(np.float32) / 32768
    middle = len(x) // 2
    assert loudness(x[:middle], rate) == pytest.approx(TARGET_LUFS, abs=0.5)
    assert loudness(x[middle:], rate) == pytest.approx(TARGET_LUFS, abs=0.5)
    steps = np.abs(np.diff(x))
    assert np.max(steps) < 1.1 * np.max(steps[rate // 2 : rate])


def test_volume_is_a_factor() -> None:
    one = speech(tone(1, 16000, -20), 16000)
    full, half = (finish([[(one, 0.0)]], v)[0].astype(float) for v in (1.0, 0.5))
    assert np.max(np.abs(full / 2 - half)) <= 1
    assert not finish([[(one, 0.0)]], 0.0)[0].any()


def test_peaks_are_limited_and_the_rest_left_alone() -> None:
    x = tone(1, 22050, -12)
    x[11025] = 1.6
    y = x.copy()
    limit(y, 22050)
    assert np.max(np.abs(y)) <= CEILING + 1e-6
    assert np.array_equal(y[:10000], x[:10000])
    assert np.array_equal(y[12000:], x[12000:])


def test_silence_is_silence() -> None:
    samples, _ = finish([[(Speech(b"", 16000), 0.3)]], 1.0)
    assert len(samples) > 0
    assert not samples.any()


def test_emphasis_raises_the_treble_and_keeps_the_loudness() -> None:
    x = tone(2, 22050, -20, 200.0) + tone(2, 22050, -20, 5000.0)
    balance, louds = [], []
    for emphasis in (0.0, 0.7):
        samples, rate = finish([[(speech(x, 22050), 0.0)]], 1.0, emphasis)
        spectrum = np.abs(np.fft.rfft(samples[rate // 2 : rate // 2 + rate].astype(float)))
        balance.append(20 * np.log10(spectrum[5000] / spectrum[200]))
        louds.append(loudness(samples.astype(np.float32) / 32768, rate))
    # |1 - 0.7 exp(-jw)| is 0.95 dB at 5 kHz and -10.3 dB at 200 Hz.
    assert balance[1] - balance[0] == pytest.approx(11.3, abs=0.5)
    assert louds[0] == pytest.approx(louds[1], abs=0.3)
