"""A node's error reaches the client as one node holding everything would have put it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from miroir.core.indexes import IndexView
from miroir.core.planning.error_text import client_error, client_text


def view(**settings: Any) -> IndexView:
    return IndexView("movies", "movies-i3-e7k2pq", 3, "id", 1, (("n1",),), "", "", settings)


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
        ("No list of `anything` here.", "No list of `anything` here."),
    ],
)
def test_lists_and_names_are_the_clients_own(node_text: str, text: str) -> None:
    assert client_text(node_text, view(), "movies") == text


def test_hidden_attributes_are_hidden_where_a_node_hides_them() -> None:
    narrow = view(displayedAttributes=["year"])
    assert (
        client_text(SORT + "`_miroir_seq, secret, year`.", narrow, "movies") == SORT + "`year, <..hidden-attributes>`."
    )
    listed = DISTINCT + "Available filterable attributes patterns are: `_miroir_shard, secret, year`."
    shown = DISTINCT + "Available filterable attributes patterns are: `year, <..hidden-attributes>`."
    assert client_text(listed, narrow, "movies") == shown
    whole = "Attribute `x` is not filterable. Available filterable attribute patterns are: `secret`, `year`."
    assert client_text(whole, narrow, "movies") == whole


@pytest.mark.parametrize(
    "text",
    [
        'Attribute `x` is not filterable.\n1:2 x = 1 AND _miroir_shard IN ["(((:", "(()[", "((,]"]',
        'found `["x = 1", "_miroir_shard IN [\\"(((:\\", \\"(()[\\"]"]`',
    ],
)
def test_the_shard_selector_never_shows(text: str) -> None:
    told = client_text(text, view(), "movies")
    assert "_miroir" not in told
    assert "(" not in told
    assert "x = 1" in told


def test_an_error_body_keeps_its_other_fields_and_their_order() -> None:
    body = b'{"message":"Index `movies-i3-e7k2pq` ...","code":"c","type":"t","link":"l"}'
    assert client_error(body, view(), "movies") == b'{"message":"Index `movies` ...","code":"c","type":"t","link":"l"}'


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", orjson.dumps({"message": 5})])
def test_what_is_no_error_body_is_left_alone(body: bytes) -> None:
    assert client_error(body, view(), "movies") == body
