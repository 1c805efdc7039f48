"""A multi-search taken apart: what is understood, and what a node is sent when it shall judge."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from miroir.core.planning.batch import Batch, Query, renamed, understand_batch
from miroir.core.planning.understanding import NotUnderstood
from miroir.core.wire.errors import MiroirError


def understood(given: Any) -> Batch:
    batch = understand_batch(orjson.dumps(given))
    assert isinstance(batch, Batch)
    return batch


def test_each_query_is_a_search_of_its_index() -> None:
    batch = understood({"queries": [{"indexUid": "a", "q": "x"}, {"indexUid": "b", "federationOptions": None}]})
    assert batch.queries == (Query("a", {"q": "x"}), Query("b", {}))
    assert orjson.loads(batch.queries[0].body) == {"q": "x"}
    assert batch.federation is None


@pytest.mark.parametrize(
    "given",
    [
        [],
        {},
        {"queries": None},
        {"queries": {}},
        {"queries": [], "more": 1},
        {"queries": ["x"]},
        {"queries": [{"q": "no index"}]},
        {"queries": [{"indexUid": 3}]},
        {"queries": [], "federation": []},
    ],
)
def test_another_shape_is_left_to_a_node(given: Any) -> None:
    assert understand_batch(orjson.dumps(given)) == NotUnderstood()


def test_no_json_is_left_to_a_node() -> None:
    assert understand_batch(b"{") == NotUnderstood()


@pytest.mark.parametrize("uid", ["a b", "", "_miroir_catalog"])
def test_an_index_that_nobody_may_ask_is_refused_with_the_place_of_its_query(uid: str) -> None:
    with pytest.raises(MiroirError) as refused:
        understood({"queries": [{"indexUid": "a"}, {"indexUid": uid}]})
    assert refused.value.code == "invalid_index_uid"
    assert refused.value.message.startswith("Invalid value at `.queries[1].indexUid`: ")


def test_a_node_is_sent_the_request_as_it_came_with_its_own_names() -> None:
    given = {
        "queries": [{"indexUid": "a", "q": 3, "federationOptions": {"weight": -1}}],
        "federation": {"facetsByIndex": {"a": ["x"], "c": None}, "odd": 1},
    }
    assert orjson.loads(renamed(understood(given), "{}-i1".format)) == {
        "queries": [{"indexUid": "a-i1", "q": 3, "federationOptions": {"weight": -1}}],
        "federation": {"facetsByIndex": {"a-i1": ["x"], "c-i1": None}, "odd": 1},
    }
