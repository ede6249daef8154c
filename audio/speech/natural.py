"""A server process's door to the process that speaks by Kokoro.

A network takes half a second to load and seconds to speak, so one process lives long, and speaks a sentence at a time:
it is started by the first text, ended where a sentence takes too long or it has grown too large, and started again
when it has died. Requests take turns, a sentence each; who would wait too long, at the pace of the last sentences, is
refused at once. German goes to SVOX Pico.

    python -m audio.speech.natural FD       the process; FD is a socket to the server process
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

from audio.errors import BadInput, Busy, SpeechFailed
from audio.speech import wire
from audio.speech.engine import Engine, Speech, Utterance, find
from audio.speech.pool import Pool

COMMAND = [sys.executable, "-m", "audio.speech.natural"]
SECONDS_A_CHARACTER = 0.036  # measured: of one core with AVX512-VNNI; what is assumed until a sentence was spoken
PACE_MEMORY = 0.8  # chosen: how much of the known pace stays when a sentence took another
LONGEST_WAIT = 20.0  # chosen, in seconds: clients wait 30 or more
LONGEST_TEXT = 500  # chosen, in characters: 18 s of a core
LONGEST_PIECE_SECONDS = 60.0  # chosen: fifteen times what its longest piece takes
MEMORY_BYTES = 600 * 1024 * 1024  # chosen: twice what is measured
_FALLBACK = "pico"


class ProcessLostError(Exception):
    """The process ended before it had answered."""


class NaturalPool:
    """Speaks by Kokoro, and German by Pico. Safe in many threads at once."""

    def __init__(self, engine: str = "kokoro") -> None:
        self.engine = engine
        self.others = Pool(_FALLBACK)
        self._state = threading.Lock()
        self._waiting = 0  # characters
        self._pace = SECONDS_A_CHARACTER
        self._turns = ThreadPoolExecutor(1, "natural")  # first come, first served
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        os.register_at_fork(after_in_child=self._after_fork)

    def speak(self, pieces: list[Utterance]) -> list[Speech]:
        """The sounds of the pieces, in order.

        Raises BadInput for a text that is too long, Busy where too much waits, SpeechFailed where it cannot be spoken.
        """
        if pieces[0].lang == "de-DE":
            return self.others.speak(pieces)
        size = sum(len(p.text) for p in pieces)
        if size > LONGEST_TEXT:
            raise BadInput(
                f"'text' has {size} characters once its numbers are written out, and this voice takes at most "
                f"{LONGEST_TEXT}: send it in parts, or use version 2.",
                field="text",
            )
        self._enter(size)
        try:
            return [self._turns.submit(self._one, piece).result() for piece in pieces]
        finally:
            with self._state:
                self._waiting -= size

    def stop(self) -> None:
        """End the processes. The next call starts others."""
        self.others.stop()
        self._turns.submit(self._close).result()

    @property
    def pid(self) -> int | None:
        """The process id of the process that speaks; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def _enter(self, size: int) -> None:
        with self._state:
            wait = self._waiting * self._pace
            if self._waiting and wait + size * self._pace > LONGEST_WAIT:
                raise Busy(
                    "Too much text waits to be spoken by this voice: try again.", retry_after=max(1, round(wait))
                )
            self._waiting += size

    def _one(self, piece: Utterance) -> Speech:
        for _ in range(2):
            begin = time.monotonic()
            try:
                speech = self._ask(piece)
            except ProcessLostError:
                self._close()
            else:
                self._learn((time.monotonic() - begin) / max(1, len(piece.text)))
                return speech
        raise SpeechFailed("The process that speaks ended twice before it had answered.")

    def _learn(self, pace: float) -> None:
        """Seconds a character that a sentence took; it is slower where the machine has other things to do."""
        with self._state:
            self._pace = max(SECONDS_A_CHARACTER, PACE_MEMORY * self._pace + (1 - PACE_MEMORY) * pace)

    def _ask(self, piece: Utterance) -> Speech:
        sock = self._socket or self._start()
        try:
            sock.settimeout(LONGEST_PIECE_SECONDS)
            sock.sendall(wire.speak_frame([piece]))
            return _answer(sock)
        except TimeoutError as exc:
            self._close()
            raise SpeechFailed(f"A sentence took longer than {LONGEST_PIECE_SECONDS:g} s.") from exc
        except OSError as exc:
            raise ProcessLostError from exc

    def _start(self) -> socket.socket:
        ours, its = socket.socketpair()
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        with its:
            self._process = subprocess.Popen(
                [*COMMAND, self.engine, str(its.fileno())],
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
                start_new_session=True,
            )
        self._socket = ours
        return ours

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._socket = self._process = None

    def _after_fork(self) -> None:
        """The process is the parent's: forget it, without a word to it."""
        self._state, self._waiting = threading.Lock(), 0
        self._turns = ThreadPoolExecutor(1, "natural")
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.returncode = 0  # not our child, so there is nothing to wait for
        self._socket = self._process = None


def _answer(sock: socket.socket) -> Speech:
    with closing(wire.Frames()) as frames:
        while True:
            came = frames.receive(sock)
            if came is None:
                raise ProcessLostError
            for kind, payload in came:
                if kind == wire.FAILED:
                    raise SpeechFailed(f"The text could not be spoken: {wire.read_message(payload)['reason']}")
                return wire.read_speech(payload, frames.descriptor())[1]


def serve(engine: Engine, sock: socket.socket) -> None:
    """Speak what comes, one piece after the other, until the server process is gone or memory has grown too large."""
    frames, loaded = wire.Frames(), False
    while data := sock.recv(wire.READ_SIZE):
        for _, payload in frames.feed(data):
            index, (utterance,) = wire.read_pieces(payload)
            try:
                if not loaded:
                    engine.load()
                    loaded = True
                speech = engine.speak(utterance)
            except Exception as exc:  # noqa: BLE001  whatever goes wrong is the reason that there is no sound
                sock.sendall(wire.message_frame(wire.FAILED, reason=str(exc) or type(exc).__name__))
            else:
                wire.send_speech(sock, index, speech)
        if _memory() > MEMORY_BYTES:
            return


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    with suppress(OSError):  # the server process is gone: there is nobody to tell
        serve(find(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
