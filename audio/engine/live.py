"""How each session is just now: level, voice, sound, direction. Told to whoever watches, never stored."""

from __future__ import annotations

import json
import time
from typing import Any

from audio.engine.bus import Bus
from audio.engine.watched import Watched
from audio.services.observation import Observed
from audio.stores.session_store import Key

TOPIC = "live"
_EACH_SECONDS = 0.5  # at most two a second a session


class Live:
    """watched: by whom; while it is nobody, nothing is told."""

    def __init__(self, bus: Bus, watched: Watched) -> None:
        self._bus, self.watched = bus, watched
        self._told: dict[Key, float] = {}
        self._tidied_at = 0.0

    def tell(self, key: Key, observed: Observed, still: Any) -> None:
        """A chunk was heard. still: what is open after it, by name."""
        now = time.monotonic()
        if not self.watched.any() or now - self._told.get(key, -1.0) < _EACH_SECONDS:
            return
        if now - self._tidied_at >= _EACH_SECONDS:
            self._told, self._tidied_at = {k: at for k, at in self._told.items() if now - at < _EACH_SECONDS}, now
        self._told[key] = now
        state: dict[str, Any] = {"stream": key.client_id, "service": f"{key.service}/{key.version}"}
        state["session_id"] = key.session_id
        if observed.level is not None:
            state["level"] = round(observed.level, 1)
        if key.service == "voice_detection" or "voice" in still:
            state["voice"] = "voice" in still
        if key.service == "sound_detection" or "sound" in still:
            state["sound"] = "sound" in still
        if observed.yaws:
            state["yaw"] = round(observed.yaws[-1], 4)
        self._bus.tell(TOPIC, json.dumps(state).encode())
