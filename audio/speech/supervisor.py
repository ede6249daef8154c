"""The process that forks the children that speak: one for each engine and server process, with a single thread.

    python -m audio.speech.supervisor ENGINE FD

FD is a socket (SOCK_SEQPACKET) to the server process. Each message on it brings the socket of one request; on that come
the pieces of the request, and on that go the sounds, in any order. The supervisor ends when the server process does.

Requests take turns, a piece each, so that a long text does not hold up a short one. `Limits` has what it holds back.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from audio.errors import SpeechFailed
from audio.speech import child, wire
from audio.speech.engine import Engine, Utterance, find
from audio.speech.records import Child, Limits, Request


class Supervisor:
    """The event loop."""

    def __init__(self, engine: Engine, control: socket.socket, limits: Limits) -> None:
        self.engine = engine
        self.control = control
        self.limits = limits
        self.voice = (engine.voices[0].lang, engine.voices[0].name)
        self.selector = selectors.DefaultSelector()
        self.requests: set[Request] = set()
        self.turns: deque[Request] = deque()
        self.spares: list[Child] = []
        self.busy: list[Child] = []
        self.failed_starts = 0  # children in a row that died before they were ready

    def run(self) -> None:
        """Serve until the server process is gone."""
        self.selector.register(self.control, selectors.EVENT_READ)
        self._refill()
        while True:
            for key, events in self.selector.select(self._patience()):
                if key.fileobj is self.control:
                    if not self._accept():
                        return
                elif isinstance(key.data, Request):
                    self._serve(key.data, events)
                elif key.data in self.busy or key.data in self.spares:
                    self._read(key.data)
            self._kill_late()
            self._dispatch()

    def stop(self) -> None:
        """End every child."""
        for one in [*self.busy, *self.spares]:
            self._end(one)

    def _patience(self) -> float | None:
        if not self.busy:
            return None
        return max(0.0, min(c.deadline for c in self.busy) - time.monotonic())

    # Requests

    def _accept(self) -> bool:
        message, fds, _, _ = socket.recv_fds(self.control, 16, 4, socket.MSG_CMSG_CLOEXEC)
        if not message:
            return False
        for fd in fds:
            request = Request(socket.socket(fileno=fd))
            request.sock.setblocking(False)
            self.selector.register(request.sock, selectors.EVENT_READ, request)
            self.requests.add(request)
        return True

    def _serve(self, request: Request, events: int) -> None:
        try:
            if events & selectors.EVENT_WRITE:
                self._flush(request)
            if events & selectors.EVENT_READ:
                frames = request.frames.receive(request.sock)
                if frames is None:
                    self._forget(request)
                for _, payload in frames or ():
                    self._enter(request, wire.read_pieces(payload)[1])
        except BlockingIOError:
            self._watch(request, selectors.EVENT_READ | selectors.EVENT_WRITE)
        except OSError:
            self._forget(request)

    def _enter(self, request: Request, pieces: list[Utterance]) -> None:
        taken = sum(r.taken for r in self.requests)
        if taken >= self.limits.requests:
            self._send(request, wire.message_frame(wire.BUSY, requests=taken))
            return
        request.taken = True
        request.waiting.extend(enumerate(pieces))
        self.voice = (pieces[0].lang, pieces[0].voice)
        self.turns.append(request)

    def _send(self, request: Request, frame: bytes, descriptors: Sequence[int] = ()) -> None:
        request.out.append((frame, list(descriptors)))
        if request.closed:
            self._drop_output(request)
        else:
            self._serve(request, selectors.EVENT_WRITE)

    def _flush(self, request: Request) -> None:
        """Send what the socket takes; frames are small enough to go whole or not at all."""
        while request.out:
            frame, descriptors = request.out[0]
            socket.send_fds(request.sock, [frame], descriptors)
            request.out.popleft()
            _close(descriptors)
        self._watch(request, selectors.EVENT_READ)

    def _watch(self, request: Request, events: int) -> None:
        if request.watched != events and not request.closed:
            request.watched = events
            self.selector.modify(request.sock, events, request)

    def _drop_output(self, request: Request) -> None:
        while request.out:
            _close(request.out.popleft()[1])

    def _forget(self, request: Request) -> None:
        if request.closed:
            return
        request.closed = True
        request.waiting.clear()
        self.selector.unregister(request.sock)
        request.sock.close()
        self._drop_output(request)
        self.requests.discard(request)
        for one in [c for c in self.busy if c.request is request]:
            self._end(one)

    def _fail(self, request: Request, reason: str) -> None:
        request.waiting.clear()
        self._send(request, wire.message_frame(wire.FAILED, reason=reason))

    # Children

    def _refill(self) -> None:
        """Fork spare children while nothing else is to be done."""
        while len(self.spares) < self.limits.spares and not self.failed_starts and not self.turns:
            self.spares.append(self._fork(*self.voice))

    def _fork(self, lang: str, voice: str) -> Child:
        pid, sock = child.fork(self.engine, lang, voice)
        one = Child(pid, sock, (lang, voice))
        self.selector.register(sock, selectors.EVENT_READ, one)
        return one

    def _dispatch(self) -> None:
        while self.turns and len(self.busy) < self.limits.workers:
            request = self.turns.popleft()
            if request.waiting:
                self._begin(request, *request.waiting.popleft())
                self.turns.append(request)
        if not self.busy:
            self._refill()

    def _begin(self, request: Request, index: int, utterance: Utterance) -> None:
        one = self._take((utterance.lang, utterance.voice))
        one.request, one.index, one.utterance = request, index, utterance
        one.deadline = time.monotonic() + self.limits.seconds
        request.attempts[index] = request.attempts.get(index, 0) + 1
        self.busy.append(one)
        with suppress(OSError):  # it has ended, and its socket says so next, after the reason that it may have given
            one.sock.sendall(wire.speak_frame([utterance], first=index))

    def _take(self, voice: tuple[str, str]) -> Child:
        """A spare child, best one that has this voice loaded; a new one where there is none."""
        if not self.spares:
            return self._fork(*voice)
        one = max(self.spares, key=lambda c: (c.ready, c.voice == voice))
        self.spares.remove(one)
        return one

    def _read(self, one: Child) -> None:
        try:
            frames = one.frames.receive(one.sock)
        except OSError:
            frames = None
        if frames is None:
            self._died(one)
            return
        for kind, payload in frames:
            if kind == wire.READY:
                one.ready, self.failed_starts = True, 0
            elif kind == wire.FAILED:
                self._died(one, wire.read_message(payload)["reason"])
            else:
                self._send_speech(one, payload)
                self._end(one)
                return

    def _send_speech(self, one: Child, payload: bytes) -> None:
        if one.request is not None:
            self._send(one.request, wire.frame(wire.SPEECH, payload), [one.frames.descriptor()])
            one.request = None

    def _died(self, one: Child, reason: str = "the speech engine ended without an answer") -> None:
        """Do its piece again, or give up the request."""
        if not one.ready:
            self.failed_starts += 1
        request, utterance = one.request, one.utterance
        self._end(one)
        if request is None or utterance is None or request.closed:
            return
        if request.attempts[one.index] < self.limits.attempts:
            request.waiting.appendleft((one.index, utterance))
            if request not in self.turns:
                self.turns.appendleft(request)
        else:
            self._fail(request, reason)

    def _kill_late(self) -> None:
        now = time.monotonic()
        for one in [c for c in self.busy if c.deadline <= now]:
            request = one.request
            self._end(one)
            if request is not None:
                self._fail(request, f"the speech engine took longer than {self.limits.seconds:g} s")

    def _end(self, one: Child) -> None:
        """No such child any more, whatever it was at."""
        (self.busy if one in self.busy else self.spares).remove(one)
        self.selector.unregister(one.sock)
        one.sock.close()
        one.frames.close()
        os.kill(one.pid, signal.SIGKILL)
        os.waitpid(one.pid, 0)


def _close(descriptors: Sequence[int]) -> None:
    for fd in descriptors:
        os.close(fd)


def refuse(control: socket.socket, reason: str) -> None:
    """The loop of a supervisor whose engine is not there: every request hears why."""
    while True:
        message, fds, _, _ = socket.recv_fds(control, 16, 4)
        if not message:
            return
        for fd in fds:
            with socket.socket(fileno=fd) as sock:
                sock.sendall(wire.message_frame(wire.FAILED, reason=reason))


def serve(engine: Engine, control: socket.socket, limits: Limits) -> None:
    """Serve until the server process is gone."""
    try:
        engine.load()
    except SpeechFailed as exc:
        refuse(control, exc.message)
        return
    gc.freeze()
    supervisor = Supervisor(engine, control, limits)
    try:
        supervisor.run()
    finally:
        supervisor.stop()


if __name__ == "__main__":
    serve(find(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])), Limits())
