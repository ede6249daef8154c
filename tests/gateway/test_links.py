from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.conftest import running_gateway
from tests.gateway.client import TIMEOUT, Client, error


def jobs_url(url: str, auth: object, **headers: str) -> str:
    reply = requests.get(f"{url}/services/dummy/1", auth=auth, headers=headers, timeout=TIMEOUT)
    found: str = reply.json()["jobs"]
    return found


def test_links_follow_the_host_that_was_asked_for(client: Client) -> None:
    found = jobs_url(client.root, client.http.auth, Host="robot.local:99")
    assert found == "http://robot.local:99/services/dummy/1/jobs"


def test_a_forwarded_host_counts_only_from_a_trusted_proxy(tmp_path: Path, client: Client) -> None:
    forwarded = {"X-Forwarded-Host": "a.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"}
    assert jobs_url(client.root, client.http.auth, **forwarded) == client.dummy
    with running_gateway(tmp_path, proxies=1) as gateway:
        auth = (gateway.client_id, gateway.access_token)
        assert jobs_url(gateway.url, auth, **forwarded) == "https://a.example/services/dummy/1/jobs"


@pytest.mark.parametrize("public", ["https://a.example/api", "https://a.example/api/"])
def test_a_public_url_is_what_all_links_begin_with(tmp_path: Path, public: str) -> None:
    with running_gateway(tmp_path, public_url=public) as gateway:
        client = Client(gateway.url, gateway.http())
        assert client.echo().json()["url"].startswith("https://a.example/api/services/dummy/1/jobs/")
        assert client.get(f"{client.root}/openapi.json").json()["servers"] == [{"url": "https://a.example/api"}]
        blob = client.blob().json()["url"]
        assert blob.startswith("https://a.example/api/blobs/")
        assert client.probe(**{"async": False}).status_code == 201
        files = {"meta": (None, f'{{"async": false, "sound": "{blob}"}}')}
        reply = client.http.post(client.jobs, files=files, timeout=TIMEOUT)
        assert reply.status_code == 201, reply.text
        stranger = blob.replace("a.example", "b.example")
        files = {"meta": (None, f'{{"async": false, "sound": "{stranger}"}}')}
        error(client.http.post(client.jobs, files=files, timeout=TIMEOUT), 400, "bad_input")
