from __future__ import annotations

import base64
import json
import logging
import re
from pathlib import Path

import pytest
import requests

from audio.engine import wrong_credentials
from audio.gateway import auth
from audio.stores import streams
from tests.conftest import RunningGateway
from tests.gateway.client import TIMEOUT, Client, error
from tests.waiting import until


def basic(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    return "Basic " + base64.b64encode(data).decode()


def get(gateway: RunningGateway, authorization: str | None) -> requests.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return requests.get(f"{gateway.url}/services", headers=headers, timeout=TIMEOUT)


def test_the_right_ones_pass(gateway: RunningGateway) -> None:
    for scheme in ("Basic", "basic", "BASIC"):
        right = basic(f"{gateway.client_id}:{gateway.access_token}").replace("Basic", scheme)
        assert get(gateway, right).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic AAA",
        "Bearer abc",
        basic(""),
        basic(":"),
        basic("no colon"),
        basic(b"\xff\xfe:x"),
        basic("\0:\0"),
        basic("x" * 5000 + ":y"),
        basic("nobody:nothing"),
        basic("00000000-0000-4000-8000-000000000000:00000000-0000-4000-8000-000000000000"),
        basic("' OR 1=1 --:x"),
        basic("ü:ü"),
    ],
)
def test_all_others_do_not(gateway: RunningGateway, authorization: str | None) -> None:
    reply = get(gateway, authorization)
    error(reply, 401, "unauthorized")
    bearer = (authorization or "").startswith("Bearer")
    assert reply.headers["WWW-Authenticate"] == (
        'Bearer realm="audio"' if bearer else 'Basic realm="audio", charset="UTF-8"'
    )


def test_a_script_in_a_page_is_not_asked_for_basic(gateway: RunningGateway) -> None:
    """The browser would hold its request behind a dialog that nobody sees."""
    for mode, scheme in (("cors", "Bearer"), ("same-origin", "Bearer"), ("navigate", "Basic")):
        headers = {"Sec-Fetch-Mode": mode}
        reply = requests.get(f"{gateway.url}/services", headers=headers, timeout=TIMEOUT)
        assert reply.headers["WWW-Authenticate"].split()[0] == scheme


def test_a_wrong_token_answers_as_an_unknown_client_does(gateway: RunningGateway) -> None:
    other = gateway.new_stream().auth[1]
    wrong = [get(gateway, basic(f"{gateway.client_id}:{token}")) for token in ("", "x", gateway.client_id, other)]
    unknown = get(gateway, basic("nobody:x"))
    assert {(r.status_code, r.text) for r in wrong} == {(401, unknown.text)}
    assert unknown.text != get(gateway, None).text


def test_every_resource_asks_who_comes(gateway: RunningGateway) -> None:
    """Whatever is added later, too: only what is meant to be open is open."""
    others = gateway.app.extensions["own_authentication"]  # tests/console has them
    for rule in gateway.app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in others:
            continue
        path = re.sub("<[^>]*>", "1", rule.rule)
        for method in rule.methods:
            reply = requests.request(method, gateway.url + path, timeout=TIMEOUT)
            assert (reply.status_code == 401) == (rule.endpoint not in auth.OPEN_ENDPOINTS), (method, path)


def test_what_does_not_exist_tells_nothing(gateway: RunningGateway) -> None:
    reply = requests.get(f"{gateway.url}/nothing", timeout=TIMEOUT)
    error(reply, 404, "not_found")


def test_a_revoked_stream_is_out_within_a_second_and_a_rotated_one_back(gateway: RunningGateway) -> None:
    client = Client(gateway.url, gateway.new_stream())
    client_id, token = client.http.auth
    database = gateway.app.extensions["audio"].database
    assert client.echo().status_code == 201
    with database.write() as connection:
        streams.revoke(connection, client_id)
    error(until(client.echo, lambda reply: reply.status_code != 201, seconds=5), 401, "unauthorized")
    with database.write() as connection:
        fresh = streams.rotate(connection, client_id)
    error(client.echo(), 401, "unauthorized")
    client.http.auth = (fresh.client_id, fresh.access_token)
    assert client.echo().status_code == 201
    assert fresh.access_token != token


def test_who_guesses_is_logged_once_a_minute(
    gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever way the guesses come: before a body is read, and where an answer would stay open, too."""
    minute = 0.0
    monkeypatch.setattr(wrong_credentials, "WRONG", wrong_credentials.WrongCredentials(lambda: minute))
    wrong = {"Authorization": basic("nobody:nothing")}
    stream = f"{gateway.url}/services/dummy/1/streams/0b8f6d0e-6f0c-4f63-9d3e-7c1f2a5b4c3d/output"
    token = json.dumps({"username": "a@example.org", "client_id": "nobody", "access_token": "nothing"}).encode()
    asked = [
        ("GET", f"{gateway.url}/services", b""),
        ("GET", f"{gateway.url}/api/1/events", b""),
        ("GET", stream, b""),
        ("POST", f"{gateway.url}/services/dummy/1/jobs", b"x" * 100_000),
        ("POST", f"{gateway.url}/api-token-authstream", token),
    ]
    for method, url, body in asked:
        kind = {"Accept": "text/event-stream", "Content-Type": "application/json"}
        reply = requests.request(method, url, data=body, headers={**wrong, **kind}, timeout=TIMEOUT)
        assert reply.status_code == 401, url
    lines = [record.message for record in caplog.records if record.name == wrong_credentials.__name__]
    assert lines == ["wrong credentials came from 127.0.0.1"]
    minute = 60.0
    get(gateway, wrong["Authorization"])
    lines = [record.message for record in caplog.records if record.name == wrong_credentials.__name__]
    assert lines[1:] == [
        "wrong credentials came 5 times within a minute from 127.0.0.1",
        "wrong credentials came from 127.0.0.1",
    ]


def test_the_token_is_kept_as_a_hash_and_never_logged(
    gateway: RunningGateway, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client = Client(gateway.url, gateway.new_stream("secret"))
        token = client.http.auth[1]
        client.echo(echo=5)
        client.probe(fail="crash", **{"async": False})
        get(gateway, basic(f"{gateway.client_id}:{token}"))
    assert "incident" in caplog.text
    assert token not in caplog.text
    data = b"".join(file.read_bytes() for file in Path(gateway.settings.data_dir).glob("audio.db*"))
    assert client.http.auth[0].encode() in data
    assert token.encode() not in data
