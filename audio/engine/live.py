"""How each session is just now: level, voice, sound, direction. Told to whoever watches, never stored.

Nothing is told while nobody watches: a process that has watchers leaves a file, which is looked for once a second.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from audio.engine.bus import Bus
from audio.services.observation import Observed
from audio.stores.session_store import Key

TOPIC = "live"
_EACH_SECONDS = 0.5  # at most two a second a session
_LOOK_SECONDS = 1.0


class Live:
    def __init__(self, bus: Bus, run_dir: Path, name: str) -> None:
        self._bus, self._run_dir = bus, run_dir
        self._mark = run_dir / f"{name}.watched"
        self._watchers = 0
        self._watched = False
        self._looked_at = -_LOOK_SECONDS
        self._told: dict[Key, float] = {}

    def watch(self) -> None:
        """Somebody watches in this process, until `leave`."""
        self._watchers += 1
        self._mark.touch()

    def leave(self) -> None:
        self._watchers -= 1
        if self._watchers == 0:
            self._mark.unlink(missing_ok=True)

    def tell(self, key: Key, observed: Observed, still: Any) -> None:
        """A chunk was heard. still: what is open after it, by name."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._watched, self._looked_at = any(self._run_dir.glob("*.watched")), now
            self._told = {k: at for k, at in self._told.items() if now - at < _LOOK_SECONDS}
        if not self._watched or now - self._told.get(key, -1.0) < _EACH_SECONDS:
            return
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

    def close(self) -> None:
        self._mark.unlink(missing_ok=True)
