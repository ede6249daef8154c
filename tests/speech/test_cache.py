from __future__ import annotations

from audio.speech.cache import Cache


def test_the_least_recently_used_is_forgotten_first() -> None:
    cache: Cache[str] = Cache(limit=100)
    for name in "abcd":
        cache.put(name, name.upper(), 25)
    assert cache.get("a") == "A"
    cache.put("e", "E", 25)
    assert cache.get("b") is None
    assert [cache.get(name) for name in "acde"] == ["A", "C", "D", "E"]


def test_what_is_too_large_is_not_kept() -> None:
    cache: Cache[str] = Cache(limit=100)
    cache.put("large", "x", 26)
    assert cache.get("large") is None
    assert len(cache) == 0


def test_putting_again_does_not_count_twice() -> None:
    cache: Cache[int] = Cache(limit=100)
    for i in range(50):
        cache.put("same", i, 25)
    cache.put("other", 1, 25)
    assert cache.get("same") == 49
    assert len(cache) == 2
