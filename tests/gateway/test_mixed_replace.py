"""Parts of a stream, as they come: cut anywhere, and hostile."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.errors import BadInput
from audio.gateway.mixed_replace import END, InputPart, Parser, part

PARTS = st.lists(
    st.tuples(st.binary(max_size=200), st.dictionaries(st.sampled_from(["a", "b"]), st.integers(), max_size=2)),
    max_size=5,
)


def sent(parts: list[tuple[bytes, dict[str, int]]], line: bytes = b"\r\n") -> bytes:
    """As the SDK writes them."""
    body = b""
    for data, parameters in parts:
        head = [
            b"--myboundary",
            b"Content-Type: image/jpeg",
            b"Content-Length: %d" % len(data),
            b"X-Angus-DataField: sound",
            b"X-Angus-Parameters: " + json.dumps(parameters).encode(),
        ]
        body += line.join(head) + 2 * line + data + line
    return body + b"--myboundary--"


@given(PARTS, st.lists(st.integers(1, 40), max_size=50), st.sampled_from([b"\r\n", b"\n"]))
def test_however_it_is_cut_the_parts_are_the_same(
    parts: list[tuple[bytes, dict[str, int]]], cuts: list[int], line: bytes
) -> None:
    body, parser, found = sent(parts, line), Parser(b"myboundary", 1000), []
    for size in [*cuts, len(body)]:
        piece, body = body[:size], body[size:]
        found += list(parser.feed(piece))
    assert [p.data for p in found] == [data for data, _ in parts]
    assert [p.values({}, bytes) for p in found] == [{**own, "sound": data} for data, own in parts]
    assert parser.ended


def test_a_part_is_there_with_its_last_byte() -> None:
    body = sent([(b"abc", {})])
    whole = body.index(b"abc") + 3
    parser = Parser(b"myboundary", 1000)
    assert list(parser.feed(body[: whole - 1])) == []
    assert [p.data for p in parser.feed(body[whole - 1 : whole])] == [b"abc"]


@pytest.mark.parametrize(
    "body",
    [
        b"hello, this is no part at all",
        b"--other\r\nContent-Length: 1\r\n\r\nx",
        b"--myboundary\r\nContent-Type: x\r\n\r\n",
        b"--myboundary\r\nContent-Length: -1\r\n\r\n",
        b"--myboundary\r\nContent-Length: 1001\r\n\r\n",
        b"--myboundary\r\n" + b"x" * 20000,
    ],
)
def test_what_is_no_part_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        list(Parser(b"myboundary", 1000).feed(body))


@given(st.binary(max_size=300))
def test_nothing_else_comes_of_anything(body: bytes) -> None:
    try:
        list(Parser(b"myboundary", 1000).feed(body))
    except BadInput as exc:
        assert exc.message.endswith(".")


@pytest.mark.parametrize("own", ["no json", "[]", "1"])
def test_parameters_that_are_none_are_named(own: str) -> None:
    with pytest.raises(BadInput, match="X-Angus-Parameters"):
        InputPart({"x-angus-parameters": own}, b"").values({}, bytes)


def test_a_result_is_ascii_and_its_length_counts_characters() -> None:
    sent = part('{"echo":"Grüße"}')
    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"--myboundary\r\nContent-Type: application/json\r\nContent-Length: ")
    assert int(head.rpartition(b" ")[2]) == len(body) - 2
    assert json.loads(body) == {"echo": "Grüße"}
    assert END == b"--myboundary--\r\n"


@pytest.mark.parametrize("text", ['{"rate": NaN}', '{"rate": -Infinity}', '{"a": 1, "a": 2}', "[" * 10_000, "[]", "{"])
def test_parameters_that_are_no_json(text: str) -> None:
    with pytest.raises(BadInput, match="X-Angus-Parameters"):
        InputPart({"x-angus-parameters": text}, b"").values({}, bytes)
