"""What a request may be made of, and what happens to all else."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import RunningGateway
from tests.gateway.client import TIMEOUT, WAV, Client, error

META = b'{"async": false, "sound": "attachment://sound"}'


def part(disposition: str, data: bytes, *headers: str) -> bytes:
    head = "\r\n".join([f"Content-Disposition: form-data; {disposition}", *headers])
    return b"--x\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n"


def post(client: Client, body: Any, kind: str | None = "multipart/form-data; boundary=x") -> requests.Response:
    headers = {} if kind is None else {"Content-Type": kind}
    return client.http.post(client.jobs, data=body, headers=headers, timeout=TIMEOUT)


SOUND = part('name="attachment://sound"; filename="s.wav"', WAV, "Content-Type: audio/wav")
GOOD = part('name="meta"', META) + SOUND + b"--x--\r\n"


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        SOUND + part('name="meta"; filename="meta"', META, "Content-Type: application/json") + b"--x--",
        b"to be passed over\r\n" + GOOD + b"and this",
        # Java's SDK names the file and gives no type.
        part('name="meta"', META) + part('name="attachment://sound"; filename="s.wav"', WAV) + b"--x--\r\n",
        part('name="meta"', META, "X-More: 1") + SOUND.replace(b"form-data", b"Form-Data") + b"--x--\r\n",
        part('name="meta"', b"{}") + part('name="meta"', META) + SOUND + b"--x--\r\n",
        part('name="other"', b"text") + GOOD,
        part('name="attachment://sound"; filename="a"', b"") + GOOD,
        part('name="meta"', META) + part('name="attachment://sound"; filename=""', WAV) + b"--x--\r\n",
    ],
)
def test_multipart_that_is_understood(client: Client, body: bytes) -> None:
    reply = post(client, body)
    assert reply.status_code == 201, reply.text
    assert reply.json()["input_size"] == 250


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "damaged"),
        (b"--x", "damaged"),
        (b"--x--\r\n", "no part named 'meta'"),
        (b"--y\r\n\r\n--y--", "damaged"),
        (GOOD[:-5], "damaged"),
        (GOOD[:100], "damaged"),
        (SOUND + b"--x--\r\n", "no part named 'meta'"),
        (part('name="Meta"', META) + b"--x--", "no part named 'meta'"),
        (part('name="meta"', META) + b"--x--", "did not come"),
        (part('name="meta"', b"\xff\xfe{") + b"--x--", "not valid JSON"),
        (b"--x\r\n\r\nheadless\r\n" + GOOD, "damaged"),
        (b"--x\nContent-Disposition: form-data; name=meta\n\n{}\n--x--", "damaged"),
        (part("name=" + "n" * 10_000, b"x") + GOOD, "damaged"),
        (part('name="n"', b"x", *(f"H{i}: 1" for i in range(100))) + GOOD, "damaged"),
        (part('name="n"', b"x") * 1000 + GOOD, "damaged"),
        (part('name="n"', b"x", "Content-Transfer-Encoding: base64") + b"--x--", "is no base64"),
    ],
)
def test_multipart_that_is_not(client: Client, body: bytes, said: str) -> None:
    found = error(post(client, body), 400, "bad_request" if "did not come" not in said else "bad_input")
    assert re.search(said, found["error"]), found


def test_a_hundred_parts_are_taken(client: Client) -> None:
    many = b"".join(part(f'name="attachment://{i}"; filename="f"', b"x") for i in range(100))
    assert post(client, many + GOOD).status_code == 201


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json"])
def test_json_is_taken_by_its_names(client: Client, kind: str) -> None:
    reply = client.http.post(client.dummy, data=b'{"async": false}', headers={"Content-Type": kind}, timeout=TIMEOUT)
    assert reply.status_code == 201


DEEP = 100_000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'"x"', "must be a JSON object"),
        (b"\xff", "not valid JSON"),
        (b"[" * DEEP + b"]" * DEEP, "nested too deep"),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "nested too deep"),
        (b'{"x": ' + b"[" * 40 + b"]" * 40 + b"}", "'x' is nested too deep"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "not valid JSON"),
        (b'{"echo": 1e999}', "must be a text"),
        (b'{"a": {"b": 1, "b": 2}}', "twice"),
        (b'{"echo": NaN}', "NaN is no JSON"),
        (b'{"more": [-Infinity]}', "-Infinity is no JSON"),
        (b'{"echo": "\\ud800"}', "surrogate"),
        (b'{"echo": "\xed\xa0\x80"}', "surrogate|not valid JSON"),
        (b'{"async": null}', "'async' must be true or false"),
        (b'{"async": 1}', "'async' must be true or false"),
        (b'{"async": "false"}', "'async' must be true or false"),
        (b'{"state": {"session_id": 5}}', "'session_id' must be"),
    ],
)
def test_json_that_is_refused(client: Client, body: bytes, said: str) -> None:
    reply = client.http.post(client.dummy, data=body, headers={"Content-Type": "application/json"}, timeout=TIMEOUT)
    assert reply.status_code == 400, reply.text
    assert re.search(said, reply.json()["error"]), reply.text
    assert len(reply.content) < 1000


@pytest.mark.parametrize(
    "text", ["", "\0", "\u2028\u202e", "é" * 1000, "𝄞", "attachment:/x", "http://", "a\r\nb", '"<script>']
)
def test_any_text_comes_back(client: Client, text: str) -> None:
    assert client.echo(echo=text).json()["echo"] == text
    url = client.echo(echo=text, **{"async": True}).json()["url"]
    assert client.ended(url)["echo"] == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_in_other_encodings(client: Client, encoding: str) -> None:
    body = '{"async": false, "echo": "é"}'.encode(encoding)
    reply = client.http.post(client.dummy, data=body, headers={"Content-Type": "application/json"}, timeout=TIMEOUT)
    assert reply.status_code in (201, 400)
    assert reply.status_code == 400 or reply.json()["echo"] == "é"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["attachment://sound", ""]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from(["async", "state", "sound", "threshold", "fail", "echo"]) | st.text(max_size=5)
METAS = st.dictionaries(NAMES, JSON, max_size=6).map(lambda meta: {"async": False, **meta, "hold": None, "fail": None})


def fine(reply: requests.Response) -> None:
    """An answer, or an error that the client is told of; never one of the gateway's own."""
    assert reply.status_code in (201, 202, 400, 409, 413, 415), (reply.status_code, reply.text)
    body = reply.json()
    assert body["status"] == reply.status_code
    assert "Traceback" not in reply.text


@pytest.fixture(scope="module")
def steady(gateway: RunningGateway) -> Client:
    return Client(gateway.url, gateway.http())


@settings(max_examples=60)
@given(meta=METAS)
def test_fuzz_json(steady: Client, meta: dict[str, Any]) -> None:
    body = json.dumps(meta).encode("utf-8", "surrogatepass")
    for url in (steady.dummy, steady.jobs):
        fine(steady.http.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=TIMEOUT))


@settings(max_examples=60)
@given(meta=METAS, sound=st.binary(max_size=100) | st.just(WAV))
def test_fuzz_meta_and_sound(steady: Client, meta: dict[str, Any], sound: bytes) -> None:
    body = part('name="meta"', json.dumps({"sound": "attachment://sound", **meta}).encode())
    body += part('name="attachment://sound"; filename="s"', sound) + b"--x--"
    fine(post(steady, body))


@settings(max_examples=60)
@given(data=st.data())
def test_fuzz_damaged_multipart(steady: Client, data: st.DataObject) -> None:
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        how = data.draw(st.sampled_from(["change", "drop", "insert", "cut"]))
        if how == "change":
            damaged[at] = data.draw(st.integers(0, 255))
        elif how == "drop":
            del damaged[max(at, 1) : at + data.draw(st.integers(1, 50))]  # something is left to damage further
        elif how == "insert":
            damaged[at:at] = data.draw(
                st.binary(max_size=10) | st.sampled_from([b"--x", b"\r\n", b"--x\r\n", b"--x--"])
            )
        elif at > 10:
            del damaged[at:]
    fine(post(steady, bytes(damaged)))


@settings(max_examples=60)
@given(data=st.data())
def test_fuzz_damaged_wav(steady: Client, data: st.DataObject) -> None:
    damaged = bytearray(WAV)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, 43))] = data.draw(st.sampled_from([0, 1, 2, 16, 127, 128, 254, 255]))
    cut = data.draw(st.integers(0, len(damaged)))
    body = part('name="meta"', META) + part('name="attachment://sound"; filename="s"', bytes(damaged[:cut])) + b"--x--"
    fine(post(steady, body))


@settings(max_examples=40)
@given(body=st.binary(max_size=300), kind=st.sampled_from(["application/json", "multipart/form-data; boundary=x"]))
def test_fuzz_bytes(steady: Client, body: bytes, kind: str) -> None:
    fine(post(steady, body, kind))
    fine(post(steady, b"--x\r\n" + body, kind))


@settings(max_examples=30)
@given(
    path=st.text(st.characters(codec="utf-8"), max_size=30), query=st.text(st.characters(codec="utf-8"), max_size=20)
)
def test_fuzz_paths(steady: Client, path: str, query: str) -> None:

    for prefix in ("/", "/services/", "/services/dummy/", "/services/dummy/1/jobs/", "/blobs/"):
        reply = steady.get(f"{steady.root}{prefix}{quote(path, safe='/')}", params={"limit": query, "name": query})
        assert reply.status_code in (200, 400, 404, 405), (prefix, path, reply.text)
