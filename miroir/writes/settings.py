"""Changing settings: the client's values become the nodes' virtual ones, and one task carries them to every node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson

from miroir.core.settings import ROUTES, NodePatch, SettingRoute, node_patch, node_value, reset_patch
from miroir.core.settings.redaction import details_of
from miroir.core.settings.virtual import Dialect
from miroir.core.tasks.effects import settings as settings_effect
from miroir.core.wire.reply import Reply
from miroir.core.wire.rewriting import error_reply
from miroir.writes.asking import BAD_NAME, NO_INDEX, code_of
from miroir.writes.context import Context, not_found
from miroir.writes.creation import Birth
from miroir.writes.operation import Bytes, Draft, NodeRequest


@dataclass(frozen=True, slots=True)
class _Change:
    """What goes to each node: verb, path below the index, body; `own` as in `NodePatch`."""

    verb: str
    path: str
    body: bytes
    own: dict[str, Any]


class SettingWrites:
    def __init__(self, context: Context) -> None:
        self._context = context

    async def patch(self, uid: str, body: bytes, *, deadline: float) -> Reply:
        """The whole object, in part. What is no JSON object goes to a node, which says what is wrong with it."""
        value = _parsed(body)
        details = details_of(value) if isinstance(value, dict) else {}

        def change(dialect: Dialect) -> _Change:
            if not isinstance(value, dict):
                return _Change("PATCH", "settings", body, {})
            patch = node_patch(value, dialect)
            return _Change("PATCH", "settings", orjson.dumps(patch.body), patch.own)

        return await self._write(uid, change, details, resets=False, deadline=deadline)

    async def put(self, uid: str, route: SettingRoute, body: bytes, *, deadline: float) -> Reply:
        """One setting, by the verb of its route."""
        value = _parsed(body)
        known = value is not _UNREADABLE

        def change(dialect: Dialect) -> _Change:
            if not known:
                return _Change(route.verb, f"settings/{route.path}", body, {})
            for_node, own = node_value(route.key, value, dialect)
            return _Change(route.verb, f"settings/{route.path}", orjson.dumps(for_node), own)

        details = details_of({route.key: value}) if known else {}
        return await self._write(uid, change, details, resets=False, deadline=deadline)

    async def reset(self, uid: str, route: SettingRoute | None, *, deadline: float) -> Reply:
        """One setting, or all of them, back to the default; an index that is not there is not created."""
        keys = [route.key for route in ROUTES] if route is None else [route.key]

        def change(dialect: Dialect) -> _Change:
            patch: NodePatch = reset_patch(keys, dialect)
            return _Change("PATCH", "settings", orjson.dumps(patch.body), patch.own)

        return await self._write(uid, change, dict.fromkeys(keys), resets=True, deadline=deadline)

    async def _write(self, uid: str, change: Any, details: dict[str, Any], *, resets: bool, deadline: float) -> Reply:
        refusal: list[Reply] = []

        async def decide() -> Draft:
            view = self._context.standing(uid)
            if view is None and resets:
                return Draft("settingsUpdate", uid, details, verdict=not_found(uid))
            dialect = await self._context.births.dialect("arrival" if view is None else view.ties)
            embedders = {} if view is None else view.settings.get("embedders") or {}
            what: _Change = change(replace(dialect, embedders=embedders))
            if view is not None:
                return self._draft(uid, view.physical, what, details)
            birth = await self._context.births.birth(uid, None)
            wrong = await self._objection(birth, what)
            if wrong is not None:
                refusal.append(wrong)
                raise _RefusedError
            return self._draft(uid, birth.view.physical, what, details, birth)

        try:
            return await self._context.writer.write((uid,), decide, deadline=deadline)
        except _RefusedError:
            return refusal[0]

    def _draft(
        self, uid: str, physical: str, what: _Change, details: dict[str, Any], birth: Birth | None = None
    ) -> Draft:
        request = NodeRequest(what.verb, f"/indexes/{physical}/{what.path}", "settingsUpdate", Bytes(what.body))
        first = () if birth is None else birth.requests
        return Draft(
            "settingsUpdate",
            uid,
            details,
            requests=dict.fromkeys(self._context.all_nodes, (*first, request)),
            effects=(*(() if birth is None else birth.effects), settings_effect(uid, what.own)),
            names=(physical,) if birth is None else birth.names,
            undo=None if birth is None else physical,
        )

    async def _objection(self, birth: Birth, what: _Change) -> Reply | None:
        """What a node has against this change, if it tells before an index is made for it.

        What it finds only then is refused by all nodes, and the index goes again.
        """
        target = f"/indexes/{NO_INDEX}/{what.path}"
        answer = await self._context.births.question.ask(what.verb, target, what.body)
        if answer.status == 202 or code_of(answer) == BAD_NAME:
            return None
        return error_reply(answer.status, answer.body, (), birth.view.uid)


class _RefusedError(Exception):
    """A node has refused the change before anything was written."""


_UNREADABLE = object()


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _UNREADABLE
