"""A node's error reaches the client as one node holding everything would have put it."""

from __future__ import annotations

import orjson
import pytest

from miroir.core.wire.rewriting import error_reply, for_client

NAMES = ("movies-i3-e7k2pq", "movies-i3-e0")


FILTER = "Index `movies-i3-e7k2pq`: Attribute `x` is not filterable. "
SORT = "Attribute `x` is not sortable. Available sortable attributes are: "
DISTINCT = "Attribute `x` is not filterable and thus, cannot be used as distinct attribute. "


@pytest.mark.parametrize(
    ("node_text", "text"),
    [
        (
            FILTER
            + "Available filterable attribute patterns are: `_miroir_seq`, `_miroir_shard`, `genre`, `year`.\n1:2 x=1",
            "Index `movies`: Attribute `x` is not filterable. "
            "Available filterable attribute patterns are: `genre`, `year`.\n1:2 x=1",
        ),
        (
            FILTER + "Available filterable attribute patterns are: `_miroir_seq`, `_miroir_shard`.\n1:2 x",
            "Index `movies`: Attribute `x` is not filterable. "
            "This index does not have configured filterable attributes.\n1:2 x",
        ),
        (SORT + "`_miroir_seq, rating, year`.", SORT + "`rating, year`."),
        (
            SORT + "`_miroir_seq`.",
            "Attribute `x` is not sortable. This index does not have configured sortable attributes.",
        ),
        (
            "Invalid facet distribution: Attribute `x` is not filterable. "
            "Available filterable attributes patterns are: `_miroir_seq, _miroir_shard, genre`.",
            "Invalid facet distribution: Attribute `x` is not filterable. "
            "Available filterable attributes patterns are: `genre`.",
        ),
        ("Attribute `_miroiR_shard` is not filterable.", "Attribute `_miroir_shard` is not filterable."),
        (
            "Attribute `x` is not facet-searchable. Available facet-searchable attributes patterns are: "
            "`_miroir_seq, _miroir_shard`. "
            "To make it facet-searchable add it to the `filterableAttributes` index settings.",
            "Attribute `x` is not facet-searchable. This index does not have configured facet-searchable attributes. "
            "To make it facet-searchable add it to the `filterableAttributes` index settings.",
        ),
        (
            "Note: this attribute matches rule #3 in filterableAttributes, but\nHint: prepend it before rule #3",
            "Note: this attribute matches rule #1 in filterableAttributes, but\nHint: prepend it before rule #1",
        ),
        ("No list of `anything` here.", "No list of `anything` here."),
    ],
)
def test_lists_and_names_are_the_clients_own(node_text: str, text: str) -> None:
    assert for_client(node_text, NAMES, "movies") == text


def test_hidden_attributes_are_hidden_where_a_node_hides_them() -> None:
    narrow = ["year"]
    assert (
        for_client(SORT + "`_miroir_seq, secret, year`.", NAMES, "movies", narrow)
        == SORT + "`year, <..hidden-attributes>`."
    )
    listed = DISTINCT + "Available filterable attributes patterns are: `_miroir_shard, secret, year`."
    shown = DISTINCT + "Available filterable attributes patterns are: `year, <..hidden-attributes>`."
    assert for_client(listed, NAMES, "movies", narrow) == shown
    whole = "Attribute `x` is not filterable. Available filterable attribute patterns are: `secret`, `year`."
    assert for_client(whole, NAMES, "movies", narrow) == whole


@pytest.mark.parametrize(
    "text",
    [
        'Attribute `x` is not filterable.\n1:2 x = 1 AND _miroir_shard IN ["(((:", "(()[", "((,]"]',
        'found `["x = 1", "_miroir_shard IN [\\"(((:\\", \\"(()[\\"]"]`',
    ],
)
def test_the_shard_selector_never_shows(text: str) -> None:
    told = for_client(text, NAMES, "movies")
    assert "_miroir" not in told
    assert "(" not in told
    assert "x = 1" in told


def test_every_name_that_the_index_has_had_is_the_clients() -> None:
    assert for_client("`movies-i3-e0` and `movies-i3-e7k2pq`", NAMES, "movies") == "`movies` and `movies`"


def test_an_error_body_keeps_its_other_fields_and_their_order() -> None:
    reply = error_reply(400, b'{"message":"Index `movies-i3-e7k2pq` ...","code":"c","link":"l"}', NAMES, "movies")
    assert (reply.status, reply.body) == (400, b'{"message":"Index `movies` ...","code":"c","link":"l"}')


@pytest.mark.parametrize("body", [b"", b"not json at 10.0.0.1", b"[]"])
def test_what_is_no_error_body_becomes_a_plain_sentence(body: bytes) -> None:
    reply = error_reply(400, body, NAMES, "movies")
    assert (reply.status, orjson.loads(reply.body)["code"]) == (500, "internal")


@pytest.mark.parametrize(
    ("quoted", "alone"),
    [
        ('3:10 ("nothing" = "1") AND ("_miroir_shard" IN ["((((", "((,["])', '2:9 "nothing" = "1"'),
        (
            '25:26 (("n" = "1") OR ("a" = ")\\"(")) AND ("_miroir_shard" IN ["(((("])',
            '24:25 ("n" = "1") OR ("a" = ")\\"(")',
        ),
        ('3:4 ("n" = "1") AND ("a" = "2") AND ("_miroir_shard" IN ["(((("])', '3:4 ("n" = "1") AND ("a" = "2")'),
    ],
)
def test_a_filter_that_the_node_wrote_anew_is_quoted_without_ours(quoted: str, alone: str) -> None:
    text = f"Index `movies-i3-e0`: Attribute `nothing` is not filterable.\n{quoted}"
    assert for_client(text, NAMES, "movies") == f"Index `movies`: Attribute `nothing` is not filterable.\n{alone}"
