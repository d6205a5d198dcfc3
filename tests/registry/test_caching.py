"""The cache: what it gives back, what it forgets, and that it stays within its bounds."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from registry.caching import Cache, CachePerOwner


def test_a_value_holds_for_its_revision_only() -> None:
    cache = Cache[str, str](most=10)
    cache.put("key", "old", 1)
    assert cache.get("key", 1) == "old"
    assert cache.get("key", 2) is None
    assert cache.outdated("key") == "old"


def test_a_value_of_an_earlier_revision_does_not_take_the_place_of_a_later_one() -> None:
    cache = Cache[str, str](most=10)
    cache.put("key", "new", 2)
    cache.put("key", "old", 1)
    assert cache.get("key", 2) == "new"
    assert cache.get("key", 1) is None


def test_what_was_used_longest_ago_makes_room() -> None:
    cache = Cache[int, int](most=3)
    for number in range(5):
        cache.put(number, number)
        assert cache.get(0) == 0
    assert [number for number in range(5) if cache.get(number) is not None] == [0, 3, 4]


def test_what_is_too_heavy_is_not_kept_and_costs_nothing_else_its_place() -> None:
    cache = Cache[str, bytes](most=10, heaviest=100, weigh=len)
    cache.put("small", b"x" * 50)
    cache.put("large", b"x" * 51)
    assert cache.get("small") is not None
    assert cache.get("large") is None


def test_a_value_is_made_once_per_revision() -> None:
    cache = Cache[str, int](most=10)
    made: list[int] = []

    def make(revision: int) -> int:
        made.append(revision)
        return revision

    for revision in (1, 1, 2, 2):
        cache.find("key", partial(make, revision), revision)
    assert made == [1, 2]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 60)), max_size=60))
def test_the_bounds_hold_and_the_weight_is_that_of_what_is_held(steps: list[tuple[int, int, int]]) -> None:
    cache = Cache[int, int](most=3, heaviest=100, weigh=lambda value: value)
    newest: dict[int, int] = {}
    for key, revision, weight in steps:
        cache.put(key, weight, revision)
        newest[key] = max(newest.get(key, 0), revision)
        assert len(cache) <= 3
        held = {key: cache.outdated(key) for key in newest}
        assert cache.weight == sum(value for value in held.values() if value is not None) <= 100


def test_many_threads_may_use_it() -> None:
    cache = Cache[int, int](most=20, heaviest=400, weigh=lambda value: value)

    def work(thread: int) -> bool:
        return all(cache.find(number % 50, partial(int, number % 50)) == number % 50 for number in range(thread, thread + 500))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert cache.weight <= 400


def test_a_cache_goes_with_its_owner() -> None:
    class Owner: ...

    caches = CachePerOwner[Owner, str, str](most=2)
    first, second = Owner(), Owner()
    caches.of(first).put("key", "value")
    assert caches.of(first).get("key") == "value"
    assert caches.of(second).get("key") is None
    del first
    gc.collect()
    assert len(caches._caches) == 1
