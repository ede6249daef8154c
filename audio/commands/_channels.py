"""The option `--channel`: which channels of a microphone or a file are taken."""

from __future__ import annotations

import argparse
from typing import Any

from audio.errors import AudioError


def add_option(group: Any) -> None:
    group.add_argument(
        "--channel",
        type=_channels,
        metavar="N[,N]",
        help="which channels are taken, counted from 0: one, or for sound_localization the left microphone's and the "
        "right one's, such as 1,3",
    )


def _channels(text: str) -> tuple[int, ...]:
    from audio.pcm import require_channels

    try:
        wanted = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no channel, nor channels such as 1,3") from None
    try:
        require_channels(wanted, 1000)
    except AudioError as exc:
        raise argparse.ArgumentTypeError(exc.message) from None
    return wanted
