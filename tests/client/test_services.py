from __future__ import annotations

import io
import json
import threading
from concurrent.futures import Future, wait
from typing import Any

import numpy as np
import pytest
import requests

from audio.client import (
    BadReply,
    BadRequest,
    Configuration,
    GatewayError,
    Job,
    NoSuchService,
    NotFound,
    Root,
    Service,
    Session,
    TimedOut,
    Unauthorized,
    Unreachable,
    connect,
)
from audio.pcm import Pcm
from tests.client.needs import needs
from tests.client.scripted import ScriptedServer, answer, closed_port, hang_up
from tests.conftest import RunningGateway

SOUND = Pcm(np.zeros((1600, 1), np.int16), 16000)


def test_a_service_by_name_and_version(root: Root) -> None:
    service = root.services.get_service("dummy", version=1)
    assert (service.name, service.version) == ("dummy", 1)
    assert service.endpoint == f"{root.endpoint}/services/dummy/1"
    assert root.services.get_service("dummy", 1).endpoint == service.endpoint


def test_without_a_version_it_is_the_highest(scripted: ScriptedServer) -> None:
    scripted.script = [
        answer(200, {"services": {"x": {"url": "/services/x"}}}),
        answer(200, {"versions": {n: {"url": f"/services/x/{n}"} for n in ("9", "10", "beta")}}),
    ]
    with connect(scripted.url, client_id="a", access_token="b") as root:
        assert root.services.get_service("x").version == 10


@pytest.mark.parametrize(("name", "version", "there_is"), [("nope", None, "dummy"), ("dummy", 99, "1")])
def test_what_is_not_offered(root: Root, name: str, version: int | None, there_is: str) -> None:
    with pytest.raises(NoSuchService, match=rf"It offers: .*{there_is}"):
        root.services.get_service(name, version)


def test_something_else_than_a_gateway(scripted: ScriptedServer) -> None:
    with connect(scripted.url, client_id="a", access_token="b") as root:
        for body in ({}, {"services": []}, {"services": {"x": 1}}, {"services": {"x": {}}}):
            scripted.script = [answer(200, body)]
            with pytest.raises(BadReply, match="is there a gateway"):
                root.services.get_service("x")


def test_wrong_credentials(gateway: RunningGateway) -> None:
    with connect(gateway.url, client_id=gateway.client_id, access_token="wrong") as root:
        with pytest.raises(Unauthorized):
            root.services.get_service("dummy")
        root.conf.set_credential(gateway.client_id, gateway.access_token)
        assert root.services.get_service("dummy").process().result["echo"] == "echo"


def test_a_gateway_that_is_not_there() -> None:
    with connect(f"http://127.0.0.1:{closed_port()}", client_id="a", access_token="b") as root:
        with pytest.raises(Unreachable):
            root.services.get_services()
        with pytest.raises(Unreachable):
            root.blobs.create(b"x")


def test_the_description_has_links_and_schemas(dummy: Service) -> None:
    description = dummy.get_description()
    assert description["version"] == 1
    assert description["jobs"] == dummy.jobs.endpoint
    assert dummy.description.representation == description


def test_a_synchronous_job(dummy: Service) -> None:
    job = dummy.process({"echo": "Hello world!"})
    assert job.status == job.result["status"] == Job.CREATED
    assert job.result["echo"] == "Hello world!"
    assert job.result is job.representation
    assert job.endpoint == job.result["url"]
    assert job.done
    assert job.wait(0) is job
    assert job.fetch().result["echo"] == "Hello world!"


def test_an_asynchronous_job(dummy: Service) -> None:
    for job in (
        dummy.process({"echo": "later"}, async_=True),
        dummy.process({"echo": "later"}, True),
        dummy.process({"echo": "later"}, **{"async": True}),
    ):
        assert job.status == Job.ACCEPTED
        assert "echo" not in job.result
        assert job.wait(30).result["echo"] == "later"
        assert job.status == Job.CREATED


def test_no_other_argument_is_taken(dummy: Service) -> None:
    with pytest.raises(TypeError, match="callback"):
        dummy.process({}, callback=True)


def test_a_job_that_is_not_done_in_time(scripted: ScriptedServer) -> None:
    with connect(scripted.url, client_id="a", access_token="b") as root:
        job = Job(root.transport, f"{scripted.url}/job", {"status": 202})
        with pytest.raises(TimedOut, match="it goes on"):
            job.wait(0)
        scripted.script = [answer(200, {"status": 202}), answer(200, {"status": 201, "echo": "x"})]
        assert job.wait(30).result["echo"] == "x"


def test_a_gateway_that_comes_back_is_waited_for(scripted: ScriptedServer) -> None:
    scripted.script = [hang_up, answer(200, {"status": 201, "echo": "x"})]
    with connect(scripted.url, client_id="a", access_token="b") as root:
        root.conf.retries = 0
        job = Job(root.transport, f"{scripted.url}/job", {"status": 202})
        assert job.wait(30).result["echo"] == "x"


def test_a_gateway_that_stays_away_is_named() -> None:
    with connect(f"http://127.0.0.1:{closed_port()}", client_id="a", access_token="b") as root:
        job = Job(root.transport, f"{root.endpoint}/job", {"status": 202})
        with pytest.raises(Unreachable):
            job.wait(0.05)


def test_a_failed_asynchronous_job_raises_as_a_synchronous_one(scripted: ScriptedServer) -> None:
    failed = {"status": 400, "error": "Cut short.", "code": "damaged_sound", "field": "sound"}
    scripted.script = [answer(200, failed)]
    with connect(scripted.url, client_id="a", access_token="b") as root:
        job = Job(root.transport, f"{scripted.url}/job", {"status": 202})
        with pytest.raises(BadRequest, match=r"Cut short\.") as caught:
            job.wait(30)
        assert (caught.value.code, caught.value.field) == ("damaged_sound", "sound")
        assert job.result == failed


def test_a_deleted_job_is_gone(dummy: Service) -> None:
    job = dummy.process()
    job.delete()
    with pytest.raises(NotFound):
        job.fetch()


def test_a_resource_shows_where_it_is(dummy: Service) -> None:
    assert repr(dummy) == f"<Service {dummy.endpoint}>"
    made = dummy.jobs.create({"echo": "x", "async": False})
    assert repr(made) == f"<Resource {made.endpoint}>"


def test_jobs_are_listed(dummy: Service) -> None:
    job = dummy.process({"echo": "one of many"})
    listed = dummy.jobs.list({"limit": 1})["jobs"]
    assert [entry["url"] for entry in listed] == [job.endpoint]


def test_a_refusal_names_the_field(dummy: Service) -> None:
    with pytest.raises(requests.HTTPError) as caught:
        dummy.process({"echo": 5})
    assert isinstance(caught.value, BadRequest)
    assert (caught.value.status, caught.value.field) == (400, "echo")


def test_futures(dummy: Service) -> None:
    futures = [dummy.process_async({"echo": str(i)}) for i in range(30)]
    assert [future.result(30).result["echo"] for future in futures] == [str(i) for i in range(30)]


def test_a_future_calls_back_and_can_fail(dummy: Service) -> None:
    called: list[Future[Job]] = []
    future = dummy.process_async({"echo": "x"})
    future.add_done_callback(called.append)
    wait([future], 30)
    assert called == [future]
    assert isinstance(dummy.process_async({"echo": 5}).exception(30), BadRequest)


def test_a_future_of_an_asynchronous_job(dummy: Service) -> None:
    job = dummy.process_async({"echo": "x"}, async_=True).result(30)
    assert job.wait(30).result["echo"] == "x"


def test_closing_waits_for_what_is_under_way(gateway: RunningGateway) -> None:
    with connect(gateway.url, client_id=gateway.client_id, access_token=gateway.access_token) as root:
        future = root.services.get_service("dummy").process_async({"echo": "x"})
    assert future.done()


def test_one_service_in_many_threads(dummy: Service) -> None:
    echoes: list[str] = []

    def work(n: int) -> None:
        echoes.extend(dummy.process({"echo": f"{n}-{i}"}).result["echo"] for i in range(5))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(echoes) == sorted(f"{n}-{i}" for n in range(8) for i in range(5))


def sent(scripted: ScriptedServer, number: int = -1) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(scripted.requests[number][2])
    return values


@pytest.fixture
def service(scripted: ScriptedServer) -> Service:
    """A service of which one sees what is sent to it."""
    conf = Configuration()
    conf.default_root = scripted.url
    root = Root(conf=conf)
    service = Service(root.transport, f"{scripted.url}/services/x/1", "x", 1, root.services._workers)
    job = {"url": "/jobs/1", "status": 201}
    scripted.script = [answer(200, {"jobs": f"{scripted.url}/services/x/1/jobs"}), *[answer(201, job)] * 5]
    return service


def test_a_session_goes_with_every_job(scripted: ScriptedServer, service: Service) -> None:
    service.enable_session({"sensitivity": 0.3})
    given = {"sensitivity": 0.9, "other": 1}
    service.process(given)
    first = sent(scripted)
    service.process_async({}).result(30)
    assert first == {
        "sensitivity": 0.3,
        "other": 1,
        "state": {"session_id": first["state"]["session_id"]},
        "async": False,
    }
    assert sent(scripted)["state"] == first["state"]
    assert given == {"sensitivity": 0.9, "other": 1}
    service.disable_session()
    service.process({})
    assert sent(scripted) == {"async": False}


def test_enabling_again_goes_on_with_the_session(service: Service) -> None:
    service.enable_session()
    session = service.default_session
    service.enable_session({"sensitivity": 1})
    assert service.default_session is session
    assert service.session_parameters == {"sensitivity": 1}


def test_a_session_of_ones_own_comes_before_the_default_one(scripted: ScriptedServer, service: Service) -> None:
    service.enable_session()
    mine = service.create_session()
    service.process({}, session=mine)
    assert sent(scripted)["state"] == {"session_id": mine.id} == mine.state()
    service.process({}, session=mine.at(800))
    assert sent(scripted)["state"] == {"session_id": mine.id, "offset": 800}
    assert mine.offset is None


def test_only_what_changes_nothing_is_sent_twice(scripted: ScriptedServer, service: Service) -> None:
    session = Session(service)
    service.process({})
    done = answer(201, {"url": "/jobs/1", "status": 201})
    for harmless in ({}, {"session": session.at(0)}):
        scripted.script = [hang_up, done]
        service.process({}, **harmless)  # type: ignore[arg-type]
        assert scripted.script == []
    for harmful in ({"session": session}, {"async_": True}):
        scripted.script = [hang_up, done]
        with pytest.raises(requests.ConnectionError):
            service.process({}, **harmful)  # type: ignore[arg-type]
        assert len(scripted.script) == 1


def test_a_composite_of_one(root: Root) -> None:
    service = root.services.get_services(["dummy"])
    job = service.process({"echo": "x"})
    assert job.result["dummy"]["echo"] == "x"
    assert job.result["status"] == job.status == 200
    assert job.representation is job.result
    assert job.errors == {}


def test_a_composite_that_all_refuse_raises(root: Root) -> None:
    with pytest.raises(GatewayError, match="echo"):
        root.services.get_services([("dummy", 1)]).process({"echo": 5})


def test_a_composite_of_what_is_not_offered(root: Root) -> None:
    with pytest.raises(NoSuchService):
        root.services.get_services(["dummy", "nope"])


@needs("sound_detection", "voice_detection")
def test_a_composite_reads_a_file_once_and_keeps_a_session(root: Root) -> None:
    from audio import wav

    service = root.services.get_services(["sound_detection", ("voice_detection", 1), "dummy"])
    service.enable_session({"sensitivity": 0.5})
    for _ in range(2):
        job = service.process({"sound": io.BytesIO(wav.encode(SOUND))})
        assert set(job.result) == {"sound_detection", "voice_detection", "dummy", "status"}
        assert job.result["sound_detection"]["input_size"] == 1600
    service.disable_session()
    partly = service.process({"echo": "no sound"})
    assert set(partly.result) == {"dummy", "status"}
    assert {error.field for error in partly.errors.values()} == {"sound"}


def test_all_services_as_one(root: Root) -> None:
    assert set(root.services.get_services().services) == set(root.services.list()["services"])


def test_blobs(root: Root) -> None:
    blob = root.blobs.create(io.BytesIO(b"content"))
    assert blob.status == 201
    assert blob.content() == b"content"
    blob.delete()
    with pytest.raises(requests.HTTPError):
        blob.content()


@needs("sound_detection")
@pytest.mark.parametrize("way", ["attachment", "blob", "pcm"])
def test_a_sound_by_every_way(root: Root, way: str) -> None:
    from audio import wav

    service = root.services.get_service("sound_detection")
    data = io.BytesIO(wav.encode(SOUND))
    sound: Any = {"attachment": data, "blob": data, "pcm": SOUND}[way]
    if way == "blob":
        sound = root.blobs.create(data)
    job = service.process({"sound": sound, "sensitivity": 0.7})
    assert job.result["input_size"] == 1600
    assert job.result["events"] == []


@needs("sound_detection")
def test_a_session_at_the_gateway(root: Root) -> None:
    service = root.services.get_service("sound_detection")
    session = service.create_session()
    ends = [service.process({"sound": SOUND}, session=session.at(n * 1600)).result for n in range(3)]
    again = service.process({"sound": SOUND}, session=session.at(2 * 1600)).result
    assert again["events"] == ends[-1]["events"]
    faster = Pcm(SOUND.samples, 8000)
    with pytest.raises(GatewayError):
        service.process({"sound": faster}, session=session)
