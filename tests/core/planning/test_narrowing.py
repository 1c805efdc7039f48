"""Hits cut down to what the client wants of them, as a node cuts them down."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from miroir.core.planning.narrowing import Narrowing, entangled, narrow


def cut(hit: dict[str, Any], names: tuple[str, ...], formatted: tuple[str, ...] | None = None) -> Any:
    body = orjson.dumps({"hits": [hit], "limit": 20})
    answer = orjson.loads(narrow(body, Narrowing(names, formatted)))
    assert answer["limit"] == 20
    return answer["hits"][0]


def test_only_what_leaves_traces_is_entangled() -> None:
    assert entangled(["brand", "_geo"], ["brands", "title"]) == []
    assert entangled(["brand", "maker.name"], ["brand.name"]) == ["brand", "maker.name"]


@pytest.mark.parametrize(
    ("brand", "left"),
    [
        ("acme", {}),
        ({"name": 1, "land": 2}, {"brand": {"name": 1}}),
        ({"land": 2}, {"brand": {}}),
        (["x", {"land": 2}, {"name": 1}, [{"name": 3}, []]], {"brand": [{"name": 1}, [{"name": 3}]]}),
        (["x"], {"brand": []}),
    ],
)
def test_below_a_name_a_node_leaves_what_holds_it(brand: Any, left: Any) -> None:
    assert cut({"id": 1, "brand": brand}, ("brand.name",)) == left


def test_what_is_no_part_of_the_document_stays_and_formatted_has_its_own_names() -> None:
    hit = {"id": 1, "a": 2, "_formatted": {"id": "1", "a": "2", "b": "3"}, "_rankingScore": 0.5}
    assert cut(hit, ("a",)) == {"a": 2, "_formatted": hit["_formatted"], "_rankingScore": 0.5}
    assert cut(hit, ("a",), ("a", "b"))["_formatted"] == {"a": "2", "b": "3"}


def test_a_name_with_a_dot_may_be_one_field() -> None:
    assert cut({"a.b": 1, "a": {"b": 2, "c": 3}}, ("a.b",)) == {"a.b": 1, "a": {"b": 2}}
