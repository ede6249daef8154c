"""Webhooks to a real receiver: signed, in order, tried again, ended."""

from __future__ import annotations

import dataclasses
import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from audio.errors import BadInput
from audio.events import signing, targets, webhooks
from audio.events.targets import Target
from audio.events.webhooks import PAUSES, Webhooks, after
from audio.stores import events, streams
from audio.stores import webhooks as store
from audio.stores.database import Database
from audio.stores.events import Event
from audio.stores.webhooks import Try, Webhook


class Receiver:
    """A server that answers as `script` says, and 204 after its end."""

    def __init__(self) -> None:
        self.script: list[tuple[int, dict[str, str]]] = []
        self.came: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status, headers = outer.script.pop(0) if outer.script else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.port = self._server.server_port

    def target(self, _url: str) -> Target:
        """As if this address were allowed: this machine never is."""
        return Target("http", "hook.example.org", self.port, "127.0.0.1", "/hook")

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.came]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()


@pytest.fixture
def hook(database: Database) -> Webhook:
    with database.write() as connection:
        client_id = streams.create(connection, "room").client_id
        return store.add(connection, client_id, "https://hook.example.org/hook", (), signing.new_secret())


def happen(database: Database, hook: Webhook, *kinds: str) -> None:
    with database.write() as connection:
        events.add(
            connection, [Event(hook.client_id, "sound_detection/1", k, time.time(), {"level": -2}) for k in kinds]
        )


def run(database: Database, receiver: Receiver) -> None:
    """All that is due now."""
    sender = Webhooks(database, receiver.target)
    for future in sender.send_due():
        future.result(20)
    sender._pool.shutdown()


def now(database: Database, hook: Webhook) -> Webhook:
    with database.read() as connection:
        return next(one for one in store.of_stream(connection, hook.client_id) if one.id == hook.id)


def test_what_is_sent_is_signed_and_in_order(database: Database, receiver: Receiver, hook: Webhook) -> None:
    happen(database, hook, "sound_on", "sound_off", "voice_on")
    run(database, receiver)
    assert receiver.types() == ["sound_on", "sound_off", "voice_on"]
    for headers, body in receiver.came:
        told = Verifier(hook.secrets[0]).verify(body, headers)
        assert headers["webhook-id"] == f"evt_{told['data']['id']}"
        assert told["data"]["stream"] == hook.client_id
        assert headers["host"] == f"hook.example.org:{receiver.port}"
    run(database, receiver)
    assert len(receiver.came) == 3, "once is enough"


def test_what_happened_before_it_was_added_is_not_sent(database: Database, receiver: Receiver, hook: Webhook) -> None:
    happen(database, hook, "sound_on")
    with database.write() as connection:
        store.remove(connection, hook.id)
        store.add(connection, hook.client_id, hook.url, ("voice_on",), hook.secrets[0])
    happen(database, hook, "sound_off", "voice_on")
    run(database, receiver)
    assert receiver.types() == ["voice_on"]


def test_while_a_secret_is_changed_both_verify(database: Database, receiver: Receiver, hook: Webhook) -> None:
    changed = dataclasses.replace(hook, secrets=(signing.new_secret(), *hook.secrets))
    with database.write() as connection:
        store.change(connection, changed)
    happen(database, hook, "sound_on")
    run(database, receiver)
    headers, body = receiver.came[0]
    for secret in changed.secrets:
        Verifier(secret).verify(body, headers)


def test_a_failure_holds_the_order_and_is_tried_again(database: Database, receiver: Receiver, hook: Webhook) -> None:
    receiver.script = [(500, {}), (302, {"Location": "http://127.0.0.1:1/"}), (429, {"Retry-After": "60"})]
    happen(database, hook, "sound_on", "sound_off")
    for wait in (PAUSES[0], PAUSES[1], PAUSES[2]):
        begin = time.time()
        run(database, receiver)
        state = now(database, hook)
        assert state.next_at == pytest.approx(begin + wait, abs=5)
        with database.write() as connection:
            store.change(connection, dataclasses.replace(state, next_at=0.0))
    run(database, receiver)
    assert receiver.types() == ["sound_on"] * 4 + ["sound_off"]
    identifiers = [headers["webhook-id"] for headers, _ in receiver.came]
    assert len(set(identifiers[:4])) == 1, "a repeat bears the same id"
    with database.read() as connection:
        assert [one.status for one in store.tries(connection, hook.id)] == [204, 204, 429, 302, 500]


def test_a_receiver_that_is_not_there_is_told(database: Database, receiver: Receiver, hook: Webhook) -> None:
    port, receiver.port = receiver.port, 1
    happen(database, hook, "sound_on")
    run(database, receiver)
    receiver.port = port
    with database.read() as connection:
        (tried,) = store.tries(connection, hook.id)
    assert tried.status == 0
    assert "refused" in tried.why


def test_410_ends_it(database: Database, receiver: Receiver, hook: Webhook) -> None:
    receiver.script = [(410, {})]
    happen(database, hook, "sound_on", "sound_off")
    run(database, receiver)
    run(database, receiver)
    assert len(receiver.came) == 1
    assert "410" in now(database, hook).off


def test_ten_tries_over_three_days_and_then_it_is_off(hook: Webhook) -> None:
    state, at = hook, 0.0
    for n in range(10):
        assert not state.off, n
        state = after(state, Try(1, at, 500, 0.1, ""), 0.0)
        at = state.next_at
    assert state.off == "10 tries failed."
    assert at == pytest.approx(75.6 * 3600, rel=0.01)
    asked = after(hook, Try(1, 0.0, 503, 0.1, ""), 7200.0)
    assert asked.next_at == 7200.0
    assert after(hook, Try(1, 0.0, 503, 0.1, ""), 1e8).next_at == 86400.0


def test_a_hook_that_hangs_holds_no_other(database: Database, receiver: Receiver, hook: Webhook) -> None:
    with database.write() as connection:
        other = store.add(connection, hook.client_id, "https://other.example.org/", (), hook.secrets[0])
    happen(database, hook, "sound_on")
    free, slow = threading.Event(), threading.Event()

    def target(url: str) -> Target:
        if "other" not in url:
            slow.set()
            assert free.wait(20)
        return receiver.target(url)

    sender = Webhooks(database, target)
    futures = sender.send_due()
    assert slow.wait(20)
    for _ in range(2000):
        if now(database, other).after > hook.after:
            break
        time.sleep(0.005)
    assert len(receiver.came) == 1
    assert sender.send_due(), "the one that hangs is not begun again"
    free.set()
    for future in futures:
        future.result(20)
    assert len(receiver.came) == 2
    sender._pool.shutdown()


def test_what_a_hook_does_not_send_is_read_once(database: Database, receiver: Receiver, hook: Webhook) -> None:
    with database.write() as connection:
        store.change(connection, dataclasses.replace(hook, types=("voice_on",)))
    happen(database, hook, "sound_on", "voice_on", "sound_off")
    run(database, receiver)
    assert receiver.types() == ["voice_on"]
    with database.read() as connection:
        assert store.due(connection, time.time()) == []
    happen(database, hook, "voice_on")
    run(database, receiver)
    assert receiver.types() == ["voice_on", "voice_on"]


def test_one_stream_takes_not_all_places(database: Database, receiver: Receiver, hook: Webhook) -> None:
    with database.write() as connection:
        for _ in range(9):
            store.add(connection, hook.client_id, hook.url, (), hook.secrets[0])
    happen(database, hook, "test")
    sender = Webhooks(database, receiver.target)
    begun = 0
    for _ in range(20):
        futures = sender.send_due()
        assert len(futures) <= 2
        begun += len(futures)
        for future in futures:
            future.result(20)
    assert begun == len(receiver.came) == 10
    sender._pool.shutdown()


def test_what_cannot_be_sent_at_all_is_a_try_like_any_other(database: Database, hook: Webhook) -> None:
    def check(_url: str) -> Target:
        raise RuntimeError("unforeseen")

    happen(database, hook, "test")
    sender = Webhooks(database, check)
    for future in sender.send_due():
        future.result(20)
    with database.read() as connection:
        assert [tried.why for tried in store.tries(connection, hook.id)] == ["RuntimeError"]
        assert store.due(connection, time.time()) == []
    sender._pool.shutdown()


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(0, 0, 0, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(targets.socket, "getaddrinfo", lambda *_args, **_named: found)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "::1", "169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1"),
        *("::ffff:127.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::169.254.169.254"),
        "2002:7f00:1::",
    ],
)
def test_what_is_never_reached(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Not even where a network of the settings holds it."""
    names(monkeypatch, address)
    everything = targets.networks("0.0.0.0/0, ::/0")
    with pytest.raises(BadInput) as caught:
        targets.check("https://hook.example.org/", everything)
    assert caught.value.field == "url"


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "192.168.1.9", "172.16.5.5", "100.64.0.1", "fd00::1", "198.18.0.1", "fec0::1"]
)
def test_what_is_private_needs_leave(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    names(monkeypatch, address)
    with pytest.raises(BadInput, match="webhook_networks"):
        targets.check("https://hook.example.org/", [])
    length = 128 if ":" in address else 32
    assert targets.check("http://hook.example.org/x?y=1", targets.networks(f"{address}/{length}")) == Target(
        "http", "hook.example.org", 80, address, "/x?y=1"
    )


def test_each_address_of_a_name_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, "93.184.215.14", "127.0.0.1")
    with pytest.raises(BadInput):
        targets.check("https://hook.example.org/", [])
    names(monkeypatch, "93.184.215.14")
    assert targets.check("https://hook.example.org/", []).address == "93.184.215.14"
    with pytest.raises(BadInput, match="https"):
        targets.check("http://hook.example.org/", [])


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "ftp://a.org/",
        "https://",
        "https://u:p@a.org/",
        "https://[::1",
        "https://a:99999/",
        "https://" + 3000 * "a",
        "https://a\0b/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://[::ffff:7f00:1]/",
        "https://127.0.0.1./",
    ],
)
def test_what_is_no_target(url: str) -> None:
    with pytest.raises(BadInput):
        targets.check(url, [])


def test_networks_are_read_or_refused() -> None:
    assert [str(n) for n in targets.networks("192.168.1.0/24, fd00::/8")] == ["192.168.1.0/24", "fd00::/8"]
    with pytest.raises(BadInput, match="webhook_networks"):
        targets.networks("192.168.1.1/24")


def test_the_signature_is_that_of_the_standard() -> None:
    secret = signing.new_secret()
    made: dict[str, Any] = signing.headers([secret], "evt_1", time.time(), b'{"a":1}')
    assert Verifier(secret).verify(b'{"a":1}', made) == {"a": 1}
    assert webhooks.body_of(Event("c", "", "test", 0.0, {}, 7)).startswith(b'{"type":"test"')
