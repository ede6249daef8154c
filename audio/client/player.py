"""Playing a sound through another program, aplay as a rule.

It is checked here that the sound is a WAV file: aplay plays anything else as noise, and says that all went well.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from audio import wav
from audio.errors import AudioError
from audio.pcm import Pcm

APLAY = "aplay --quiet"
INSTALL = "sudo apt-get install -y alsa-utils"
PATIENCE = 15.0  # seconds that a player may take longer than the sound lasts


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
            raise PlayerError("The player is an empty command.")
        self._process: subprocess.Popen[str] | None = None

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
            self._run(path, seconds)

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

    def _run(self, path: Path, seconds: float) -> None:
        try:
            self._process = subprocess.Popen(
                [*self._command, str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
            )
        except OSError as exc:
            raise PlayerError(f"{self._command[0]} cannot be run: {exc.strerror or exc}.") from exc
        with self._process:
            try:
                said = self._process.communicate(timeout=seconds + PATIENCE)[1]
            except subprocess.TimeoutExpired:
                self.stop()
                raise PlayerError(
                    f"{self._command[0]} did not come to an end: the sound device seems to hang."
                ) from None
            except BaseException:
                self.stop()
                raise
        if self._process.returncode != 0:
            raise PlayerError(_failure(self._command[0], said))


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
