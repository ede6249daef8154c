"""HTTP that is odd, broken or cut short, said to the server."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
import requests

from tests.gateway.client import TIMEOUT, Client, error
from tests.gateway.served import Served
from tests.gateway.test_bodies import GOOD

JSON = "Content-Type: application/json"
ECHO = b'{"async": false, "echo": "x"}'
PATH = "/services/dummy/1/jobs"


@pytest.fixture(scope="module")
def real(served: Served) -> Client:
    return served.client()


@pytest.fixture(autouse=True)
def _it_goes_on(real: Client, served: Served) -> object:
    """Whatever was said, the next request is answered, and nothing was logged as a failure."""
    yield
    assert real.echo(echo="still here").json()["echo"] == "still here"
    assert "incident" not in served.log
    assert "Traceback" not in served.log


def status(answer: bytes) -> int:
    return int(answer.split(maxsplit=2)[1])


@pytest.mark.parametrize(
    "kind",
    [
        *(None, "text/plain", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x", "audio/wav", ";"),
        *("a/b;c", "application/jsonx", "\xe9", "multipart/form-data2"),
    ],
)
def test_other_types_are_415(real: Client, kind: str | None) -> None:
    head = real.head("POST", PATH, "Content-Length: 2", *([f"Content-Type: {kind}"] if kind else []))
    answer = real.raw(head, b"{}")
    assert status(answer) == 415, answer
    assert b'"unsupported_media_type"' in answer


@pytest.mark.parametrize("boundary", ["", '""', "x" * 5000, "y", "\xe9", '"x', "x; boundary=y", "\t"])
def test_bad_boundaries(real: Client, boundary: str) -> None:
    kind = f"Content-Type: multipart/form-data; boundary={boundary}"
    answer = real.raw(real.head("POST", "/services/probe/1/jobs", kind, f"Content-Length: {len(GOOD)}"), GOOD)
    assert status(answer) == 400, answer


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_405(real: Client, method: str) -> None:
    reply = real.http.request(method, real.dummy, timeout=TIMEOUT)
    error(reply, 405, "method_not_allowed")
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_head_is_get_without_a_body(real: Client) -> None:
    job = real.echo(echo="x").json()["url"]
    blob = real.blob().json()["url"]
    for url in (job, blob, real.dummy, f"{real.root}/services", f"{real.root}/health", f"{real.root}/openapi.json"):
        got, head = (real.http.request(m, url, timeout=TIMEOUT) for m in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (200, b"")
        for name in ("Content-Type", "Content-Length"):
            assert head.headers[name] == got.headers[name]


def test_options_says_what_may_be_asked(real: Client) -> None:
    reply = real.http.options(real.dummy, timeout=TIMEOUT)
    assert (reply.status_code, reply.content) == (200, b"")
    assert "POST" in reply.headers["Allow"]


def test_slashes_at_the_end(real: Client) -> None:
    for path in ("/services/", "/services/dummy/", "/services/dummy/1/", "/services/dummy/1/jobs/"):
        assert real.get(real.root + path).status_code == 200, path


def test_a_body_in_chunks(real: Client) -> None:
    def pieces() -> object:
        for i in range(0, len(GOOD), 100):
            yield GOOD[i : i + 100]

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    reply = real.http.post(real.jobs, data=pieces(), headers=kind, timeout=TIMEOUT)
    assert reply.request.headers["Transfer-Encoding"] == "chunked"
    assert reply.status_code == 201, reply.text


def test_too_large_is_413_and_says_the_limit(real: Client) -> None:
    large = b"x" * (2**20 + 1)
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    for data in (large, iter([large[:1000], large[1000:]])):
        # A connection of its own for each: the server may close it when it has refused a body.
        reply = requests.post(real.jobs, data=data, headers=kind, auth=real.http.auth, timeout=TIMEOUT)
        assert "1 MiB" in error(reply, 413, "too_large")["error"]


def test_an_announcement_of_too_much_is_refused_unread(real: Client) -> None:
    head = real.head("POST", PATH, JSON, "Content-Length: 999999999999999")
    assert status(real.raw(head, b"{", shut=True)) == 413


@pytest.mark.parametrize("size", [b"zz", b"-5", b"0x5", b"", b"f" * 30, b"5 5", b"5\r\nhelloXX0"])
def test_a_size_of_a_chunk_that_is_none(real: Client, size: bytes) -> None:
    head = real.head("POST", PATH, JSON, "Transfer-Encoding: chunked")
    answer = real.raw(head, size + b"\r\nhello\r\n0\r\n\r\n")
    assert status(answer) == 400, answer
    assert b"Content-Type: application/json" in answer or b"content-type: application/json" in answer
    assert b'"code": "bad_request"' in answer


def test_a_body_that_stops_half_way(real: Client) -> None:
    """The client goes silent: it is told so after a while, and the thread is free again."""
    for headers in (["Content-Length: 1000"], ["Transfer-Encoding: chunked"]):
        body = ECHO if "Length" in headers[0] else b"ff\r\n" + ECHO
        answer = real.raw(real.head("POST", PATH, JSON, *headers), body)
        assert status(answer) == 400, answer
        assert b"ended before its body" in answer


def test_a_body_that_ends_too_early(real: Client) -> None:
    """The client goes away. Nothing of the kind becomes a job."""
    answer = real.raw(real.head("POST", PATH, JSON, "Content-Length: 1000"), ECHO, shut=True)
    assert not answer or status(answer) == 400


def test_more_clients_that_go_silent_than_threads(real: Client, served: Served) -> None:
    socks = []
    for _ in range(40):
        sock = socket.create_connection(("127.0.0.1", served.port))
        sock.sendall(real.head("POST", PATH, JSON, "Content-Length: 1000") + ECHO)
        socks.append(sock)
    assert real.echo(echo="x").status_code == 201
    for sock in socks:
        sock.close()


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Length: -1"],
        ["Content-Length: x"],
        ["Content-Length: 1, 2"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: x"],
        ["Transfer-Encoding: chunked"],
        ["X y: 1"],
        ["X" * 9000 + ": 1"],
        [f"X{i}: 1" for i in range(200)],
        ["Expect: 200-ok"],
    ],
    ids=lambda h: h[0][:30],
)
def test_broken_heads(real: Client, headers: list[str]) -> None:
    answer = real.raw(real.head("POST", PATH, JSON, *headers), ECHO, shut=True)
    assert not answer or 400 <= status(answer) < 500 or status(answer) == 501, answer


@pytest.mark.parametrize(
    "said",
    [
        *(b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 1000),
        *(b"PRI * HTTP/2.0\r\n\r\n", b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n"),
        b"GET " + b"/x" * 5000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_no_http_at_all(real: Client, said: bytes) -> None:
    answer = real.raw(said, shut=True)
    assert not answer or 400 <= status(answer) < 510, answer
    assert not answer or status(answer) != 500


def test_a_wrong_host_harms_nobody(real: Client) -> None:
    for host in ("evil.example", "", "a b", "[::1", "x:99999", "<script>", "u@h"):
        head = real.head("POST", PATH, JSON, f"Content-Length: {len(ECHO)}")
        answer = real.raw(head.replace(b"Host: 127.0.0.1", b"Host: " + host.encode() + b"#"), ECHO)
        assert status(answer) in (201, 400), (host, answer)
        page = real.raw(b"GET /docs HTTP/1.1\r\nConnection: close\r\nHost: " + host.encode() + b"\r\n\r\n")
        assert b"<script>" not in page
    for host in ("x:99999", "..", "a..b", "x" * 254, "a/b", "u@h"):
        reply = real.http.get(f"{real.root}/services/dummy/1", headers={"Host": host}, timeout=TIMEOUT)
        assert "Host" in error(reply, 400, "bad_request")["error"]
        made = real.http.post(real.dummy, json={"async": False}, headers={"Host": host}, timeout=TIMEOUT)
        error(made, 400, "bad_request")


def test_headers_of_every_answer(real: Client) -> None:
    for path in ("/", "/docs", "/health", "/openapi.json", "/services", "/nothing"):
        headers = real.get(real.root + path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


def test_old_http(real: Client) -> None:
    head = real.head("POST", PATH, JSON, f"Content-Length: {len(ECHO)}").replace(b"HTTP/1.1", b"HTTP/1.0")
    assert status(real.raw(head, ECHO)) == 201


def test_two_requests_in_one_breath(real: Client) -> None:
    one = real.head("POST", PATH, JSON, f"Content-Length: {len(ECHO)}").replace(b"Connection: close\r\n", b"")
    last = real.head("POST", PATH, JSON, f"Content-Length: {len(ECHO)}")
    answer = real.raw(one + ECHO + last + ECHO)
    assert answer.count(b"HTTP/1.1 201") == 2


def test_a_refused_body_does_not_become_the_next_request(real: Client) -> None:
    """On a connection that is kept."""
    http = requests.Session()
    http.auth = real.http.auth
    smuggled = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 10
    for _ in range(3):
        refused = http.post(real.dummy, data=smuggled, headers={"Content-Type": "text/plain"}, timeout=TIMEOUT)
        assert refused.status_code == 415
        assert http.post(real.dummy, json={"async": False, "echo": "y"}, timeout=TIMEOUT).json()["echo"] == "y"


def test_a_large_answer_to_who_does_not_listen(real: Client) -> None:
    blob = real.blob(b"x" * 900_000).json()["url"]
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", urlsplit(real.root).port or 0)) as sock:
            sock.sendall(real.head("GET", urlsplit(blob).path))
    assert len(real.get(blob).content) == 900_000


def test_the_failures_of_an_operation_are_documented(client: Client) -> None:
    paths = client.get(f"{client.root}/openapi.json").json()["paths"]
    for path in paths.values():
        for operation in (path[method] for method in ("get", "post", "delete") if method in path):
            asked = {"401"} if operation.get("security") != [] else set()
            assert {*asked, "500", "503"} <= set(operation["responses"]), operation["summary"]
    for url, path, status in (
        (f"{client.dummy}?status=x", "/services/dummy/1/jobs", "400"),
        (f"{client.dummy}/x", "/services/dummy/1/jobs/{job_id}", "404"),
        (f"{client.root}/services/x", "/services/{name}", "404"),
        (f"{client.root}/blobs/x", "/blobs/{blob_id}", "404"),
    ):
        assert client.get(url).status_code == int(status)
        assert status in paths[path]["get"]["responses"]
