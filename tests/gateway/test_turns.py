"""Turns go round between streams; who waits too long for others is refused, and who waited for nobody is served."""

from __future__ import annotations

import asyncio
import time

import pytest

from audio.errors import Busy
from audio.gateway.turns import Turns

LONG_AGO = 10.0  # seconds, of which a tenth may be waited


async def _served(turns: Turns, stream: str, since: float) -> str:
    async with turns.place(stream, since):
        return stream


def test_where_the_machine_stood_still_the_one_that_came_is_served() -> None:
    async def run() -> None:
        turns = Turns(1, 1, 0.1)
        waiting = asyncio.ensure_future(_served(turns, "a", time.monotonic() - LONG_AGO))
        await asyncio.sleep(0)
        turns.refuse_late()
        assert await waiting == "a"

    asyncio.run(run())


def test_of_many_that_came_before_it_stood_still_one_is_served() -> None:
    async def run() -> None:
        turns = Turns(1, 1, 0.1)
        since = time.monotonic() - LONG_AGO
        ended = await asyncio.gather(*(_served(turns, name, since) for name in "abcd"), return_exceptions=True)
        assert ended[0] == "a"
        assert all(isinstance(one, Busy) for one in ended[1:])

    asyncio.run(run())


@pytest.mark.parametrize("places", [1, 3])
def test_who_waited_for_another_is_refused(places: int) -> None:
    """Also for its own stream, which holds its share while places are free."""

    async def run() -> None:
        turns = Turns(places, 1, 0.1)
        async with turns.place("a", time.monotonic() - LONG_AGO):
            waiting = asyncio.ensure_future(_served(turns, "a", time.monotonic() - LONG_AGO))
            await asyncio.sleep(0)
            turns.refuse_late()
            with pytest.raises(Busy):
                await waiting
        assert await _served(turns, "a", time.monotonic()) == "a"

    asyncio.run(run())


async def _in_order(turns: Turns, name: str, order: list[str]) -> None:
    async with turns.place(name):
        order.append(name)


def test_turns_go_round_between_streams() -> None:
    async def main() -> list[str]:
        turns, order = Turns(1, 1, 60.0), list[str]()
        await asyncio.gather(*(_in_order(turns, name, order) for name in ("a", "a", "a", "b", "a", "c")))
        return order

    assert asyncio.run(main()) == ["a", "b", "c", "a", "a", "a"]


def test_a_stream_holds_its_share_at_most() -> None:
    async def main() -> None:
        turns, order = Turns(2, 1, 60.0), list[str]()
        async with turns.place("a"):
            waits = asyncio.create_task(_in_order(turns, "a", order))
            await _in_order(turns, "b", order)
            assert order == ["b"]
        await waits
        assert order == ["b", "a"]

    asyncio.run(main())


def test_who_waits_when_it_ends_is_refused() -> None:
    async def main() -> None:
        turns, order = Turns(1, 1, 60.0), list[str]()
        async with turns.place("a"):
            waits = asyncio.create_task(_in_order(turns, "b", order))
            await asyncio.sleep(0)
            turns.close()
            with pytest.raises(Busy, match="being stopped"):
                await waits
        assert order == []

    asyncio.run(main())
