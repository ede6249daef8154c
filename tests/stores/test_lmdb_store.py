"""The store of sessions: races, kills, another boot, a full map."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.stores.lmdb_store import LmdbStore
from audio.stores.session_store import Change, Key, TooManySessions

KEY = Key("c" * 36, "sound_detection", 1, "s")
LONGEST = Key("c" * 36, "s" * 64, 99999, "\N{GRINNING FACE}" * 128)


def change(before: int, key: Key = KEY, *, content: bytes = b"x", at: float = 1.0, is_open: bool = False) -> Change:
    return Change(key, before, content, at, is_open, most=3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LmdbStore]:
    opened = LmdbStore.open(tmp_path / "sessions")
    yield opened
    opened.close()


def numbers(store: LmdbStore) -> list[int]:
    return [number for number, _ in store.records(0, 1000)]


def test_of_two_chunks_one_is_written(store: LmdbStore) -> None:
    assert store.load(KEY) is None
    assert store.commit(b"one", change(0, content=b"first"))
    assert not store.commit(b"two", change(0, content=b"second"))
    assert store.load(KEY) == (1, 1.0, b"first")
    assert store.load(KEY, (1, 1.0)) == (1, 1.0, b"")
    assert store.load(KEY, (1, 2.0)) == (1, 1.0, b"first")
    assert [record for _, record in store.records(0, 10)] == [b"one"]


def test_every_key_is_its_own(store: LmdbStore) -> None:
    other = LONGEST._replace(session_id=LONGEST.session_id[:-1])
    assert store.commit(b"", change(0, LONGEST, content=b"long"))
    assert store.load(other) is None
    assert store.commit(b"", change(0, other, content=b"other"))
    assert [found.content for found in map(store.load, (LONGEST, other)) if found] == [b"long", b"other"]


def test_records_are_forgotten_up_to_a_number(store: LmdbStore) -> None:
    for _ in range(700):
        store.commit(b"x")
    found = numbers(store)
    assert found == sorted(set(found))
    assert store.waits()
    assert [number for number, _ in store.records(found[9], 2)] == found[10:12]
    store.forget(found[599])
    assert numbers(store) == found[600:]
    store.forget(found[-1] + 5)
    assert not store.waits()
    store.commit(b"y")
    assert numbers(store)[0] > found[-1]


def test_a_stream_has_so_many_sessions(store: LmdbStore) -> None:
    keys = [KEY._replace(session_id=str(n)) for n in range(4)]
    for key in keys[:3]:
        assert store.commit(b"", change(0, key))
    with pytest.raises(TooManySessions):
        store.commit(b"", change(0, keys[3]))
    assert store.commit(b"", change(1, keys[0]))
    assert store.commit(b"", change(0, KEY._replace(client_id="d" * 36)))
    assert len(numbers(store)) == 5


def test_idle_sessions(store: LmdbStore) -> None:
    old, young, closed = (KEY._replace(session_id=name) for name in ("old", "young", "closed"))
    for key, at, is_open in ((old, 1.0, True), (young, 5.0, True), (closed, 1.0, False)):
        store.commit(b"", change(0, key, at=at, is_open=is_open))
    assert store.idle(2.0) == [old]
    assert store.forget_idle(2.0) == 2
    assert store.load(old) is None
    assert store.load(closed) is None
    assert store.load(young) is not None


def test_the_sessions_of_a_stream_are_erased(store: LmdbStore) -> None:
    theirs = KEY._replace(client_id="d" * 36)
    for key in (KEY, KEY._replace(session_id="t"), theirs):
        store.commit(b"", change(0, key))
    store.erase([KEY.client_id])
    assert store.load(KEY) is None
    assert store.load(theirs) is not None


def test_what_is_there_is_there_in_the_next_run(tmp_path: Path) -> None:
    """Of the same boot, and of the next where the machine was shut down in order."""
    for boot in ("a", "a", "b"):
        store = LmdbStore.open(tmp_path, boot=lambda: boot)  # noqa: B023 - called within
        found = store.load(KEY)
        assert store.commit(b"x", change(found.revision if found else 0))
        source = store.source
        store.close()
    store = LmdbStore.open(tmp_path)
    assert (store.load(KEY), len(numbers(store)), store.source) == ((3, 1.0, b"x"), 3, source)
    store.close()


def test_an_older_copy_put_back_gives_no_number_again(tmp_path: Path) -> None:
    """Of numbers that it had given, the database would take what comes now for what it has."""
    copied, given = tmp_path / "copied", []
    for n in range(3):
        store = LmdbStore.open(tmp_path / "sessions")
        store.commit(b"x")
        given.append(numbers(store)[-1])
        store.close()
        if n == 0:
            shutil.copytree(tmp_path / "sessions", copied)
    shutil.rmtree(tmp_path / "sessions")
    copied.rename(tmp_path / "sessions")
    store = LmdbStore.open(tmp_path / "sessions")
    store.commit(b"y")
    assert numbers(store)[0] == given[0]
    assert numbers(store)[-1] > given[-1]
    store.close()


def test_a_clock_set_back_gives_no_number_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for now in (2_000_000_000, 1_000_000_000):
        monkeypatch.setattr("audio.stores.lmdb_store.time.time_ns", lambda: now * 10**9)  # noqa: B023 - called within
        store = LmdbStore.open(tmp_path)
        store.commit(b"x")
        found = numbers(store)
        store.close()
    assert len(found) == 2
    assert found == sorted(set(found))


def test_a_file_that_another_boot_may_have_torn_is_begun_anew(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path; from tests.stores.test_lmdb_store import *
store = LmdbStore.open(Path({str(tmp_path)!r}), boot=lambda: "a")
store.commit(b"x", change(0)); print(store.source, flush=True); input()
"""
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout is not None
        source = child.stdout.readline().strip()
        child.kill()
    again = LmdbStore.open(tmp_path, boot=lambda: "a")
    assert (again.source, again.load(KEY) is not None) == (source, True), "only its process was killed"
    again._env.close()  # as if this one had been, too
    again._in_use.close()
    del LmdbStore._opened[str(tmp_path.resolve())]
    (tmp_path / "data.mdb").write_bytes(os.urandom(50_000))
    store = LmdbStore.open(tmp_path, boot=lambda: "b")
    assert store.source != source
    assert (store.load(KEY), store.waits()) == (None, False)
    store.close()


def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = LmdbStore.open(tmp_path)
    store.commit(b"x", change(0))
    store.close()
    (tmp_path / "data.mdb").write_bytes(b"of another version" * 1000)
    store = LmdbStore.open(tmp_path)
    assert store.load(KEY) is None
    assert "another version" in caplog.text
    store.close()


def test_a_full_map_has_no_space(tmp_path: Path) -> None:
    """What did not fit changed nothing; where something is forgotten, there is room again."""
    store = LmdbStore.open(tmp_path, map_bytes=2**20)
    count = 0
    with pytest.raises(OSError, match="all the room") as caught:
        while count < 100:
            store.commit(b"x", change(0, KEY._replace(client_id=f"{count:036d}"), content=b"x" * 50_000))
            count += 1
    assert caught.value.errno == errno.ENOSPC
    assert len(numbers(store)) == count > 5
    store.erase([f"{0:036d}", f"{1:036d}"])
    assert store.commit(b"x", change(0, content=b"x" * 50_000))
    store.close()


RACER = """
import sys
from {module} import *
store = {store}
done = 0
print("ready", flush=True)
input()
while done < 300:
    found = store.load(KEY)
    before, content = (found.revision, found.content) if found else (0, b"")
    done += store.commit(sys.argv[1].encode(), change(before, content=content[-5000:] + sys.argv[1].encode()))
store.close()
"""


def racers(module: str, store: str) -> list[subprocess.Popen[str]]:
    """Two processes, "a" and "b", that write 300 chunks each. store: the expression in a module that opens theirs."""
    command = [sys.executable, "-c", RACER.format(module=module, store=store)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    started = [subprocess.Popen([*command, name], text=True, **pipes) for name in "ab"]
    for one in started:
        assert one.stdout is not None
        assert one.stdin is not None
        assert one.stdout.readline() == "ready\n"
    for one in started:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    return started


def racers_in(folder: Path) -> list[subprocess.Popen[str]]:
    return racers(__name__, f"LmdbStore.open(Path({str(folder)!r}))")


def test_two_processes_that_race_on_one_session(tmp_path: Path) -> None:
    """Each chunk once, in some order, and its record beside it."""
    for one in racers_in(tmp_path):
        one.communicate(timeout=60)
        assert one.returncode == 0
    store = LmdbStore.open(tmp_path)
    found = store.load(KEY)
    assert found is not None
    assert found.revision == 600
    told = b"".join(record for _, record in store.records(0, 1000))
    assert told == found.content
    assert sorted(told) == sorted(b"a" * 300 + b"b" * 300)
    store.close()


def test_processes_that_are_killed_leave_no_half_of_a_chunk(tmp_path: Path) -> None:
    """At any moment, also amid writing: the others go on, and each revision has its record."""
    store = LmdbStore.open(tmp_path)
    for round_ in range(6):
        killed, other = racers_in(tmp_path)
        begun = len(store.records(0, 10_000))
        deadline = time.monotonic() + 30
        while len(store.records(0, 10_000)) < begun + 20 * (round_ + 1) and time.monotonic() < deadline:
            pass
        killed.send_signal(signal.SIGKILL)
        for one in (killed, other):
            one.communicate(timeout=60)
        assert other.returncode == 0
        found = store.load(KEY)
        assert found is not None
        told = b"".join(record for _, record in store.records(0, 10_000))
        assert (len(told), told[-5001:]) == (found.revision, found.content)
    store.close()


def test_one_environment_a_process(tmp_path: Path) -> None:
    first, second = LmdbStore.open(tmp_path), LmdbStore.open(tmp_path)
    assert first is second
    second.close()
    threads = [threading.Thread(target=first.commit, args=(b"x",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers(first)) == 20
    first.close()
