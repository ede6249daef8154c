"""The way in: a gateway with its services and its blobs."""

from __future__ import annotations

from types import TracebackType

from audio.client import config
from audio.client.config import Configuration
from audio.client.errors import NotConfigured
from audio.client.events import Events
from audio.client.resources import BlobDirectory, Resource
from audio.client.services import ServiceDirectory
from audio.client.transport import Transport


class Root(Resource):
    """A gateway: `services`, `blobs` and `events`. Close it, or use it in a `with` statement."""

    def __init__(self, url: str | None = None, conf: Configuration | None = None) -> None:
        conf = config.load() if conf is None else conf
        address = url or conf.default_root
        if not address:
            raise NotConfigured(
                "No gateway is configured. Give its URL: 'audio configure', the environment variable AUDIO_GATEWAY, or "
                "connect(url). To start a gateway of your own: 'audio serve'."
            )
        conf.default_root = config.gateway_url(address)
        super().__init__(Transport(conf.default_root, conf), conf.default_root)
        self.services = ServiceDirectory(self.transport, f"{self.endpoint}/services")
        self.events = Events(self.transport, f"{self.endpoint}/api/1/events")
        self.blobs = BlobDirectory(self.transport, f"{self.endpoint}/blobs")

    def close(self) -> None:
        """Wait for what `process_async` has under way, then close all connections."""
        self.services.close()
        self.transport.close()

    def __enter__(self) -> Root:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def connect(
    url: str | None = None,
    conf: Configuration | None = None,
    client_id: str | None = None,
    access_token: str | None = None,
    verify: bool | str = True,
) -> Root:
    """A gateway to work with. No request is made yet.

    url: its address. conf: a configuration to use as it is; without one, what files and environment say (see
    `audio.client.config`), and client_id and access_token, given together, win over them. verify: False to take any
    certificate, or the path of a file of trusted ones. Raises NotConfigured where no address is known.
    """
    if conf is None:
        conf = config.load()
        if client_id is not None and access_token is not None:
            conf.set_credential(client_id, access_token)
    if verify is False:
        conf.do_not_verify()
    elif verify is not True:
        conf.set_ca_path(verify)
    return Root(url, conf)
