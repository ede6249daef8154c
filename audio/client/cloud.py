"""The names that the older SDK kept in its module `cloud`."""

from audio.client.connection import Root
from audio.client.resources import BlobDirectory
from audio.client.services import CompositeService, ServiceDirectory

__all__ = ["BlobDirectory", "CompositeService", "Root", "ServiceDirectory"]
