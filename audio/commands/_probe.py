"""Hears a microphone for a second, as a process of its own, since a sound system may hang or crash.

    python -m audio.commands._probe '{"device": "usb", "channel": [1, 3]}'

prints JSON: name, rate, channels, the `levels` of all of them in dBFS (null: nothing but zeros), and the `correlation`
of the two that were asked for (null where there are no two).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from audio.client.devices import MicrophoneError, find
from audio.client.microphone import MOST_OF_A_BOARD, Microphone, devices
from audio.client.source import dbfs
from audio.errors import AudioError
from audio.pcm import Samples, require_channels

SECONDS = 1.0


def probe(device: int | str | None, channel: Sequence[int]) -> dict[str, Any]:
    """What is heard of a device, on each of its channels; of one that claims more than any board has, on the first."""
    found = find(devices(), device)
    require_channels(channel, found.channels)
    count = found.channels if found.channels <= MOST_OF_A_BOARD else max(2, 1 + max(channel, default=0))
    with Microphone(device, channels=count, duration=SECONDS, on_notice=lambda _: None) as microphone:
        sound = microphone.samples(b"".join(block.data for block in microphone))
    if not len(sound):
        raise MicrophoneError(f"Nothing came from {microphone.name} within {SECONDS:g} s.")
    levels = [dbfs(sound[:, i]) for i in range(sound.shape[1])]
    return {
        "name": microphone.name,
        "rate": microphone.rate,
        "channels": microphone.channels,
        "levels": [round(level, 1) if np.isfinite(level) else None for level in levels],
        "correlation": correlation(sound[:, list(channel)]) if len(channel) == 2 else None,
    }


def correlation(pair: Samples) -> float | None:
    """Pearson's, of two channels (frames, 2); None where one of them never changes."""
    centred = pair - pair.mean(axis=0)
    power = float(np.prod(np.sqrt((centred**2).sum(axis=0))))
    return float((centred[:, 0] * centred[:, 1]).sum()) / power if power else None


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    try:
        print(json.dumps(probe(asked["device"], asked["channel"])))
    except AudioError as exc:
        sys.exit(exc.message)
