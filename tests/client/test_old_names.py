"""Code that was written for the older SDK goes on with another import line."""

from __future__ import annotations

import json
from pathlib import Path

import requests

from tests.conftest import RunningGateway


def test_one_import_line_and_a_url(gateway: RunningGateway) -> None:
    import audio as angus  # was: import angus.client

    conn = angus.client.connect(url=gateway.url, client_id=gateway.client_id, access_token=gateway.access_token)
    service = conn.services.get_service("dummy", version=1)
    job = service.process({"echo": "Hello world!"})
    assert job.result["echo"] == "Hello world!"
    conn.close()


def test_the_shared_configuration(gateway: RunningGateway, home: Path) -> None:
    import audio.client as client

    path = home / ".angusdk" / "config.json"
    path.parent.mkdir()
    values = {"client_id": gateway.client_id, "access_token": gateway.access_token, "default_root": gateway.url}
    path.write_text(json.dumps(values | {"ca_path": str(path.parent / "certificate.pem")}))
    with client.connect() as conn:
        conn.conf.timeout = 1
        job = conn.services.get_service("dummy").process({"echo": "OK"})
        assert {"status", "url", "echo"} <= job.result.keys()


def test_a_configuration_made_by_hand(gateway: RunningGateway) -> None:
    import audio.client.cloud
    import audio.client.rest

    conf = audio.client.rest.Configuration()
    conf.set_credential(gateway.client_id, gateway.access_token)
    conf.do_not_verify()
    root = audio.client.cloud.Root(gateway.url, conf)
    job = root.services.get_service("dummy").process(parameters={"echo": "x"}, session=None)
    assert isinstance(job, audio.client.rest.Job)
    assert job.status == audio.client.rest.Resource.CREATED
    assert job.representation == job.result
    assert job.endpoint.startswith(root.endpoint)
    assert job.conf is conf
    job.fetch()
    assert job.representation["echo"] == "x"
    root.close()


def test_http_errors_are_caught_as_before(gateway: RunningGateway) -> None:
    from audio.client import connect

    with connect(gateway.url, client_id=gateway.client_id, access_token=gateway.access_token) as conn:
        blob = conn.blobs.create(Path(__file__))
        blob.delete()
        try:
            blob.fetch()
        except requests.exceptions.HTTPError as exc:
            assert exc.response is not None
            assert exc.response.status_code == 404
        else:
            raise AssertionError("a deleted blob was fetched")
