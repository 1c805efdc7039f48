"""The nodes' settings differ from the client's in six places (exact-merge 4.2); here is the way there and back.

    filterableAttributes       our two fields come first: of several patterns the first that matches decides
    sortableAttributes         our sequence is added
    rankingRules               our sequence is the last rule, unless the index takes ties as its nodes have them
    displayedAttributes        always everything; Miroir applies the client's list to what it answers
    faceting.maxValuesPerFacet so high that no node truncates what the merge has to sum
    embedders                  a template that the client leaves to the engine skips our fields (`templates`)

A value that a node would refuse goes through as it is, so that the node writes the error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from miroir.core.generations import Generation
from miroir.core.settings.templates import as_the_engine_has_it, with_template
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reserved import PREFIX, SEQUENCE, SHARD, is_reserved

Json = Any
LAST_RULE = f"{SEQUENCE}:asc"
NODE_FACET_VALUES = 100_000
CLIENT_FACET_VALUES = 100
STAMP_CHARACTERS = frozenset("(),:;?[]")
_ALL = ["*"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What depends on the nodes' version or on the index: whether our sequence is its last rule, and the embedders that
    the index has, as clients read them."""

    generation: Generation
    stamped_ties: bool = True
    embedders: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NodePatch:
    """What goes to the nodes, and what the client said in it about settings that nodes hold differently.

    `own` maps "displayedAttributes" to the client's list and "maxValuesPerFacet" to the client's number.
    """

    body: dict[str, Json]
    own: dict[str, Json] = field(default_factory=dict)


def base_settings(dialect: Dialect) -> dict[str, Json]:
    """The patch that makes a new index of a node ready for Miroir."""
    return {
        "filterableAttributes": [SHARD, SEQUENCE],
        "sortableAttributes": [SEQUENCE],
        "rankingRules": _rules(list(dialect.generation.default_rules), dialect),
        "faceting": {"maxValuesPerFacet": NODE_FACET_VALUES},
    }


def node_patch(patch: Mapping[str, Json], dialect: Dialect) -> NodePatch:
    """A client's patch of the whole object, for the nodes. Raises MiroirError for what Miroir refuses itself."""
    own: dict[str, Json] = {}
    body = {}
    for key, value in patch.items():
        body[key], said = node_value(key, value, dialect)
        own |= said
    return NodePatch(body, own)


def reset_patch(keys: Sequence[str], dialect: Dialect) -> NodePatch:
    """The patch that resets these settings and keeps ours, in one step: no search ever meets an index without them."""
    return node_patch(dict.fromkeys(keys), dialect)


def node_value(key: str, value: Json, dialect: Dialect) -> tuple[Json, dict[str, Json]]:
    """One setting's value for the nodes, and what it says about the client's own view."""
    _refuse_reserved(key, value)
    match key:
        case "filterableAttributes" if value is None or isinstance(value, list):
            return [SHARD, SEQUENCE, *(value or ())], {}
        case "sortableAttributes" if value is None or isinstance(value, list):
            return [*(value or ()), SEQUENCE], {}
        case "rankingRules" if value is None or isinstance(value, list):
            return _rules(list(dialect.generation.default_rules) if value is None else value, dialect), {}
        case "displayedAttributes" if value is None or _is_texts(value):
            return None, {"displayedAttributes": list(_ALL) if value is None else value}
        case "faceting":
            return _faceting(value)
        case "embedders":
            return with_template(value, dialect.embedders), {}
        case "nonSeparatorTokens" | "dictionary":
            _refuse_stamp_tokens(key, value)
    return value, {}


def client_view(node: Mapping[str, Json], known: Mapping[str, Json], own: Mapping[str, Json]) -> dict[str, Json]:
    """The client's view of all settings. `node` is a node's `GET settings`, `known` the view before the change (empty
    for a new index), `own` what the change said (see `NodePatch`)."""
    view = dict(node)
    view["displayedAttributes"] = own.get("displayedAttributes", known.get("displayedAttributes", _ALL))
    for key in ("filterableAttributes", "sortableAttributes", "rankingRules"):
        if isinstance(view.get(key), list):
            view[key] = [kept for entry in view[key] if (kept := _without_ours(entry)) is not None]
    told = view.get("faceting")
    faceting = dict(told) if isinstance(told, dict) else {}
    before = (known.get("faceting") or {}).get("maxValuesPerFacet", CLIENT_FACET_VALUES)
    faceting["maxValuesPerFacet"] = own.get("maxValuesPerFacet", before)
    view["faceting"] = faceting
    if "embedders" in view:
        view["embedders"] = as_the_engine_has_it(view["embedders"])
    return view


def _without_ours(entry: Json) -> Json:
    if isinstance(entry, str):
        return None if entry.startswith(PREFIX) else entry
    if not isinstance(entry, dict) or not isinstance(entry.get("attributePatterns"), list):
        return entry
    patterns = [pattern for pattern in entry["attributePatterns"] if not str(pattern).startswith(PREFIX)]
    return {**entry, "attributePatterns": patterns} if patterns else None


def _rules(rules: list[Json], dialect: Dialect) -> list[Json]:
    return [*rules, LAST_RULE] if dialect.stamped_ties else list(rules)


def _faceting(value: Json) -> tuple[Json, dict[str, Json]]:
    if value is None:
        return (
            {"maxValuesPerFacet": NODE_FACET_VALUES, "sortFacetValuesBy": None},
            {"maxValuesPerFacet": CLIENT_FACET_VALUES},
        )
    if not isinstance(value, dict) or "maxValuesPerFacet" not in value:
        return value, {}
    said = value["maxValuesPerFacet"]
    if said is None:
        said = CLIENT_FACET_VALUES
    if isinstance(said, bool) or not isinstance(said, int) or said < 0:
        return value, {}
    return {**value, "maxValuesPerFacet": NODE_FACET_VALUES}, {"maxValuesPerFacet": said}


def _is_texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _refuse_reserved(key: str, value: Json) -> None:
    """No setting may name a field of ours: a client could then search, sort or group by the stamps."""
    for text in _texts(value):
        if is_reserved(text):
            raise MiroirError("miroir_reserved_field", f"`{text}` in `{key}` is a name that Miroir keeps for itself.")


def _texts(value: Json) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for entry in value for text in _texts(entry)]
        case dict():
            return [*value, *(text for entry in value.values() for text in _texts(entry))]
    return []


def _refuse_stamp_tokens(key: str, value: Json) -> None:
    """Stamps are made of separators alone (exact-merge 4.3); a token of these characters would make them searchable."""
    if not isinstance(value, list):
        return
    for token in value:
        if not isinstance(token, str) or not token:
            continue
        stamped = [character in STAMP_CHARACTERS for character in token]
        hit = any(stamped) if key == "nonSeparatorTokens" else all(stamped)
        if hit:
            raise MiroirError(
                "miroir_not_supported",
                f"`{token}` cannot be in `{key}`: Miroir needs `{' '.join(sorted(STAMP_CHARACTERS))}` to stay "
                "separators.",
            )
