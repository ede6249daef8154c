"""The key that signs tokens and forms: 32 random bytes in a file for its owner alone, made at the first start."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from audio.engine.config import Settings
from audio.errors import AudioError

_BYTES = 32


def path_of(settings: Settings) -> Path:
    return Path(settings.secret_file or Path(settings.data_dir) / "secret.key")


def load(settings: Settings) -> bytes:
    """The key. Raises AudioError where its file cannot be read or made, or is too short to be one."""
    path = path_of(settings)
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as exc:
        raise AudioError(
            f"The file of the secret key, {path}, cannot be used: {exc.strerror or exc}. "
            "Let this user read it, or set secret_file to another."
        ) from exc
    if len(key) < _BYTES:
        raise AudioError(
            f"The file of the secret key, {path}, has {len(key)} bytes; it must have {_BYTES} or more. Remove it, and "
            "a new one is made: tokens that were given out count no more."
        )
    return key


def derive(key: bytes, purpose: str) -> bytes:
    """A key for one purpose, from which neither the first nor that of another can be told."""
    return hmac.new(key, purpose.encode(), hashlib.sha256).digest()


def _make(path: Path) -> None:
    """Whoever is first makes it; it never has its name before its content."""
    nameless = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(nameless, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_BYTES))
    try:
        os.link(nameless, path)
    except FileExistsError:
        pass
    finally:
        nameless.unlink()
