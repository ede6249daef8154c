from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from audio import cli
from tests.client.isolation import home
from tests.conftest import RunningGateway

__all__ = ["home"]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def audio(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command: exit code, stdout and stderr of `audio ARGUMENTS`, with `stdin` to read."""

    def run(*arguments: object, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as exc:
            code = int(exc.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def configured(gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> RunningGateway:
    """The gateway, named by the environment."""
    monkeypatch.setenv("AUDIO_GATEWAY", gateway.url)
    monkeypatch.setenv("AUDIO_CLIENT_ID", gateway.client_id)
    monkeypatch.setenv("AUDIO_ACCESS_TOKEN", gateway.access_token)
    return gateway
