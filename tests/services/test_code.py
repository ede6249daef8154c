"""A session that other code made is begun afresh: so all code that may make one must be known."""

from __future__ import annotations

import ast
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import audio
from audio.services import code, registry

ROOT = Path(audio.__file__).parent
KEYS = pytest.mark.parametrize("key", registry.TABLE, ids=lambda key: f"{key[0]}-{key[1]}")


def used(module: ModuleType, seen: set[str]) -> Iterator[str]:
    """The modules of this package whose functions, classes and modules a module can name, however deep."""
    if module.__name__ in seen:
        return
    seen.add(module.__name__)
    yield module.__name__
    for value in vars(module).values():
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        loaded_by_others = isinstance(value, ModuleType) and value.__name__.startswith(module.__name__ + ".")
        if isinstance(name, str) and name.startswith("audio.") and name in sys.modules and not loaded_by_others:
            yield from used(sys.modules[name], seen)


def names(key: tuple[str, int]) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in code.files(registry.TABLE[key])}


@KEYS
def test_all_that_a_service_uses_is_known(key: tuple[str, int]) -> None:
    modules = set(used(import_module(registry.TABLE[key]), set()))
    assert len(modules) > 5
    assert {Path(str(sys.modules[name].__file__)) for name in modules} <= set(code.files(registry.TABLE[key]))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (("voice_detection", 1), {"services/voice_contract.py", "dsp/voice_mixture.py", "dsp/data/voice_a.npz"}),
        (("voice_detection", 2), {"services/voice_contract.py", "dsp/voice_silero.py", "dsp/data/silero.npz"}),
        (("sound_detection", 1), {"dsp/sound.py", "dsp/plain.py", "dsp/data/sound.npz", "pcm.py"}),
        (("sound_localization", 1), {"dsp/localization.py", "dsp/data/direct_path.npz", "dsp/data/confidence.npz"}),
        (("motion_detection", 1), {"vision/motion.py"}),
        (("face_recognition", 1), {"services/faces.py", "vision/tracker.py", "vision/data/face_recognition.onnx"}),
        (("scene_analysis", 1), {"services/scene_faces.py", "audience/visit.py", "vision/tracker.py"}),
    ],
)
def test_what_is_imported_when_it_is_needed_and_the_models_are_known_too(
    key: tuple[str, int], expected: set[str]
) -> None:
    assert expected <= names(key)


def test_what_a_service_has_no_use_for_is_not_its_code() -> None:
    assert not [name for name in names(("dummy", 1)) if name.startswith(("dsp", "vision", "speech"))]
    assert not [name for name in names(("sound_detection", 1)) if name.startswith(("vision", "speech", "gateway"))]
    assert "dsp/localization.py" not in names(("sound_detection", 1))


def test_another_byte_is_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    def digest(changed: str) -> str:
        code.digest.cache_clear()
        content = code._content
        with monkeypatch.context() as patch:
            patch.setattr(code, "_content", lambda path: content(path) + (b"x" if path.name == changed else b""))
            return code.digest(registry.TABLE["voice_detection", 1])

    same, contract, network, other = map(digest, ("", "voice_contract.py", "voice_a.npz", "localization.py"))
    code.digest.cache_clear()
    assert same == other
    assert len({same, contract, network}) == 3


def test_nothing_is_imported_to_know_it() -> None:
    before = set(sys.modules)
    code._imported.cache_clear()
    code.files(registry.TABLE["scene_analysis", 1])
    assert set(sys.modules) == before


def test_several_threads_may_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where several services have their first request at once: they parse one after another."""
    modules = sorted(set(registry.TABLE.values()))
    expected = [code.digest(module) for module in modules]
    for cached in (code.digest, code._imported, code._file, code._data, code._content):
        cached.cache_clear()
    parsing, parse, together = threading.Lock(), ast.parse, []

    def watched(source: bytes, **options: Any) -> Any:
        if not parsing.acquire(blocking=False):
            together.append(source)
            return parse(source, **options)
        try:
            time.sleep(0)  # lets others come
            return parse(source, **options)
        finally:
            parsing.release()

    monkeypatch.setattr(ast, "parse", watched)
    with ThreadPoolExecutor(len(modules)) as pool:
        found = list(pool.map(code.digest, modules))
    monkeypatch.undo()
    assert found == expected
    assert together == []
