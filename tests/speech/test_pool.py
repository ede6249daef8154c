"""The real thing: a supervisor, its children, and engines that are made to misbehave."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audio.errors import Busy, SpeechFailed
from audio.speech import engine as engines
from audio.speech.engine import Utterance
from audio.speech.pool import Pool
from tests.speech import moody

TEXT = "Good morning, how are you today?"


def say(text: str = TEXT, lang: str = "en-US", voice: str = "male", rate: float = 1.0) -> list[Utterance]:
    return [Utterance(text, lang, voice, rate, 1.0)]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool("espeak")
    yield pool
    pool.stop()


@pytest.fixture
def moody_pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Pool]]:
    """A pool whose engine does what the text says."""
    pools: list[Pool] = []

    def make(**limits: float) -> Pool:
        monkeypatch.setattr("audio.speech.pool.COMMAND", moody.command(**limits))
        pools.append(Pool("moody"))
        return pools[-1]

    yield make
    for one in pools:
        one.stop()


def command_line(text: str, voice: str) -> bytes:
    done = subprocess.run(
        ["espeak-ng", "-v", voice, "--stdout", "--stdin"], input=text.encode(), capture_output=True, check=True
    )
    return done.stdout[44:]


@pytest.mark.parametrize(("lang", "voice"), [("en-US", "en-us"), ("en-GB", "en-gb"), ("de-DE", "de"), ("fr-FR", "fr")])
def test_the_sound_is_that_of_the_command_line(pool: Pool, lang: str, voice: str) -> None:
    (speech,) = pool.speak(say(lang=lang))
    assert speech.samples == command_line(TEXT, voice)


def test_many_callers_get_what_is_theirs(pool: Pool) -> None:
    langs = engines.LANGUAGES
    alone = {(n, lang): pool.speak(say(f"{n} {TEXT}", lang)) for n in range(2) for lang in langs}
    together = {}

    def ask(n: int, lang: str) -> None:
        together[n, lang] = pool.speak(say(f"{n} {TEXT}", lang))

    threads = [threading.Thread(target=ask, args=key) for key in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_pieces_come_back_in_order(pool: Pool) -> None:
    numbers = ["one", "two hundred and twenty two", "three", "four thousand four hundred and forty four"]
    together = pool.speak([say(n)[0] for n in numbers])
    assert together == [pool.speak(say(n))[0] for n in numbers]


def test_a_supervisor_that_dies_is_started_again(pool: Pool) -> None:
    before = pool.speak(say())
    first = pool.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert pool.speak(say()) == before
    assert pool.pid not in (None, first)


def test_a_forked_server_process_starts_its_own(pool: Pool) -> None:
    expected = pool.speak(say())
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        same = pool.pid is None and pool.speak(say()) == expected
        pool.stop()
        os.write(write, b"y" if same else b"n")
        os._exit(0)
    assert os.read(read, 1) == b"y"
    os.waitpid(pid, 0)
    os.close(read)
    os.close(write)
    assert pool.speak(say()) == expected


def test_the_supervisor_ends_with_its_server_process() -> None:
    script = (
        "from audio.speech.pool import Pool\nfrom audio.speech.engine import Utterance\nimport os, signal\n"
        "pool = Pool('espeak')\npool.speak([Utterance('Hello', 'en-US', 'male', 1.0, 1.0)])\n"
        "print(pool.pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=root, timeout=60)
    assert done.returncode == -signal.SIGKILL
    supervisor = os.pidfd_open(int(done.stdout)) if Path(f"/proc/{int(done.stdout)}").exists() else None
    if supervisor is not None:
        poller = select.poll()
        poller.register(supervisor, select.POLLIN)
        assert poller.poll(10_000), "the supervisor lives on"
        os.close(supervisor)


def test_a_child_that_dies_is_replaced_and_its_piece_done_again(
    moody_pool: Callable[..., Pool], tmp_path: Path
) -> None:
    pool = moody_pool()
    assert pool.speak(say(f"die once {tmp_path / 'died'}"))[0].samples
    assert (tmp_path / "died").exists()


@pytest.mark.parametrize(("text", "reason"), [("die", "ended without an answer"), ("raise", "out of sorts")])
def test_a_piece_that_always_fails_is_a_clear_error(moody_pool: Callable[..., Pool], text: str, reason: str) -> None:
    pool = moody_pool()
    with pytest.raises(SpeechFailed, match=reason):
        pool.speak(say(text))
    assert pool.speak(say("fine"))[0].samples == b"fine"


def test_a_piece_that_takes_too_long_is_killed_and_harms_no_other(moody_pool: Callable[..., Pool]) -> None:
    pool = moody_pool(seconds=0.5)
    with pytest.raises(SpeechFailed, match=r"longer than 0\.5 s"):
        pool.speak(say("hang"))
    assert pool.speak(say("fine"))[0].samples == b"fine"


def test_a_full_queue_is_busy(moody_pool: Callable[..., Pool]) -> None:
    pool = moody_pool(workers=1, requests=2, seconds=1.0)
    outcomes: list[str] = []

    def ask() -> None:
        try:
            pool.speak(say("hang"))
        except (Busy, SpeechFailed) as exc:
            outcomes.append(exc.code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["busy", "busy", "speech_failed", "speech_failed"]


def test_a_caller_that_goes_away_frees_its_place(moody_pool: Callable[..., Pool]) -> None:
    pool = moody_pool(workers=1, seconds=60.0)
    pool.speak(say("fine"))
    with pytest.raises(SpeechFailed, match="did not answer"):
        pool.speak(say("hang"), patience=0.2)
    assert pool.speak(say("fine"), patience=10.0)[0].samples == b"fine"


def test_long_texts_let_short_ones_pass(moody_pool: Callable[..., Pool]) -> None:
    pool = moody_pool(workers=1)
    pool.speak(say("fine"))
    order: list[str] = []

    def ask(name: str, count: int) -> None:
        pool.speak([say("nap")[0]] * count)
        order.append(name)

    long = threading.Thread(target=ask, args=("long", 40))
    long.start()
    ask("short", 1)
    long.join()
    assert order == ["short", "long"]


def test_an_engine_that_is_not_installed_is_a_clear_error(moody_pool: Callable[..., Pool]) -> None:
    pool = moody_pool(missing=True)
    with pytest.raises(SpeechFailed, match="pip install good-mood"):
        pool.speak(say("fine"))


def test_an_engine_that_cannot_begin_is_a_clear_error(moody_pool: Callable[..., Pool]) -> None:
    pool = moody_pool(fails_to_start=True)
    for _ in range(3):
        with pytest.raises(SpeechFailed, match="no mood today"):
            pool.speak(say("fine"))


def test_a_child_may_not_write_files(moody_pool: Callable[..., Pool], tmp_path: Path) -> None:
    pool = moody_pool()
    with pytest.raises(SpeechFailed):
        pool.speak(say(f"write {tmp_path / 'file'}"))
    assert not (tmp_path / "file").exists() or (tmp_path / "file").stat().st_size == 0


def test_nothing_is_left_open(pool: Pool) -> None:
    pool.speak(say())
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        pool.speak(say("Yes."))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
