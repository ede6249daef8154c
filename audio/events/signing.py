"""Signatures of Standard Webhooks 1.0.0: HMAC-SHA256 over id, time and the very bytes that are sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(keys: Sequence[str], message_id: str, at: float, body: bytes) -> dict[str, str]:
    """The headers of a message. keys: one signature each, while a secret is changed."""
    when = str(int(at))
    signatures = [f"v1,{_sign(key, message_id, when, body)}" for key in keys]
    return {"webhook-id": message_id, "webhook-timestamp": when, "webhook-signature": " ".join(signatures)}


def _sign(secret: str, message_id: str, when: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{message_id}.{when}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
