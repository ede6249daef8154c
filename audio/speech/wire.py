"""Frames on the sockets between a server process, its supervisor and the children that speak.

A frame is a length (4 bytes, network order), a kind (1 byte) and a payload of that length.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from typing import Any

from audio.speech.engine import Speech, Utterance

SPEAK, READY, SPEECH, FAILED, BUSY = range(5)
# Small enough for an allocator to reuse: above 128 KiB each one would be new pages from the kernel.
READ_SIZE = 1 << 16
_HEAD = struct.Struct("!IB")
_SPEECH_HEAD = struct.Struct("!II")


def frame(kind: int, payload: bytes = b"") -> bytes:
    return _HEAD.pack(len(payload), kind) + payload


def speak_frame(pieces: list[Utterance], first: int = 0) -> bytes:
    return frame(SPEAK, json.dumps([first, [asdict(p) for p in pieces]]).encode())


def read_pieces(payload: bytes) -> tuple[int, list[Utterance]]:
    """The index of the first piece, and the pieces."""
    first, pieces = json.loads(payload)
    return first, [Utterance(**fields) for fields in pieces]


def speech_frame(index: int, speech: Speech) -> bytes:
    return frame(SPEECH, _SPEECH_HEAD.pack(index, speech.rate) + speech.samples)


def read_speech(payload: bytes) -> tuple[int, Speech]:
    index, rate = _SPEECH_HEAD.unpack_from(payload)
    return index, Speech(payload[_SPEECH_HEAD.size :], rate)


def message_frame(kind: int, **fields: Any) -> bytes:
    return frame(kind, json.dumps(fields).encode())


def read_message(payload: bytes) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(payload)
    return message


class Frames:
    """Puts the frames of a stream together again."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The frames that `data` completes, as (kind, payload)."""
        self._buffer += data
        frames = []
        while len(self._buffer) >= _HEAD.size:
            length, kind = _HEAD.unpack_from(self._buffer)
            end = _HEAD.size + length
            if len(self._buffer) < end:
                break
            with memoryview(self._buffer) as view:
                frames.append((kind, bytes(view[_HEAD.size : end])))
            del self._buffer[:end]
        return frames
