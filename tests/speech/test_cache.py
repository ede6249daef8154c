from __future__ import annotations

from audio.speech.cache import OVERHEAD, Cache

SIZE = 25
LIMIT = 4 * (SIZE + OVERHEAD)


def test_the_least_recently_used_is_forgotten_first() -> None:
    cache: Cache[str] = Cache(LIMIT)
    for name in "abcd":
        cache.put(name, name.upper(), SIZE)
    assert cache.get("a") == "A"
    cache.put("e", "E", SIZE)
    assert cache.get("b") is None
    assert [cache.get(name) for name in "acde"] == ["A", "C", "D", "E"]


def test_what_is_too_large_is_not_kept() -> None:
    cache: Cache[str] = Cache(LIMIT)
    cache.put("large", "x", SIZE + 1)
    assert cache.get("large") is None
    assert len(cache) == 0


def test_putting_again_does_not_count_twice() -> None:
    cache: Cache[int] = Cache(LIMIT)
    for i in range(50):
        cache.put("same", i, SIZE)
    cache.put("other", 1, SIZE)
    assert cache.get("same") == 49
    assert len(cache) == 2


def test_values_without_a_size_are_forgotten_too() -> None:
    cache: Cache[bytes] = Cache(LIMIT)
    for i in range(1000):
        cache.put(i, b"", 0)
    assert len(cache) == LIMIT // OVERHEAD
    assert cache.get(999) == b""
