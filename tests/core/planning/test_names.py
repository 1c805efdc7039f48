"""Reserved names that a client uses act as unknown fields; values that look like them stay values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miroir.core.planning.names import alias_filter, alias_filters, uses_reserved
from miroir.core.wire.reserved import unalias


@pytest.mark.parametrize(
    ("given_filter", "sent"),
    [
        ("_miroir_shard = 1", "_miroiR_shard = 1"),
        ("a=1 AND _miroir_shard=1", "a=1 AND _miroiR_shard=1"),
        ("NOT _miroir_seq EXISTS", "NOT _miroiR_seq EXISTS"),
        ('"_miroir_shard" = "_miroir_shard"', '"_miroiR_shard" = "_miroir_shard"'),
        ("'_miroir_shard' != x", "'_miroiR_shard' != x"),
        ("(_miroir_shard IN [_miroir_a, b])", "(_miroiR_shard IN [_miroir_a, b])"),
        ("title = _miroir_shard OR _miroir_seq > 1", "title = _miroir_shard OR _miroiR_seq > 1"),
        ("title = 'it\\'s _miroir_shard' OR b = 1", "title = 'it\\'s _miroir_shard' OR b = 1"),
        ("_miroir_seq 1 TO 2", "_miroiR_seq 1 TO 2"),
    ],
)
def test_attributes_with_reserved_names_are_sent_under_an_alias(given_filter: str, sent: str) -> None:
    assert alias_filter(given_filter) == sent
    assert len(sent) == len(given_filter)


@given(st.text(alphabet="ab_ \"'()[],=\\ANDORT", max_size=40))
def test_a_filter_without_reserved_names_is_sent_as_it_is(text: str) -> None:
    assert alias_filter(text) == text


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_other_byte_of_a_filter_is_touched(before: str, after: str) -> None:
    text = f"{before}_miroir_shard{after}"
    assert unalias(alias_filter(text)) == unalias(text)


def test_a_filter_becomes_one_array_without_blanks() -> None:
    assert alias_filters("a = 1") == ["a = 1"]
    assert alias_filters("  ") == []
    assert alias_filters(["a = 1", "", ["b = 1", "_miroir_seq = 2"]]) == ["a = 1", ["b = 1", "_miroiR_seq = 2"]]


@pytest.mark.parametrize("text", ["_miroir_x = 1", '"_miroir_x" IN [a]', "a = 1 OR NOT (_miroir_seq EXISTS)"])
def test_a_filter_that_names_our_attribute_is_told_from_one_that_has_such_a_value(text: str) -> None:
    assert uses_reserved(text)
    assert uses_reserved(["a = 1", [text]])
    assert not uses_reserved(["a = _miroir_x", ['b IN ["_miroir_seq", _miroir_shard]', "c = '_miroir_ = 1'"]])
    assert not uses_reserved(5)
