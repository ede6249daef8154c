"""A server process's door to the supervisor of one engine.

Safe in many threads at once: each call has a socket of its own to the supervisor. The supervisor is started by the
first use, and again when it has died; a process forked from this one starts its own.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

from audio.errors import Busy, SpeechFailed
from audio.speech import wire
from audio.speech.engine import Speech, Utterance

# The supervisor bounds each piece; this bounds a whole text under load.
PATIENCE_SECONDS = 60.0
COMMAND = [sys.executable, "-m", "audio.speech.supervisor"]


class SupervisorLostError(Exception):
    """The supervisor ended before it had answered."""


class Pool:
    """Speaks by one engine."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        os.register_at_fork(after_in_child=self._after_fork)

    def speak(self, pieces: list[Utterance], patience: float = PATIENCE_SECONDS) -> list[Speech]:
        """The sounds of the pieces, in order.

        Raises Busy where too many wait already, SpeechFailed where a piece could not be spoken.
        """
        try:
            return self._speak(pieces, patience)
        except SupervisorLostError:
            pass
        try:
            return self._speak(pieces, patience)
        except SupervisorLostError as exc:
            raise SpeechFailed("The speech engine's supervisor ended twice before it had answered.") from exc

    def stop(self) -> None:
        """End the supervisor. The next call starts another."""
        with self._lock:
            self._close()

    @property
    def pid(self) -> int | None:
        """The process id of the supervisor; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def _speak(self, pieces: list[Utterance], patience: float) -> list[Speech]:
        ours, its = socket.socketpair()
        with ours:
            try:
                with its:
                    self._hand_over(its.fileno())
                ours.settimeout(patience)
                ours.sendall(wire.speak_frame(pieces))
                return _collect(ours, len(pieces))
            except TimeoutError as exc:
                raise SpeechFailed(f"The speech engine did not answer within {patience:g} s.") from exc
            except OSError as exc:
                raise SupervisorLostError from exc

    def _hand_over(self, fd: int) -> None:
        with self._lock:
            try:
                socket.send_fds(self._control or self._start(), [b"r"], [fd])
            except OSError:  # it has died since the last call
                self._close()
                socket.send_fds(self._start(), [b"r"], [fd])

    def _start(self) -> socket.socket:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        with its:
            # "/" and not the folder of the server: there is nothing to import there.
            self._process = subprocess.Popen(
                [*COMMAND, self.engine, str(its.fileno())],
                cwd="/",
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
                start_new_session=True,
            )
        self._control = ours
        return ours

    def _close(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.wait()
        self._control = self._process = None

    def _after_fork(self) -> None:
        """The supervisor is the parent's: forget it, without a word to it."""
        self._lock = threading.Lock()
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.returncode = 0  # not our child, so there is nothing to wait for
        self._control = self._process = None


def _collect(sock: socket.socket, count: int) -> list[Speech]:
    sounds: dict[int, Speech] = {}
    with closing(wire.Frames()) as frames:
        while len(sounds) < count:
            came = frames.receive(sock)
            if came is None:
                raise SupervisorLostError
            for kind, payload in came:
                _refuse(kind, payload)
                index, speech = wire.read_speech(payload, frames.descriptor())
                sounds[index] = speech
    return [sounds[i] for i in range(count)]


def _refuse(kind: int, payload: bytes) -> None:
    if kind == wire.BUSY:
        waiting = wire.read_message(payload)["requests"]
        raise Busy(f"{waiting} texts wait to be spoken already: try again in a moment.", retry_after=2)
    if kind == wire.FAILED:
        raise SpeechFailed(f"The text could not be spoken: {wire.read_message(payload)['reason']}.")
