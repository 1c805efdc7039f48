"""Equal searches at the same time share what nodes answer, and nobody notices; on a simulated clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
import trio
import trio.testing

from miroir.config.models import QueryCoalescingConfig
from miroir.core.indexes import Catalog
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.reads.coalescing import Coalescer
from tests.reads.fakes import NODES, World, ask, refusing, view, world


def slow(seconds: float = 1.0, **more: Any) -> World:
    w = world(**more)
    w.nodes.behaviour = dict.fromkeys(NODES, seconds)
    return w


async def together(w: World, *requests: Any, apart: float = 0.01) -> list[Reply | MiroirError]:
    """What each of these searches comes to, begun one after another."""
    replies: dict[int, Reply | MiroirError] = {}

    async def one(number: int, request: Any) -> None:
        await trio.sleep(number * apart)
        try:
            replies[number] = await w.searcher.search(request)
        except MiroirError as error:
            replies[number] = error

    async with trio.open_nursery() as nursery:
        for number, request in enumerate(requests):
            nursery.start_soon(one, number, request)
    return [replies[number] for number in range(len(requests))]


def answers(replies: list[Reply | MiroirError]) -> list[Any]:
    return [orjson.loads(reply.body) for reply in replies if isinstance(reply, Reply)]


async def test_equal_searches_ask_the_nodes_once(autojump_clock: trio.testing.MockClock) -> None:
    w = slow()
    told = answers(await together(w, *[ask() for _ in range(4)]))
    assert len(w.nodes.asked) == 3
    assert w.line.coalescer is not None
    assert w.line.coalescer.joined == 3
    assert all([hit["id"] for hit in each["hits"]] == list(range(20)) for each in told)


async def test_nobody_can_tell_that_his_search_was_shared(autojump_clock: trio.testing.MockClock) -> None:
    told = answers(await together(slow(), ask(), ask(), ask()))
    assert len({each["requestUid"] for each in told}) == 3
    assert [each["processingTimeMs"] for each in told] == [1000, 990, 980]


@pytest.mark.parametrize(
    "other",
    [{"body": b'{"q":"x"}'}, {"body": b'{"q":"","filter":"n = 1"}'}, {"unavailable": "error"}, {"index": "books"}],
)
async def test_whatever_changes_the_answer_makes_it_another_search(
    autojump_clock: trio.testing.MockClock, other: dict[str, Any]
) -> None:
    w = slow()
    w.holder.current = Catalog(1, {"movies": view(), "books": replace(view("books-i2-e1abcd"), uid="books")})
    await together(w, ask(), ask(**other))
    assert len(w.nodes.asked) == 6


async def test_what_only_concerns_the_merge_is_done_for_each_caller(autojump_clock: trio.testing.MockClock) -> None:
    w = slow()
    whole, later = answers(await together(w, ask(), ask(b'{"q":"","offset":5,"limit":15}')))
    assert len(w.nodes.asked) == 3
    assert [hit["id"] for hit in whole["hits"]] == list(range(20))
    assert [hit["id"] for hit in later["hits"]] == list(range(5, 20))
    assert (later["offset"], later["limit"]) == (5, 15)


async def test_a_change_of_the_index_begins_anew(autojump_clock: trio.testing.MockClock) -> None:
    w = slow()

    async def change() -> None:
        await trio.sleep(0.005)
        w.holder.current = Catalog(2, {"movies": replace(view(), updated_at="later")})

    async with trio.open_nursery() as nursery:
        nursery.start_soon(change)
        await together(w, ask(), ask())
    assert len(w.nodes.asked) == 6


async def test_late_comers_ask_for_themselves(autojump_clock: trio.testing.MockClock) -> None:
    w = slow()
    await together(w, ask(), ask(), apart=0.06)
    assert len(w.nodes.asked) == 6


async def test_a_joiner_survives_the_first_clients_departure(autojump_clock: trio.testing.MockClock) -> None:
    w = slow()
    replies: list[Reply] = []

    async def first() -> None:
        with trio.move_on_after(0.5):
            await w.searcher.search(ask())

    async def second() -> None:
        await trio.sleep(0.01)
        replies.append(await w.searcher.search(ask()))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(first)
        nursery.start_soon(second)
    assert trio.current_time() == 1.0
    assert len(w.nodes.asked) == 3
    assert len(answers(list(replies))) == 1


async def test_when_all_have_left_the_nodes_are_left_alone(autojump_clock: trio.testing.MockClock) -> None:
    w = slow(60.0)

    async def client(leaves: float) -> None:
        with trio.move_on_after(leaves):
            await w.searcher.search(ask())

    async with trio.open_nursery() as nursery:
        for leaves in (0.5, 1.0, 2.0):
            nursery.start_soon(client, leaves)
    assert trio.current_time() == 2.0
    assert sorted(node for node, _ in w.nodes.cancelled) == sorted(NODES)
    assert {when for _, when in w.nodes.cancelled} == {2.0}


async def test_joiners_that_leave_take_nothing_from_the_first(autojump_clock: trio.testing.MockClock) -> None:
    w = slow()

    async def joiner() -> None:
        await trio.sleep(0.01)
        with trio.move_on_after(0.2):
            await w.searcher.search(ask())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(joiner)
        reply = await w.searcher.search(ask())
    assert reply.status == 200
    assert w.nodes.cancelled == []


async def test_a_joiner_keeps_his_own_deadline(autojump_clock: trio.testing.MockClock) -> None:
    w = slow(4.0)
    first, joiner = await together(w, ask(), ask(seconds=2))
    assert isinstance(first, Reply)
    assert isinstance(joiner, MiroirError)
    assert joiner.code == "miroir_timeout"
    assert len(w.nodes.asked) == 3


async def test_who_has_much_more_time_does_not_depend_on_one_who_has_little(
    autojump_clock: trio.testing.MockClock,
) -> None:
    hurried, patient = await together(slow(4.0), ask(seconds=2), ask(seconds=30))
    assert isinstance(hurried, MiroirError)
    assert isinstance(patient, Reply)


async def test_all_hear_of_a_failure(autojump_clock: trio.testing.MockClock) -> None:
    w = slow()
    w.nodes.late = dict.fromkeys(NODES, refusing())
    told = await together(w, ask(), ask(), ask())
    assert [error.code for error in told if isinstance(error, MiroirError)] == ["miroir_shard_unavailable"] * 3


async def test_a_search_takes_only_so_many_others_in(autojump_clock: trio.testing.MockClock) -> None:
    coalescer = Coalescer[int](QueryCoalescingConfig(max_subscribers=2, max_pending_queries=1))
    asked: list[str] = []

    async def one(key: str) -> None:
        async def work() -> int:
            asked.append(key)
            await trio.sleep(1)
            return len(key)

        told, _ = await coalescer.share(key, work, deadline=60)
        assert told == len(key)

    async with trio.open_nursery() as nursery:
        for key in ("a", "a", "a", "a"):
            nursery.start_soon(one, key)
        await trio.sleep(0.5)
        for key in ("bb", "bb"):
            nursery.start_soon(one, key)
    assert sorted(asked) == ["a", "a", "bb", "bb"]
    assert repr(coalescer) == "<Coalescer flights=0 joined=2>"


async def test_a_bug_in_the_first_is_not_the_others(autojump_clock: trio.testing.MockClock) -> None:
    coalescer = Coalescer[int](QueryCoalescingConfig())
    outcomes: list[Any] = []

    async def broken() -> int:
        await trio.sleep(1)
        raise ValueError("a bug")

    async def works() -> int:
        return 7

    async def first() -> None:
        with pytest.raises(ValueError, match="a bug"):
            await coalescer.share("q", broken, deadline=60)

    async def second() -> None:
        await trio.sleep(0.01)
        outcomes.append(await coalescer.share("q", works, deadline=60))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(first)
        nursery.start_soon(second)
    assert outcomes == [(7, True)]
