"""What can be said of a device that runs: does it keep up with the clock, does it lose sound, does it hear at all?"""

from __future__ import annotations

from collections.abc import Callable

from audio.client.clock import FrameClock
from audio.pcm import Samples

FLAT = 5.0  # seconds of one and the same sample value after which it is said
SELDOM = 60.0  # seconds between two sentences on the same matter


class DeviceMonitor:
    """tell: is called with a sentence without its subject, the device. Times are seconds of any one clock."""

    def __init__(self, rate: int, tell: Callable[[str], None]) -> None:
        self.rate = rate
        self._tell = tell
        self._overflows, self._told, self._told_at = 0, 0, float("-inf")
        self._surplus_told_at = float("-inf")
        self._flat_since: float | None = None
        self._flat_told = False

    def report_overflows(self, count: int, clock: FrameClock, now: float) -> None:
        """How often the device has said, since it was started, that it lost sound; it does not say how much."""
        if count > self._overflows:
            self._overflows = count
            clock.flag()
        if count > self._told and now - self._told_at >= SELDOM:
            self._told, self._told_at = count, now
            self._tell(f"says that it lost sound ({count} so far): this machine is too busy, or the device is")

    def lost_frames(self, end: int, clock: FrameClock, now: float) -> int:
        """All frames before `end` have come by now. Gives the number of frames that are lost by the clock."""
        lost = clock.observe(now, end)
        if lost > 0:
            self._tell(f"has lost {lost / self.rate:.2f} s ({lost} frames): by the clock they should have come")
        elif lost < 0 and now - self._surplus_told_at >= SELDOM:
            self._surplus_told_at = now
            self._tell(f"gives {-lost / self.rate:.2f} s more than the clock accounts for: is its rate {self.rate} Hz?")
        return max(0, lost)

    def check_signal(self, newest: Samples, now: float) -> None:
        """The newest samples. A microphone that is there always rustles; one value for long is no sound."""
        if not newest.size or newest.min() != newest.max():
            if self._flat_told:
                self._tell("is heard again")
            self._flat_since, self._flat_told = None, False
        elif self._flat_since is None:
            self._flat_since = now
        elif not self._flat_told and now - self._flat_since >= FLAT:
            self._flat_told = True
            self._tell(f"gives nothing but the value {newest.flat[0]} for {FLAT:g} s: is it muted, or unplugged?")
