"""What a gateway holds: resources behind URLs that it gives. No URL is built here; links are followed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

from audio.client.config import Configuration
from audio.client.encoding import Body, encode
from audio.client.errors import Busy, ClientError, ConnectionBroken, TimedOut, Unreachable, refusal
from audio.client.transport import Transport, json_of, link

R = TypeVar("R", bound="Resource")
Filters = Mapping[str, Any]
Parameters = Mapping[str, Any]

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0


class Resource:
    """Something behind a URL, and what was last known of it.

    endpoint: its URL. representation: its JSON, None until it is fetched.
    """

    CREATED = 201
    ACCEPTED = 202

    def __init__(self, transport: Transport, endpoint: str, representation: dict[str, Any] | None = None) -> None:
        self.transport = transport
        self.endpoint = endpoint
        self.representation = representation

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.endpoint}>"

    @property
    def conf(self) -> Configuration:
        return self.transport.conf

    @property
    def status(self) -> int | None:
        """The status in the representation; None until it is fetched."""
        status = (self.representation or {}).get("status")
        return status if isinstance(status, int) else None

    def fetch(self: R) -> R:
        """Ask the gateway again; gives this very object."""
        self.representation = json_of(self.transport.get(self.endpoint))
        return self

    def delete(self) -> None:
        """Remove it from the gateway."""
        self.transport.delete(self.endpoint)


class Job(Resource):
    """One computation: `result` holds its status and, once it is done, the fields that its service answers."""

    @property
    def result(self) -> dict[str, Any]:
        return self.representation or {}

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not, by what was last fetched."""
        return self.status is not None and self.status != self.ACCEPTED

    def wait(self, timeout: float = 60.0) -> Job:
        """Fetch an asynchronous job until it is done; gives this very object.

        timeout: seconds. A gateway that goes away and comes back in this time is waited for, as it loses no job. Raises
        TimedOut when the time is over (the job goes on), or why the gateway could not be asked; and for a job that
        failed what the same synchronous job would have raised: a GatewayError.
        """
        end = time.monotonic() + timeout
        pause = FIRST_PAUSE
        lost: ClientError | None = None
        while not self.done:
            left = end - time.monotonic()
            if left <= 0:
                raise lost or TimedOut(f"The job {self.endpoint} was not done within {timeout:g} s; it goes on.")
            time.sleep(min(pause, left))
            pause = min(2 * pause, LONGEST_PAUSE)
            lost = self._ask()
        if self.status is not None and self.status >= 400:
            raise refusal(self.result, self.status)
        return self

    def _ask(self) -> ClientError | None:
        """Fetch, or say why the gateway cannot be asked just now."""
        try:
            self.fetch()
        except (Unreachable, ConnectionBroken, Busy) as exc:
            return exc
        return None


class Blob(Resource):
    """Bytes that the gateway keeps, to be named in any number of jobs."""

    def content(self) -> bytes:
        return self.transport.get(self.endpoint).content


class Collection(Resource):
    """Resources of one kind: they are made here, and listed."""

    def create(self, parameters: Parameters) -> Resource:
        return self.post(encode(parameters), Resource)

    def post(self, body: Body, resource_type: type[R], *, repeatable: bool = False) -> R:
        """Create a resource from a body that is ready. `repeatable`: it does no harm to send it twice."""
        made = json_of(self.transport.post(self.endpoint, body, repeatable=repeatable))
        return resource_type(self.transport, link(made, "url", self.endpoint), made)

    def list(self, filters: Filters | None = None) -> dict[str, Any]:
        """What the gateway says of this collection, as it says it."""
        return json_of(self.transport.get(self.endpoint, filters))


class BlobDirectory(Collection):
    """The blobs of this client."""

    def create(self, binary: Any) -> Blob:
        """Store an open file, a Path, bytes or a Pcm."""
        return self.post(encode({"content": binary}), Blob)


class Session:
    """What makes one sound of many chunks: the same id in every job.

    offset: the number of frames since the session began at which the next chunk starts. A gateway that knows it takes
    a hole for a hole, and a chunk that is sent twice for one. None: the chunks follow each other without a gap.
    """

    def __init__(self, service: object = None, *, id: str | None = None, offset: int | None = None) -> None:
        self.service = service
        self.id = id or str(uuid.uuid4())
        self.offset = offset

    def at(self, offset: int) -> Session:
        """This session, at a number of frames since it began."""
        return Session(self.service, id=self.id, offset=offset)

    def state(self) -> dict[str, Any]:
        """What a job sends to belong to this session."""
        return {"session_id": self.id} if self.offset is None else {"session_id": self.id, "offset": self.offset}
