"""A node's error as the client would have got it from one node: its own uid, no name and no filter of ours."""

from __future__ import annotations

import re

import orjson

from miroir.core.indexes import IndexView
from miroir.core.planning.display import displayed_of
from miroir.core.planning.names import unalias
from miroir.core.wire.reserved import PREFIX, is_reserved

_SELECTOR = re.compile(rf'(?:\s+AND\s+|,\s*)?\\*"?{PREFIX}shard\s+IN\s*\[(?:\s*,?\s*\\*"[^"]*")*\s*\]\\*"?')
_LISTED = re.compile(
    r"Available (?P<kind>filterable|sortable|searchable)(?P<words> attributes?(?: patterns)?) are: "
    r"(?P<names>`[^`]*`(?:, `[^`]*`)*)(?P<end>\.?)"
)
_HIDDEN = "<..hidden-attributes>"


def client_error(body: bytes, view: IndexView, uid: str) -> bytes:
    """The error body of a node with its message rewritten. A body that is no error object comes back untouched."""
    try:
        error = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return body
    error["message"] = client_text(error["message"], view, uid)
    return orjson.dumps(error)


def client_text(message: str, view: IndexView, uid: str) -> str:
    """An error message in the client's terms."""
    text = message.replace(view.physical, uid)
    if PREFIX in text:
        text = _SELECTOR.sub("", text)
    text = _LISTED.sub(lambda found: _listed(found, view), text)
    return unalias(text)


def _listed(found: re.Match[str], view: IndexView) -> str:
    """A list of attributes without ours, and without those the client may not see where a node would hide them.

    Filter errors put every name in backticks, all others one pair around the whole list. Only the latter hide names,
    and of those about filterable attributes only the one that speaks of `distinct`.
    """
    one_pair = found["words"] != " attribute patterns"
    names = found["names"].strip("`").split(", " if one_pair else "`, `")
    names = [name for name in names if not is_reserved(name)]
    if found["kind"] != "filterable" or "distinct attribute" in found.string:
        names = _hide(names, displayed_of(view.settings))
    if not names:
        return f"This index does not have configured {found['kind']} attributes."
    shown = (", " if one_pair else "`, `").join(names)
    return f"Available {found['kind']}{found['words']} are: `{shown}`{found['end']}"


def _hide(names: list[str], displayed: list[str] | None) -> list[str]:
    if displayed is None:
        return names
    seen = [name for name in names if name in displayed]
    return [*seen, _HIDDEN] if seen and len(seen) < len(names) else seen
