"""The way of sound from a source to a real gateway, on a good network and on a bad one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio import client, wav
from audio.client import BadRequest, Conflict, NoSuchService, Unauthorized, delivery
from audio.client.chunks import Chunk
from audio.client.files import FileSource
from audio.client.listener import Listener
from audio.client.source import Notice
from audio.errors import UnsupportedFormat
from audio.pcm import Pcm
from tests.client.isolation import home
from tests.client.scripted import ScriptedServer, answer
from tests.conftest import RunningGateway, running_gateway
from tests.scenes import bursts
from tests.troubled import trouble_before

__all__ = ["home"]

RATE = 16_000


@pytest.fixture(scope="module")
def module_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("troubled")) as running, trouble_before(running.app):
        yield running


@pytest.fixture
def troubled(module_gateway: RunningGateway) -> Iterator[RunningGateway]:
    module_gateway.app.wsgi_app.reset()
    yield module_gateway
    module_gateway.app.wsgi_app.released.set()  # what hangs, before the next one


def room(seconds: float, rate: int = RATE) -> Pcm:
    return Pcm(bursts(seconds, rate), rate)


class Heard:
    """What a stream told."""

    def __init__(self) -> None:
        self.results: list[tuple[dict[str, Any], Chunk]] = []
        self.notices: list[Notice] = []
        self._changed = threading.Condition()

    def result(self, result: dict[str, Any], chunk: Chunk) -> None:
        with self._changed:
            self.results.append((result, chunk))
            self._changed.notify_all()

    def notice(self, notice: Notice) -> None:
        with self._changed:
            self.notices.append(notice)
            self._changed.notify_all()

    def until(self, words: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.said(words), 20), self.notices

    def said(self, words: str) -> bool:
        return any(words in notice.text for notice in self.notices)

    @property
    def chunks(self) -> list[Chunk]:
        return [chunk for _, chunk in self.results]

    def events(self) -> list[tuple[str, float]]:
        return [(event["type"], event["time"]) for result, _ in self.results for event in result["events"]]

    def is_whole(self, frames: int) -> bool:
        """Every frame was answered or is known to be lost, each once and in order."""
        end = 0
        for number, chunk in enumerate(self.chunks):
            if chunk.number != number or chunk.offset != end + chunk.lost:
                return False
            end = chunk.end
        return end == frames


def file(tmp_path: Path, sound: Pcm) -> Path:
    path = tmp_path / "sound.wav"
    path.write_bytes(wav.encode(sound))
    return path


def root(gateway: RunningGateway) -> client.Root:
    return client.connect(gateway.url, client_id=gateway.client_id, access_token=gateway.access_token)


def stream(gateway: RunningGateway, source: FileSource, heard: Heard, **settings: Any) -> Listener:
    settings = {"on_result": heard.result, "on_notice": heard.notice, **settings}
    return Listener(root(gateway), "sound_detection", source, **settings)


def test_channels_that_do_not_fit_the_service_are_refused_before_anything_is_sent(
    tmp_path: Path, gateway: RunningGateway
) -> None:
    six = Pcm(np.zeros((16_000, 6), np.int16), 16_000)
    path = tmp_path / "six.wav"
    path.write_bytes(wav.encode(six))
    for service, channel, wanted in (("probe", (1, 3), 1), ("sound_localization", 1, 2)):
        source = FileSource(path, channel=channel)
        with pytest.raises(UnsupportedFormat, match=f"Chosen are . channel.*wants {wanted}"):
            Listener(root(gateway), service, source).open()


def test_a_file_gives_what_the_whole_of_it_gives(tmp_path: Path, gateway: RunningGateway) -> None:
    sound, heard = room(4.0), Heard()
    with stream(gateway, FileSource(file(tmp_path, sound), fast=True), heard) as running:
        assert running.wait(20)
    service = root(gateway).services.get_service("sound_detection")
    whole = service.process({"sound": sound}, session=service.create_session()).result
    assert [kind for kind, _ in heard.events()] == [event["type"] for event in whole["events"]]
    assert heard.events() == [(event["type"], pytest.approx(event["time"], abs=1e-3)) for event in whole["events"]]
    assert heard.is_whole(sound.frames)
    assert (running.undelivered, heard.notices) == (0, [])


def test_what_is_sent_has_the_rate_that_the_service_wants(tmp_path: Path, gateway: RunningGateway) -> None:
    heard = Heard()
    with stream(gateway, FileSource(file(tmp_path, room(2.0, 48_000)), fast=True), heard) as running:
        assert running.wait(20)
    assert heard.is_whole(32_000)
    assert [kind for kind, _ in heard.events()][:2] == ["sound_on", "sound_off"]
    assert heard.events()[0][1] == pytest.approx(0.5, abs=0.1)


def test_one_kept_alive_connection_carries_it_all(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        server.script = [
            answer(200, {"services": {"sound_detection": {"url": "/s"}}}),
            answer(200, {"versions": {"1": {"url": "/s/1"}}}),
            answer(200, {"jobs": "/s/1/jobs"}),
            *[answer(201, {"url": "/j", "status": 201}) for _ in range(4)],
        ]
        heard, there = Heard(), client.connect(server.url, client_id="a", access_token="b")
        source = FileSource(file(tmp_path, room(3.5)), fast=True)
        with Listener(there, "sound_detection", source, chunk=RATE, on_result=heard.result) as running:
            assert running.wait(20)
        there.close()
        assert len(heard.chunks) == 4
        assert server.connections == 1


def test_a_slow_gateway_is_kept_up_with(tmp_path: Path, troubled: RunningGateway) -> None:
    """A job takes three times as long as the sound in it: more goes into each, and nothing is lost."""
    troubled.app.wsgi_app.delay = 0.3
    sound, heard = room(3.0), Heard()
    with stream(troubled, FileSource(file(tmp_path, sound)), heard, chunk=1600) as running:
        assert running.wait(20)
    assert heard.is_whole(sound.frames)
    assert running.source.counts.lost == 0
    assert max(chunk.sound.frames for chunk in heard.chunks) > 1600


def test_a_full_queue_makes_one_hole_that_is_counted_and_told(tmp_path: Path, troubled: RunningGateway) -> None:
    trouble, sound, heard = troubled.app.wsgi_app, room(3.0), Heard()
    trouble.hanging = True
    source = FileSource(file(tmp_path, sound), queue_seconds=1.0, on_notice=heard.notice)
    with stream(troubled, source, heard, chunk=1600, timeout=30.0) as running:
        heard.until("the oldest sound goes")
        trouble.hanging = False
        trouble.released.set()
        assert running.wait(20)
    holes = [chunk.lost for chunk in heard.chunks if chunk.lost]
    assert len(holes) == 1
    assert sum(holes) == running.source.counts.dropped
    assert heard.is_whole(sound.frames)
    assert heard.said("the 1 s that may wait are full, so the oldest sound goes: 0.3 s")
    assert heard.said(f"({holes[0]} frames) are missing before what comes now")


def test_a_chunk_that_is_sent_again_is_heard_once(tmp_path: Path, troubled: RunningGateway) -> None:
    trouble, sound, heard = troubled.app.wsgi_app, room(3.0), Heard()
    trouble.hanging = True
    with stream(troubled, FileSource(file(tmp_path, sound), fast=True), heard, timeout=0.5) as running:
        heard.until("gave no answer within 0.5 s")
        trouble.hanging = False
        trouble.released.set()
        assert running.wait(20)
    assert trouble.jobs > len(heard.chunks)
    assert heard.is_whole(sound.frames)
    assert [kind for kind, _ in heard.events()] == ["sound_on", "sound_off"] * 2
    assert heard.said("answers again after")


def test_a_busy_gateway_is_asked_again_when_it_says(tmp_path: Path, troubled: RunningGateway) -> None:
    troubled.app.wsgi_app.refusals = [("503 Service Unavailable", {"Retry-After": "1"}), ("502 Bad Gateway", {})]
    sound, heard = room(1.0), Heard()
    with stream(troubled, FileSource(file(tmp_path, sound), fast=True), heard) as running:
        assert running.wait(20)
    assert heard.is_whole(sound.frames)
    assert heard.said("Trying again until it answers")


def test_a_chunk_at_which_the_gateway_always_fails_does_not_hold_up_the_rest(
    tmp_path: Path, troubled: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(delivery, "LONGEST_PAUSE", 0.01)
    troubled.app.wsgi_app.refusals = [("500 Internal Server Error", {})] * delivery.FAILURES
    sound, heard = room(3.0), Heard()
    with stream(troubled, FileSource(file(tmp_path, sound), fast=True), heard, chunk=1600) as running:
        before = running.session.id
        assert running.wait(20)
    assert troubled.app.wsgi_app.jobs == delivery.FAILURES + running.chunks
    assert heard.said("the gateway failed 5 times")
    assert heard.said("Trouble that was asked for.")
    first = heard.chunks[0]
    assert (first.number, first.offset) == (1, running.undelivered)
    assert running.delivered + running.undelivered == sound.frames
    assert running.session.id != before


def test_a_session_that_is_ahead_is_left_for_a_new_one(tmp_path: Path, troubled: RunningGateway) -> None:
    sound, heard = room(3.0), Heard()
    source = FileSource(file(tmp_path, sound), fast=True)
    running = stream(troubled, source, heard, on_chunk=lambda chunk: _overtake(troubled, running, chunk))
    with running:
        assert running.wait(20)
    assert heard.said("A new one begins here")
    assert heard.is_whole(sound.frames)
    assert heard.events()[-1] == ("sound_off", pytest.approx(2.5, abs=0.15))


def _overtake(gateway: RunningGateway, running: Listener, chunk: Chunk) -> None:
    """Another program sends into the same session, far ahead."""
    if chunk.number == 2:
        service = root(gateway).services.get_service("sound_detection")
        service.process({"sound": chunk.sound}, session=running.session.at(10 * RATE))


def test_two_conflicts_in_a_row_end_it(tmp_path: Path, troubled: RunningGateway) -> None:
    troubled.app.wsgi_app.refusals = [("409 Conflict", {})] * 2
    running = stream(troubled, FileSource(file(tmp_path, room(1.0)), fast=True), Heard())
    running.start()
    with pytest.raises(Conflict):
        running.wait(20)


@pytest.mark.parametrize(
    ("status", "kind"),
    [("401 Unauthorized", Unauthorized), ("404 Not Found", client.NotFound), ("400 Bad Request", BadRequest)],
)
def test_a_refusal_ends_it(tmp_path: Path, troubled: RunningGateway, status: str, kind: type[Exception]) -> None:
    trouble = troubled.app.wsgi_app
    trouble.refusals = [(status, {})]
    with (
        pytest.raises(kind, match="Trouble that was asked for"),
        stream(troubled, FileSource(file(tmp_path, room(1.0)), fast=True), Heard()) as running,
    ):
        running.wait(20)
    assert trouble.jobs == 1


def test_a_service_that_is_not_there_ends_it(tmp_path: Path, gateway: RunningGateway) -> None:
    running = Listener(root(gateway), "bird_detection", FileSource(file(tmp_path, room(1.0)), fast=True))
    running.start()
    with pytest.raises(NoSuchService):
        running.wait(20)


def test_an_error_of_a_callback_is_raised_where_it_is_waited_for(tmp_path: Path, gateway: RunningGateway) -> None:
    def fail(result: dict[str, Any], chunk: Chunk) -> None:
        raise ZeroDivisionError

    source = FileSource(file(tmp_path, room(1.0)), fast=True)
    with (
        pytest.raises(ZeroDivisionError),
        Listener(root(gateway), "sound_detection", source, on_result=fail) as running,
    ):
        running.wait(20)


def test_mono_is_not_taken_where_stereo_is_wanted(tmp_path: Path, gateway: RunningGateway) -> None:
    source = FileSource(file(tmp_path, room(1.0)))
    with pytest.raises(UnsupportedFormat, match="has 1 channel"):
        Listener(root(gateway), "sound_localization", source).start()


def test_leaving_sends_what_was_captured(tmp_path: Path, gateway: RunningGateway) -> None:
    heard, first = Heard(), threading.Event()

    def result(answer: dict[str, Any], chunk: Chunk) -> None:
        heard.result(answer, chunk)
        first.set()

    with stream(gateway, FileSource(file(tmp_path, room(30.0))), heard, chunk=1600, on_result=result) as running:
        assert first.wait(20)
    assert heard.is_whole(running.source.counts.captured)
    assert 0 < running.delivered < 30 * RATE
    assert running.undelivered == 0


def test_a_gateway_that_is_away_at_the_end_leaves_sound_that_is_counted(tmp_path: Path) -> None:
    away = client.connect("http://127.0.0.1:9", client_id="a", access_token="b")
    heard = Heard()
    running = Listener(
        away, "sound_detection", FileSource(file(tmp_path, room(1.0)), fast=True), on_notice=heard.notice
    )
    running.start()
    heard.until("No gateway answers")
    running.close(drain=0.1)
    assert running.undelivered == running.source.counts.captured > 0
