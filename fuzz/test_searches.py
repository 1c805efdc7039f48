"""Bodies of searches: whatever a client sends becomes a plan or is left to a node, and no name of ours is sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
from hypothesis import given
from hypothesis import strategies as st

from fuzz.making import JSON, ODD_SEARCHES, SEARCHES, SETTINGS
from miroir._merge_core import encode_shard
from miroir.core.indexes import IndexView
from miroir.core.planning.batch import Batch, renamed, understand_batch
from miroir.core.planning.query import body_of_query
from miroir.core.planning.request import SearchRequest
from miroir.core.planning.search import ByVectors, PassThrough, SearchPlan, plan_search
from miroir.core.planning.understanding import NotUnderstood, understand
from miroir.core.wire.errors import MiroirError

SHARDS = 5
_NAMING = (
    "attributesToRetrieve",
    "attributesToHighlight",
    "attributesToCrop",
    "attributesToSearchOn",
    "facets",
    "sort",
)


def planned(body: bytes, settings: dict[str, Any]) -> SearchPlan | ByVectors | PassThrough:
    view = IndexView("movies", "movies-i1-e1abcd", 1, "id", SHARDS, (("n0",),) * SHARDS, "", "", settings)
    return plan_search(SearchRequest("movies", body, 0.0), view)


@given(SEARCHES, SETTINGS)
def test_a_search_becomes_a_plan_that_names_nothing_of_ours(fields: dict[str, Any], settings: dict[str, Any]) -> None:
    plan = planned(orjson.dumps(fields), settings)
    assert isinstance(plan, SearchPlan)
    shards = plan.leg.shards or tuple(range(SHARDS))
    sent = orjson.loads(plan.leg.body(shards))
    *_, selector = sent["filter"]
    codes = ", ".join(f'"{encode_shard(shard)}"' for shard in shards)
    assert selector == f"_miroir_shard IN [{codes}]"
    named = [name for field in _NAMING for name in sent.get(field, [])] + [sent.get("distinct", "")]
    assert not [name for name in named if name.startswith("_miroir_")]
    assert sent["showRankingScore"] is sent["showRankingScoreDetails"] is True
    assert "offset" not in sent or sent["offset"] == 0


@given(SEARCHES, SETTINGS)
def test_what_is_planned_does_not_depend_on_what_was_planned_before(fields: Any, settings: Any) -> None:
    body = orjson.dumps(fields)
    one, other = planned(body, settings), planned(body, settings)
    assert isinstance(one, SearchPlan)
    assert isinstance(other, SearchPlan)
    assert one.recipe == other.recipe
    assert one.leg.body((0, 3)) == other.leg.body((0, 3))


@given(st.one_of(JSON, ODD_SEARCHES).map(orjson.dumps))
def test_any_json_is_planned_or_left_to_a_node_as_it_came(body: bytes) -> None:
    plan = planned(body, {})
    assert isinstance(plan, SearchPlan | ByVectors) or plan.body == body


@given(st.binary(max_size=60))
def test_any_bytes_are_planned_or_left_to_a_node_as_they_came(body: bytes) -> None:
    plan = planned(body, {})
    assert isinstance(plan, SearchPlan | ByVectors) or plan.body == body


@given(SEARCHES)
def test_what_was_understood_is_understood_the_same_again(fields: dict[str, Any]) -> None:
    once = understand(orjson.dumps(fields))
    assert isinstance(once, dict)
    assert understand(orjson.dumps(once)) == once


_FORMS = {str: str, int: str, float: repr, list: ",".join, bool: lambda flag: str(flag).lower()}


@given(SEARCHES)
def test_the_get_form_of_a_search_asks_the_same_or_is_left_to_a_node(fields: dict[str, Any]) -> None:
    given_filter = fields.pop("filter", None)
    simple = {name: value for name, value in fields.items() if value not in ([], [""])}
    pairs = [(name, _FORMS[type(value)](value)) for name, value in simple.items()]  # type: ignore[operator]
    if isinstance(given_filter, list):
        pairs.append(("filter", orjson.dumps(given_filter).decode()))
        simple["filter"] = given_filter
    query = "&".join(f"{name}={quote(text, safe='')}" for name, text in pairs)
    body = body_of_query(query.encode())
    if body is not None and not any("," in name for name in fields.get("sort", [])):
        assert orjson.loads(body) == simple or "sort" in simple


@given(st.binary(max_size=60) | st.text("q=&%2Cfilter+limit0é", max_size=40).map(str.encode))
def test_any_query_is_a_body_or_left_to_a_node(query: bytes) -> None:
    body = body_of_query(query)
    assert body is None or isinstance(orjson.loads(body), dict)


_QUERIES = st.fixed_dictionaries(
    {"indexUid": st.sampled_from(["movies", "a b", ""])}, optional={"q": st.text(max_size=3)}
)
_BATCHES = st.fixed_dictionaries({"queries": st.lists(_QUERIES | JSON, max_size=3)}, optional={"federation": JSON})


@given(_BATCHES | JSON)
def test_any_multi_search_is_taken_apart_refused_by_its_uid_or_left_to_a_node(given_batch: Any) -> None:
    batch, code = taken_apart(orjson.dumps(given_batch))
    assert code in (None, "invalid_index_uid")
    if isinstance(batch, Batch):
        sent = orjson.loads(renamed(batch, lambda uid: f"{uid}-i1"))
        assert [query["indexUid"] for query in sent["queries"]] == [f"{query.index}-i1" for query in batch.queries]


def taken_apart(body: bytes) -> tuple[Batch | NotUnderstood | None, str | None]:
    try:
        return understand_batch(body), None
    except MiroirError as error:
        return None, error.code
