"""The names that the older SDK kept in its module `rest`."""

from audio.client.config import Configuration
from audio.client.resources import Collection, Job, Resource, Session
from audio.client.services import Service

__all__ = ["Collection", "Configuration", "Job", "Resource", "Service", "Session"]
