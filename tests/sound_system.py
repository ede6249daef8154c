"""Sound cards made of software, for tests: ALSA's file plug-in over a FIFO, and a PulseAudio daemon of one's own."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from audio.pcm import Samples

BLOCK = 2048  # frames a write: several whole blocks of the client, or the plug-in reads half of one
_PIPE_SIZE = 1 << 20
_F_SETPIPE_SZ = 1031

# A device with just so many channels, as a board's is; a null device alone takes any number.
BOARD = """
pcm.board {{ type file file /dev/null infile "{directory}/{name}.fifo" format raw
  slave.pcm {{ type multi {bindings} }} }}
"""
CONFIGURATION = """
pcm.{name} {{ type file file /dev/null infile "{directory}/{name}.fifo" format raw slave.pcm {{ type null }} }}
pcm.testspk {{ type file file "{directory}/played.wav" format wav perm 0644 slave.pcm {{ type null }} }}
pcm.default {{ type asym capture.pcm {name} playback.pcm testspk }}
"""


def needs_alsa() -> None:
    """Skip where a program of the system or PyAudio is truly absent."""
    pytest.importorskip("pyaudio", reason="PyAudio is not installed")


class VirtualMicrophone:
    """A sound comes out of an ALSA device at real-time pace, or `speed` times as fast; then zeros, or it all again.

    The pace begins when a client reads the first block; that is at `started_at`, in Unix time.
    """

    def __init__(
        self,
        directory: Path,
        rate: int,
        sound: Samples,
        name: str = "testmic",
        *,
        speed: float = 1.0,
        again: bool = False,
        board: bool = False,
    ) -> None:
        self.directory, self.rate, self.channels = directory, rate, sound.shape[1]
        self._sound, self._again, self._pace = sound, again, speed * rate
        self.configuration = directory / f"{name}.conf"
        self.configuration.write_text(CONFIGURATION.format(directory=directory, name=name))
        if board:
            bindings = " ".join(
                f"slaves.s{i} {{ pcm {{ type null }} channels 1 }} bindings.{i} {{ slave s{i} channel 0 }}"
                for i in range(self.channels)
            )
            with self.configuration.open("a") as file:
                file.write(BOARD.format(directory=directory, name=name, bindings=bindings))
        os.mkfifo(directory / f"{name}.fifo")
        self._fifo = os.open(directory / f"{name}.fifo", os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self._fifo, _F_SETPIPE_SZ, _PIPE_SIZE)
        self.sound = {"ALSA_CONFIG_PATH": str(self.configuration), "JACK_NO_START_SERVER": "1"}
        self.env = {**os.environ, **self.sound}
        self.started_at: float | None = None
        self.fed = 0  # frames
        self._paused, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """No more frames come, as from a device that hangs."""
        self._paused.set()

    def resume(self) -> None:
        self._paused.clear()

    def until(self, frames: int) -> None:
        """Wait until so many frames have been fed, at their own pace."""
        until(lambda: self.fed >= frames, "The microphone has stopped", frames / self.rate + 10.0)

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        os.close(self._fifo)

    def _feed(self) -> None:
        block = BLOCK * self.channels * 2
        self._write(self._block(0))
        while self._unread() == block:
            if self._closing.wait(0.002):
                return
        self.started_at, begin, number = time.time(), time.monotonic(), 1
        while not self._closing.wait(max(0.0, begin + number * BLOCK / self._pace - time.monotonic())):
            if not self._paused.is_set():
                self._write(self._block(number))
            number += 1
            self.fed = number * BLOCK

    def _block(self, number: int) -> bytes:
        if self._again:
            number %= len(self._sound) // BLOCK
        piece = self._sound[number * BLOCK : (number + 1) * BLOCK].astype("<i2").tobytes()
        return piece + bytes(BLOCK * self.channels * 2 - len(piece))

    def _write(self, data: bytes) -> None:
        try:
            os.write(self._fifo, data)
        except BlockingIOError:  # nobody reads: a sound card does not wait either
            return

    def _unread(self) -> int:
        (count,) = struct.unpack("i", fcntl.ioctl(self._fifo, termios.FIONREAD, b"\0" * 4))
        return int(count)


class PulseAudio:
    """A PulseAudio daemon in a private directory, with a source to unplug behind the ALSA device `pulsemic`.

    The source is the monitor of a null sink: it gives zeros.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._socket = directory / "native"
        directory.chmod(0o700)
        (directory / "alsa.conf").write_text(
            f"""
pcm_type.pulse {{ lib "{_pulse_plugin()}" }}
pcm.pulsemic {{ type pulse server "unix:{self._socket}" device "room.monitor" }}
pcm.default {{ type pulse server "unix:{self._socket}" device "room.monitor" }}
"""
        )
        (directory / "start.pa").write_text(f"load-module module-native-protocol-unix socket={self._socket}\n")
        self.sound = {
            **{name: str(directory) for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH")},
            "ALSA_CONFIG_PATH": str(directory / "alsa.conf"),
            "JACK_NO_START_SERVER": "1",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={directory}/none",
        }
        self.env = {**os.environ, **self.sound}
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--log-level=error"]
        self._daemon = subprocess.Popen(
            ["pulseaudio", *options, "-F", str(self.directory / "start.pa")], env=self.env, stderr=subprocess.DEVNULL
        )
        until(lambda: self._control("info") == 0, "PulseAudio does not start")
        self.plug()

    def plug(self) -> None:
        assert self._control("load-module", "module-null-sink", "sink_name=room", "rate=48000") == 0

    def unplug(self) -> None:
        assert self._control("unload-module", "module-null-sink") == 0

    def kill(self) -> None:
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None
            self._socket.unlink(missing_ok=True)

    def _control(self, *words: str) -> int:
        command = ["pactl", "--server", f"unix:{self._socket}", *words]
        return subprocess.run(command, env=self.env, capture_output=True, timeout=10, check=False).returncode


def until(condition: Callable[[], bool], complaint: str, deadline: float = 10.0) -> None:
    """Look again and again whether a condition of another program holds."""
    end, tick = time.monotonic() + deadline, threading.Event()
    while not condition():
        assert time.monotonic() < end, complaint
        tick.wait(0.02)


def _pulse_plugin() -> Path:
    found = sorted(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so"))
    if not found or shutil.which("pulseaudio") is None or shutil.which("pactl") is None:
        pytest.skip("PulseAudio is not installed: apt-get install pulseaudio pulseaudio-utils libasound2-plugins")
    return found[0]


def loudspeaker(directory: Path) -> str:
    """The path of an ALSA configuration whose default device records into played.wav what is played on it."""
    path = directory / "alsa.conf"
    path.write_text(CONFIGURATION.format(directory=directory, name="testmic"))
    return str(path)
