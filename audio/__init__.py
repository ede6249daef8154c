"""Self-hosted perception and speech: sound and voice detection, localization and text to speech as REST services."""

import os
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from audio.extras import DISTRIBUTION

try:
    __version__ = version(DISTRIBUTION)
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+source"

# onnxruntime reports what it runs to its maker, and keeps a number for this machine in ~/.cache, unless this is set
# before it is loaded (measured with 1.32). Nothing that is heard or seen here is told to anybody.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")


def __getattr__(name: str) -> Any:
    """`audio.client` without an import of its own: after `import audio as angus`, `angus.client.connect()` works."""
    if name == "client":
        return import_module("audio.client")
    raise AttributeError(f"module 'audio' has no attribute '{name}'")
