"""Texts of nodes as the client would have got them from one node: its own uid, no name and no filter of ours.

The one home of this for reads, writes and tasks. Which names are the client's to see is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import orjson

from miroir.core.wire.reply import Reply
from miroir.core.wire.reserved import PREFIX, is_reserved, unalias

_SELECTOR = re.compile(rf'(?:\s+AND\s+|,\s*)?\\*"?{PREFIX}shard\s+IN\s*\[(?:\s*,?\s*\\*"[^"]*")*\s*\]\\*"?')
_QUOTED = re.compile(
    rf'(?P<from>\d+):(?P<to>\d+) (?P<filter>.*) AND \("{PREFIX}shard" IN \[(?:(?:, )?"[^"]*")*\]\)$', re.DOTALL
)
_LISTED = re.compile(
    r"Available (?P<kind>filterable|sortable|searchable|facet-searchable)(?P<words> attributes?(?: patterns)?) are: "
    r"(?P<names>`[^`]*`(?:, `[^`]*`)*)(?P<end>\.?)"
)
_RULE = re.compile(r"rule #(\d+)")
_OUR_RULES = 2
"""Our two fields stand first among the filterable attributes of the nodes."""
_HIDDEN = "<..hidden-attributes>"


def for_client(text: str, physical: Iterable[str], uid: str, displayed: Sequence[str] | None = None) -> str:
    """A node's sentence in the client's terms.

    `physical`: the names that the client's `uid` has on the nodes. `displayed`: the only attributes that the client may
    see, or None when that is all.
    """
    for name in sorted(filter(None, physical), key=len, reverse=True):
        text = text.replace(name, uid)
    if PREFIX in text:
        text = _SELECTOR.sub("", _QUOTED.sub(_without_selector, text))
    if "filterableAttributes" in text:
        text = _RULE.sub(lambda found: f"rule #{max(0, int(found[1]) - _OUR_RULES)}", text)
    return unalias(_LISTED.sub(partial(_listed, displayed=displayed), text))


def error_reply(
    status: int, body: bytes, physical: Iterable[str], uid: str, displayed: Sequence[str] | None = None
) -> Reply:
    """A node's error answer for the client; see `for_client`. One that cannot be read becomes a plain sentence."""
    try:
        error: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        error = None
    if not isinstance(error, dict):
        error = {"message": "A node answered with an error that cannot be read.", "code": "internal"}
        error |= {"type": "internal", "link": "https://docs.meilisearch.com/errors#internal"}
        return Reply(500, orjson.dumps(error))
    if isinstance(error.get("message"), str):
        error["message"] = for_client(error["message"], physical, uid, displayed)
    return Reply(status, orjson.dumps(error))


def _without_selector(found: re.Match[str]) -> str:
    """The client's filter as a node quotes it when it is alone: what stood in brackets beside ours stands free."""
    start, end, own = int(found["from"]), int(found["to"]), found["filter"]
    if _is_one_group(own):
        start, end, own = start - 1, end - 1, own[1:-1]
    return f"{start}:{end} {own}"


def _is_one_group(text: str) -> bool:
    """Whether the bracket that opens a text is closed by its last one; those within quotes do not count."""
    depth = 0
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', lambda quoted: "_" * len(quoted[0]), text)
    for at, character in enumerate(bare):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(bare) - 1 and at > 0
    return False


def _listed(found: re.Match[str], *, displayed: Sequence[str] | None) -> str:
    """A list of attributes without ours, and without those the client may not see where a node would hide them.

    Filter errors put every name in backticks, all others one pair around the whole list. Only the latter hide names,
    and of those about filterable attributes only the one that speaks of `distinct`.
    """
    one_pair = found["words"] != " attribute patterns"
    names = found["names"].strip("`").split(", " if one_pair else "`, `")
    names = [name for name in names if not is_reserved(name)]
    if found["kind"] != "filterable" or "distinct attribute" in found.string:
        names = _hide(names, displayed)
    if not names:
        return f"This index does not have configured {found['kind']} attributes."
    shown = (", " if one_pair else "`, `").join(names)
    return f"Available {found['kind']}{found['words']} are: `{shown}`{found['end']}"


def _hide(names: list[str], displayed: Sequence[str] | None) -> list[str]:
    if displayed is None:
        return names
    seen = [name for name in names if name in displayed]
    return [*seen, _HIDDEN] if seen and len(seen) < len(names) else seen
