from __future__ import annotations

import pytest

from tests.client.scripted import ScriptedServer, answer, closed_port
from tests.commands.conftest import Run
from tests.conftest import RunningGateway


def test_all_is_well(audio: Run, configured: RunningGateway) -> None:
    assert audio("check") == (0, f"Server: {configured.url}\nStatus: OK\n", "")


def test_options_win(audio: Run, configured: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIO_GATEWAY", "http://127.0.0.1:1")
    monkeypatch.setenv("AUDIO_ACCESS_TOKEN", "wrong")
    code, out, _ = audio("check", "--url", configured.url, "--access-token", configured.access_token)
    assert (code, out.splitlines()[-1]) == (0, "Status: OK")


def test_wrong_credentials(audio: Run, configured: RunningGateway) -> None:
    code, out, err = audio("check", "--access-token", "wrong")
    assert (code, out) == (1, f"Server: {configured.url}\n")
    assert "access_token" in err


def test_nobody_there(audio: Run, configured: RunningGateway) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    code, out, err = audio("check", "--url", url)
    assert (code, out) == (1, f"Server: {url}\n")
    assert url in err
    assert "audio serve" in err


def test_something_else_there(audio: Run) -> None:
    with ScriptedServer() as server:
        server.script = [
            answer(200, {"services": {"dummy": {"url": "/d"}}}),
            answer(200, {"versions": {"1": {"url": "/d/1"}}}),
            answer(200, {"jobs": f"{server.url}/d/1/jobs"}),
            answer(201, {"url": "/j", "status": 201}),
        ]
        code, out, err = audio("check", "--url", server.url, "--client-id", "a", "--access-token", "b")
    assert (code, out) == (1, f"Server: {server.url}\n")
    assert "did not give back" in err


def test_nothing_configured(audio: Run) -> None:
    code, out, err = audio("check")
    assert (code, out) == (1, "")
    assert "audio configure" in err


def test_no_credentials(audio: Run, gateway: RunningGateway) -> None:
    code, _, err = audio("check", "--url", gateway.url)
    assert code == 1
    assert "audio streams create" in err
