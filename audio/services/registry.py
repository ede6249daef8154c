"""The table of services: a name and a version, and the module that holds the SERVICE."""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module

import audio
from audio.errors import AudioError
from audio.extras import how_to_install
from audio.services import code
from audio.services.base import Service

TABLE: dict[tuple[str, int], str] = {
    ("age_and_gender_estimation", 1): "audio.services.age_and_gender_estimation",
    ("dummy", 1): "audio.services.dummy",
    ("face_detection", 1): "audio.services.face_detection",
    ("face_expression_estimation", 1): "audio.services.face_expression_estimation",
    ("face_recognition", 1): "audio.services.face_recognition",
    ("gaze_analysis", 1): "audio.services.gaze_analysis",
    ("motion_detection", 1): "audio.services.motion_detection",
    ("qrcode_decoder", 1): "audio.services.qrcode_decoder",
    ("scene_analysis", 1): "audio.services.scene_analysis",
    ("sound_detection", 1): "audio.services.sound_detection",
    ("sound_localization", 1): "audio.services.sound_localization",
    ("text_to_speech", 1): "audio.services.text_to_speech",
    ("text_to_speech", 2): "audio.services.text_to_speech_2",
    ("text_to_speech", 3): "audio.services.text_to_speech_3",
    ("upper_body_detection", 1): "audio.services.upper_body_detection",
    ("voice_detection", 1): "audio.services.voice_detection",
    ("voice_detection", 2): "audio.services.voice_detection_2",
}

log = logging.getLogger(__name__)


@cache
def services() -> dict[tuple[str, int], Service]:
    """Every service that can be offered here. The log names the others: once an extra, where a module is missing."""
    offered = {}
    lacking: dict[str, tuple[list[str], set[str]]] = {}  # by extra: services, and the modules that they lack
    for key, module in sorted(TABLE.items()):
        service: Service = import_module(module).SERVICE
        missing = service.missing()
        if missing:
            left_out, modules = lacking.setdefault(service.extra, ([], set()))
            left_out.append(f"{service.name} {service.version}")
            modules.update(missing)
        elif _usable(service):
            offered[key] = service
    for extra, (left_out, modules) in lacking.items():
        which, are, lack = ", ".join(left_out), "is" if len(left_out) == 1 else "are", ", ".join(sorted(modules))
        log.info("%s %s not offered: not installed: %s. To install: %s", which, are, lack, how_to_install(extra))
    return offered


def _usable(service: Service) -> bool:
    try:
        if service.check is not None:
            service.check()
    except AudioError as exc:
        log.warning("%s %d is not offered: %s", service.name, service.version, exc.message)
        return False
    return True


def writer(service: Service) -> str:
    """What code makes the states of a service: this version, and a digest of the source and the models it is made of.

    Taken when the process first needs it, as what is installed over it while it runs is other code.
    """
    return f"{audio.__version__} {code.digest(TABLE[service.name, service.version])}"


def prepare() -> None:
    """Load what first requests would wait for. A service that cannot be made ready fails its own requests alone."""
    for service in services().values():
        writer(service)
        try:
            if service.prepare is not None:
                service.prepare()
        except Exception:
            log.exception("%s %d cannot be made ready", service.name, service.version)


def get(name: str, version: int) -> Service | None:
    """The service, or None where there is none of this name and version."""
    return services().get((name, version))


def versions(name: str) -> list[int]:
    """The versions of a service, ascending; none where there is no such service."""
    return [v for n, v in services() if n == name]


def names() -> list[str]:
    """The names of all services, in order."""
    return sorted({name for name, _ in services()})
