"""Self-hosted perception and speech: sound and voice detection, localization and text to speech as REST services."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("audio")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+source"
