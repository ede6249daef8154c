"""Blobs in a bucket of a server that speaks as S3 does."""

from __future__ import annotations

import time
import uuid

import pytest

from audio.errors import BadInput, Busy
from audio.stores.s3 import Bucket


def test_there_and_gone(bucket: str) -> None:
    files = Bucket(bucket)
    name = str(uuid.uuid4())
    assert files.read(name) is None
    files.write(name, memoryview(b"sound"))
    assert (files.read(name), files.source(name).read()) == (b"sound", b"sound")
    files.remove(name)
    files.remove(name)
    assert files.read(name) is None
    with pytest.raises(FileNotFoundError):
        files.source(name)


def test_what_is_left_of_an_upload_is_found(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also beyond one page; and of this prefix alone."""
    monkeypatch.setattr("audio.stores.s3._PAGE", 3)
    prefix, _, query = bucket.partition("?")
    files, others = Bucket(f"{prefix}/mine?{query}"), Bucket(f"{prefix}/theirs?{query}")
    names = [str(uuid.uuid4()) for _ in range(7)]
    for name in names:
        files.write(name, b"")
    others.write("theirs", b"")
    assert sorted(files.strays(time.time() + 60)) == sorted(names)
    assert files.strays(time.time() - 60) == []


def test_a_server_that_is_away_is_said(bucket: str) -> None:
    with pytest.raises(Busy, match="store of blobs"):
        Bucket("s3://audio?endpoint_url=http://127.0.0.1:1").read("x")


def test_a_parameter_that_is_none_is_named() -> None:
    with pytest.raises(BadInput, match="'endpoint' is no parameter"):
        Bucket("s3://audio?endpoint=http://127.0.0.1:1")
