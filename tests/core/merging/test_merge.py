"""The merge against its reference, and what no input may do to it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miroir import _merge_core
from miroir.core.merging import answering
from miroir.core.merging.answering import Plan
from tests.core.merging.answers import bodies

PLANS = st.builds(
    Plan,
    offset=st.integers(0, 8),
    limit=st.integers(0, 12),
    page=st.none() | st.tuples(st.integers(0, 3), st.integers(0, 5)),
    max_total_hits=st.sampled_from([1000, 4]),
    show_score=st.booleans(),
    show_details=st.booleans(),
    strip=st.lists(st.sampled_from(["a", "a.b", "genre", "id", "_geo"]), max_size=2),
    strip_facets=st.sampled_from([(), ("genre",), ("genre", "price", "été")]),
    distinct=st.sampled_from([None, None, "genre", "a.b", "id"]),
    facet_limit=st.sampled_from([100, 3, 1]),
    facet_order=st.dictionaries(st.sampled_from(["*", "genre", "price"]), st.sampled_from(["alpha", "count"])),
    hidden_rules=st.sampled_from([(), ("price:asc",)]),
)


def _merged(answers: list[bytes], plan: Plan) -> tuple[dict[str, Any], bool]:
    body, cut_off = _merge_core.merge(answers, _merge_core.MergePlan(**asdict(plan)), 7, "uid")
    return json.loads(body, object_pairs_hook=_unique), cut_off


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names), f"a name stands twice: {names}"
    return dict(pairs)


@settings(max_examples=100, deadline=None)
@given(bodies(), PLANS)
def test_the_merge_is_what_the_reference_says(answers: list[bytes], plan: Plan) -> None:
    merged, cut_off = _merged(answers, plan)
    wanted, _ = answering.merge(answers, plan, 7, "uid")
    assert json.dumps(merged) == json.dumps(wanted)
    assert not cut_off


@given(bodies(), st.integers(1, 4))
def test_pages_put_together_are_one_large_page(answers: list[bytes], size: int) -> None:
    plan = Plan(offset=0, limit=100)
    whole = _merged(answers, plan)[0]["hits"]
    pages = [_merged(answers, replace(plan, offset=start, limit=size))[0]["hits"] for start in range(0, 24, size)]
    assert [hit for page in pages for hit in page] == whole


@given(bodies(), st.data())
def test_broken_answers_are_refused_or_merged_and_nothing_else(answers: list[bytes], data: st.DataObject) -> None:
    broken = answers[0]
    at = data.draw(st.integers(0, len(broken)))
    broken = broken[:at] + data.draw(st.binary(max_size=3)) + broken[at + data.draw(st.integers(0, 3)) :]
    plan = _merge_core.MergePlan(offset=0, limit=20, show_details=True, distinct="genre", strip=["a.b"])
    try:
        body, _ = _merge_core.merge([*answers[1:], broken], plan, 0, "")
    except _merge_core.MergeError as error:
        position, what = error.args
        assert position == len(answers) - 1
        assert isinstance(what, str)
    else:
        assert body.startswith(b'{"hits":[')
        body.decode()


@given(bodies(), st.data())
def test_a_cut_off_answer_is_always_refused(answers: list[bytes], data: st.DataObject) -> None:
    cut = answers[0][: data.draw(st.integers(0, len(answers[0]) - 1))]
    with pytest.raises(_merge_core.MergeError) as raised:
        _merge_core.merge([cut], _merge_core.MergePlan(offset=0, limit=20), 0, "")
    assert raised.value.args[0] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"message":"no"}',
        b'{"hits":{},"estimatedTotalHits":0}',
        b'{"hits":[]}',
        b'{"hits":[1],"estimatedTotalHits":1}',
        b'{"hits":[{"id":1}],"estimatedTotalHits":1}',
        b'{"hits":[],"estimatedTotalHits":-1}',
        b'{"hits":[],"estimatedTotalHits":0}x',
        b"<html>",
    ],
)
def test_what_is_no_search_answer_is_refused(body: bytes) -> None:
    with pytest.raises(_merge_core.MergeError):
        _merge_core.merge([body], _merge_core.MergePlan(offset=0, limit=20), 0, "")


def _body(hits: list[str], total: int | None = None, more: str = "") -> bytes:
    count = len(hits) if total is None else total
    return f'{{"hits":[{",".join(hits)}],"query":"q","estimatedTotalHits":{count}{more}}}'.encode()


def _hit(fields: str, details: str = "") -> str:
    return f'{{{fields},"_rankingScore":1.0,"_rankingScoreDetails":{{{details}}}}}'


def test_a_document_may_have_fields_that_are_named_like_ours() -> None:
    own = '"id":1,"_rankingScoreDetails":{"own":1},"_rankingScore":"own","note":"\\"_rankingScoreDetails\\":{}"'
    body, _ = _merge_core.merge([_body([_hit(own)])], _merge_core.MergePlan(offset=0, limit=1), 0, "")
    assert body.startswith(f'{{"hits":[{{{own}}}],'.encode())


def test_values_pass_byte_for_byte() -> None:
    own = '"id" : 1.50e3,"text":"\\u00e9\\/","nested":{ "a" :[ 1 , 2 ]},"big":123456789012345678901234567890'
    body, _ = _merge_core.merge([_body([_hit(own)])], _merge_core.MergePlan(offset=0, limit=1), 0, "")
    assert body.startswith(f'{{"hits":[{{{own}}}],'.encode())


def test_a_hit_that_was_cut_off_is_told_and_comes_last() -> None:
    words = '"words":{"order":0,"matchingWords":1,"maxMatchingWords":3,"score":0.3}'
    skipped = _body([_hit('"id":1', '"skipped":{"order":0}')])
    plan = _merge_core.MergePlan(offset=0, limit=2)
    body, cut_off = _merge_core.merge([skipped, _body([_hit('"id":2', words)])], plan, 0, "")
    assert [hit["id"] for hit in json.loads(body)["hits"]] == [2, 1]
    assert cut_off


def test_without_the_stamp_as_a_rule_ties_go_by_the_stamp_of_the_hit() -> None:
    one = _body([_hit('"id":1,"_miroir_seq":"()"'), _hit('"id":4,"_miroir_seq":"(("')])
    other = _body([_hit('"id":2,"_miroir_seq":"(("'), _hit('"id":3,"_miroir_seq":"]]"')])
    body, _ = _merge_core.merge([one, other], _merge_core.MergePlan(offset=0, limit=4), 0, "")
    assert [hit["id"] for hit in json.loads(body)["hits"]] == [2, 1, 4, 3]


def test_numbers_of_a_large_facet_are_in_the_order_of_numbers() -> None:
    facets = ',"facetDistribution":{"n":{"1":1,"10":1,"2":1,"x":1}},"facetStats":{"n":{"min":1.0,"max":10.0}}'
    for total, order in ((1500, ["1", "10", "2", "x"]), (1501, ["1", "2", "10", "x"])):
        answers = [_body([], 1500, facets), _body([], total, facets)]
        body, _ = _merge_core.merge(answers, _merge_core.MergePlan(offset=0, limit=0), 0, "")
        assert list(json.loads(body)["facetDistribution"]["n"]) == order


def test_a_text_that_looks_like_a_number_stays_behind_the_numbers() -> None:
    facets = ',"facetDistribution":{"n":{"1":1,"3":1,"9007":1,"7":1}},"facetStats":{"n":{"min":1.0,"max":9007.0}}'
    body, _ = _merge_core.merge([_body([], 4, facets)] * 2, _merge_core.MergePlan(offset=0, limit=0), 0, "")
    assert list(json.loads(body)["facetDistribution"]["n"].items()) == [("1", 2), ("3", 2), ("9007", 2), ("7", 2)]


@pytest.mark.parametrize(("direction", "order"), [("asc", [1, 3, 2, 4]), ("desc", [2, 4, 1, 3])])
def test_the_positive_zeros_stand_apart_from_the_negative_ones(direction: str, order: list[int]) -> None:
    def body(*hits: tuple[int, str]) -> bytes:
        facets = ',"facetDistribution":{"n":{"-0":1,"0":1}},"facetStats":{"n":{"min":0.0,"max":0.0}}'
        details = f'"n:{direction}":{{"order":0,"value":%s}},"_miroir_seq:asc":{{"order":1,"value":"%d"}}'
        return _body([_hit(f'"id":{number}', details % (zero, number)) for number, zero in hits], None, facets)

    zeros = {1: "0.0", 2: "-0.0", 3: "0.0", 4: "-0.0"}
    answers = [body(*((number, zeros[number]) for number in order if number in own)) for own in ({1, 4}, {2, 3})]
    merged = json.loads(_merge_core.merge(answers, _merge_core.MergePlan(offset=0, limit=9), 0, "")[0])
    assert [hit["id"] for hit in merged["hits"]] == order
    assert merged["facetDistribution"] == {"n": {"-0": 2, "0": 2}}


def test_very_many_numbers_and_texts_of_a_facet_are_no_burden() -> None:
    values = [*sorted(map(str, range(40_000))), *(f"x{number}" for number in range(40_000))]
    facets = json.dumps({"n": dict.fromkeys(values, 1)})
    more = f',"facetDistribution":{facets},"facetStats":{{"n":{{"min":0.0,"max":40000.0}}}}'
    plan = _merge_core.MergePlan(offset=0, limit=0, facet_limit=100_000)
    start = process_time()
    body, _ = _merge_core.merge([_body([], 3000, more)], plan, 0, "")
    assert process_time() - start < 0.4
    assert len(json.loads(body)["facetDistribution"]["n"]) == 80_000


def test_a_hit_with_more_ranking_details_than_a_search_has_is_refused() -> None:
    rules = ",".join(f'"_geoPoint({order},0):asc":{{"order":{order},"distance":1}}' for order in range(5000))
    answers = [_body([_hit('"id":1', rules)] * 2)] * 2
    with pytest.raises(_merge_core.MergeError, match="too many ranking details"):
        _merge_core.merge(answers, _merge_core.MergePlan(offset=0, limit=9), 0, "")


def test_distinct_values_are_counted_in_page_mode_when_they_are_among_the_facets() -> None:
    hits = [_hit('"id":1,"color":"Red"'), _hit('"id":2')]
    facets = ',"facetDistribution":{"color":{"Red":1}},"facetStats":{}'
    plan = _merge_core.MergePlan(offset=0, limit=9, page=(1, 9), distinct="color", strip_facets=["color"])
    body, _ = _merge_core.merge([_body(hits, 5, facets), _body(hits, 3, facets)], plan, 0, "")
    answer = json.loads(body)
    assert [hit["id"] for hit in answer["hits"]] == [1, 2, 2]
    assert (answer["totalHits"], answer["totalPages"]) == (1 + 4 + 2, 1)
    assert "facetDistribution" not in answer


def test_what_an_added_facet_brings_along_is_hidden_too() -> None:
    facets = ',"facetDistribution":{"brand":{},"brand.name":{"x":1},"brands":{"y":2}},"facetStats":{}'
    plan = _merge_core.MergePlan(offset=0, limit=9, page=(1, 9), strip_facets=["brand"])
    body, _ = _merge_core.merge([_body([], 5, facets)], plan, 0, "")
    assert json.loads(body)["facetDistribution"] == {"brands": {"y": 2}}


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="nothing"):
        _merge_core.merge([], _merge_core.MergePlan(offset=0, limit=1), 0, "")
    with pytest.raises(ValueError, match="alpha"):
        _merge_core.MergePlan(offset=0, limit=1, facet_order={"*": "size"})
