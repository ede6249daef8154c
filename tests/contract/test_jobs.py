from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from audio import wav
from audio.services.base import Service
from tests.conftest import RunningGateway
from tests.contract import samples
from tests.contract.client import Client, error, own
from tests.contract.files import maker
from tests.waiting import until


def one_file(service: Service) -> bytes:
    return maker(samples.file_of(service)).encode(samples.chunks(service)[0])


def test_synchronous(client: Client, service: Service) -> None:
    reply = client.post(service)
    assert reply.status_code == 201
    body = reply.json()
    assert body["status"] == 201
    assert body["url"] == reply.headers["Location"] == f"{client.jobs(service)}/{body['uuid']}"
    assert set(service.always) <= set(body)
    assert client.get(body["url"]).json() == body


def test_asynchronous(client: Client, service: Service) -> None:
    """It answers what a synchronous one does."""
    usual = client.answer(service)
    reply = client.post(service, **{"async": True})
    assert reply.status_code == 202
    accepted = reply.json()
    assert accepted == {"url": reply.headers["Location"], "uuid": accepted["uuid"], "status": 202}
    job = until(lambda: client.get(accepted["url"]).json(), lambda job: job["status"] != 202)
    assert job["status"] == 201
    assert {**job, **accepted, "status": 201} == job
    assert own(job) == usual


def test_the_same_again_is_the_same(client: Client, service: Service) -> None:
    assert client.answer(service) == client.answer(service)


def test_a_blob_is_as_good_as_an_attachment(client: Client, filed: Service) -> None:
    url = client.blob(one_file(filed))
    name = samples.file_name(filed)
    assert client.answer(filed, **{name: url}) == client.answer(filed)
    client.http.delete(url, timeout=10)
    assert client.refused(filed, **{name: url})["error"].startswith("There is no such blob")


def test_a_blob_of_another_client_does_not_exist(gateway: RunningGateway, client: Client, filed: Service) -> None:
    url = Client(gateway.url, gateway.new_stream()).blob(one_file(filed))
    unknown = url[:-12] + "0" * 12
    name = samples.file_name(filed)
    assert client.refused(filed, **{name: url}) == client.refused(filed, **{name: unknown})


@contextmanager
def look_alike(target: str) -> Iterator[tuple[str, list[str]]]:
    """A server that redirects everything to `target`, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_no_url_but_a_blob_of_ours_is_taken(client: Client, filed: Service) -> None:
    url = client.blob(one_file(filed))
    name = samples.file_name(filed)
    client.answer(filed, **{name: url})
    parts = urlsplit(url)
    with look_alike(url) as (elsewhere, asked):
        port = urlsplit(elsewhere).port
        for refused in (
            elsewhere + parts.path,
            f"http://{parts.netloc}@127.0.0.1:{port}{parts.path}",
            f"http://127.0.0.1:{port}#@{parts.netloc}{parts.path}",
            f"http://127.0.0.1:{port}\\@{parts.netloc}{parts.path}",
            f"http://user:pass@{parts.netloc}{parts.path}",
            f"http://@{parts.netloc}{parts.path}",
            f"http://127.0.0.1{parts.path}",
            f"https://{parts.netloc}{parts.path}",
            f"http://localhost:{parts.port}{parts.path}",
            f"http://example.org{parts.path}",
            f"//{parts.netloc}{parts.path}",
            parts.path,
            f"{url}?x=1",
            f"{url}#x",
            f"{url}/",
            f"{url}/..",
            url.replace("/blobs/", "/services/../blobs/"),
            url.replace("/blobs/", "/blobs//"),
            url.replace("/blobs/", "/blobs/../blobs/"),
            f"{url[:-1]}%{ord(url[-1]):x}",
            url.upper(),
            f"file://{parts.path}",
            "file:///etc/passwd",
            f"ftp://{parts.netloc}{parts.path}",
            f"http://[{parts.netloc}{parts.path}",
            f"http://[::1]:{parts.port}{parts.path}",
            f"http://{parts.hostname}:99999{parts.path}",
            f"http://{parts.hostname}:{parts.path}",
            f"data:audio/wav;base64,{wav.pack(b'x')}",
        ):
            found = client.refused(filed, **{name: refused})
            assert found["field"] == name, refused
    assert asked == []


@pytest.mark.parametrize("kind", ["field", "file"])
def test_meta_may_be_a_field_or_a_file(client: Client, filed: Service, kind: str) -> None:
    body = samples.request(filed)["files"]
    _, meta, content_type = body["meta"]
    body["meta"] = (None, meta) if kind == "field" else ("meta", meta, content_type)
    reply = client.http.post(client.jobs(filed), files=body, timeout=30)
    assert reply.status_code == 201, reply.text


def test_a_part_without_a_filename_is_refused(client: Client, filed: Service) -> None:
    body = samples.request(filed)["files"]
    name = f"attachment://{samples.file_name(filed)}"
    body[name] = (None, body[name][1])
    reply = client.http.post(client.jobs(filed), files=body, timeout=30)
    assert reply.status_code == 400
    assert "no filename" in error(reply)["error"]


def test_a_part_without_a_type_is_taken(client: Client, filed: Service) -> None:
    body = samples.request(filed)["files"]
    name = f"attachment://{samples.file_name(filed)}"
    body[name] = ("sound.wav", body[name][1], None)
    reply = client.http.post(client.jobs(filed), files=body, timeout=30)
    assert reply.status_code == 201, reply.text
