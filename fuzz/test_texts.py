"""Settings and the words of nodes: names of ours neither go in nor come out."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from fuzz.making import JSON, NAMES
from miroir.core.generations import CLASSIC
from miroir.core.settings import NodePatch, client_view, node_patch
from miroir.core.settings.virtual import Dialect
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.rewriting import error_reply, for_client

DIALECT = Dialect(CLASSIC)
_KEYS = ("filterableAttributes", "sortableAttributes", "rankingRules", "displayedAttributes", "faceting", "dictionary")
_PHYSICAL = "movies-i7-e3kx2p"
_PATTERNS = st.fixed_dictionaries({"attributePatterns": st.lists(NAMES, max_size=2), "features": st.just({})})
_SETTINGS = st.dictionaries(
    st.sampled_from([*_KEYS, "nonSeparatorTokens", "synonyms"]),
    st.lists(NAMES | _PATTERNS, max_size=3) | JSON,
    max_size=3,
)


@given(_SETTINGS)
def test_settings_reach_the_nodes_with_our_names_and_the_client_without(patch: dict[str, Any]) -> None:
    sent, code = for_nodes(patch)
    assert code in (None, "miroir_reserved_field", "miroir_not_supported")
    if sent is None:
        return
    assert "_miroir_" not in orjson.dumps(patch).decode()
    view = client_view(sent.body, {}, sent.own)
    assert "_miroir_" not in orjson.dumps(view).decode()
    for key in ("filterableAttributes", "sortableAttributes"):
        if isinstance(patch.get(key), list) and all(isinstance(entry, str) for entry in patch[key]):
            assert view[key] == patch[key]


def for_nodes(patch: dict[str, Any]) -> tuple[NodePatch | None, str | None]:
    try:
        return node_patch(patch, DIALECT), None
    except MiroirError as error:
        return None, error.code


_SELECTORS = st.sampled_from(
    [
        '_miroir_shard IN ["((((", "(((,"]',
        '\\"_miroir_shard IN [\\"((((\\"]\\"',
        ', "_miroir_shard IN ["(((]"]"',
        ' AND _miroir_shard IN ["(((:"]',
    ]
)
_LISTS = st.lists(st.sampled_from(["id", "title", "_miroir_shard", "_miroir_seq"]), min_size=1, max_size=4, unique=True)
_LISTED = st.builds(
    lambda kind, names, mark: f"Available {kind} are: `{mark.join(names)}`.",
    st.sampled_from(["filterable attribute patterns", "sortable attributes", "filterable attributes"]),
    _LISTS,
    st.sampled_from(["`, `", ", "]),
)
_WORDS = st.text(max_size=10).filter(lambda text: "miroir" not in text and "`" not in text)
_MESSAGES = st.lists(_WORDS | _SELECTORS | _LISTED | st.just(f"Index `{_PHYSICAL}` not found."), max_size=5).map(
    "\n".join
)


@given(_MESSAGES, st.sampled_from([None, ["id"], []]))
def test_no_message_of_a_node_shows_a_name_of_ours(message: str, displayed: list[str] | None) -> None:
    shown = for_client(message, (_PHYSICAL,), "movies", displayed)
    assert _PHYSICAL not in shown
    if "`, `" not in message and "attribute patterns" not in message:
        assert "_miroir_" not in shown
    assert for_client(shown, (_PHYSICAL,), "movies", displayed) == shown


@given(st.binary(max_size=40) | JSON.map(orjson.dumps), st.integers(400, 599))
def test_any_error_of_a_node_becomes_an_error_for_the_client(body: bytes, status: int) -> None:
    reply = error_reply(status, body, (_PHYSICAL,), "movies")
    assert isinstance(orjson.loads(reply.body), dict)
    assert reply.status >= 400
