"""A supervisor with an engine that does what the text tells it, for tests of what is around engines."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audio.errors import SpeechFailed
from audio.speech import supervisor
from audio.speech.engine import Speech, Utterance, Voice


class Moody:
    apart = False
    emphasis = 0.0
    voices: Sequence[Voice] = (Voice("male", "en-US", "male"),)

    def __init__(self, missing: bool, fails_to_start: bool) -> None:
        self.missing = missing
        self.fails_to_start = fails_to_start

    def version(self) -> str:
        return "moody"

    def load(self) -> None:
        if self.missing:
            raise SpeechFailed("There is no good mood: run `pip install good-mood`.")

    def start(self, lang: str, voice: str) -> None:
        if self.fails_to_start:
            raise RuntimeError("no mood today")

    def speak(self, utterance: Utterance) -> Speech:
        mood, _, rest = utterance.text.partition(" ")
        if mood == "die" and not (rest.startswith("once ") and Path(rest[5:]).exists()):
            if rest:
                Path(rest[5:]).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        elif mood == "raise":
            raise RuntimeError("out of sorts")
        elif mood == "hang":
            threading.Event().wait()
        elif mood == "nap":
            threading.Event().wait(0.005)
        elif mood == "write":
            Path(rest).write_text("what an attacker wants")
        return Speech(utterance.text.encode(), 16000)


def command(**limits: Any) -> list[str]:
    """What starts it; `supervisor.Limits` by name, and `missing` or `fails_to_start` for an engine that is, or does."""
    return [sys.executable, "-m", "tests.speech.moody", *(f"{k}={v}" for k, v in limits.items())]


def main(arguments: list[str]) -> None:
    *pairs, _, fd = arguments
    given = {k: float(v) if "." in v else v == "True" or int(v) for k, v in (p.split("=") for p in pairs)}
    engine = Moody(bool(given.pop("missing", False)), bool(given.pop("fails_to_start", False)))
    supervisor.serve(engine, socket.socket(fileno=int(fd)), supervisor.Limits(**given))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(sys.argv[1:])
