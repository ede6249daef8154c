"""The older SDK as it was published, on Python 3.6, against the gateway. Skipped where either cannot be had."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio import wav
from audio.pcm import Pcm
from audio.services import registry
from tests.conftest import FIXTURES, RunningGateway
from tests.gateway.nginx import NGINX, behind_nginx
from tests.gateway.served import serving

# Without dependencies of its own, as it wants the whole of pytest; these are what it imports.
PACKAGES = [
    "angus-sdk-python==0.0.15",
    "six==1.17.0",
    "requests-futures==1.0.2",
    "requests==2.27.1",
    "urllib3==1.26.20",
    "certifi==2025.4.26",
    "charset-normalizer==2.0.12",
    "idna==3.10",
]
INSTALL_SECONDS = 25


def python36() -> str | None:
    """A Python 3.6 that runs."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [*map(str, sorted(pyenv.glob("versions/3.6*/bin/python3.6"))), shutil.which("python3.6")]
    return next((p for p in found if p and subprocess.run([p, "--version"], capture_output=True).returncode == 0), None)


class OldSdk:
    """A Python 3.6 that has the older SDK, for one gateway."""

    def __init__(self, python: str, packages: Path, home: Path) -> None:
        self.python = python
        self.packages = packages
        self.home = home

    def run(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *map(str, arguments)],
            env={"HOME": str(self.home), "PYTHONPATH": str(self.packages), "PATH": os.defpath, **environment},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="session")
def packages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A Python 3.6, and a directory with the older SDK, which is installed once and kept in pytest's cache."""
    python = python36()
    if python is None:
        pytest.skip("no Python 3.6 here")
    cache = getattr(request.config, "cache", None)  # none with -p no:cacheprovider
    directory = cache.mkdir("old-sdk") if cache else tmp_path_factory.mktemp("old-sdk")
    target, ready = directory / "packages", directory / "ready"
    if not ready.exists() or ready.read_text() != " ".join(PACKAGES):
        shutil.rmtree(target, ignore_errors=True)
        command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
        try:
            subprocess.run(
                [*command, "--target", str(target), *PACKAGES], check=True, capture_output=True, timeout=INSTALL_SECONDS
            )
        except (subprocess.SubprocessError, OSError) as exc:
            pytest.skip(f"the older SDK cannot be installed here: {exc}")
        ready.write_text(" ".join(PACKAGES))
    return python, target


@pytest.fixture
def old(packages: tuple[str, Path], home: Path) -> OldSdk:
    return OldSdk(*packages, home)


@pytest.fixture
def sounds(tmp_path: Path) -> tuple[Path, Path]:
    """A mono and a stereo sound: a second of noise between two of near silence."""
    noise = np.random.default_rng(1).normal(0, 3, (48000 * 3, 2))
    noise[48000:96000] *= 1000
    stereo = noise.astype(np.int16)
    mono_file, stereo_file = tmp_path / "mono.wav", tmp_path / "stereo.wav"
    mono_file.write_bytes(wav.encode(Pcm(stereo[:, :1], 16000)))
    stereo_file.write_bytes(wav.encode(Pcm(stereo, 48000)))
    return mono_file, stereo_file


def same(result: dict[str, Any]) -> dict[str, Any]:
    """What is the same each time: a person before a camera has another id in each answer."""
    left_out = ("url", "uuid", "entities", "events", "timestamp") if "entities" in result else ("url", "uuid")
    return {name: value for name, value in result.items() if name not in left_out}


def test_all_that_it_does(old: OldSdk, gateway: RunningGateway, sounds: tuple[Path, Path]) -> None:
    ran = old.run(
        Path(__file__).with_name("old_sdk.py"),
        *sounds,
        FIXTURES / "astronaut.jpg",
        FIXTURES / "hopper.jpg",
        OLD_URL=gateway.url,
        OLD_CLIENT_ID=gateway.client_id,
        OLD_ACCESS_TOKEN=gateway.access_token,
    )
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)
    assert set(seen["services"]) == {name for name in registry.names() if registry.get(name, 1)}
    for name, results in seen["services"].items():
        assert results["accepted"] == 202, name
        assert results["sync"]["status"] == results["async"]["status"] == results["future"]["status"] == 201, name
        assert same(results["sync"]) == same(results["async"]) == same(results["future"]), name
        assert [result["status"] for result in results["session"]] == [201] * 4, name
        if "blob" in results:
            assert same(results["blob"]) == same(results["sync"]), name
    assert seen["services"]["dummy"]["sync"]["echo"] == "Hello world!"
    (face,) = seen["services"]["face_recognition"]["sync"]["faces"]
    assert [(name["key"], name["confidence"] > 0.5) for name in face["names"]] == [
        ("somebody", True),
        ("another", False),
    ]
    streamed = seen["streamed"]
    assert len(streamed["came"]) == streamed["sent"] == 50
    assert [e["type"] for part in streamed["came"] for e in part["events"]] == ["sound_on"]
    assert seen["composite"]["status"] == 200
    assert "url" in seen["composite"]["dummy"]
    assert (seen["refused"]["status"], seen["refused"]["field"]) == (400, "echo")


def test_every_part_of_a_long_stream_comes_over_two_workers_and_nginx(old: OldSdk, tmp_path: Path) -> None:
    """Ten seconds of them, as they are spoken; several at once, so that parts and results are of different workers."""
    script = Path(__file__).with_name("old_sdk_stream.py")

    def stream(url: str) -> dict[str, Any]:
        ran = old.run(script, OLD_URL=url, OLD_CLIENT_ID=credentials[0], OLD_ACCESS_TOKEN=credentials[1])
        assert ran.returncode == 0, ran.stderr
        found: dict[str, Any] = json.loads(ran.stdout)
        return found

    with ExitStack() as stack:
        served = stack.enter_context(serving(tmp_path / "data", proxies=1, workers=2))
        credentials = served.shown()
        urls = [served.url] * 2
        if NGINX is not None:
            urls += [stack.enter_context(behind_nginx(tmp_path, served.url))]
        for found in stack.enter_context(ThreadPoolExecutor(len(urls))).map(stream, urls):
            assert [part["status"] for part in found["came"]] == [201] * 200


def test_angusme(old: OldSdk, gateway: RunningGateway) -> None:
    answers = f"{gateway.url}\n{gateway.client_id}\n{gateway.access_token}\n"
    angusme = old.packages / "bin" / "angusme"
    made = subprocess.run(
        [old.python, str(angusme)],
        input=answers,
        env={"HOME": str(old.home), "PYTHONPATH": str(old.packages), "PATH": os.defpath},
        cwd=old.home,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert made.returncode == 0, made.stderr
    ran = old.run(angusme, "-t")
    assert (ran.returncode, ran.stdout) == (0, f"Server: {gateway.url}\nStatus: OK\n"), ran.stderr


def test_both_share_one_configuration(old: OldSdk, gateway: RunningGateway) -> None:
    from audio import cli

    given = ["--url", gateway.url, "--client-id", gateway.client_id, "--access-token", gateway.access_token]
    assert cli.main(["configure", *given]) == 0
    ran = old.run(old.packages / "bin" / "angusme", "-t")
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "Status: OK"), ran.stderr
