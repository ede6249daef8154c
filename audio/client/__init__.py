"""The SDK: connect to a gateway and use its services.

>>> import audio.client
>>> conn = audio.client.connect()
>>> service = conn.services.get_service("sound_detection", version=1)
>>> job = service.process({"sound": open("sound.wav", "rb"), "sensitivity": 0.7})
>>> job.result["events"]
"""

from audio.client import cloud, rest
from audio.client.config import Configuration
from audio.client.config import load as get_default_configuration
from audio.client.connection import Root, connect
from audio.client.errors import (
    BadReply,
    BadRequest,
    Busy,
    ClientError,
    Conflict,
    ConnectionBroken,
    GatewayError,
    GatewayFailed,
    NoSuchService,
    NotConfigured,
    NotFound,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unreachable,
)
from audio.client.resources import Blob, Job, Resource, Session
from audio.client.services import CompositeJob, CompositeService, Service

__all__ = [
    "BadReply",
    "BadRequest",
    "Blob",
    "Busy",
    "ClientError",
    "CompositeJob",
    "CompositeService",
    "Configuration",
    "Conflict",
    "ConnectionBroken",
    "GatewayError",
    "GatewayFailed",
    "Job",
    "NoSuchService",
    "NotConfigured",
    "NotFound",
    "Resource",
    "Root",
    "Service",
    "Session",
    "TimedOut",
    "TooLarge",
    "Unauthorized",
    "Unreachable",
    "cloud",
    "connect",
    "get_default_configuration",
    "rest",
]
