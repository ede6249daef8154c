"""What a supervisor keeps of the requests that it was given and of the children that it has, and how much of each."""

from __future__ import annotations

import os
import selectors
import socket
from collections import deque
from dataclasses import dataclass, field

from audio.speech import wire
from audio.speech.engine import Utterance


@dataclass(frozen=True)
class Limits:
    """workers: pieces spoken at once. spares: children that wait, ready. requests: how many are taken at once.

    seconds: what one piece may take. attempts: how often a piece is tried whose child died.
    """

    workers: int = max(2, os.cpu_count() or 1)
    spares: int = workers + 1
    requests: int = 64
    seconds: float = 10.0
    attempts: int = 2


@dataclass(eq=False)
class Request:
    """One request, and what is left of it."""

    sock: socket.socket
    frames: wire.Frames = field(default_factory=wire.Frames)
    waiting: deque[tuple[int, Utterance]] = field(default_factory=deque)
    attempts: dict[int, int] = field(default_factory=dict)
    out: deque[tuple[bytes, list[int]]] = field(default_factory=deque)
    watched: int = selectors.EVENT_READ
    taken: bool = False
    closed: bool = False


@dataclass(eq=False)
class Child:
    """One child. request, index, utterance: what it speaks; None while it waits. deadline: when it is killed."""

    pid: int
    sock: socket.socket
    voice: tuple[str, str]
    frames: wire.Frames = field(default_factory=wire.Frames)
    ready: bool = False
    request: Request | None = None
    index: int = 0
    utterance: Utterance | None = None
    deadline: float = 0.0
