"""Services: found in the directory by name and version, and given work."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from audio.client.encoding import Body, encode
from audio.client.errors import BadReply, GatewayError, NoSuchService, NotFound
from audio.client.resources import Collection, Filters, Job, Parameters, Resource, Session
from audio.client.streaming import exchange
from audio.client.transport import WORKERS, Transport, json_of, link

log = logging.getLogger(__name__)


class Sessions:
    """A default session, and parameters that every job of it gets."""

    def __init__(self) -> None:
        self.default_session: Session | None = None
        self.session_parameters: dict[str, Any] = {}

    def create_session(self) -> Session:
        """A new session, to be given to `process`."""
        return Session(self)

    def enable_session(self, parameters: Parameters | None = None) -> None:
        """From now on all jobs belong to one session and get these parameters, which win over a job's own."""
        if self.default_session is None:
            self.default_session = self.create_session()
        self.session_parameters = dict(parameters or {})

    def disable_session(self) -> None:
        self.default_session = None
        self.session_parameters = {}

    def _encode(self, parameters: Parameters | None, session: Session | None, asynchronous: bool) -> tuple[Body, bool]:
        """The body of a job, and whether the job may be sent twice: it changes nothing that lasts."""
        values = {**(parameters or {}), **self.session_parameters}
        session = session or self.default_session
        if session is not None:
            values["state"] = session.state()
        values["async"] = asynchronous
        state = values.get("state")
        return encode(values), not asynchronous and (not state or "offset" in state)


class Service(Resource, Sessions):
    """One service at one version."""

    def __init__(
        self, transport: Transport, endpoint: str, name: str, version: int, workers: ThreadPoolExecutor
    ) -> None:
        Resource.__init__(self, transport, endpoint)
        Sessions.__init__(self)
        self.name = name
        self.version = version
        self.description = Resource(transport, endpoint)
        self._workers = workers
        self._jobs: Collection | None = None

    @property
    def jobs(self) -> Collection:
        """The jobs of this service, behind the link in its description."""
        if self._jobs is None:
            self._jobs = Collection(self.transport, link(self.get_description(), "jobs", self.endpoint))
        return self._jobs

    def get_description(self) -> dict[str, Any]:
        """What the gateway says of the service: links, the schemas of what it takes and answers, an example.

        It is asked once.
        """
        return self.description.representation or self.description.fetch().representation or {}

    def process(
        self,
        parameters: Parameters | None = None,
        async_: bool = False,
        session: Session | None = None,
        **kwargs: bool,
    ) -> Job:
        """Give the service work.

        parameters: by name; open files, Paths, bytes and Pcm are sent along, a Blob goes by its URL. async_: come back
        at once with a job to `wait` for (`**{"async": True}` says the same). session: the session this belongs to,
        where it is not the default one. Raises GatewayError with the gateway's own sentence.
        """
        body, repeatable = self._encode(parameters, session, _asynchronous(async_, kwargs))
        return self.jobs.post(body, Job, repeatable=repeatable)

    def process_async(
        self,
        parameters: Parameters | None = None,
        async_: bool = False,
        session: Session | None = None,
        **kwargs: bool,
    ) -> Future[Job]:
        """`process` in a thread of its own, one of ten. Files are read before this returns.

        Chunks of a session can overtake each other here: wait for one before the next is sent.
        """
        body, repeatable = self._encode(parameters, session, _asynchronous(async_, kwargs))
        return self._workers.submit(lambda: self.jobs.post(body, Job, repeatable=repeatable))

    def stream(
        self,
        parameters: Parameters | None = None,
        data: Iterable[tuple[Mapping[str, Any], str, bytes]] = (),
        session: Session | None = None,
    ) -> Iterator[str]:
        """Give the service parts over one open connection; the results, as JSON, in their order, as they come.

        parameters: of every part. data: (parameters of this part, the name of the field that its bytes are for, the
        bytes); it is taken in another thread. Raises GatewayError where the gateway refuses the stream; what is wrong
        with one part comes as its result, with `error` and `code`.
        """
        values = {**(parameters or {}), **self.session_parameters}
        session = session or self.default_session
        if session is not None:
            values["state"] = session.state()
        target = link(self.get_description(), "streams", self.endpoint)
        made = json_of(self.transport.post(target, encode(values)))
        return exchange(self.transport, link(made, "input", target), link(made, "output", target), data)


class CompositeService(Sessions):
    """Several services that are given the same work as if they were one."""

    def __init__(self, services: Mapping[str, Service]) -> None:
        super().__init__()
        self.services = dict(services)

    def process(self, parameters: Parameters | None = None, session: Session | None = None) -> CompositeJob:
        """One job for each service, at the same time. Raises an error where all services refuse."""
        body, repeatable = self._encode(parameters, session, False)
        with ThreadPoolExecutor(min(WORKERS, max(1, len(self.services)))) as pool:
            futures = {name: pool.submit(_post, service, body, repeatable) for name, service in self.services.items()}
        job = CompositeJob({name: future.result() for name, future in futures.items()})
        if job.errors and not job.jobs:
            raise next(iter(job.errors.values()))
        return job


class CompositeJob:
    """The results of several services.

    result: the result of each service that gave one, by name, and "status". errors: why the others gave none.
    """

    def __init__(self, outcomes: Mapping[str, Job | GatewayError]) -> None:
        self.jobs = {name: job for name, job in outcomes.items() if isinstance(job, Job)}
        self.errors = {name: error for name, error in outcomes.items() if isinstance(error, GatewayError)}
        self.status = 200
        self.result: dict[str, Any] = {**{name: job.result for name, job in self.jobs.items()}, "status": self.status}

    @property
    def representation(self) -> dict[str, Any]:
        return self.result


class ServiceDirectory(Collection):
    """The services that the gateway offers."""

    def __init__(self, transport: Transport, endpoint: str) -> None:
        super().__init__(transport, endpoint)
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="audio-client")

    def close(self) -> None:
        self._workers.shutdown()

    def list(self, filters: Filters | None = None) -> dict[str, Any]:
        try:
            return super().list(filters)
        except NotFound as exc:
            raise NotFound(
                f"{self.transport.root} is not the address of a gateway: there is nothing at {self.endpoint}.",
                status=exc.status,
                code=exc.code,
                response=exc.response,
            ) from exc

    def get_service(self, name: str, version: int | None = None) -> Service:
        """A service by name. version None: the highest. Raises NoSuchService, which says what there is."""
        return self._get(name, version, self.list())

    def get_services(self, services: Iterable[str | tuple[str, int | None]] | None = None) -> CompositeService:
        """Several services as one, by name or by (name, version). None: all of them."""
        directory = self.list()
        wanted = _offered(directory, "services") if services is None else services
        pairs = [(item, None) if isinstance(item, str) else item for item in wanted]
        return CompositeService({name: self._get(name, version, directory) for name, version in pairs})

    def _get(self, name: str, version: int | None, directory: Mapping[str, Any]) -> Service:
        entries = _offered(directory, "services")
        if name not in entries:
            raise NoSuchService(
                f"{self.transport.root} offers no service '{name}'. It offers: {', '.join(sorted(entries)) or 'none'}."
            )
        endpoint = link(entries[name], "url", self.endpoint)
        versions = _offered(json_of(self.transport.get(endpoint)), "versions")
        numbers = {int(number): entry for number, entry in versions.items() if number.isdecimal()}
        chosen = max(numbers, default=0) if version is None else int(version)
        if chosen not in numbers:
            raise NoSuchService(
                f"{self.transport.root} offers no version {chosen} of '{name}'. It offers: "
                f"{', '.join(map(str, sorted(numbers))) or 'none'}."
            )
        return Service(self.transport, link(numbers[chosen], "url", endpoint), name, chosen, self._workers)


def _offered(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    entries = body.get(name)
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise BadReply(f"The answer holds no '{name}': is there a gateway at this address?")
    return entries


def _post(service: Service, body: Body, repeatable: bool) -> Job | GatewayError:
    try:
        return service.jobs.post(body, Job, repeatable=repeatable)
    except GatewayError as exc:
        return exc


def _asynchronous(async_: bool, kwargs: Mapping[str, bool]) -> bool:
    """`async` was an argument's name in the older SDK; it is a keyword of Python now, and comes in by ** alone."""
    unknown = kwargs.keys() - {"async"}
    if unknown:
        raise TypeError(f"process() got an unexpected keyword argument '{min(unknown)}'")
    return bool(kwargs.get("async", async_))
