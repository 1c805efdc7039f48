"""Filters that pin the primary key: no document that a node would find is outside the shards that are asked."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir._merge_core import canonical_id, shard_of
from miroir.core.planning.pinning import literal_shards, pinned_shards

SHARDS = 4096


def of(*ids: str) -> frozenset[int]:
    return frozenset(shard_of(each, SHARDS) for each in ids)


def pinned(filters: Any, key: str = "id") -> frozenset[int] | None:
    return pinned_shards(filters, key, SHARDS)


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ("id = 7", ["7"]),
        ("id=7", ["7"]),
        ('"id" = "7"', ["7"]),
        ("id = 'aB-c_1'", ["ab-c_1"]),
        ("id IN [1, '2', \"x\",]", ["1", "2", "x"]),
        ("id IN[1]", ["1"]),
        ("a = 1 AND id = 7", ["7"]),
        ("a = 1 AND (b = 2 OR c = 3) AND (id = 7 AND d EXISTS)", ["7"]),
        ("((id = 7))", ["7"]),
        ("id = 7 OR id IN [8, 9]", ["7", "8", "9"]),
        ("a IN [1, 2] AND id = 7 AND NOT b = 1 AND c 1 TO 2 AND d IS NOT NULL", ["7"]),
        ("_geoRadius(1, 2, 3) AND id = 7", ["7"]),
        ("title = 'x AND id = 8 OR y' AND id = 7", ["7"]),
        (["a = 1", "id = 7"], ["7"]),
        (["a = 1 OR b = 2", ["id = 7", "id = 8"]], ["7", "8"]),
        ("id = 1.0", ["1"]),
        ("id = 1e3", ["1000", "1e3"]),
        ("id = 05", ["5", "05"]),
        ("id = -5", ["-5"]),
    ],
)  # fmt: skip
def test_a_conjunct_that_names_documents_pins_their_shards(filters: Any, ids: list[str]) -> None:
    assert pinned(filters) == of(*ids)


@pytest.mark.parametrize(
    "filters",
    [
        "id = 7 OR a = 1",
        "NOT id = 7",
        "NOT (id = 7)",
        "id != 7",
        "id > 7",
        "id NOT IN [7]",
        "id EXISTS",
        "id 1 TO 2",
        "id STARTS WITH 7",
        "ID = 7",
        "a = id",
        "a.id = 7",
        "a = 1",
        "id = 'it\\'s'",
        "_foreign(movies, id = 7)",
        "id = 7)",
        "(id = 7",
        "id = ",
        "id = AND",
        "id IN [1, OR]",
        "id IN [1 2]",
        "id = 9007199254740992",
        "id = -9007199254740993",
        "id = 1e300",
        f"id = {'a' * 401}",
        f"id IN [{', '.join(map(str, range(129)))}]",
        "(" * 80 + "id = 7" + ")" * 80,
        ["id = 7 OR a = 1", ["id = 7", "a = 1"]],
        [["id = 7", "a = 1"]],
        [],
        "",
        [[]],
    ],
)
def test_what_is_not_surely_a_pin_asks_all(filters: Any) -> None:
    assert pinned(filters) is None


def test_pins_that_contradict_each_other_leave_no_shard() -> None:
    assert pinned("id = 7 AND id = 8") == frozenset()
    assert pinned(["id = 7", "id IN []"]) == frozenset()
    assert pinned("id = 'no id at all'") == frozenset()
    assert pinned("id IN [7, 8] AND id IN [8, 9]") == of("8")


def test_a_primary_key_that_is_unknown_or_nested_pins_nothing() -> None:
    assert pinned_shards("id = 7", None, SHARDS) is None
    assert pinned("a.id = 7", key="a.id") is None


def test_as_many_literals_narrow_as_are_allowed() -> None:
    assert pinned_shards("id IN [1, 2]", "id", SHARDS, most=2) == of("1", "2")
    assert pinned_shards("id IN [1, 2, 3]", "id", SHARDS, most=2) is None
    assert pinned_shards("id = 1", "id", SHARDS, most=0) is None


@given(st.one_of(st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True), st.integers(-(2**53) + 1, 2**53 - 1)))
def test_every_id_is_in_the_shards_of_its_own_literal_in_any_case(document: str | int) -> None:
    stored = canonical_id(orjson.dumps(document))
    assert stored is not None
    for literal in (stored, stored.upper(), stored.lower(), f" {stored} "):
        shards = literal_shards(literal, SHARDS)
        assert shards is None or shard_of(stored, SHARDS) in shards


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_a_number_is_found_by_any_way_to_write_it(number: int) -> None:
    for literal in (str(number), f"{number}.0", repr(float(number)), f"{number}e0"):
        shards = literal_shards(literal, SHARDS)
        assert shards is not None
        assert shard_of(str(number), SHARDS) in shards


@given(st.text(alphabet="id =7()[],'\"ANDORTI!<>\\x", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    pinned("id = 7 AND " + text)
