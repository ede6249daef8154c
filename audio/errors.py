"""What can go wrong, in the words of the domain.

Every message is one sentence, or two, that a person can act on. `code` is stable: programs may rely on it.
`field` names the input that is at fault, where one is.
"""

from __future__ import annotations


class AudioError(Exception):
    """The root of everything that this package raises on purpose."""

    code = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class BadInput(AudioError):
    """An input is missing, of the wrong type, or out of range."""

    code = "bad_input"


class UnsupportedFormat(BadInput):
    """A sound or a picture came in a format that is not taken."""

    code = "unsupported_format"


class DamagedSound(BadInput):
    """A sound file is cut short, or its header contradicts its content."""

    code = "damaged_sound"


class DamagedImage(BadInput):
    """A picture file is cut short, or its content is damaged."""

    code = "damaged_image"


class ImageTooLarge(BadInput):
    """A picture has more pixels than are taken."""

    code = "image_too_large"


class SessionConflict(AudioError):
    """A chunk does not fit the session it was sent to."""

    code = "session_conflict"


class Busy(AudioError):
    """All places are taken: try again in `retry_after` seconds."""

    code = "busy"

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SpeechFailed(AudioError):
    """The speech engine gave no sound for a valid text."""

    code = "speech_failed"
