"""The documents' text that embedders see, without our fields (exact-merge 4.3).

Without a template an engine prints every searchable field, our stamps too: the same document would get another vector
than on one node. So where a client leaves the template to the engine, the nodes get the engine's own but for our
fields, and clients read the engine's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miroir.core.wire.reserved import SEQUENCE, SHARD

Json = Any
DEFAULT = (
    "{% for field in fields %}{% if field.is_searchable and field.value != nil %}"
    "{{ field.name }}: {{ field.value }}\n{% endif %}{% endfor %}"
)
"""What an engine takes for an embedder without a template."""
OURS = DEFAULT.replace(
    "field.value != nil", f'field.value != nil and field.name != "{SHARD}" and field.name != "{SEQUENCE}"'
)
_WITH_TEMPLATE = ("openAi", "huggingFace", "ollama", "rest")
_PART = "indexingEmbedder"
"""The part of a composite embedder that reads documents."""


def with_template(patch: Json, known: Mapping[str, Json]) -> Json:
    """A patch of the embedders for the nodes. `known` are those that the index has, as clients read them."""
    if not isinstance(patch, dict):
        return patch
    return {name: _embedder(said, known.get(name) or {}) for name, said in patch.items()}


def as_the_engine_has_it(embedders: Json) -> Json:
    """The nodes' embedders as clients read them."""
    if not isinstance(embedders, dict):
        return embedders
    return {name: _shown(each) for name, each in embedders.items()}


def _embedder(said: Json, known: Mapping[str, Json]) -> Json:
    if not isinstance(said, dict):
        return said
    if isinstance(said.get(_PART), dict):
        return {**said, _PART: _embedder(said[_PART], known.get(_PART) or {})}
    return {**said, "documentTemplate": OURS} if _leaves_it(said, known) else said


def _leaves_it(said: Mapping[str, Json], known: Mapping[str, Json]) -> bool:
    """Whether the embedder gets the engine's template by this patch: one that it has already stays."""
    if "documentTemplate" in said:
        return said["documentTemplate"] is None and said.get("source", known.get("source")) in _WITH_TEMPLATE
    has_one = known.get("source") in _WITH_TEMPLATE
    return said.get("source") in _WITH_TEMPLATE and not has_one and not said.get("indexingFragments")


def _shown(embedder: Json) -> Json:
    if not isinstance(embedder, dict):
        return embedder
    shown = {**embedder, _PART: _shown(embedder[_PART])} if _PART in embedder else dict(embedder)
    if shown.get("documentTemplate") == OURS:
        shown["documentTemplate"] = DEFAULT
    return shown
