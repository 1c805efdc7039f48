"""What holds for every request, whatever route it is for: paths, methods, keys, origins, and what is not served."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from quart import Response

from miroir.app import App, open_app
from miroir.config.models import Config
from miroir.core.wire.errors import MiroirError
from miroir.core.wire.reply import Reply
from miroir.http.front import build_front
from miroir.http.quart_app import build_quart
from miroir.http.sending import respond
from miroir.http.unserved import UNSERVED
from tests.http.serving import KEY, serving


async def _node(scope: Any, receive: Any, send: Any) -> None:
    """All that a node needs to be counted as alive."""
    if scope["type"] != "http":
        raise NotImplementedError
    await respond(send, Reply(200, b'{"status":"available"}'))


@asynccontextmanager
async def _app(address: str = "http://127.0.0.1:1") -> AsyncIterator[App]:
    """Miroir over one node, which does not answer unless `address` says where, with its state in memory."""
    config = Config.model_validate(
        {
            "master_key": "master",
            "node_master_key": "node",
            "nodes": [{"id": "a", "address": address}],
            "task_store": {"backend": "memory"},
            "server": {"workers": 1},
        }
    )
    async with open_app(config) as app:
        yield app


@asynccontextmanager
async def _client(*, key: bool = True) -> AsyncIterator[tuple[App, httpx.AsyncClient]]:
    headers = KEY if key else {}
    async with (
        _app() as app,
        serving(build_front(app)) as url,
        httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client,
    ):
        yield app, client


async def test_the_process_tells_that_it_runs_to_everybody() -> None:
    async with _client(key=False) as (_, client):
        assert (await client.get("/")).json() == {"status": "Meilisearch is running"}
        assert (await client.get("/health")).json() == {"status": "available"}


async def test_ready_says_what_is_there_and_no_when_draining() -> None:
    async with (
        serving(_node) as node,
        _app(node) as app,
        serving(build_front(app)) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        ready = await client.get("/_miroir/ready")
        facts = {"ready": True, "peers": 1, "nodes_healthy": 1, "fully_covered": True, "store": "available"}
        assert (ready.status_code, ready.json()) == (200, facts)
        app.lifecycle.draining = True
        gone = await client.get("/_miroir/ready")
        assert (gone.status_code, gone.json()["code"], gone.json()["ready"]) == (503, "miroir_not_ready", False)
        assert gone.headers["retry-after"] == "10"
        assert (await client.get("/health")).status_code == 200


async def test_a_process_whose_nodes_are_all_away_is_not_ready_from_the_start() -> None:
    async with _client(key=False) as (_, client):
        answer = await client.get("/_miroir/ready")
        assert (answer.status_code, answer.json()["nodes_healthy"]) == (503, 0)


@pytest.mark.parametrize("path", ["/nope", "/indexes/a/nope", "/_miroir/nope"])
async def test_an_unknown_path_is_404_with_an_empty_body(path: str) -> None:
    async with _client(key=False) as (_, client):
        answer = await client.get(path)
        assert (answer.status_code, answer.content) == (404, b"")
        assert "content-type" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/indexes"), ("PATCH", "/health"), ("DELETE", "/indexes/a/search")]
)
async def test_a_wrong_method_is_405_with_an_empty_body(method: str, path: str) -> None:
    async with _client(key=False) as (_, client):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.content) == (405, b"")


async def test_a_slash_at_the_end_is_trimmed() -> None:
    async with _client() as (_, client):
        for path in ("/health/", "/indexes/", "/tasks/"):
            assert (await client.get(path)).status_code == 200


async def test_every_meilisearch_route_asks_for_the_key() -> None:
    async with _app() as app:
        rules = [rule for rule in build_quart(app).url_map.iter_rules() if not rule.endpoint.startswith("instance")]
        async with serving(build_front(app)) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
            for rule in rules:
                path = rule.rule.replace("<", "").replace(">", "").replace("int:", "").replace("path:", "")
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    answer = await client.request(method, path)
                    assert answer.json()["code"] == "missing_authorization_header", (method, path)
            assert (await client.get("/version")).status_code == 401


async def test_routes_that_are_not_served_say_so() -> None:
    async with _client() as (_, client):
        for path, route in UNSERVED.items():
            for method in route.methods:
                answer = await client.request(
                    method, path.replace("<path:rest>", "x").replace("<", "").replace(">", "")
                )
                told = (answer.status_code, answer.json()["code"])
                assert told == (501, "miroir_not_supported"), (method, path)
                assert answer.json()["message"].endswith(f": {route.what}.")
        message = (await client.post("/indexes/movies/compact", json={})).json()["message"]
        assert message == "Miroir does not serve `POST /indexes/{index}/compact`: compaction of an index."


async def test_any_origin_may_read_answers_and_errors() -> None:
    async with _client() as (_, client):
        for path in ("/health", "/indexes", "/nope"):
            answer = await client.get(path, headers={"origin": "https://shop.example"})
            assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-origin" not in (await client.get("/health")).headers


async def test_a_preflight_is_answered_on_every_path_without_a_key() -> None:
    async with _client(key=False) as (_, client):
        asked = {
            "origin": "https://shop.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,x-mine",
        }
        for path in ("/indexes/a/search", "/nope"):
            answer = await client.options(path, headers=asked)
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == "*"
            assert "POST" in answer.headers["access-control-allow-methods"]
            assert answer.headers["access-control-allow-headers"] == "authorization,x-mine"
            assert answer.headers["access-control-max-age"] == "86400"


async def test_a_failure_inside_is_a_500_in_meilisearchs_shape() -> None:
    async with _app() as app:
        quart = build_quart(app)

        @quart.get("/broken")
        async def broken() -> Response:
            raise ValueError("a secret detail")

        answer = await quart.test_client().get("/broken", headers=KEY)
        body = await answer.get_json()
        assert (answer.status_code, body["code"], body["type"]) == (500, "internal", "internal")
        assert "secret" not in body["message"]


async def test_the_version_cannot_be_told_without_a_node() -> None:
    async with _client() as (_, client):
        answer = await client.get("/version")
        assert (answer.status_code, answer.json()["code"]) == (503, "miroir_shard_unavailable")


async def test_no_route_decodes_a_path_twice() -> None:
    async with _client() as (_, client):
        for path in ("", "/settings", "/stats", "/documents", "/documents/1"):
            answer = await client.get(f"/indexes/movi%2565s{path}")
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_index_uid"), path


@pytest.mark.parametrize(
    ("method", "path", "reads"),
    [
        ("GET", "/indexes/a/documents", True),
        ("GET", "/tasks", True),
        ("POST", "/indexes/a/search", True),
        ("POST", "/indexes/a/documents/fetch", True),
        ("POST", "/indexes/a/facet-search", True),
        ("POST", "/indexes/a/similar", True),
        ("POST", "/indexes/a/explain", True),
        ("POST", "/multi-search", True),
        ("POST", "/indexes/a/documents", False),
        ("POST", "/indexes/a/documents/delete", False),
        ("DELETE", "/indexes/a/documents/fetch", False),
        ("PATCH", "/indexes/search", False),
        ("POST", "/indexes", False),
    ],
)
async def test_a_worker_that_is_not_the_first_answers_reads_and_hands_over_changes(
    tmp_path: Path, method: str, path: str, reads: bool
) -> None:
    got: list[str] = []

    async def first(scope: Any, _receive: Any, send: Any) -> None:
        got.append(scope["path"])
        await respond(send, Reply(299, b""))

    async with _app() as app:
        front = build_front(app, first_worker=tmp_path / "socket")
        front._inner._there = first  # type: ignore[attr-defined]  # the hand-over itself has its own tests
        async with serving(front) as url, httpx.AsyncClient(base_url=url, headers=KEY, trust_env=False) as client:
            answer = await client.request(method, path)
    assert (answer.status_code != 299) == reads
    assert got == ([] if reads else [path])


async def test_an_encoded_slash_at_the_end_is_trimmed_whole(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def first(scope: Any, _receive: Any, send: Any) -> None:
        got.append(scope["raw_path"])
        await respond(send, Reply(299, b""))

    async with _app() as app:
        front = build_front(app, first_worker=tmp_path / "socket")
        front._inner._there = first  # type: ignore[attr-defined]
        async with serving(front) as url, httpx.AsyncClient(base_url=url, headers=KEY, trust_env=False) as client:
            await client.delete("/indexes/a%2F")
    assert got == [b"/indexes/a"]


async def test_reads_go_on_with_the_catalog_that_was_known_while_the_store_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise MiroirError("miroir_task_store_unavailable", "The task store is away.")

    async with _app() as app:
        monkeypatch.setattr(app.catalog, "refresh", away)
        front = build_front(app, first_worker=tmp_path / "socket")
        async with serving(front) as url, httpx.AsyncClient(base_url=url, headers=KEY, trust_env=False) as client:
            answer = await client.get("/indexes/unknown/documents/1")
    assert answer.json()["code"] == "index_not_found"
