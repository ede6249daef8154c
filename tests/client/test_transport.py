from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from audio.client import (
    BadReply,
    BadRequest,
    Busy,
    ClientError,
    Configuration,
    Conflict,
    ConnectionBroken,
    GatewayError,
    GatewayFailed,
    NotConfigured,
    NotFound,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unreachable,
)
from audio.client.encoding import encode
from audio.client.errors import refusal
from audio.client.transport import Transport, json_of
from audio.errors import AudioError, BadInput
from tests.client.scripted import ScriptedServer, answer, closed_port, half, hang_up

OK = answer(200, {"fine": True})
BODY = encode({"a": 1})


@contextmanager
def to(url: str, timeout: float = 10.0) -> Iterator[Transport]:
    conf = Configuration()
    conf.timeout = timeout
    transport = Transport(url, conf)
    try:
        yield transport
    finally:
        transport.close()


@pytest.fixture
def transport(scripted: ScriptedServer) -> Iterator[Transport]:
    with to(scripted.url) as transport:
        yield transport


def test_connections_are_kept(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [OK] * 5
    for _ in range(5):
        assert json_of(transport.get(scripted.url)) == {"fine": True}
    assert scripted.connections == 1


def test_nobody_listens() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    with to(url) as transport, pytest.raises(Unreachable, match="refused") as caught:
        transport.post(url, BODY)
    assert url in str(caught.value)
    assert "audio serve" in str(caught.value)
    assert isinstance(caught.value, requests.ConnectionError | AudioError)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_stands_before_this_machine(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    scripted.script = [OK]
    url = scripted.url.replace("127.0.0.1", host)
    with to(url) as transport:
        assert json_of(transport.get(url)) == {"fine": True}


def test_a_proxy_stands_before_other_machines(scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", scripted.url)
    monkeypatch.delenv("no_proxy", raising=False)
    scripted.script = [OK]
    with to("http://robot.example") as transport:
        assert json_of(transport.get("http://robot.example/services")) == {"fine": True}
    assert scripted.requests[0][1] == "http://robot.example/services"


def test_a_host_that_does_not_exist() -> None:
    with to("http://no.such.host.invalid") as transport, pytest.raises(Unreachable, match=r"no\.such\.host\.invalid"):
        transport.get("http://no.such.host.invalid/services")


def test_https_where_there_is_http(scripted: ScriptedServer) -> None:
    url = scripted.url.replace("http:", "https:")
    with to(url) as transport, pytest.raises(Unreachable, match="try http://"):
        transport.get(url)


def test_a_missing_file_of_certificates() -> None:
    with to("https://127.0.0.1:1") as transport:
        transport.conf.set_ca_path("/nowhere/ca.pem")
        with pytest.raises(NotConfigured, match=r"/nowhere/ca\.pem"):
            transport.get("https://127.0.0.1:1")


@pytest.mark.parametrize("failure", [hang_up, half])
def test_a_broken_connection_is_tried_again_for_a_get(
    scripted: ScriptedServer, transport: Transport, failure: object
) -> None:
    scripted.script = [failure, failure, OK]  # type: ignore[list-item]
    assert json_of(transport.get(scripted.url)) == {"fine": True}


def test_a_broken_connection_is_given_up(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [hang_up] * 3
    with pytest.raises(ConnectionBroken, match="broke"):
        transport.get(scripted.url)
    assert len(scripted.requests) == 3


def test_a_post_is_sent_again_only_where_it_may_be(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [hang_up]
    with pytest.raises(ConnectionBroken):
        transport.post(scripted.url, BODY)
    assert len(scripted.requests) == 1
    scripted.script = [hang_up, OK]
    transport.post(scripted.url, BODY, repeatable=True)
    assert [r[2] for r in scripted.requests] == [b'{"a": 1}'] * 3


def test_a_busy_gateway_is_asked_again(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [answer(503, {"error": "Full."}, {"Retry-After": "0"}), OK]
    assert json_of(transport.post(scripted.url, BODY)) == {"fine": True}


def test_a_gateway_that_stays_busy(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [answer(429, {"error": "Full."}, {"Retry-After": "0"})] * 3
    with pytest.raises(Busy, match=r"Full\."):
        transport.post(scripted.url, BODY)
    assert scripted.script == []


def test_a_long_wait_is_the_callers_choice(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [answer(503, {"error": "Full."}, {"Retry-After": "60"})]
    with pytest.raises(Busy) as caught:
        transport.post(scripted.url, BODY)
    assert caught.value.retry_after == 60


def test_retries_can_be_turned_off(scripted: ScriptedServer, transport: Transport) -> None:
    transport.conf.retries = 0
    scripted.script = [hang_up]
    with pytest.raises(ConnectionBroken):
        transport.get(scripted.url)
    assert len(scripted.requests) == 1


def test_no_answer_in_time(scripted: ScriptedServer) -> None:
    scripted.script = [scripted.silent]
    with to(scripted.url, timeout=0.05) as transport, pytest.raises(TimedOut, match=r"0\.05 s") as caught:
        transport.get(scripted.url)
    assert isinstance(caught.value, requests.Timeout)
    assert isinstance(caught.value, TimeoutError)


def test_a_refusal_carries_all_that_the_gateway_says(scripted: ScriptedServer, transport: Transport) -> None:
    body = {"status": 400, "error": "It must be mono.", "code": "unsupported_format", "field": "sound"}
    scripted.script = [answer(400, body)]
    with pytest.raises(BadRequest) as caught:
        transport.post(scripted.url, BODY)
    error = caught.value
    assert (str(error), error.message, error.status) == ("It must be mono.", "It must be mono.", 400)
    assert (error.code, error.field) == ("unsupported_format", "sound")
    assert error.response is not None
    assert error.response.status_code == 400


def test_errors_are_those_of_requests_and_ours(scripted: ScriptedServer, transport: Transport) -> None:
    for kind in (requests.HTTPError, AudioError, BadInput):
        scripted.script = [answer(400, {"error": "No."})]
        with pytest.raises(kind):
            transport.post(scripted.url, BODY)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest),
        (401, Unauthorized),
        (404, NotFound),
        (405, BadRequest),
        (409, Conflict),
        (413, TooLarge),
        (415, BadRequest),
        (429, Busy),
        (500, GatewayFailed),
        (502, GatewayFailed),
        (503, Busy),
    ],
)
def test_each_status_has_its_exception(status: int, kind: type[GatewayError]) -> None:
    assert type(refusal({"error": "No."}, status)) is kind


@pytest.mark.parametrize("body", [{}, {"error": 5, "code": 6, "field": 7}, {"error": ""}])
def test_a_refusal_without_words_still_has_some(body: dict[str, object]) -> None:
    error = refusal(body, 500)
    assert (str(error), error.code, error.field) == ("The gateway answered with status 500.", "gateway_failed", None)


def test_a_page_of_a_proxy_is_no_answer(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [answer(502, b"<html>Bad Gateway</html>")]
    with pytest.raises(GatewayFailed, match="502 Bad Gateway"):
        transport.get(scripted.url)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b"\xff\xfe"])
def test_what_is_no_json_object_is_no_answer(scripted: ScriptedServer, transport: Transport, body: bytes) -> None:
    scripted.script = [answer(200, body)]
    with pytest.raises(BadReply, match="is there a gateway"):
        json_of(transport.get(scripted.url))


def test_redirects_are_told_not_followed(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [answer(301, {}, {"Location": "https://elsewhere/services"})]
    with pytest.raises(BadReply, match="https://elsewhere/services"):
        transport.post(scripted.url, BODY)


def test_credentials_go_to_the_gateway_alone(scripted: ScriptedServer, transport: Transport) -> None:
    for url in ("http://elsewhere/x", scripted.url.replace("http:", "https:"), "http://127.0.0.1:1/x"):
        with pytest.raises(BadReply, match="another server"):
            transport.get(url)
    assert scripted.connections == 0


def test_an_answer_that_cannot_be_unpacked(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [answer(200, b"no gzip", {"Content-Encoding": "gzip"})]
    with pytest.raises(ClientError, match="failed"):
        transport.get(scripted.url)


def test_no_cookies_are_kept(scripted: ScriptedServer, transport: Transport) -> None:
    scripted.script = [answer(200, {}, {"Set-Cookie": "a=b"})]
    transport.get(scripted.url)
    assert len(transport.session.cookies) == 0
