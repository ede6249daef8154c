"""Short messages between worker processes: something new is there, look. Between machines: `relay.py`.

A datagram socket a process, in the abstract namespace under the name by which the process proves that it lives. What
is told may be lost; whoever listens also looks by itself now and then. A message of another user is dropped.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

Listener = Callable[[bytes], None]

_PEERS_SECONDS = 1.0  # for which the list of processes is believed
_LARGEST = 32 * 1024  # bytes of a message
_CREDENTIALS = struct.Struct("3i")  # of SCM_CREDENTIALS: process, user, group


class Bus:
    """The end of one process. run_dir: where the processes have their lock files; name: that of this one."""

    def __init__(self, run_dir: Path, name: str) -> None:
        self._run_dir = run_dir
        self._listeners: dict[str, list[Listener]] = {}
        self._peers: list[str] = []
        self._peers_at = -_PEERS_SECONDS
        # Tells other machines, where there are any.
        self.elsewhere: Callable[[bytes], None] = lambda _message: None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(_address(name))

    def fileno(self) -> int:
        """Readable when something came: call `read` then."""
        return self._socket.fileno()

    def listen(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Call the listener with what is told about the topic; what is returned ends that."""
        self._listeners.setdefault(topic, []).append(listener)

        def end() -> None:
            with contextlib.suppress(KeyError, ValueError):
                self._listeners[topic].remove(listener)
                if not self._listeners[topic]:
                    del self._listeners[topic]

        return end

    def tell(self, topic: str, content: bytes = b"") -> None:
        """Tell every process, this one included."""
        message = topic.encode() + b"\0" + content
        if len(message) > _LARGEST:
            return
        for name in self._living():
            with contextlib.suppress(OSError):  # it is gone, or does not keep up: it will look by itself
                self._socket.sendto(message, _address(name))
        self.elsewhere(message)

    def here(self, message: bytes) -> None:
        """Tell this process alone what came from another machine."""
        with contextlib.suppress(OSError):
            self._socket.sendto(message, self._socket.getsockname())

    def read(self) -> None:
        """Give all that came to its listeners."""
        while True:
            try:
                data, ancillary, _, _ = self._socket.recvmsg(_LARGEST, socket.CMSG_SPACE(_CREDENTIALS.size))
            except (BlockingIOError, InterruptedError):
                return
            if _sender(ancillary) not in (os.geteuid(), 0):
                continue
            topic, _, content = data.partition(b"\0")
            for listener in list(self._listeners.get(topic.decode("utf-8", "replace"), ())):
                listener(content)

    def close(self) -> None:
        self._socket.close()

    def _living(self) -> list[str]:
        now = time.monotonic()
        if now - self._peers_at >= _PEERS_SECONDS:
            self._peers = [path.stem for path in self._run_dir.glob("*.lock")]
            self._peers_at = now
        return self._peers


def _address(name: str) -> bytes:
    return b"\0audio-" + name.encode()


def _sender(ancillary: list[tuple[int, int, bytes]]) -> int:
    """The user who sent a message; -1 where nobody says."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return int(_CREDENTIALS.unpack(data[: _CREDENTIALS.size])[1])
    return -1
