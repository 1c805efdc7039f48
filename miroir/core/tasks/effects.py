"""What a task does to the catalog: small JSON values, kept with the task, and one pure function that applies them.

The same fold gives two views: over the tasks that have ended, what reads see; over all accepted ones, what the next
write meets. An effect is `{"do": KIND, "uid": INDEX, ...}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import orjson

from miroir.core.indexes import IndexView

Effect = dict[str, Any]
Indexes = Mapping[str, IndexView]


def create(view: IndexView) -> Effect:
    return {"do": "create", "uid": view.uid, "view": encode_view(view)}


def set_key(uid: str, key: str | None) -> Effect:
    return {"do": "key", "uid": uid, "key": key}


def settings(uid: str, own: Mapping[str, Any]) -> Effect:
    """`own` is what the client said about settings that nodes hold differently; the view is added when it is known."""
    return {"do": "settings", "uid": uid, "own": dict(own)}


def touch(uid: str) -> Effect:
    return {"do": "touch", "uid": uid}


def delete(uid: str) -> Effect:
    return {"do": "delete", "uid": uid}


def rename(uid: str, to: str) -> Effect:
    return {"do": "rename", "uid": uid, "to": to}


def fold(indexes: Indexes, effects: Iterable[Effect], now: str) -> dict[str, IndexView]:
    """The indexes after these effects. `now` becomes their time of change."""
    after = dict(indexes)
    for effect in effects:
        _apply(after, effect, now)
    return after


def _apply(indexes: dict[str, IndexView], effect: Effect, now: str) -> None:
    uid = effect["uid"]
    if effect["do"] == "create":
        indexes[uid] = replace(decode_view(effect["view"]), created_at=now, updated_at=now)
        return
    view = indexes.get(uid)
    if view is None:
        return  # an earlier task that should have made it has failed
    match effect["do"]:
        case "key":
            indexes[uid] = replace(view, primary_key=effect["key"], updated_at=now)
        case "settings":
            indexes[uid] = _with_settings(view, effect, now)
        case "touch":
            indexes[uid] = replace(view, updated_at=now)
        case "delete":
            del indexes[uid]
        case "rename":
            del indexes[uid]
            indexes[effect["to"]] = replace(view, uid=effect["to"], updated_at=now)


def _with_settings(view: IndexView, effect: Effect, now: str) -> IndexView:
    known = MappingProxyType(effect["view"]) if "view" in effect else view.settings
    return replace(view, settings=known, settings_version=view.settings_version + 1, updated_at=now)


def encode_view(view: IndexView) -> Effect:
    """An index as JSON."""
    fields = {name: getattr(view, name) for name in IndexView.__slots__}
    return fields | {"settings": dict(view.settings), "shard_map": [list(nodes) for nodes in view.shard_map]}


def decode_view(raw: Mapping[str, Any]) -> IndexView:
    shard_map = tuple(tuple(nodes) for nodes in raw["shard_map"])
    return IndexView(**{**raw, "shard_map": shard_map, "settings": MappingProxyType(dict(raw["settings"]))})


def view_to_bytes(view: IndexView) -> bytes:
    return orjson.dumps(encode_view(view))


def view_from_bytes(data: bytes) -> IndexView:
    return decode_view(orjson.loads(data))
