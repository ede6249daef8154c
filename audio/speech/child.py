"""A process that speaks one piece of text and ends.

It is forked from the supervisor with the engine imported and not begun, begins it, waits for its piece, answers, and
ends. Whatever a text does to an engine is gone with it, and every piece meets an engine in the same state.
"""

from __future__ import annotations

import gc
import os
import resource
import socket
import traceback

from audio.speech import wire
from audio.speech.engine import Engine, Utterance

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
SPEECH_BYTES = 64 * 1024 * 1024
_OPEN_FILES = 64


def fork(engine: Engine, lang: str, voice: str) -> tuple[int, socket.socket]:
    """A new child, and the socket to it. `lang` and `voice` are what it will most likely speak."""
    ours, its = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        _run(engine, its.fileno(), lang, voice)
    its.close()
    return pid, ours


def _run(engine: Engine, fd: int, lang: str, voice: str) -> None:
    """The whole life of a child. Never returns."""
    try:
        _isolate(fd)
        sock = socket.socket(fileno=os.dup(fd))
        _live(engine, sock, lang, voice)
    except OSError:
        pass  # the supervisor is gone: there is nobody to tell
    except Exception:  # noqa: BLE001  a child must not run on into the loop of its parent
        traceback.print_exc()
    finally:
        os._exit(0)


def _isolate(fd: int) -> None:
    """Nothing of other requests, bounded memory and time."""
    gc.disable()
    last = os.sysconf("SC_OPEN_MAX")
    os.closerange(3, fd)
    os.closerange(fd + 1, min(last, 65536))
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: max(_OPEN_FILES, fd + 8),
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def _live(engine: Engine, sock: socket.socket, lang: str, voice: str) -> None:
    """Begin, wait, speak, answer. While it speaks, it cannot write to a file."""
    try:
        engine.start(lang, voice)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, SPEECH_BYTES))
        sock.sendall(wire.frame(wire.READY))
        index, utterance = _piece(sock)
        speech = engine.speak(utterance)
        resource.setrlimit(resource.RLIMIT_FSIZE, (SPEECH_BYTES, SPEECH_BYTES))
    except OSError:
        raise
    except Exception as exc:  # noqa: BLE001  whatever goes wrong here is the reason that there is no sound
        sock.sendall(wire.message_frame(wire.FAILED, reason=str(exc) or type(exc).__name__))
    else:
        wire.send_speech(sock, index, speech)


def _piece(sock: socket.socket) -> tuple[int, Utterance]:
    """The piece to speak, and its index."""
    frames = wire.Frames()
    while True:
        data = sock.recv(wire.READ_SIZE)
        if not data:
            os._exit(0)  # the supervisor is gone, and with it the reason to live
        for _, payload in frames.feed(data):
            index, (utterance,) = wire.read_pieces(payload)
            return index, utterance
