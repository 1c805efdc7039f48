"""Handing a request over to worker 0: what arrives there, what comes back, and what when it is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import trio

from miroir.http import forward
from miroir.http.forward import CutOffError, Forward
from miroir.server.serving import serve
from miroir.server.settings import Settings
from tests.server.tiny import BIG, TinyApp


class Client:
    """One ASGI call as a server would make it: a body in parts, and the answer's messages."""

    def __init__(self, parts: list[bytes] | None = None, *, stays: bool = True) -> None:
        self._parts = list(parts or [b""])
        self._stays = stays
        self.messages: list[Any] = []
        self.unread = self._parts

    async def receive(self) -> Any:
        if self._parts:
            part = self._parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self._parts)}
        if self._stays:
            await trio.sleep_forever()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.messages[1:])


def _scope(path: str, *headers: tuple[bytes, bytes], method: str = "POST") -> dict[str, Any]:
    raw = path.encode()
    return {"type": "http", "method": method, "path": path, "raw_path": raw, "query_string": b"a=1", "headers": headers}


@asynccontextmanager
async def _first_worker(folder: Path) -> AsyncIterator[tuple[TinyApp, Forward]]:
    settings, app, stop = Settings(), TinyApp(), trio.Event()
    settings.bind = [f"unix:{folder / 'socket'}"]
    settings.linger_s = 0.1
    async with trio.open_nursery() as nursery:

        async def run(task_status: trio.TaskStatus[list[str]]) -> None:
            await serve(app, settings, stop, task_status=task_status)

        await nursery.start(run)
        with trio.fail_after(30):
            yield app, Forward(folder / "socket", 10.0, 2)
        nursery.cancel_scope.cancel()


async def test_a_body_arrives_whole_with_a_length_and_without(tmp_path: Path) -> None:
    async with _first_worker(tmp_path) as (_, hand_over):
        for headers in ([(b"content-length", b"300000")], []):
            client = Client([bytes(100_000)] * 3)
            await hand_over(_scope("/echo", *headers), client.receive, client.send)
            assert (client.status, client.body) == (200, b"300000")


async def test_a_length_that_stands_beside_chunks_is_not_handed_over(tmp_path: Path) -> None:
    headers = [(b"content-length", b"3"), (b"transfer-encoding", b"chunked")]
    async with _first_worker(tmp_path) as (_, hand_over):
        client = Client([bytes(1000)] * 3)
        await hand_over(_scope("/echo", *headers), client.receive, client.send)
        assert (client.status, client.body) == (200, b"3000")


async def test_a_path_without_its_raw_form_cannot_break_out_of_the_request_line(tmp_path: Path) -> None:
    scope = {**_scope("/a HTTP/1.1\r\nx: y\r\n"), "raw_path": None}
    async with _first_worker(tmp_path) as (app, hand_over):
        client = Client()
        await hand_over(scope, client.receive, client.send)
        while not app.ended:
            await trio.lowlevel.checkpoint()
    assert (client.status, app.ended) == (200, [scope["path"]])


async def test_more_than_a_bound_are_not_handed_over_at_the_same_time(tmp_path: Path) -> None:
    held, late, after = [Client(), Client()], Client(), Client()
    async with _first_worker(tmp_path) as (app, hand_over):
        async with trio.open_nursery() as nursery:
            for client in held:
                nursery.start_soon(hand_over, _scope("/held"), client.receive, client.send)
            await app.entered.wait()
            await hand_over(_scope("/a"), late.receive, late.send)
            app.release.set()
        await hand_over(_scope("/a"), after.receive, after.send)
    assert (late.status, orjson.loads(late.body)["code"]) == (503, "miroir_overloaded")
    assert [client.status for client in (*held, after)] == [200, 200, 200]


async def test_a_large_answer_comes_back_whole_and_in_pieces(tmp_path: Path) -> None:
    async with _first_worker(tmp_path) as (_, hand_over):
        client = Client()
        await hand_over(_scope("/big"), client.receive, client.send)
        assert len(client.body) == BIG
        assert len(client.messages) > 100


async def test_an_early_answer_comes_back_while_the_body_is_still_coming(tmp_path: Path) -> None:
    async with _first_worker(tmp_path) as (_, hand_over):
        client = Client([bytes(100_000)] * 1000)
        await hand_over(_scope("/early"), client.receive, client.send)
        assert client.status == 413
        assert client.unread


async def test_the_answer_to_head_has_no_body_and_ends(tmp_path: Path) -> None:
    async with _first_worker(tmp_path) as (_, hand_over):
        client = Client()
        await hand_over(_scope("/a", method="HEAD"), client.receive, client.send)
        assert (client.status, client.body) == (200, b"")


async def test_a_client_that_leaves_ends_the_call(tmp_path: Path) -> None:
    async with _first_worker(tmp_path) as (_, hand_over):
        client = Client(stays=False)
        await hand_over(_scope("/held"), client.receive, client.send)
        assert client.messages == []


async def test_an_answer_that_is_cut_off_is_never_taken_for_a_whole_one(tmp_path: Path) -> None:
    async with _first_worker(tmp_path) as (_, hand_over):
        client = Client()
        with pytest.raises(CutOffError):
            await hand_over(_scope("/half"), client.receive, client.send)


async def test_without_worker_0_the_answer_is_503_with_a_time_to_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "_CONNECT_WITHIN_S", 0.1)
    client = Client()
    await Forward(tmp_path / "none", 10.0, 2)(_scope("/a"), client.receive, client.send)
    assert client.status == 503
    assert orjson.loads(client.body)["code"] == "miroir_not_ready"
    assert dict(client.messages[0]["headers"])[b"retry-after"] == b"10"


async def test_an_upload_may_take_longer_than_a_request_as_long_as_it_goes_on(tmp_path: Path) -> None:
    class Slow(Client):
        async def receive(self) -> Any:
            await trio.sleep(0.2)
            return await super().receive()

    async with _first_worker(tmp_path) as (_, _):
        client = Slow([b"x"] * 6)
        hand_over = Forward(tmp_path / "socket", 0.5 - forward._GRACE_S, 2)
        await hand_over(_scope("/echo"), client.receive, client.send)
        assert client.body == b"6"


async def test_a_worker_0_that_does_not_answer_in_time_is_504(tmp_path: Path, autojump_clock: Any) -> None:
    listener = trio.socket.socket(trio.socket.AF_UNIX)
    await listener.bind(str(tmp_path / "socket"))
    listener.listen()
    client = Client()
    await Forward(tmp_path / "socket", 10.0, 2)(_scope("/a"), client.receive, client.send)
    assert client.status == 504
    assert orjson.loads(client.body)["code"] == "miroir_timeout"
    listener.close()
