from __future__ import annotations

import itertools
import threading

from hypothesis import given
from hypothesis import strategies as st

from audio.client.backlog import Backlog, Block


def mono(frames: int, first: int = 0) -> bytes:
    return b"".join((first + i).to_bytes(2, "little") for i in range(frames))


def drained(backlog: Backlog) -> list[Block]:
    backlog.close()
    blocks = []
    while (block := backlog.take()) is not None:
        blocks.append(block)
    return blocks


def test_what_goes_in_comes_out_in_order_and_numbered() -> None:
    backlog = Backlog(2, 1000)
    for i in range(5):
        backlog.put(mono(10, 10 * i))
    blocks = drained(backlog)
    assert b"".join(b.data for b in blocks) == mono(50)
    assert [b.position for b in blocks] == [0, 10, 20, 30, 40]
    assert backlog.ended


def test_a_full_queue_loses_its_oldest_quarter_at_once_and_counts_it() -> None:
    backlog = Backlog(2, 100)
    for i in range(11):
        backlog.put(mono(10, 10 * i))
    assert backlog.counts.dropped == 40
    assert backlog.waiting == 70
    first = backlog.take()
    assert first is not None
    assert first.position == 40


def test_nothing_goes_while_there_is_room() -> None:
    backlog = Backlog(2, 100)
    for _ in range(10):
        backlog.put(mono(10))
    assert backlog.counts.dropped == 0


def test_a_lasting_jam_makes_one_hole_that_grows() -> None:
    backlog = Backlog(2, 100)
    for i in range(100):
        backlog.put(mono(10, 10 * i))
    blocks = drained(backlog)
    assert all(a.end == b.position for a, b in itertools.pairwise(blocks))
    assert blocks[0].position == backlog.counts.dropped


def test_dropping_stops_at_a_hole_when_that_makes_room() -> None:
    backlog = Backlog(2, 100)
    backlog.put(mono(10))
    backlog.skip(5)
    for _ in range(10):
        backlog.put(mono(10))
    assert backlog.counts.dropped == 10


def test_a_hole_of_the_device_moves_what_comes_after_it() -> None:
    backlog = Backlog(2, 100)
    backlog.put(mono(10))
    backlog.skip(7)
    backlog.put(mono(10))
    assert [b.position for b in drained(backlog)] == [0, 17]
    assert backlog.counts.missed == 7


def test_a_limit_cuts_the_last_block_and_ends() -> None:
    backlog = Backlog(2, 100, limit=15)
    backlog.put(mono(10))
    backlog.put(mono(10, 10))
    backlog.put(mono(10, 20))
    assert b"".join(b.data for b in drained(backlog)) == mono(15)
    assert backlog.counts.captured == 15


def test_a_hole_that_reaches_the_limit_ends_it_there() -> None:
    backlog = Backlog(2, 100, limit=50)
    backlog.put(mono(10))
    backlog.skip(1000)
    assert backlog.closed
    assert (backlog.counts.captured, backlog.counts.missed) == (10, 40)
    assert backlog.take() is not None
    assert backlog.ended


def test_a_source_that_can_wait_does_so_until_there_is_room() -> None:
    backlog = Backlog(2, 20)

    def fill() -> None:
        for i in range(20):
            backlog.put(mono(10, 10 * i), wait=True)
        backlog.close()

    thread = threading.Thread(target=fill)
    thread.start()
    data = b""
    while not backlog.ended:
        block = backlog.take()
        data += block.data if block else b""
    thread.join()
    assert data == mono(200)
    assert backlog.counts.dropped == 0


def test_a_close_wakes_who_waits_on_either_side() -> None:
    empty, full = Backlog(2, 10), Backlog(2, 10)
    full.put(mono(10))
    taken: list[Block | None] = []
    taker = threading.Thread(target=lambda: taken.append(empty.take()))
    putter = threading.Thread(target=lambda: full.put(mono(10), wait=True))
    taker.start()
    putter.start()
    empty.close()
    full.close()
    taker.join()
    putter.join()
    assert taken == [None]
    assert full.counts.captured == 10


def test_a_take_in_vain_ends_with_its_time_and_is_no_end() -> None:
    backlog = Backlog(2, 10)
    assert backlog.take(timeout=0.0) is None
    assert not backlog.ended


@given(
    st.lists(st.one_of(st.integers(1, 30), st.integers(-30, -1), st.none()), max_size=60),
    st.integers(1, 100),
)
def test_every_frame_is_delivered_or_counted(actions: list[int | None], room: int) -> None:
    """Positive: so many frames come; negative: so many are missed; None: one block is taken."""
    backlog, taken = Backlog(2, room), []
    for action in actions:
        if action is None:
            block = backlog.take(timeout=0.0)
            taken += [block] if block else []
        elif action > 0:
            backlog.put(mono(action))
        else:
            backlog.skip(-action)
    taken += drained(backlog)
    counts = backlog.counts
    assert sum(b.frames for b in taken) == counts.captured - counts.dropped
    assert backlog.position == counts.captured + counts.missed
    holes = sum(b.position - a.end for a, b in itertools.pairwise(taken))
    before = taken[0].position if taken else 0
    after = backlog.position - taken[-1].end if taken else backlog.position
    assert before + holes + after == counts.lost
    assert all(b.frames * 2 == len(b.data) for b in taken)
