from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio import wav
from audio.client import Root, connect
from audio.client.encoding import Body, encode
from audio.client.resources import Blob
from audio.errors import BadInput
from audio.pcm import Pcm


def decoded(body: Body) -> Any:
    """The parameters as the gateway sees them, with attachments in their places."""

    def resolve(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: resolve(v) for k, v in value.items()}
        if isinstance(value, list):
            return [resolve(v) for v in value]
        if isinstance(value, str) and value.startswith("attachment://"):
            return body.attachments[value.removeprefix("attachment://")]
        return value

    return resolve(json.loads(body.meta))


names = st.text(max_size=5)
texts = st.text(max_size=5) | st.just("http://127.0.0.1:1/blobs/x")
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.binary(max_size=5)
values = st.recursive(leaves, lambda v: st.lists(v, max_size=3) | st.dictionaries(names, v, max_size=3), max_leaves=8)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(names, values, max_size=3))
def test_everything_arrives_at_any_depth(parameters: dict[str, Any]) -> None:
    assert decoded(encode(parameters)) == parameters


def test_all_that_holds_bytes_is_attached(tmp_path: Path) -> None:
    file = tmp_path / "sound.wav"
    file.write_bytes(b"in a file")
    pcm = Pcm(np.array([[1], [-2]], np.int16), 8000)
    with file.open("rb") as opened:
        body = encode({"a": opened, "b": [file, {"c": io.BytesIO(b"in memory")}], "d": bytearray(b"x"), "e": pcm})
    assert decoded(body) == {
        "a": b"in a file",
        "b": [b"in a file", {"c": b"in memory"}],
        "d": b"x",
        "e": wav.encode(pcm),
    }
    assert len(body.attachments) == 5


def test_a_file_is_sent_from_where_it_stands() -> None:
    file = io.BytesIO(b"headbody")
    file.seek(4)
    assert decoded(encode({"a": file})) == {"a": b"body"}


def test_numbers_of_numpy_are_numbers() -> None:
    assert decoded(encode({"a": np.float32(0.5), "b": np.int16(7), "c": np.bool_(True)})) == {
        "a": 0.5,
        "b": 7,
        "c": True,
    }


def test_a_resource_goes_by_its_url() -> None:
    with connect("http://127.0.0.1:1") as root:
        blob = Blob(root.transport, "http://127.0.0.1:1/blobs/x")
        assert decoded(encode({"sound": [blob]})) == {"sound": ["http://127.0.0.1:1/blobs/x"]}


def test_without_attachments_it_is_json() -> None:
    arguments = encode({"a": 1}).arguments()
    assert arguments["headers"] == {"Content-Type": "application/json"}
    assert json.loads(arguments["data"]) == {"a": 1}


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (object(), "type object"),
        (io.StringIO("text"), "mode 'rb'"),
        (Path("/nowhere/at/all.wav"), "No such file"),
        (Path("/"), "Is a directory"),
        ({1, 2}, "type set"),
    ],
)
def test_what_cannot_be_sent_is_named(value: object, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint) as caught:
        encode({"outer": [{"inner": value}]})
    assert caught.value.field == "outer.0.inner"


def test_the_gateway_gets_the_bytes(root: Root) -> None:
    data = bytes(range(256)) * 100
    blob = root.blobs.create(io.BytesIO(data))
    assert blob.content() == data
