"""A page in two phases is the page in one: what ranks the hits and what is in them come apart, and together again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miroir import _merge_core
from miroir.core.merging.answering import Plan
from tests.core.merging.answers import bodies
from tests.core.merging.test_merge import PLANS

_SCORES = ("_rankingScore", "_rankingScoreDetails")
_STAMPS = ("_miroir_shard", "_miroir_seq")
_SHARD = _merge_core.encode_shard(3)
_WINDOWS = PLANS.map(lambda plan: replace(plan, distinct=None))


@dataclass(frozen=True)
class _Apart:
    """The answers of nodes asked in one phase, and what they would say when asked in two."""

    whole: list[bytes]
    ranks: list[bytes]
    hits: dict[str, Any]

    def contents(self, wanted: list[str]) -> list[bytes]:
        """The second answers, of two nodes, in an order of their own."""
        halves = (sorted(wanted)[::2], sorted(wanted)[1::2])
        return [_answer([_less(self.hits[each], _SCORES) for each in half]) for half in halves]


def _apart(answers: list[bytes]) -> _Apart:
    whole: list[bytes] = []
    ranks: list[bytes] = []
    hits: dict[str, Any] = {}
    for answer in map(json.loads, answers):
        stamped = [_stamped(hit) for hit in answer["hits"]]
        hits |= {hit["_miroir_seq"]: hit for hit in stamped}
        only = [{name: hit[name] for name in (*_STAMPS, "_geo", *_SCORES) if name in hit} for hit in stamped]
        whole.append(_dumped({**answer, "hits": stamped}))
        ranks.append(_dumped({**answer, "hits": only}))
    return _Apart(whole, ranks, hits)


def _stamped(hit: dict[str, Any]) -> dict[str, Any]:
    rule = hit["_rankingScoreDetails"].get("_miroir_seq:asc")
    sequence = hit["_miroir_seq"] if rule is None else rule["value"]
    scores = {name: hit[name] for name in _SCORES}
    return {**_less(hit, (*_SCORES, *_STAMPS)), "_miroir_shard": _SHARD, "_miroir_seq": sequence, **scores}


def _less(hit: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in hit.items() if name not in names}


def _answer(hits: list[dict[str, Any]]) -> bytes:
    return _dumped({"hits": hits, "query": "", "estimatedTotalHits": len(hits)})


def _dumped(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False).encode()


@settings(max_examples=100, deadline=None)
@given(bodies(), _WINDOWS)
def test_two_phases_make_the_page_of_one(answers: list[bytes], plan: Plan) -> None:
    apart, merge_plan = _apart(answers), _merge_core.MergePlan(**asdict(plan))
    stamps = _merge_core.page_stamps(apart.ranks, merge_plan)
    assert {shard for shard, _ in stamps} <= {_SHARD}
    contents = apart.contents([sequence for _, sequence in stamps])
    in_two = _merge_core.merge_page(apart.ranks, contents, merge_plan, 7, "uid")
    assert in_two == _merge_core.merge(apart.whole, merge_plan, 7, "uid")


@settings(max_examples=30, deadline=None)
@given(bodies(), st.data())
def test_a_hit_whose_contents_are_gone_leaves_no_page(answers: list[bytes], chosen: st.DataObject) -> None:
    apart, plan = _apart(answers), _merge_core.MergePlan(offset=0, limit=100)
    wanted = [sequence for _, sequence in _merge_core.page_stamps(apart.ranks, plan)]
    assert len(wanted) == len(apart.hits)
    if wanted:
        wanted.remove(chosen.draw(st.sampled_from(wanted)))
        assert _merge_core.merge_page(apart.ranks, apart.contents(wanted), plan, 7, "uid") is None


@pytest.mark.parametrize("broken", [b"", _answer([{"id": 1}]), _answer([{"_miroir_seq": 1}])])
def test_broken_contents_are_told_by_their_position_behind_the_ranks(broken: bytes) -> None:
    plan = _merge_core.MergePlan(offset=0, limit=9)
    with pytest.raises(_merge_core.MergeError) as caught:
        _merge_core.merge_page([_answer([])] * 2, [_answer([]), broken], plan, 0, "")
    assert caught.value.args[0] == 3
