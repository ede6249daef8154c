from __future__ import annotations

import dataclasses
import logging
import re
from importlib import import_module

import pytest

from audio.dsp import voice_silero
from audio.errors import AudioError
from audio.services import dummy, registry
from tests import probe


@pytest.mark.parametrize("key", registry.TABLE, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_table_tells_the_truth(key: tuple[str, int]) -> None:
    service = import_module(registry.TABLE[key]).SERVICE
    assert (service.name, service.version) == key
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,63}", service.name)
    assert service.version >= 1


def test_lookups() -> None:
    assert registry.get("dummy", 1) is dummy.SERVICE
    assert registry.get("dummy", 2) is None
    assert registry.get("nothing", 1) is None
    assert registry.versions("dummy") == [1]
    assert registry.versions("nothing") == []
    assert registry.names() == sorted(registry.names())


def test_versions_ascend(monkeypatch: pytest.MonkeyPatch) -> None:
    with probe.registered():
        for number in (10, 9):
            monkeypatch.setitem(registry.TABLE, ("probe", number), "tests.probe")
        registry.services.cache_clear()
        assert registry.versions("probe") == [1, 9, 10]
        assert registry.names().count("probe") == 1


def test_a_service_that_lacks_a_module_is_not_offered(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lacking = dataclasses.replace(probe.SERVICE, requires=("json", "no_such_module_anywhere"))
    monkeypatch.setattr(probe, "SERVICE", lacking)
    with caplog.at_level(logging.INFO), probe.registered():
        assert registry.get("probe", 1) is None
        assert registry.get("dummy", 1) is dummy.SERVICE
    assert "probe 1 is not offered: not installed: no_such_module_anywhere" in caplog.text


def test_one_that_says_that_it_cannot_be_offered_is_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise AudioError("Its model is another.")

    monkeypatch.setattr(probe, "SERVICE", dataclasses.replace(probe.SERVICE, check=refuse))
    with probe.registered():
        assert registry.get("probe", 1) is None
        assert registry.get("dummy", 1) is dummy.SERVICE
    assert "probe 1 is not offered: Its model is another." in caplog.text


def test_one_that_cannot_be_made_ready_harms_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError("no model")

    monkeypatch.setattr(probe, "SERVICE", dataclasses.replace(probe.SERVICE, prepare=fail))
    voice_silero.load.cache_clear()
    with probe.registered():
        registry.prepare()
    assert "probe 1 cannot be made ready" in caplog.text
    assert voice_silero.load.cache_info().currsize == 1
