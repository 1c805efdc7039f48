"""Model nodes: as much of Meilisearch's writing side as Miroir talks to, in memory, with faults on demand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import trio

from miroir.core.outcome import Answered, Outcome, Unreachable
from miroir.core.topology import Node

DEFAULTS: dict[str, Any] = {
    "displayedAttributes": ["*"],
    "searchableAttributes": ["*"],
    "filterableAttributes": [],
    "sortableAttributes": [],
    "rankingRules": ["words", "typo"],
    "stopWords": [],
    "faceting": {"maxValuesPerFacet": 100, "sortFacetValuesBy": {"*": "alpha"}},
}
PATHS = {"stop-words": "stopWords", "ranking-rules": "rankingRules", "filterable-attributes": "filterableAttributes"}


@dataclass(slots=True)
class ModelIndex:
    key: str | None = None
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=lambda: dict(DEFAULTS))


@dataclass(slots=True)
class ModelNode:
    """`paused`: tasks stay enqueued. `dead`: no connection. `lost`: the next writes are taken, their answers are lost.
    `refuse`: path part -> (status, body) that answers requests to it. `says`: what it answers about tasks and sizes.
    `silent`: it takes connections and never answers. `wrong_key`: it knows another master key.
    `split_rules`: as Meilisearch from 1.50; `name_first`: it looks at an index's name before the body."""

    indexes: dict[str, ModelIndex] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    work: list[tuple[str, str, Any]] = field(default_factory=list)
    paused: bool = False
    dead: bool = False
    dead_for_writes: bool = False
    lost: int = 0
    refuse: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    says: bytes | None = None
    silent: bool = False
    wrong_key: bool = False
    split_rules: bool = False
    name_first: bool = False
    requests: list[tuple[str, str]] = field(default_factory=list)

    def run(self) -> None:
        """Carry out every task that waits."""
        for task, (kind, uid, what) in zip(self.tasks, self.work, strict=True):
            if task["status"] == "enqueued":
                error = self._carry_out(task, kind, uid, what)
                task |= {"status": "failed" if error else "succeeded", "error": error}
                task |= {"startedAt": "2026-01-01T00:00:00.5Z", "finishedAt": "2026-01-01T00:00:01Z"}

    def _carry_out(self, task: dict[str, Any], kind: str, uid: str, what: Any) -> dict[str, Any] | None:
        if kind == "create":
            self.indexes[uid] = ModelIndex(what)
            return None
        index = self.indexes.get(uid)
        if index is None:
            text = f"Index `{uid}` not found."
            return {"message": text, "code": "index_not_found", "type": "invalid_request", "link": ""}
        error: dict[str, Any] | None = getattr(self, f"_{kind}")(index, uid, what, task["details"])
        return error

    def _rename(self, index: ModelIndex, uid: str, what: dict[str, Any], _: Any) -> None:
        if what.get("uid"):
            self.indexes[what["uid"]] = self.indexes.pop(uid)
        if what.get("primaryKey"):
            index.key = what["primaryKey"]

    def _remove(self, index: ModelIndex, uid: str, _: Any, details: dict[str, Any]) -> None:
        details["deletedDocuments"] = len(index.documents)
        del self.indexes[uid]

    def _settings(self, index: ModelIndex, _: str, what: dict[str, Any], __: Any) -> dict[str, Any] | None:
        if "fail" in (what.get("rankingRules") or ()):
            text = f"Index `{_}`: no such rule. Available sortable attributes are: `_miroir_seq`."
            return {"message": text, "code": "invalid_settings_ranking_rules", "type": "invalid_request", "link": ""}
        for key, value in what.items():
            if key == "faceting" and isinstance(value, dict):
                index.settings["faceting"] = index.settings["faceting"] | {
                    k: v for k, v in value.items() if v is not None
                }
            else:
                index.settings[key] = DEFAULTS.get(key) if value is None else value
        return None

    def _add(self, index: ModelIndex, _: str, what: tuple[str, str, bytes], details: dict[str, Any]) -> Any:
        method, key, body = what
        if b"poison" in body:
            text = f"Index `{_}`: The poison was found."
            return {"message": text, "code": "invalid_document_geo_field", "type": "invalid_request", "link": ""}
        index.key = index.key or key
        documents = [json.loads(line) for line in body.splitlines()]
        for document in documents:
            old = index.documents.get(str(document[key]), {}) if method == "PUT" else {}
            index.documents[str(document[key])] = old | document
        details["indexedDocuments"] = len(documents)
        return None

    def _delete(self, index: ModelIndex, _: str, what: list[str], details: dict[str, Any]) -> None:
        details["deletedDocuments"] = sum(index.documents.pop(one, None) is not None for one in what)

    def _clear(self, index: ModelIndex, _: str, __: Any, details: dict[str, Any]) -> None:
        details["deletedDocuments"] = len(index.documents)
        index.documents.clear()

    def _filter(self, index: ModelIndex, _: str, what: list[str], details: dict[str, Any]) -> None:
        """Understands `field = value` and the shard filter that follows it."""
        name, value = what[0].split(" = ")
        found = [
            one
            for one, document in index.documents.items()
            if str(document.get(name)) == value and f'"{document["_miroir_shard"]}"' in what[1]
        ]
        self._delete(index, _, found, details)

    def _accept(self, kind: str, uid: str, task_type: str, what: Any, tag: str | None) -> bytes:
        task = {"uid": len(self.tasks), "indexUid": uid, "status": "enqueued", "type": task_type, "details": {}}
        task |= {"error": None, "startedAt": None, "finishedAt": None}
        if tag is not None:
            task["customMetadata"] = tag
        self.tasks.append(task)
        self.work.append((kind, uid, what))
        if not self.paused:
            self.run()
        return orjson.dumps({"taskUid": task["uid"]})

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.requests.append((method, target))
        for part, refusal in self.refuse.items():
            if part in url.path and method != "GET":
                return refusal
        match method, url.path.strip("/").split("/"):
            case "GET", ["tasks"] if self.says is not None and "uids" in query:
                return 200, self.says
            case "GET", ["tasks"]:
                return 200, self._list(query)
            case "POST", ["keys"]:
                return 201, b"{}"
            case "GET", ["indexes", uid, "settings"]:
                return self._settings_of(uid)
            case "GET", ["indexes", uid, "stats"] if self.says is not None:
                return 200, self.says
            case "GET", ["indexes", uid, "stats"]:
                return 200, orjson.dumps({"numberOfDocuments": len(self.indexes[uid].documents)})
        return self._write(method, url.path.strip("/").split("/"), query, body)

    def _write(self, method: str, path: list[str], query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        tag = query.get("customMetadata")
        match method, path:
            case "POST", ["indexes"]:
                value = orjson.loads(body)
                return 202, self._accept("create", value["uid"], "indexCreation", value["primaryKey"], None)
            case "PATCH", ["indexes", uid]:
                return 202, self._accept("rename", uid, "indexUpdate", orjson.loads(body), None)
            case "DELETE", ["indexes", uid]:
                return 202, self._accept("remove", uid, "indexDeletion", None, None)
            case (("PATCH" | "PUT"), ["indexes", uid, "settings", *rest]):
                return self._change_settings(uid, rest, body)
            case (("POST" | "PUT"), ["indexes", uid, "documents"]):
                what = (method, query["primaryKey"], body)
                return 202, self._accept("add", uid, "documentAdditionOrUpdate", what, tag)
            case "POST", ["indexes", uid, "documents", "delete-batch"]:
                return 202, self._accept("delete", uid, "documentDeletion", orjson.loads(body), tag)
            case "POST", ["indexes", uid, "documents", "delete"]:
                return 202, self._accept("filter", uid, "documentDeletion", orjson.loads(body)["filter"], tag)
            case "DELETE", ["indexes", uid, "documents"]:
                return 202, self._accept("clear", uid, "documentDeletion", None, tag)
        return 404, b""

    def _settings_of(self, uid: str) -> tuple[int, bytes]:
        if uid not in self.indexes:
            return 404, orjson.dumps({"message": f"Index `{uid}` not found.", "code": "index_not_found"})
        return 200, orjson.dumps(self.indexes[uid].settings)

    def _change_settings(self, uid: str, rest: list[str], body: bytes) -> tuple[int, bytes]:
        value = orjson.loads(body)
        patch = {PATHS.get(rest[0], rest[0]): value} if rest else value
        rules = patch.get("rankingRules") or []
        bad_name = 400, orjson.dumps({"message": f"`{uid}` is not a valid index uid.", "code": "invalid_index_uid"})
        if uid == "!" and self.name_first:
            return bad_name
        if not {"attributeRank", "no rule"}.isdisjoint(rules) and not (self.split_rules and "no rule" not in rules):
            return 400, orjson.dumps({"message": "No such rule", "code": "invalid_settings_ranking_rules"})
        if patch.get("stopWords") == 3:
            text = f"Index `{uid}`: Invalid value type at `.stopWords`" if uid != "!" else "Invalid value type"
            return 400, orjson.dumps({"message": text, "code": "invalid_settings_stop_words"})
        if uid == "!":
            return bad_name
        return 202, self._accept("settings", uid, "settingsUpdate", patch, None)

    def _list(self, query: dict[str, str]) -> bytes:
        tasks = self.tasks
        if "uids" in query:
            wanted = {int(uid) for uid in query["uids"].split(",")}
            tasks = [task for task in tasks if task["uid"] in wanted]
        if query.get("reverse") == "true":
            found = [task for task in tasks if task["uid"] >= int(query["from"])]
        else:
            found = tasks[::-1]
        limit = int(query["limit"])
        rest = found[limit : limit + 1]
        after = rest[0]["uid"] if rest else None
        return orjson.dumps({"results": found[:limit], "total": len(found), "next": after})


class ModelPool:
    """Stands where the node pool does."""

    def __init__(self, nodes: dict[str, ModelNode]) -> None:
        self.nodes = nodes

    async def call(
        self, node: Node, method: str, target: str, body: bytes = b"", *, key: str, content_type: str = ""
    ) -> Outcome:
        await trio.sleep(0.001)
        model = self.nodes[node.id]
        writes = method != "GET" and "/keys" not in target
        if model.dead or (model.dead_for_writes and writes):
            return Unreachable(node.id, "refused", sent=False)
        if model.silent:
            await trio.sleep_forever()
        if model.wrong_key:
            return Answered(node.id, 403, b'{"code":"invalid_api_key"}', 0.001)
        status, answer = model.answer(method, target, body)
        if writes and model.lost and status == 202:
            model.lost -= 1
            return Unreachable(node.id, "cut", sent=True)
        return Answered(node.id, status, answer, 0.001)

    async def stream(
        self,
        node: Node,
        method: str,
        target: str,
        chunks: AsyncIterator[bytes],
        length: int,
        *,
        key: str,
        content_type: str,
    ) -> Outcome:
        body = b"".join([chunk async for chunk in chunks])
        assert len(body) == length
        return await self.call(node, method, target, body, key=key)
