"""Lists of documents: taken apart and put together as bytes."""

from __future__ import annotations

import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir._merge_core import MergeError, encode_sequence, encode_shard
from miroir.core.documents.reading import read_document, read_each, write_page
from miroir.core.documents.rows import Order
from miroir.core.documents.stamps import without_stamps
from miroir.core.similar import read_source

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just('"_miroir_shard":"(((("'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(st.text("abc,[]{}", min_size=1, max_size=5), values, max_size=4)


def stamped(document: dict[str, object], sequence: int, place: int) -> dict[str, object]:
    fields = list(document.items())
    fields.insert(place % (len(fields) + 1), ("_miroir_seq", encode_sequence(sequence)))
    fields.insert(place % (len(fields) + 1), ("_miroir_shard", encode_shard(sequence % 7)))
    return dict(fields)


def dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


@given(documents, st.integers(0, 2**40), st.integers(0, 9))
def test_only_our_stamps_are_removed(document: dict[str, object], sequence: int, place: int) -> None:
    assert without_stamps(dump(stamped(document, sequence, place))) == dump(document)


@given(st.lists(documents, max_size=12), st.integers(1, 3), st.integers(0, 5), st.integers(0, 5))
def test_lists_of_several_nodes_make_one_in_order_of_arrival(
    stored: list[dict[str, object]], nodes: int, offset: int, limit: int
) -> None:
    bodies = []
    for node in range(nodes):
        own = [stamped(one, number, number) for number, one in enumerate(stored) if number % nodes == node]
        cut = own[: offset + limit]
        bodies.append(dump({"results": cut, "offset": 0, "limit": offset + limit, "total": len(own)}))
    assert json.loads(write_page(bodies, Order(), offset, limit)) == {
        "results": stored[offset : offset + limit],
        "offset": offset,
        "limit": limit,
        "total": len(stored),
    }


def test_spaces_between_tokens_are_no_hindrance() -> None:
    body = b'{ "results" : [ {"_miroir_seq":"((((((((((((((((","a":1} , '
    body += b'{"_miroir_seq":"((((((((((((((()"} ] , "offset":0, "limit":20, "total" : 2 }'
    assert write_page([body], Order(), 0, 20) == b'{"results":[{"a":1},{}],"offset":0,"limit":20,"total":2}'


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"results":[', b'{"results":[{"a":1}],"total":1}', b'{"results":[1],"total":1}', b"\xff"]
)
def test_what_is_no_list_names_its_node(body: bytes) -> None:
    with pytest.raises(MergeError) as caught:
        write_page([b'{"results":[],"offset":0,"limit":20,"total":0}', body], Order(), 0, 20)
    assert caught.value.args[0] == 1


@pytest.mark.parametrize("body", [b"", b"garbage", b"[]", b"1", b'"x"', b'{"id":1', b"\xff"])
def test_what_is_no_document_names_its_node(body: bytes) -> None:
    with pytest.raises(MergeError) as caught:
        read_each([body], read_document)
    assert caught.value.args[0] == 0


@pytest.mark.parametrize("hit", [1, "x", [], None])
def test_what_is_no_source_of_a_vector_names_its_node(hit: object) -> None:
    body = dump({"results": [hit]})
    with pytest.raises(MergeError):
        read_each([body], partial(read_source, embedder="e"))
