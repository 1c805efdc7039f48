"""Legs: shards of several indexes are numbered through, and taken apart again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from miroir.core.indexes import IndexView
from miroir.core.planning.leg import Leg


def leg(*sizes: int) -> Leg:
    views = tuple(
        IndexView(f"i{number}", f"p{number}", 1, "id", size, ((f"n{number}",),) * size, "", "")
        for number, size in enumerate(sizes)
    )
    return Leg(views, "/multi-search", lambda shards: repr(shards).encode())


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_every_shard_comes_back_as_its_own_indexs_number(sizes: list[int], data: st.DataObject) -> None:
    made = leg(*sizes)
    numbers = data.draw(st.lists(st.integers(0, sum(sizes) - 1), unique=True))
    apart = made.by_view(numbers)
    again = [sum(sizes[:view]) + shard for view, own in enumerate(apart) for shard in own]
    assert again == sorted(numbers)
    assert all(made.shard_map[number] == (f"n{view}",) for view, own in enumerate(apart) for number in
               (sum(sizes[:view]) + shard for shard in own))  # fmt: skip


def test_shards_are_told_by_index() -> None:
    assert leg(2, 3).told([1, 2, 4]) == "of index `i0`: 1; of index `i1`: 0, 2"
    assert leg(2, 3).told([2]) == "of index `i1`: 0"
