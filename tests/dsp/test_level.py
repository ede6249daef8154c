from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import level


def test_a_square_wave_of_full_scale_is_0_dbfs() -> None:
    assert level.level_dbfs(np.tile(np.array([-32768, 32767], np.int16), 100)) == pytest.approx(0, abs=0.001)


def test_a_sine_of_full_scale_is_3_db_less() -> None:
    x = (32767 * np.sin(np.arange(48_000) * 2 * np.pi / 48)).astype(np.int16)
    assert level.level_dbfs(x) == pytest.approx(-3.01, abs=0.01)


def test_silence_has_a_level() -> None:
    assert level.level_dbfs(np.zeros(100, np.int16)) == -120
    assert level.level_dbfs(np.zeros(0, np.int16)) == -120


def test_one_bit_is_above_silence() -> None:
    assert level.level_dbfs(np.ones((50, 2), np.int16)) == pytest.approx(-90.31, abs=0.01)
