"""A very small client of the Meilisearch API, for Miroir and for one engine alike. Blocking; no retries."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from miroir.cli.dev.children import Child
from miroir.cli.dev.error import DevError

_TASK_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Client:
    """Speaks to `url` with a bearer key. Raises DevError when it does not answer, or answers with an error."""

    name: str
    url: str
    key: str
    http: httpx.Client

    def call(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        answer = self._send(method, path, **what)
        if answer.is_error:
            raise DevError(f"{self.name} answered {answer.status_code} to {method} {path}: {answer.text[:500]}")
        body: dict[str, Any] = answer.json()
        return body

    def find(self, path: str) -> dict[str, Any] | None:
        """None when there is no such thing."""
        answer = self._send("GET", path)
        return None if answer.status_code == 404 else self.call("GET", path)

    def _send(self, method: str, path: str, **what: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.key}", **what.pop("headers", {})}
        try:
            return self.http.request(method, self.url + path, headers=headers, **what)
        except httpx.HTTPError as error:
            raise DevError(f"{self.name} does not answer {method} {path}: {error!r}.") from None

    def finish(self, task: dict[str, Any]) -> None:
        """Wait for a task to succeed."""
        path, deadline = f"/tasks/{task['taskUid']}", time.monotonic() + _TASK_SECONDS
        while (seen := self.call("GET", path))["status"] in {"enqueued", "processing"}:
            if time.monotonic() > deadline:
                raise DevError(f"{self.name} has not finished {path} within {_TASK_SECONDS:.0f} s.")
            time.sleep(0.02)
        if seen["status"] != "succeeded":
            raise DevError(f"{self.name} failed {path}: {seen.get('error')}")

    def search(self, index: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.call("POST", f"/indexes/{index}/search", json=body)


def until_ready(http: httpx.Client, url: str, child: Child, seconds: float = 60.0) -> None:
    """Wait until `url` answers 200. Raises DevError when the process behind it has ended, or takes too long."""
    deadline = time.monotonic() + seconds
    while not _answers(http, url):
        if ended := child.obituary():
            raise DevError(ended)
        if time.monotonic() > deadline:
            raise DevError(f"{child.name} was not ready within {seconds:.0f} s; its log is {child.log}.")
        time.sleep(0.05)


def _answers(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).status_code == 200
    except httpx.HTTPError:
        return False
