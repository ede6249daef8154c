"""The frames of a source held against the clock of the machine.

A sound card counts time by its own crystal, up to some 0.1 % off, and its frames come in bursts, sometimes late, when
the machine is busy. So the lateness of the frames is looked at by its least value in a window of some seconds: frames
that were late come after all and leave no trace in it, frames that were lost raise it for good. The reference follows
at 0.1 %, which is drift; what goes beyond is loss, or a device that runs at another rate than it says.
"""

from __future__ import annotations

WINDOW = 4.0  # seconds
DRIFT = 0.001  # seconds a second that a crystal may be off
TOLERANCE = 0.25  # seconds of lateness that are borne
FLAGGED_TOLERANCE = 0.03  # the same, once the device has said that it lost something


class FrameClock:
    """One run of a device. position: of its first frame. now: when the first block had come, in seconds."""

    def __init__(self, rate: int, position: int, now: float) -> None:
        self.rate = rate
        self._position, self._start = position, now
        self._reference: float | None = None
        self._least = 0.0
        self._window_end = now + WINDOW
        self._flagged = 0

    def time_of(self, position: int) -> float:
        """When the sound at a position reached the machine, in seconds of the clock."""
        late = self._least if self._reference is None else self._reference
        return self._start + late + (position - self._position) / self.rate

    def flag(self) -> None:
        """The device says that it lost something: look more closely for a while."""
        self._flagged = 2  # windows: the loss lies within the first, and shows in the whole of the second

    def observe(self, now: float, end: int) -> int:
        """Say that all frames before `end` had come by `now`.

        Gives the number of frames by which the source is behind the clock beyond bearing: they are lost, and the
        positions of what comes next must lie that much later. Negative: so many more came than the clock accounts for.
        """
        self._least = min(self._least, now - self._start - (end - self._position) / self.rate)
        if now < self._window_end:
            return 0
        least, self._least, self._window_end = self._least, float("inf"), now + WINDOW
        if self._reference is None:
            self._reference = least
            return 0
        return self._judge(least)

    def _judge(self, least: float) -> int:
        reference = self._reference or 0.0
        most = DRIFT * WINDOW
        reference += min(max(least - reference, -most), most)
        excess = least - reference
        tolerance = FLAGGED_TOLERANCE if self._flagged else TOLERANCE
        self._flagged = max(0, self._flagged - 1)
        self._reference = least if excess < -tolerance else reference
        return round(excess * self.rate) if abs(excess) > tolerance else 0
