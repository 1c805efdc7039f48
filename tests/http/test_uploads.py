"""Uploads through the lane: how long one may stand still, how many there may be, and which index they are for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import orjson
import trio

from miroir.config.models import Config
from miroir.core.wire.reply import Reply
from miroir.http.lane import Lane
from miroir.reads.search import Searcher
from miroir.writes.documents import Upload
from tests.http.serving import KEY, client, serving
from tests.reads.fakes import world
from tests.server.tiny import read_all

PATH = "/indexes/movies/documents"
JSON = {"content-type": "application/json"}


@dataclass
class Taker:
    """Takes payloads as the document writes do; `taken` has what arrived whole, `begun` counts all."""

    begun: int = 0
    ended: int = 0
    taken: list[tuple[str, bytes]] = field(default_factory=list)

    async def add(self, upload: Upload, chunks: AsyncIterator[bytes], *, deadline_after: float) -> Reply:
        self.begun += 1
        try:
            self.taken.append((upload.uid, b"".join([chunk async for chunk in chunks])))
        finally:
            self.ended += 1
        return Reply(202, b"{}")

    async def has_begun(self, count: int) -> None:
        with trio.fail_after(20):
            while self.begun < count:
                await trio.lowlevel.checkpoint()


@dataclass(frozen=True)
class WritingApp:
    config: Config
    searcher: Searcher
    documents: Taker = field(default_factory=Taker)

    @property
    def writes(self) -> WritingApp:
        return self


def _site(**server: Any) -> tuple[Lane, Taker]:
    app = WritingApp(Config.model_validate({"master_key": "master", "server": server}), world().searcher)

    async def nothing(scope: Any, _receive: Any, _send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError

    return Lane(cast("Any", app), nothing), app.documents


async def _begin(url: str, rest: bytes = b"[") -> trio.SocketStream:
    """An upload that announces more than it sends."""
    stream = await trio.open_tcp_stream("127.0.0.1", int(url.rpartition(":")[2]))
    head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: {KEY['authorization']}\r\n"
    await stream.send_all((head + "content-type: application/json\r\ncontent-length: 9\r\n\r\n").encode() + rest)
    return stream


async def test_an_upload_that_stands_still_is_given_up_and_its_connection_closed() -> None:
    lane, taker = _site(request_timeout_ms=100)
    async with serving(lane) as url:
        with trio.fail_after(20):
            answer = await read_all(await _begin(url))
        async with client(url) as c:
            assert (await c.post("/indexes/movies/search", json={})).status_code == 200
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 504")
    assert orjson.loads(body)["code"] == "miroir_timeout"
    assert (taker.taken, taker.ended) == ([], 1)


async def test_an_upload_may_take_longer_than_a_request_as_long_as_it_goes_on(autojump_clock: Any) -> None:
    lane, taker = _site(request_timeout_ms=1000)
    parts, messages = [b"x"] * 10, []

    async def receive() -> Any:
        await trio.sleep(0.9)
        return {"type": "http.request", "body": parts.pop(), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        messages.append(message)

    headers = [(b"authorization", KEY["authorization"].encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": headers}
    await lane(scope, receive, send)
    assert messages[0]["status"] == 202
    assert taker.taken == [("movies", b"x" * 10)]


async def test_uploads_that_fill_their_half_of_the_bound_leave_the_other_to_searches() -> None:
    lane, taker = _site(max_concurrent_requests=6, workers=1)
    async with serving(lane) as url, client(url) as c:
        slow = [await _begin(url) for _ in range(3)]
        await taker.has_begun(3)
        refused = await c.post(PATH, json=[])
        assert (refused.status_code, refused.json()["code"]) == (503, "miroir_overloaded")
        assert (await c.post("/indexes/movies/search", json={})).status_code == 200
        await slow[0].send_all(b"       ]")
        assert (await slow[0].receive_some(12)) == b"HTTP/1.1 202"
        assert (await _until_taken(c)).status_code == 202
        for stream in slow:
            await stream.aclose()


async def _until_taken(c: httpx.AsyncClient) -> httpx.Response:
    with trio.fail_after(20):
        while True:
            reply = await c.post(PATH, json=[])
            if reply.status_code != 503:
                return reply


async def test_a_path_is_decoded_once() -> None:
    lane, taker = _site()
    async with serving(lane) as url, client(url) as c:
        twice = await c.post("/indexes/movi%2565s/documents", content=b"[]", headers=JSON)
        once = await c.post("/indexes/movi%65s/documents", content=b"[]", headers=JSON)
    assert (twice.status_code, twice.json()["code"]) == (400, "invalid_index_uid")
    assert once.status_code == 202
    assert taker.taken == [("movies", b"[]")]
