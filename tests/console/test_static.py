"""What the scripts of the pages repeat of the program."""

from __future__ import annotations

import re
from pathlib import Path

import audio.console
from audio.stores import events

STATIC = Path(audio.console.__file__).parent / "static"


def test_every_type_of_events_has_its_words() -> None:
    script = (STATIC / "events.js").read_text(encoding="utf-8")
    words = script.partition("const WORDS = {")[2].partition("};")[0]
    assert sorted(re.findall(r"(\w+): \[", words)) == sorted(events.TYPES)
