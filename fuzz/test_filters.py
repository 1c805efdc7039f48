"""Filters: aliases touch nothing but names of ours, and narrowing never loses a document that passes."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fuzz.making import ANY_TEXT, CONDITIONS, FILTERS, IDS, JSON, Condition
from miroir._merge_core import shard_of
from miroir.core.planning.names import alias_filter, alias_filters, uses_reserved
from miroir.core.planning.pinning import pinned_shards
from miroir.core.wire.reserved import unalias

SHARDS = 16


@given(ANY_TEXT)
def test_an_alias_has_the_length_of_the_name_and_can_be_undone(text: str) -> None:
    sent = alias_filter(text)
    assert len(sent) == len(text)
    assert unalias(sent) == unalias(text)
    assert alias_filter(sent) == sent


@given(FILTERS)
def test_no_filter_that_is_sent_names_an_attribute_of_ours(condition: Any) -> None:
    sent = alias_filters(condition)
    assert not uses_reserved(sent)
    assert alias_filters(sent) == sent


@given(JSON)
def test_any_json_may_be_asked_for_names_of_ours(condition: Any) -> None:
    assert uses_reserved(condition) in (True, False)


@given(CONDITIONS, st.lists(CONDITIONS, max_size=2), IDS)
def test_a_document_that_passes_is_on_a_shard_that_is_asked(one: Condition, others: list[Condition], doc: str) -> None:
    asked = pinned_shards([one.text, [other.text for other in others]] if others else one.text, "id", SHARDS)
    passes = one.passes(doc) and (not others or any(other.passes(doc) for other in others))
    if passes and asked is not None:
        assert shard_of(doc, SHARDS) in asked


@given(FILTERS | JSON, st.sampled_from([None, "", "id", "a.b"]), st.integers(0, 3))
def test_any_filter_narrows_to_shards_that_exist_or_not_at_all(condition: Any, key: str | None, most: int) -> None:
    asked = pinned_shards(condition, key, SHARDS, most=most)
    assert asked is None or asked <= set(range(SHARDS))
