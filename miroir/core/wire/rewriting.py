"""Texts of nodes in the client's words: no physical uid and no reserved name may reach a client."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

from miroir.core.wire.reply import Reply
from miroir.core.wire.reserved import PREFIX

_LIST = re.compile(r"Available (?P<what>filterable|sortable) (?P<noun>[a-z ]+) are: (?P<names>`[^`]*`(?:, `[^`]*`)*)\.")
_NAMES = re.compile(r"`([^`]*)`")


def for_client(text: str, physical: Iterable[str], uid: str) -> str:
    """A node's sentence with the client's uid for each physical one, and without reserved names in its lists."""
    for name in sorted(physical, key=len, reverse=True):
        text = text.replace(name, uid)
    return _LIST.sub(_without_reserved, text)


def _without_reserved(found: re.Match[str]) -> str:
    names = [name for name in _NAMES.findall(found["names"]) if not name.startswith(PREFIX)]
    if not names:
        return f"This index does not have configured {found['what']} attributes."
    listed = ", ".join(f"`{name}`" for name in names)
    return f"Available {found['what']} {found['noun']} are: {listed}."


def error_reply(status: int, body: bytes, physical: Iterable[str], uid: str) -> Reply:
    """A node's error answer for the client. A body that is no JSON object is passed over for a plain sentence."""
    try:
        error: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        error = None
    if not isinstance(error, dict):
        error = {"message": "A node answered with an error that cannot be read.", "code": "internal"}
        error |= {"type": "internal", "link": "https://docs.meilisearch.com/errors#internal"}
        return Reply(500, orjson.dumps(error))
    if isinstance(error.get("message"), str):
        error["message"] = for_client(error["message"], physical, uid)
    return Reply(status, orjson.dumps(error))
