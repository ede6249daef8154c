"""What a service wants to be sent, as its description says: nothing here knows a service by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any

from audio.client.connection import Root
from audio.client.errors import ClientError
from audio.client.services import Service

WAV = "audio/wav"
DEFAULT_RATE = 16_000  # Hz, where a gateway does not say what it prefers


@dataclass(frozen=True)
class WantedFile:
    """A file among the inputs of a service: the name of its field, its media type, and what is said of it besides."""

    field: str
    media_type: str
    facts: Mapping[str, Any]
    required: Mapping[str, str] = dataclass_field(default_factory=dict)
    """What must go with it: what each is, by name."""
    service: Service | None = None
    """The service that said so; None where the gateway was not up yet."""

    @property
    def channels(self) -> int:
        """Of a sound."""
        return self.facts.get("channels") or 1

    @property
    def rate(self) -> int:
        """Of a sound, in Hz: the one that is worth its bytes."""
        return self.facts.get("preferred_rate") or DEFAULT_RATE


SOUND = WantedFile("sound", WAV, {})
STEREO = WantedFile("sound", WAV, {"channels": 2, "preferred_rate": 48_000})


def of_description(description: Mapping[str, Any]) -> WantedFile | None:
    """The first file that a service takes; None where it takes none. Gateways that do not tell take a sound."""
    files = description.get("files", {"sound": {}})
    schema = description.get("input", {})
    about = {name: schema["properties"][name].get("description", "") for name in schema.get("required", ())}
    for field, facts in files.items():
        required = {name: text for name, text in about.items() if name not in files}
        return WantedFile(field, facts.get("media_type", WAV), facts, required)
    return None


def ask(gateway: Root, service: str, version: int | None, parameters: Mapping[str, Any]) -> WantedFile:
    """What a service wants to hear. Where it is not up yet: stereo with a baseline, else mono."""
    try:
        found = gateway.services.get_service(service, version)
        wanted = of_description(found.get_description()) or SOUND
        return replace(wanted, service=found)
    except ClientError:
        return STEREO if "baseline" in parameters else SOUND
