"""A tiny HTTP client of whatever speaks Meilisearch's API: a node, or Miroir."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from tests.harness.waiting import until

Json = Any
FINISHED = ("succeeded", "failed", "canceled")
JSON_TYPE = "application/json"
NDJSON_TYPE = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, complete."""

    status: int
    headers: httpx.Headers
    raw: bytes

    @property
    def body(self) -> Json:
        """The body as JSON; None when it is empty."""
        return json.loads(self.raw) if self.raw else None

    @property
    def code(self) -> str | None:
        """The error code of an error body."""
        body = self.body
        return body.get("code") if isinstance(body, dict) else None


def ndjson(documents: list[Json]) -> bytes:
    """Documents as NDJSON."""
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in documents)


class Engine:
    """One server. `ask` never raises for a status; the methods after it assert what they are named for."""

    def __init__(self, name: str, url: str, key: str | None) -> None:
        self.name, self.url, self.key = name, url, key
        self._http = httpx.Client(base_url=url, timeout=60.0, trust_env=False)

    def __repr__(self) -> str:
        return f"<Engine {self.name} {self.url}>"

    def close(self) -> None:
        self._http.close()

    def with_key(self, key: str | None) -> Engine:
        """The same server, asked with another key (None: without any)."""
        return Engine(self.name, self.url, key)

    def ask(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        content: bytes | None = None,
        content_type: str | None = JSON_TYPE,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request. `body` is sent as JSON, `content` as it is; neither means no body at all."""
        sent = dict(headers or {})
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        data = content if content is not None else None if body is None else json.dumps(body).encode()
        if data is not None and content_type is not None:
            sent.setdefault("Content-Type", content_type)
        reply = self._http.request(method, path, content=data, headers=sent)
        return Answer(reply.status_code, reply.headers, reply.content)

    def get(self, path: str) -> Json:
        """The body of a GET that must succeed."""
        answer = self.ask("GET", path)
        assert answer.status == 200, (path, answer.status, answer.raw)
        return answer.body

    def search(self, index: str, **parameters: Json) -> Json:
        """The body of a search that must succeed."""
        answer = self.ask("POST", f"/indexes/{index}/search", parameters)
        assert answer.status == 200, (parameters, answer.status, answer.raw)
        return answer.body

    def finished(self, answer: Answer, *, seconds: float = 60.0) -> Json:
        """The task behind an accepted request, once it has ended."""
        assert answer.status == 202, (answer.status, answer.raw)
        uid = answer.body["taskUid"]

        def ended() -> Json:
            task = self.get(f"/tasks/{uid}")
            return task if task["status"] in FINISHED else None

        return until(ended, what=f"task {uid} of {self.name}", seconds=seconds)

    def do(self, method: str, path: str, body: Json = None, **more: Any) -> Json:
        """The task of a request that must be accepted and must succeed."""
        task = self.finished(self.ask(method, path, body, **more))
        assert task["status"] == "succeeded", task
        return task

    def fail(self, method: str, path: str, body: Json = None, **more: Any) -> Json:
        """The error of a request that must be accepted and whose task must fail; the task is under `task`."""
        task = self.finished(self.ask(method, path, body, **more))
        assert task["status"] == "failed", task
        return {**task["error"], "task": task}

    def create(self, index: str, primary_key: str | None = "id", settings: Json = None) -> None:
        """A new index with its settings."""
        self.do("POST", "/indexes", {"uid": index, "primaryKey": primary_key})
        if settings:
            self.do("PATCH", f"/indexes/{index}/settings", settings)

    def add(self, index: str, documents: list[Json], query: str = "") -> Json:
        """Documents by POST as NDJSON; returns the task, which must succeed."""
        path = f"/indexes/{index}/documents{query}"
        return self.do("POST", path, content=ndjson(documents), content_type=NDJSON_TYPE)


def one_line(text: str) -> str:
    """A text as part of a query string."""
    return quote(text, safe="")
