"""Answers to the chunks of a session, put together so that they can be compared with one answer to the whole.

Lists of objects are what happened: `index`, `start` and `end` are frames of the chunk and are counted from the
session's beginning here; what has a `time` is known by it (it may lie before its chunk, and `index` cannot). Counts
(`input_size`, `nb_...`) add up. Anything else speaks of one chunk alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from audio.services.base import Output

_FRAMES = ("index", "start", "end")
_PER_CHUNK = ("level",)


def assemble(answers: Iterable[tuple[int, Output]]) -> tuple[dict[str, int], dict[str, list[dict[str, Any]]]]:
    """Counts and happenings of (first frame, answer), by name."""
    counts: dict[str, int] = {}
    happenings: dict[str, list[dict[str, Any]]] = {}
    for begin, output in answers:
        for name, value in output.items():
            if isinstance(value, int) and (name == "input_size" or name.startswith("nb_")):
                counts[name] = counts.get(name, 0) + value
            elif isinstance(value, list):
                happenings.setdefault(name, []).extend(_absolute(item, begin) for item in value)
    return counts, {name: _joined(items) for name, items in happenings.items()}


def _absolute(item: dict[str, Any], begin: int) -> dict[str, Any]:
    kept = {k: v for k, v in item.items() if k not in _PER_CHUNK and not (k == "index" and "time" in item)}
    return {k: v + begin if k in _FRAMES else v for k, v in kept.items()}


def _joined(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Spans that touch are one span, cut by the end of a chunk."""
    joined: list[dict[str, Any]] = []
    for item in items:
        spans = joined and {"start", "end"} <= set(item)
        if spans and item["start"] <= joined[-1]["end"] + 1:
            joined[-1] = {**joined[-1], "end": item["end"]}
        else:
            joined.append(item)
    return joined


def assert_same(one: Any, other: Any, rate: int) -> None:
    """Equal, within one frame of index and time and what rounding does to the rest."""
    assert one[0] == other[0]
    assert set(one[1]) == set(other[1])
    for name, items in one[1].items():
        assert len(items) == len(other[1][name]), (name, items, other[1][name])
        for a, b in zip(items, other[1][name], strict=True):
            assert set(a) == set(b)
            for key in a:
                assert _close(a[key], b[key], 1 if key in _FRAMES else 1.001 / rate), (name, key, a, b)


def running(output: Output) -> dict[str, float]:
    """What an answer says of its session so far: the numbers of a service that lists nothing."""
    if any(isinstance(value, list) for value in output.values()):
        return {}
    left_out = ("input_size", *_PER_CHUNK)
    return {n: v for n, v in output.items() if isinstance(v, int | float) and n not in left_out}


def assert_same_end(one: Output, other: Output, rate: int) -> None:
    """The last answers say the same of the session."""
    assert set(running(one)) == set(running(other))
    for name, value in running(one).items():
        assert _close(value, running(other)[name], 1.001 / rate), (name, one, other)


def _close(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, bool | str) or a is None:
        return bool(a == b)
    return abs(a - b) <= tolerance
