from __future__ import annotations

import pytest
import requests

from tests.conftest import RunningGateway
from tests.gateway.client import TIMEOUT, WAV, Client, error


def test_there_and_back(client: Client) -> None:
    data = bytes(range(256)) * 100
    made = client.blob(data, "image/x-thing")
    body = made.json()
    assert body == {"status": 201, "url": made.headers["Location"], "uuid": body["uuid"]}
    assert body["url"] == f"{client.root}/blobs/{body['uuid']}"
    got = client.get(body["url"])
    assert got.content == data
    assert got.headers["Content-Type"] == "image/x-thing"
    assert got.headers["Content-Length"] == str(len(data))
    # No browser is to run what somebody uploaded.
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    head = client.http.head(body["url"], timeout=TIMEOUT)
    assert (head.content, head.headers["Content-Length"]) == (b"", str(len(data)))
    assert client.delete(body["url"]).status_code == 204
    for method in ("GET", "HEAD", "DELETE"):
        assert client.http.request(method, body["url"], timeout=TIMEOUT).status_code == 404


def test_an_empty_one(client: Client) -> None:
    assert client.get(client.blob(b"").json()["url"]).content == b""


def test_of_another_client_there_is_none(gateway: RunningGateway, client: Client) -> None:
    url = client.blob().json()["url"]
    stranger = Client(gateway.url, gateway.new_stream())
    unknown = url[:-4] + ("0000" if url[-4:] != "0000" else "1111")
    for method in ("GET", "HEAD", "DELETE"):
        theirs, nobodys = (stranger.http.request(method, u, timeout=TIMEOUT) for u in (url, unknown))
        assert (theirs.status_code, theirs.text) == (404, nobodys.text)
    assert client.get(url).content == WAV


@pytest.mark.parametrize("name", ["..", "%2e%2e%2faudio.db", "x", "%00", "..%2f..%2fetc%2fpasswd", "a" * 5000])
def test_no_other_file_is_given_out(client: Client, name: str) -> None:
    prepared = client.http.prepare_request(requests.Request("GET", f"{client.root}/blobs/x"))
    prepared.url = f"{client.root}/blobs/{name}"
    assert client.http.send(prepared, timeout=TIMEOUT).status_code in (404, 405)


@pytest.mark.parametrize("kind", ["text/html\r\nX: y", "x", "a/b/c", "a" * 60 + "/b", "é/x", ""])
def test_odd_types_are_bytes(client: Client, kind: str) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="meta"\r\n\r\n{"content": "attachment://c"}\r\n'
        b'--x\r\nContent-Disposition: form-data; name="attachment://c"; filename="c"\r\nContent-Type: '
        + kind.partition("\r")[0].encode()
        + b"\r\n\r\nabc\r\n--x--"
    )
    head = {"Content-Type": "multipart/form-data; boundary=x"}
    made = client.http.post(f"{client.root}/blobs", data=body, headers=head, timeout=TIMEOUT)
    assert made.status_code == 201, made.text
    wanted = "text/html; charset=utf-8" if kind.startswith("text/html") else "application/octet-stream"
    assert client.get(made.json()["url"]).headers["Content-Type"] == wanted


@pytest.mark.parametrize("content", [None, 1, "text", [], {"deep": "attachment://c"}, "file:///etc/passwd"])
def test_what_is_no_blob(client: Client, content: object) -> None:
    import json

    files = {"meta": (None, json.dumps({"content": content})), "attachment://c": ("c", b"x")}
    reply = client.http.post(f"{client.root}/blobs", files=files, timeout=TIMEOUT)
    assert error(reply, 400, "bad_input")["field"] == "content"


def test_a_blob_that_is_gone_is_told_under_the_name_of_the_input(client: Client) -> None:
    url = client.blob().json()["url"]
    client.delete(url)
    reply = client.http.post(client.jobs, json={"async": False, "sound": url}, timeout=TIMEOUT)
    assert error(reply, 400, "bad_input")["field"] == "sound"


def test_a_blob_may_be_made_of_a_blob(client: Client) -> None:
    url = client.blob().json()["url"]
    copy = client.http.post(f"{client.root}/blobs", json={"content": url}, timeout=TIMEOUT).json()["url"]
    client.delete(url)
    assert client.get(copy).content == WAV


def test_a_piece_of_it(client: Client) -> None:
    url = client.blob(b"0123456789").json()["url"]
    got = client.get(url, headers={"Range": "bytes=2-4"})
    assert (got.status_code, got.content) == (206, b"234")
    assert client.get(url, headers={"Range": "bytes=50-"}).status_code == 416
