"""Frames on the sockets between a server process, its supervisor and the children that speak.

A frame is a length (4 bytes, network order), a kind (1 byte) and a payload of that length. With the frame of a speech
comes a file descriptor: its samples are in memory that has no name, and are written once and read once.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections import deque
from dataclasses import asdict
from typing import Any

from audio.speech.engine import Speech, Utterance

SPEAK, READY, SPEECH, FAILED, BUSY = range(5)
READ_SIZE = 1 << 16
_HEAD = struct.Struct("!IB")
_SPEECH = struct.Struct("!III")
_DESCRIPTORS = 8


def frame(kind: int, payload: bytes = b"") -> bytes:
    return _HEAD.pack(len(payload), kind) + payload


def speak_frame(pieces: list[Utterance], first: int = 0) -> bytes:
    return frame(SPEAK, json.dumps([first, [asdict(p) for p in pieces]]).encode())


def read_pieces(payload: bytes) -> tuple[int, list[Utterance]]:
    """The index of the first piece, and the pieces."""
    first, pieces = json.loads(payload)
    return first, [Utterance(**fields) for fields in pieces]


def send_speech(sock: socket.socket, index: int, speech: Speech) -> None:
    fd = os.memfd_create("speech")
    with os.fdopen(fd, "wb", buffering=0) as memory:
        memory.write(speech.samples)
        socket.send_fds(sock, [frame(SPEECH, _SPEECH.pack(index, speech.rate, len(speech.samples)))], [fd])


def read_speech(payload: bytes, fd: int) -> tuple[int, Speech]:
    """The index of the piece, and its speech. The descriptor is closed."""
    index, rate, length = _SPEECH.unpack(payload)
    with os.fdopen(fd, "rb", buffering=0) as memory:
        memory.seek(0)
        return index, Speech(memory.read(length), rate)


def message_frame(kind: int, **fields: Any) -> bytes:
    return frame(kind, json.dumps(fields).encode())


def read_message(payload: bytes) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(payload)
    return message


class Frames:
    """Puts the frames of a stream together again, and keeps the descriptors that came with them."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._descriptors: deque[int] = deque()

    def receive(self, sock: socket.socket) -> list[tuple[int, bytes]] | None:
        """Read once: the frames that this completes, as (kind, payload); None at the end of the stream."""
        data, descriptors, _, _ = socket.recv_fds(sock, READ_SIZE, _DESCRIPTORS, socket.MSG_CMSG_CLOEXEC)
        self._descriptors += descriptors
        return self.feed(data) if data else None

    def descriptor(self) -> int:
        """That of the oldest frame of a speech that has not been asked for."""
        return self._descriptors.popleft()

    def close(self) -> None:
        """Close the descriptors that nobody asked for."""
        while self._descriptors:
            os.close(self._descriptors.popleft())

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The frames that `data` completes."""
        self._buffer += data
        frames = []
        while len(self._buffer) >= _HEAD.size:
            length, kind = _HEAD.unpack_from(self._buffer)
            end = _HEAD.size + length
            if len(self._buffer) < end:
                break
            frames.append((kind, bytes(self._buffer[_HEAD.size : end])))
            del self._buffer[:end]
        return frames
