"""The quick way through a multipart message finds what the careful one finds, or leaves it to that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multipart import MultipartError

from audio.gateway import multipart_parts
from audio.gateway.multipart_parts import PARTS, _careful, _plain

HEADS = (
    b'Content-Disposition: form-data; name="meta"',
    b'Content-Disposition: form-data; name="attachment://x"; filename="x.wav"\r\nContent-Type: audio/wav',
    b"Content-Disposition: form-data; name=a; filename*=utf-8''%C3%A4.wav",
    b'content-disposition: form-data; name="b"\r\nContent-Transfer-Encoding: base64',
    b"Content-Type: text/plain",
    b'Content-Disposition: form-data; name="meta"\r\nContent-Length: 0',
    b"no header",
    b"Content-Disposition: form-data; name=\xff",
    b"",
)
PIECES = (b"--B", b"\r\n", b"--", b"\r\n\r\n", b"--B--", b" ", b"B", b"x", b'{"async":false}', b"\n", *HEADS)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(b"".join))
def test_what_is_found_quickly_is_what_is_there(body: bytes) -> None:
    agree(body)


@given(
    st.lists(
        st.tuples(st.sampled_from(HEADS), st.lists(st.sampled_from(PIECES)).map(b"".join)), min_size=1, max_size=5
    ),
    st.sampled_from((b"", b"\r\n", b"\r\nmore", b" ")),
    st.integers(0, 400),
)
def test_messages_that_are_nearly_right(parts: list[tuple[bytes, bytes]], end: bytes, cut: int) -> None:
    body = b"".join(b"--B\r\n" + head + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + b"--B--" + end
    agree(body)
    agree(body[:cut])


def agree(body: bytes) -> None:
    found = _plain(body, b"B")
    if found is not None:
        assert found == _careful(body, "B")


def test_the_usual_message_is_found_quickly() -> None:
    parts = [(HEADS[0], b'{"sound": "attachment://x"}'), (HEADS[1], bytes(range(256)) * 40), (HEADS[2], b"")]
    body = b"".join(b"--B\r\n" + head + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + b"--B--\r\n"
    found = _plain(body, b"B")
    assert found is not None
    assert [data for _, data in found] == [data for _, data in parts]
    assert [head.filename for head, _ in found] == [None, "x.wav", "\u00e4.wav"]
    assert multipart_parts.split(body, "B")[1][:3] == ("attachment://x", "x.wav", "audio/wav")


@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_a_part_that_says_another_length_than_it_has_is_damaged(length: int) -> None:
    body = b"--B\r\n%b\r\nContent-Length: %d\r\n\r\n{}\r\n--B--\r\n" % (HEADS[0], length)
    if length == 2:
        assert multipart_parts.split(body, "B") == [("meta", None, "", b"{}")]
    else:
        with pytest.raises(MultipartError):
            multipart_parts.split(body, "B")


def test_too_many_parts() -> None:
    body = (b"--B\r\n" + HEADS[0] + b"\r\n\r\nx\r\n") * (PARTS + 1) + b"--B--"
    with pytest.raises(MultipartError):
        multipart_parts.split(body, "B")
