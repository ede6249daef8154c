"""Self-hosted perception and speech: sound and voice detection, localization and text to speech as REST services."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from audio.extras import DISTRIBUTION

try:
    __version__ = version(DISTRIBUTION)
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+source"


def __getattr__(name: str) -> Any:
    """`audio.client` without an import of its own: after `import audio as angus`, `angus.client.connect()` works."""
    if name == "client":
        return import_module("audio.client")
    raise AttributeError(f"module 'audio' has no attribute '{name}'")
