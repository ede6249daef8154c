"""Playing a sound through another program, aplay as a rule.

It is checked here that the sound is a WAV file: aplay plays anything else as noise, and says that all went well. Sounds
in a row go to one aplay as bare samples, so that nothing but their own silence is between them.
"""

from __future__ import annotations

import os
import select
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from types import TracebackType

import numpy as np

from audio import wav
from audio.errors import AudioError
from audio.pcm import Pcm

APLAY = "aplay --quiet"
INSTALL = "sudo apt-get install -y alsa-utils"
PATIENCE = 15.0  # chosen: seconds that a player may take longer than the sound lasts
# aplay waits until half a second is there, as a rule; a device that has so many microseconds of sound can begin.
BEGIN_WITH = 100_000


class PlayerError(AudioError):
    """There is no player, no device to play on, or the device is busy."""

    code = "player"


class Player:
    """Plays sounds, one at a time, each to its end.

    command: the program and its options; it gets the name of a WAV file as its last argument. Use it in a `with`
    statement to be sure that nothing goes on playing after it.
    """

    def __init__(self, command: str = APLAY) -> None:
        self._command = shlex.split(command)
        if not self._command:
            raise PlayerError(f"The player is an empty command: name a program, such as '{APLAY}'.")
        self._process: subprocess.Popen[bytes] | None = None

    def play(self, sound: Pcm | bytes) -> None:
        """Play a sound, or a WAV file's bytes, and wait for its end.

        Raises PlayerError where it cannot be played, and UnsupportedFormat or DamagedSound where it is no WAV file.
        """
        data = wav.encode(sound) if isinstance(sound, Pcm) else sound
        seconds = wav.decode(data).seconds
        if shutil.which(self._command[0]) is None:
            raise PlayerError(_missing(self._command[0]))
        with tempfile.TemporaryDirectory(prefix="audio-") as directory:
            path = Path(directory, "sound.wav")
            path.write_bytes(data)
            with self._start([str(path)], subprocess.DEVNULL) as process:
                self._wait(process, seconds)

    def play_in_a_row(self, sounds: Iterable[Pcm]) -> None:
        """Play sounds one after the other without a gap, each as soon as it comes, and wait for the end of the last.

        All must have the rate and the channels of the first. Another player than aplay gets all of them as one file.
        Raises PlayerError where they cannot be played, and what `sounds` raises; what has come by then is heard.
        """
        sounds = iter(sounds)
        first = next(sounds, None)
        if first is None:
            return
        if Path(self._command[0]).name != "aplay":
            self.play(Pcm(np.concatenate([first.samples, *(s.samples for s in sounds)]), first.rate))
            return
        if shutil.which(self._command[0]) is None:
            raise PlayerError(_missing(self._command[0]))
        form = ["--file-type=raw", "--format=S16_LE", f"--rate={first.rate}", f"--channels={first.channels}"]
        with self._start([*form, f"--start-delay={BEGIN_WITH}"], subprocess.PIPE) as process:
            seconds = 0.0
            try:
                for sound in chain([first], sounds):
                    seconds += sound.seconds
                    self._write(process, sound.samples.astype("<i2").tobytes())
            except BrokenPipeError:
                pass  # it has ended, and says why
            except BaseException:
                self.stop()
                raise
            self._wait(process, seconds)

    def stop(self) -> None:
        """Fall silent at once."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(1.0)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def __enter__(self) -> Player:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _start(self, arguments: list[str], stdin: int) -> subprocess.Popen[bytes]:
        try:
            self._process = subprocess.Popen(
                [*self._command, *arguments], stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0
            )
        except OSError as exc:
            raise PlayerError(f"{self._command[0]} cannot be run: {exc.strerror or exc}.") from exc
        return self._process

    def _write(self, process: subprocess.Popen[bytes], data: bytes) -> None:
        """Write as fast as it is played. Raises BrokenPipeError where the player has ended."""
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        left = memoryview(data)
        while left:
            if not select.select([], [process.stdin], [], PATIENCE)[1]:
                raise PlayerError(_hanging(self._command[0]))
            left = left[process.stdin.write(left) or 0 :]

    def _wait(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """Wait for its end, at most so much longer than the sound lasts."""
        try:
            said = process.communicate(timeout=seconds + PATIENCE)[1].decode(errors="replace")
        except subprocess.TimeoutExpired:
            self.stop()
            raise PlayerError(_hanging(self._command[0])) from None
        except BaseException:
            self.stop()
            raise
        if process.returncode != 0:
            raise PlayerError(_failure(self._command[0], said))


def _hanging(program: str) -> str:
    return (
        f"{program} did not come to an end: the sound device seems to hang. Look which program holds it "
        "(fuser -v /dev/snd/*), plug it in again, or write a file instead: audio say --output F."
    )


def _missing(program: str) -> str:
    how = f" To install it: {INSTALL}." if program == "aplay" else ""
    return f"There is no player '{program}' here.{how} Another one, or a file instead: audio say --player, --output F."


def _failure(program: str, said: str) -> str:
    """A player's last words in ours."""
    if "busy" in said:
        return "The sound device is busy: another program plays on it. Try again when that has ended."
    if any(
        words in said for words in ("No such file or directory", "cannot find card", "Unknown PCM", "No such device")
    ):
        return "There is no sound device to play on ('aplay -l' lists them). A file instead: audio say --output F."
    if "Permission denied" in said:
        return "This user may not play sound: sudo usermod -aG audio $USER, then log in again."
    last = said.strip().splitlines()[-1] if said.strip() else "it did not say why"
    return f"{program} could not play the sound: {last}."
