"""The service of the page is built from the page, and used over HTTP."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio import wav
from audio.services import registry
from tests.conftest import FIXTURES, running_gateway

PAGE = Path(__file__).parents[2] / "docs" / "adding_a_service.md"


@pytest.fixture
def loudness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module, row = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len([line for line in module.splitlines() if line.strip()]) < 35
    (tmp_path / "loudness_of_the_page.py").write_text(module)
    monkeypatch.syspath_prepend(str(tmp_path))
    name, version, path = re.fullmatch(r'\("(\w+)", (\d)\): "([\w.]+)",', row.strip()).groups()  # type: ignore[union-attr]
    assert path == "audio.services.loudness"
    monkeypatch.setitem(registry.TABLE, (name, int(version)), "loudness_of_the_page")
    registry.services.cache_clear()
    yield
    registry.services.cache_clear()
    sys.modules.pop("loudness_of_the_page", None)


@pytest.mark.usefixtures("loudness")
def test_the_service_of_the_page_works(tmp_path: Path) -> None:
    sound = (FIXTURES / "word.wav").read_bytes()
    with running_gateway(tmp_path / "data") as gateway:
        http = gateway.http()
        assert "loudness" in http.get(f"{gateway.url}/services", timeout=10).json()["services"]
        description = http.get(f"{gateway.url}/services/loudness/1", timeout=10).json()
        answers = []
        for _ in range(2):
            reply = http.post(
                description["jobs"],
                files={
                    "attachment://x": ("x.wav", sound, "audio/wav"),
                    "meta": (None, '{"sound": "attachment://x", "async": false, "state": {"session_id": "s"}}'),
                },
                timeout=10,
            )
            assert reply.status_code == 201, reply.text
            answers.append(reply.json())
        assert [a["chunks"] for a in answers] == [1, 2]
        assert wav.decode(sound).frames > 0
        assert -80 < answers[0]["level"] < 0
        refused = http.post(description["jobs"], json={"async": False}, timeout=10)
        assert (refused.status_code, refused.json()["field"]) == (400, "sound")
