"""The splitter against its reference: whatever the payload and its cuts, the same pieces or the same refusal."""

from __future__ import annotations

import json
from itertools import pairwise
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from miroir import _merge_core
from miroir.core.merging.splitting import SplitFailedError, split

_NAMES = st.sampled_from(["id", "a", "b", "title", "ID", "a.b", "_miroir_x", "été", 'q"\\', ""])
_SCALARS = st.one_of(
    st.integers(-(2**65), 2**65), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
_IDS = st.one_of(st.integers(-5, 10**20), st.text("abAB01_-", max_size=6), st.just("x" * 512), st.just("a b"))
_SPACES = st.sampled_from(["", " ", "\n", "\t \r\n"])


def _members(names: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, Any]]]:
    nested = st.fixed_dictionaries({"b": _IDS})
    return st.lists(st.tuples(names, st.one_of(_IDS, nested, _VALUES)), max_size=4)


@st.composite
def _documents(draw: st.DrawFn) -> str:
    """An object as text, with repeated names and any white space; mostly with an id."""
    members = draw(_members(_NAMES if draw(st.integers(0, 9)) == 0 else st.sampled_from(["a", "b", "title", "a.b"])))
    if draw(st.integers(0, 9)):
        members.insert(draw(st.integers(0, len(members))), ("id", draw(st.one_of(st.integers(0, 99), _IDS))))
    ascii_only, space = draw(st.booleans()), draw(_SPACES)
    written = [
        json.dumps(name, ensure_ascii=ascii_only)
        + space
        + ":"
        + json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace").decode()
        for name, value in members
    ]
    return "{" + space + ("," + space).join(written) + space + "}"


@st.composite
def _payloads(draw: st.DrawFn) -> tuple[bytes, bool]:
    """A payload and whether it is NDJSON; one in a few is broken somewhere."""
    ndjson, space = draw(st.booleans()), draw(_SPACES)
    documents = draw(st.lists(_documents(), max_size=5))
    if ndjson:
        text = space.join(documents) + space
    elif len(documents) == 1 and draw(st.booleans()):
        text = space + documents[0] + space
    else:
        text = "[" + space + ("," + space).join(documents) + "]" + space
    payload = text.encode("utf-8", "replace")
    if draw(st.integers(0, 3)) == 0 and payload:
        at = draw(st.integers(0, len(payload) - 1))
        payload = payload[:at] + draw(st.binary(max_size=2)) + payload[at + draw(st.integers(0, 2)) :]
    return payload, ndjson


def _chunks(payload: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(payload) + 1) for cut in cuts), len(payload)]
    return [payload[start:end] for start, end in pairwise(edges)]


def _split(chunks: list[bytes], *, ndjson: bool, primary_key: str | None = None, shards: int = 4) -> Any:
    """What came out by shard, and the primary key; or the error's code, message and position."""
    splitter = _merge_core.Splitter(ndjson=ndjson, shards=shards, primary_key=primary_key)
    lines: dict[int, bytes] = {}
    try:
        for chunk in chunks:
            for piece in splitter.feed(chunk):
                lines[piece.shard] = lines.get(piece.shard, b"") + piece.data
        splitter.finish()
    except _merge_core.SplitError as error:
        return error.args
    return lines, splitter.primary_key, splitter.documents


@given(_payloads(), st.sampled_from([None, "id", "a.b", "a", "nope"]), st.lists(st.integers(0, 10**6), max_size=6))
@example((b'{"id":1}{"id":2}', True), None, [4, 8])
@example((b'[{"id":1},12]', False), None, [11])
@example((b'"12', False), None, [])
@example((b'{"a":{"b":1,"b":2}}', True), "a.b", [])
def test_any_cut_gives_what_the_reference_gives(
    payload: tuple[bytes, bool], primary_key: str | None, cuts: list[int]
) -> None:
    text, ndjson = payload
    result = _split(_chunks(text, cuts), ndjson=ndjson, primary_key=primary_key)
    assert result == _split([text], ndjson=ndjson, primary_key=primary_key)
    wanted = _reference(text, ndjson=ndjson, primary_key=primary_key)
    assert result[: len(wanted)] == wanted


def _reference(payload: bytes, *, ndjson: bool, primary_key: str | None) -> tuple[Any, ...]:
    try:
        return split(payload, ndjson=ndjson, shards=4, primary_key=primary_key)
    except SplitFailedError as failed:
        return (failed.code,)


@given(st.lists(_documents(), max_size=8), st.integers(0, 2**40))
def test_stamping_moves_the_sequences_and_nothing_else(documents: list[str], base: int) -> None:
    splitter = _merge_core.Splitter(ndjson=True, shards=3, primary_key="id")
    try:
        pieces = splitter.feed("\n".join(documents).encode("utf-8", "replace"))
    except _merge_core.SplitError:
        return
    for piece in pieces:
        before = piece.data.splitlines(keepends=False)
        stamped = _merge_core.stamp(piece.data, piece.ends, base)
        assert len(stamped) == len(piece.data)
        ends = [int.from_bytes(piece.ends[at : at + 4], "little") for at in range(0, len(piece.ends), 4)]
        assert ends[-1] == len(piece.data)
        for start, end in pairwise([0, *ends]):
            was, now = json.loads(piece.data[start:end]), json.loads(stamped[start:end])
            assert list(now)[-2:] == ["_miroir_shard", "_miroir_seq"]
            assert now.pop("_miroir_seq") == _merge_core.encode_sequence(base + _decoded(was.pop("_miroir_seq")))
            assert now == was
        assert before


def _decoded(text: str) -> int:
    digits = "".join(_merge_core.encode_shard(number)[-1] for number in range(8))
    return sum(digits.index(digit) << 3 * place for place, digit in enumerate(reversed(text)))


_MALFORMED = "The `{}` payload provided is malformed. `Couldn't serialize document value: {}`."


@pytest.mark.parametrize(
    ("payload", "ndjson", "what"),
    [
        (b'[{"id":1},{"id":tru}]', False, "expected ident at line 1 column 20"),
        (b'{"id":1}\n{"id":\n}', True, "expected value at line 3 column 1"),
        (b'[{"id":1}', False, "EOF while parsing a list at line 1 column 9"),
        (b'[{"id":1} {"id":2}]', False, "expected `,` or `]` at line 1 column 11"),
        (b'[{"id":1},]', False, "trailing comma at line 1 column 11"),
        (b'{"id":1} {"id":2}', False, "trailing characters at line 1 column 10"),
        (b'{"id":1', False, "EOF while parsing an object at line 1 column 7"),
        (b" \n ", False, "EOF while parsing a value at line 2 column 1"),
        (b"12", False, "data are neither an object nor a list of objects"),
        (b'[{"id":1},nope]', False, "expected ident at line 1 column 12"),
        (b'{"id":1}{"id":2,"a":[{"b":"\\ud800"}]}', True, "unexpected end of hex escape at line 1 column 34"),
        (b'{"id":1,"a":{"\\udc00":1}}', True, "lone leading surrogate in hex escape at line 1 column 20"),
        (b'[{"id":1,"a":[1e999]}]', False, "number out of range at line 1 column 19"),
        (b'{"id":-1e999}', True, "number out of range at line 1 column 12"),
        (b'[{"id":1,"a":' + b"[" * 127 + b"]" * 127 + b"}]", False, "recursion limit exceeded at line 1 column 140"),
        (b'{"a":' * 128 + b"1" + b"}" * 128, True, "recursion limit exceeded at line 1 column 636"),
    ],
)
def test_malformed_payloads_are_refused_in_the_words_of_a_node(payload: bytes, ndjson: bool, what: str) -> None:
    code, message, _ = _split([payload], ndjson=ndjson)
    assert code == "malformed_payload"
    assert message == _MALFORMED.format("ndjson" if ndjson else "json", what)


def test_wrong_ids_are_named_in_the_words_of_a_node() -> None:
    assert _split([b'[{"id":"a b","x":1.50}]'], ndjson=False) == (
        "invalid_document_id",
        'Document identifier `"a b"` is invalid. A document identifier can be of type integer or string, only composed '
        "of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 "
        "bytes.",
        0,
    )
    assert _split([b'{"id":1}{ "x" : [1.50, {}] }'], ndjson=True) == (
        "missing_document_id",
        'Document doesn\'t have a `id` attribute: `{"x":[1.5,{}]}`.',
        1,
    )


@pytest.mark.parametrize(
    ("document", "primary_key", "shown"),
    [
        (b'{"id":1,"id":2}', "id", '{"id":2}'),
        (b'{"id":1,"x":0,"\\u0069d":1,"id":"a b"}', "id", '{"id":"a b","x":0}'),
        (b'{"xid":1,"xid":1}', None, '{"xid":1}'),
        (b'{"a":{"b":1},"a":{"b":2}}', "a.b", '{"a":{"b":2}}'),
        (b'{"a.b":1,"a":{"b":2}}', "a.b", '{"a.b":1,"a":{"b":2}}'),
    ],
)
def test_two_ids_are_too_many_wherever_they_stand(document: bytes, primary_key: str | None, shown: str) -> None:
    code, message, position = _split([document], ndjson=True, primary_key=primary_key)
    assert (code, position) == ("invalid_document_id", 0)
    assert message.endswith(f"attribute: `{shown}`.")


def test_the_deepest_document_that_a_node_reads_is_split() -> None:
    for payload in (b'{"id":1,"a":' + b"[" * 126 + b"]" * 126 + b"}", b'{"a":' * 127 + b"1" + b"}" * 127):
        primary_key = "id" if b"id" in payload else ".".join("a" * 127)
        assert _split([payload], ndjson=True, primary_key=primary_key)[2] == 1


def test_a_primary_key_of_very_many_segments_leads_nowhere() -> None:
    primary_key = ".".join("a" * 60_000)
    deep = b'{"a":' * 60_000 + b"1" + b"}" * 60_000
    assert _split([deep], ndjson=True, primary_key=primary_key)[0] == "malformed_payload"
    assert _split([b'{"a":{"a":1}}'], ndjson=True, primary_key=primary_key)[0] == "missing_document_id"


def test_very_many_names_that_end_with_id_cost_no_more_than_others() -> None:
    def seconds(ending: str) -> float:
        payload = json.dumps(dict.fromkeys((f"{number}{ending}" for number in range(100_000)), 1)).encode()
        start = process_time()
        assert _split([payload], ndjson=True)[0].startswith("index_primary_key")
        return process_time() - start

    assert seconds("id") < 20 * seconds("ix") + 1


def test_a_primary_key_is_inferred_from_the_first_document_alone() -> None:
    assert _split([b'[{"Uid":1,"x":2},{"Uid":3,"id":2}]'], ndjson=False)[1:] == ("Uid", 2)
    assert _split([b'{"b_id":1,"a_ID":2}'], ndjson=False)[1] == (
        "The primary key inference failed as the engine found 2 fields ending with `id` in their names: 'a_ID' and "
        "'b_id'. Please specify the primary key manually using the `primaryKey` query parameter."
    )
    assert _split([b'{"name":1}'], ndjson=False)[0] == "index_primary_key_no_candidate_found"


def test_broken_json_comes_before_a_wrong_id_and_a_wrong_id_ends_the_handing_out() -> None:
    assert _split([b'[{"id":"a b"},{"id":2},{]'], ndjson=False)[0] == "malformed_payload"
    splitter = _merge_core.Splitter(ndjson=True, shards=1, primary_key="id")
    assert [piece.shard for piece in splitter.feed(b'{"id":1}{"id":null}{"id":2}')] == [0]
    assert (splitter.documents, splitter.seen) == (1, 3)
    for _ in range(2):
        with pytest.raises(_merge_core.SplitError) as raised:
            splitter.finish()
        assert raised.value.args[0] == "invalid_document_id"


def test_values_pass_byte_for_byte() -> None:
    document = (
        b'{"id" : "A-1" ,"big":123456789012345678901234567890,"float":1.50e+3,"text":"\\u00e9\\/",  "n":{"a": [ ]}'
    )
    lines, *_ = _split([document + b"}"], ndjson=True, shards=1)
    assert lines[0].startswith(document + b',"_miroir_shard":')


def test_a_payload_that_breaks_early_is_refused_before_it_is_over() -> None:
    splitter = _merge_core.Splitter(ndjson=False, shards=1, primary_key="id")
    splitter.feed(b'[{"id":1,"x":[nope')
    with pytest.raises(_merge_core.SplitError, match="expected ident"):
        _feed_all(splitter, b'"' + b"x" * 65536 + b'",', times=64)


def _feed_all(splitter: _merge_core.Splitter, chunk: bytes, *, times: int) -> None:
    for _ in range(times):
        splitter.feed(chunk)


def test_reserved_fields_are_refused_at_the_top_only() -> None:
    assert _split([b'{"id":1,"a":{"_miroir_shard":1}}'], ndjson=False)[2] == 1
    code, message, position = _split([b'[{"id":1},{"id":2,"\\u005fmiroir_shard":1}]'], ndjson=False)
    assert (code, position) == ("miroir_reserved_field", 1)
    assert "`_miroir_shard`" in message
