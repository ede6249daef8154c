from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.client import Unreachable, connect
from tests.client.scripted import ScriptedServer, answer

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and its own certificate for 127.0.0.1."""
    directory = tmp_path_factory.mktemp("tls")
    key, cert, both = directory / "key.pem", directory / "cert.pem", directory / "both.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


@pytest.fixture
def secure(certificate: Path) -> Iterator[ScriptedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ScriptedServer(context) as server:
        server.script = [answer(200, {"services": {}})]
        yield server


def test_a_certificate_of_ones_own_is_not_trusted(secure: ScriptedServer) -> None:
    with connect(secure.url, client_id="a", access_token="b") as root, pytest.raises(Unreachable) as caught:
        root.services.list()
    assert "self-signed" in str(caught.value).replace("self signed", "self-signed")
    assert "ca_path" in str(caught.value)


@pytest.mark.parametrize("trusted", [True, False])
def test_it_can_be_trusted_or_anything_taken(secure: ScriptedServer, certificate: Path, trusted: bool) -> None:
    verify = str(certificate) if trusted else False
    with connect(secure.url, client_id="a", access_token="b", verify=verify) as root:
        assert root.services.list() == {"services": {}}


def test_another_certificate_is_named(secure: ScriptedServer) -> None:
    import certifi

    trusted = certifi.where()
    with (
        connect(secure.url, client_id="a", access_token="b", verify=trusted) as root,
        pytest.raises(Unreachable, match=r"cacert\.pem"),
    ):
        root.services.list()
