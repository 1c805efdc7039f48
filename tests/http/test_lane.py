"""The lane over real sockets: what it refuses, what it bounds, and that it answers exactly as the Quart route does."""

from __future__ import annotations

import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import trio

from miroir.http import documents
from miroir.http.meili.search import MOST_SEARCH_BYTES
from tests.http.serving import KEY, Site, client, serving, site
from tests.reads.fakes import NODES, failing, refusing, world

SEARCH = "/indexes/movies/search"
MULTI = "/multi-search"
QUERIES = {"queries": [{"indexUid": "movies", "limit": 3}, {"indexUid": "movies", "q": "x"}]}


def told(reply: httpx.Response) -> dict[str, Any]:
    """The body without what differs from one search to the next."""
    body: dict[str, Any] = reply.json()
    for result in [body, *body.get("results", ())]:
        for name in ("processingTimeMs", "requestUid"):
            result.pop(name, None)
    return body


Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.post(SEARCH, json={"q": "x", "limit": 3}),
        lambda c: c.post(SEARCH, json={"page": 2, "hitsPerPage": 3, "showRankingScore": True}),
        lambda c: c.get(SEARCH, params={"q": "x", "limit": 3}),
        lambda c: c.get(SEARCH, params={"limit": "x"}),
        lambda c: c.post(SEARCH, content=b"{", headers=JSON),
        lambda c: c.post(SEARCH, content=gzip.compress(b'{"limit":2}'), headers={**JSON, "content-encoding": "gzip"}),
        lambda c: c.post(SEARCH, content=b"{}"),
        lambda c: c.post(SEARCH, content=b"{}", headers={"content-type": "text/plain"}),
        lambda c: c.post(SEARCH, content=b"{}", headers={"content-type": "application/json; charset=utf-8"}),
        lambda c: c.post(SEARCH, json={}, headers={"authorization": ""}),
        lambda c: c.post(SEARCH, json={}, headers={"authorization": "Bearer wrong"}),
        lambda c: c.post("/indexes/none/search", json={}),
        lambda c: c.post("/indexes/a%20b/search", json={}),
        lambda c: c.post(SEARCH, json={}, headers={"x-miroir-unavailable-shards": "maybe"}),
        lambda c: c.post(SEARCH, json={}, headers={"x-miroir-unavailable-shards": "error"}),
        lambda c: c.post(SEARCH, json={}, headers={"x-miroir-over-fetch": "0"}),
        lambda c: c.post(SEARCH, json={}, headers={"x-miroir-over-fetch": "x"}),
        lambda c: c.post(MULTI, json=QUERIES),
        lambda c: c.post(MULTI, json={"queries": [{"indexUid": "none"}]}),
        lambda c: c.post(MULTI, content=b"{", headers=JSON),
        lambda c: c.post(MULTI, content=b"{}"),
        lambda c: c.post(MULTI, json=QUERIES, headers={"authorization": "Bearer wrong"}),
        lambda c: c.post(MULTI, json=QUERIES, headers={"x-miroir-unavailable-shards": "error"}),
    ],
)
async def test_lane_and_quart_route_give_the_same_answer(ask: Ask) -> None:
    here = site(world(copies=1))
    here.world.nodes.behaviour["n1"] = refusing()
    here.world.nodes.behaviour["n0"] = lambda nodes, node, given: (
        None
        if "filter" in given
        else failing(400, "malformed_payload", "The json payload is malformed.")(nodes, node, given)
    )
    async with serving(here.lane) as lane, serving(here.quart) as quart, client(lane) as one, client(quart) as other:
        by_lane, by_quart = await ask(one), await ask(other)
    assert by_lane.status_code == by_quart.status_code
    assert told(by_lane) == told(by_quart)
    for name in ("content-type", "x-miroir-degraded", "retry-after"):
        assert by_lane.headers.get(name) == by_quart.headers.get(name)


@pytest.mark.parametrize(
    ("ask", "status", "code"),
    [
        (lambda c: c.post(SEARCH, json={}, headers={"authorization": "Basic x"}), 401, "missing_authorization_header"),
        (lambda c: c.post(SEARCH, json={}, headers={"authorization": "Bearer x"}), 403, "invalid_api_key"),
        (lambda c: c.post(SEARCH, content=b"{}"), 415, "missing_content_type"),
        (lambda c: c.post(SEARCH, content=b"{}", headers={"content-type": "text/csv"}), 415, "invalid_content_type"),
        (lambda c: c.post(SEARCH, content=b" " * 3000, headers=JSON), 413, "payload_too_large"),
        (lambda c: c.post(SEARCH, content=_parts(), headers=JSON), 413, "payload_too_large"),
        (lambda c: c.post(MULTI, content=b" " * 3000, headers=JSON), 413, "payload_too_large"),
        (lambda c: c.post(MULTI, json={"queries": [{"indexUid": "none"}]}), 400, "index_not_found"),
        (lambda c: c.post("/echo", content=b" " * 3000), 413, "payload_too_large"),
        (lambda c: c.post("/echo", content=_parts()), 413, "payload_too_large"),
        (lambda c: c.post("/indexes/none/search", json={}), 404, "index_not_found"),
    ],
)
async def test_refusals_are_meilisearchs(ask: Ask, status: int, code: str) -> None:
    here = _with_echo(site(max_body_bytes=2048))
    async with serving(here.lane) as url, client(url) as c:
        reply = await ask(c)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert set(reply.json()) == {"message", "code", "type", "link"}


async def _parts() -> Any:
    for _ in range(3):
        yield b" " * 1000


def _with_echo(here: Site) -> Site:
    from quart import request

    async def echo() -> bytes:
        return bytes(await request.data)

    here.quart.route("/echo", methods=["POST"])(echo)
    return here


async def test_other_requests_go_to_quart_whole() -> None:
    async with serving(_with_echo(site()).lane) as url, client(url) as c:
        reply = await c.post("/echo", content=b"x" * 100_000)
        missing = await c.get("/nowhere")
    assert reply.content == b"x" * 100_000
    assert missing.status_code == 404


@pytest.mark.parametrize("through_quart", [False, True])
async def test_a_search_larger_than_any_search_is_told_the_size_it_may_have(through_quart: bool) -> None:
    here = site()
    body = b'{"q":"' + b"x" * MOST_SEARCH_BYTES + b'"}'
    async with serving(here.quart if through_quart else here.lane) as url, client(url) as c:
        reply = await c.post(SEARCH, content=body, headers=JSON)
        echoed = await c.post(SEARCH, content=body[:1000] + b'"}', headers=JSON)
    assert (reply.status_code, reply.json()["code"]) == (413, "payload_too_large")
    assert "10 MiB" in reply.json()["message"]
    assert echoed.status_code == 200


async def test_a_slow_node_is_answered_with_504_at_the_deadline() -> None:
    here = site(world(node_timeout_ms=60_000), request_timeout_ms=50)
    here.world.nodes.behaviour = dict.fromkeys(NODES, 600.0)
    async with serving(here.lane) as url, client(url) as c:
        reply = await c.post(SEARCH, json={})
    assert (reply.status_code, reply.json()["code"]) == (504, "miroir_timeout")


async def test_a_handler_of_quart_that_takes_too_long_is_answered_with_504() -> None:
    here = site(request_timeout_ms=50)

    async def slow() -> str:
        await trio.sleep_forever()
        return ""

    here.quart.route("/slow")(slow)
    async with serving(here.lane) as url, client(url) as c:
        reply = await c.get("/slow")
    assert (reply.status_code, reply.json()["code"]) == (504, "miroir_timeout")


async def test_requests_beyond_the_bound_are_told_to_come_again_but_health_is_answered() -> None:
    here = site(max_concurrent_requests=3, workers=2)
    busy, free = trio.Event(), trio.Event()

    async def hold() -> str:
        busy.set()
        await free.wait()
        return "done"

    async def health() -> str:
        return "ok"

    here.quart.route("/hold")(hold)
    here.quart.route("/health")(health)
    async with serving(here.lane) as url, client(url) as c, trio.open_nursery() as nursery:
        nursery.start_soon(c.get, "/hold")
        await busy.wait()
        reply = await c.post(SEARCH, json={})
        assert (reply.status_code, reply.json()["code"]) == (503, "miroir_overloaded")
        assert reply.headers["retry-after"] == "10"
        assert (await c.get("/health")).text == "ok"
        free.set()
    async with serving(here.lane) as url, client(url) as c:
        assert (await c.post(SEARCH, json={})).status_code == 200


async def test_a_bug_is_a_500_without_its_story() -> None:
    here = site()
    here.world.holder.current = None  # type: ignore[assignment]
    async with serving(here.lane) as url, client(url) as c:
        reply = await c.post(SEARCH, json={})
    assert (reply.status_code, reply.json()["code"]) == (500, "internal")
    assert "Traceback" not in reply.text
    assert "NoneType" not in reply.text


async def test_uploads_go_to_the_document_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str]] = []

    async def upload(_app: Any, scope: Any, _receive: Any, send: Any) -> None:
        seen.append((scope["method"], scope["path"]))
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    monkeypatch.setattr(documents, "upload", upload)
    async with serving(site().lane) as url, client(url) as c:
        await c.post("/indexes/movies/documents", json=[])
        await c.put("/indexes/movies/documents", json=[])
        await c.get("/indexes/movies/documents")
    assert seen == [("POST", "/indexes/movies/documents"), ("PUT", "/indexes/movies/documents")]


async def _leave(url: str, started: trio.Event, path: str, *, how: str) -> None:
    """Ask, wait until the work has begun, and go: by closing, by a reset, or by closing one side only."""
    stream = await trio.open_tcp_stream("127.0.0.1", int(url.rpartition(":")[2]))
    body = b'{"q":"x"}'
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: {KEY['authorization']}\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    await stream.send_all(head.encode() + body)
    await started.wait()
    if how == "half-close":
        await stream.send_eof()
        await stream.receive_some(1)
    await stream.aclose()


@pytest.mark.parametrize("how", ["close", "half-close"])
@pytest.mark.parametrize("through", ["lane", "quart"])
async def test_a_client_that_leaves_cancels_its_node_calls(through: str, how: str) -> None:
    here = site(world(node_timeout_ms=60_000))
    started, ended = trio.Event(), trio.Event()

    async def hang(*_args: Any, **_more: Any) -> Any:
        started.set()
        try:
            await trio.sleep_forever()
        finally:
            ended.set()

    here.world.nodes.call = hang  # type: ignore[method-assign]
    app = here.lane if through == "lane" else here.quart
    with trio.fail_after(20):
        async with serving(app) as url, trio.open_nursery() as nursery:
            nursery.start_soon(lambda: _leave(url, started, SEARCH, how=how))
            await ended.wait()


async def test_a_pipelined_request_waits_and_is_answered() -> None:
    here = site(world(node_timeout_ms=60_000))
    for node in NODES:
        here.world.nodes.behaviour[node] = 0.2
    async with serving(here.lane) as url:
        stream = await trio.open_tcp_stream("127.0.0.1", int(url.rpartition(":")[2]))
        async with stream:
            one = f"GET {SEARCH}?limit=1 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer master\r\n\r\n".encode()
            await stream.send_all(one + one)
            data = b""
            with trio.fail_after(20):
                while data.count(b'"requestUid"') < 2:
                    more = await stream.receive_some(65536)
                    assert more, data
                    data += more
    bodies = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in data.split(b"HTTP/1.1 200")[1:]]
    assert [len(body["hits"]) for body in bodies] == [1, 1]


async def test_a_client_that_leaves_cancels_a_handler_of_quart_behind_the_lane() -> None:
    here = site()
    started, ended = trio.Event(), trio.Event()

    async def slow() -> str:
        started.set()
        try:
            await trio.sleep_forever()
        finally:
            ended.set()
        return ""

    here.quart.route("/slow", methods=["POST"])(slow)
    with trio.fail_after(20):
        async with serving(here.lane) as url, trio.open_nursery() as nursery:
            nursery.start_soon(lambda: _leave(url, started, "/slow", how="close"))
            await ended.wait()


@pytest.mark.parametrize(
    ("said", "code"), [("21", "miroir_limit_exceeded"), ("0", "miroir_limit_exceeded"), ("3.5", "bad_request")]
)
async def test_an_over_fetch_out_of_range_is_refused(said: str, code: str) -> None:
    async with serving(site(world()).lane) as lane, client(lane) as one:
        reply = await one.post(SEARCH, json={}, headers={"x-miroir-over-fetch": said})
    assert (reply.status_code, reply.json()["code"]) == (400, code)
